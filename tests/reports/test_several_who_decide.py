"""Where several units decide what one receives, what is told of both sides leaves nobody alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
import sealed_rows as make
from scipy.optimize import linprog

from sipas.extract import Extract
from sipas.reports.areas import ancestors, list_periods
from sipas.reports.auditing import audit
from sipas.reports.counting import DECIDING, HEADLINE, RECEIVING
from sipas.reports.facts import compute, read_counts
from sipas.reports.lattice import Cell, Lattice, lay_lattice
from sipas.reports.protection import Decision, decide, list_leaks
from sipas.stats.intervals import Floats
from sipas.store.engine import Store
from sipas.store.facts import TOLD, Domain, list_released

BOOKS = make.shelf()
WAVE = BOOKS.waves[make.WAVE]


@pytest.fixture(params=range(3))
def filled(sqlite_store: Store, request: pytest.FixtureRequest) -> Store:
    """Two desks, each with one who decides most and one who decides a few of a month, fewer than ten of each and more of both.

    In the first province nobody says of some who decided.
    """
    rng = random.Random(request.param)
    province = make.add_province(sqlite_store, communes=2, hospitals=2, schools=1)
    land = replace(province, strata=tuple(key for key in province.strata if key[1] == "land"))
    first, second, third = (unit for unit, sector in province.strata if sector in {"health", "education"})
    make.add_frame(sqlite_store, land, rng, answers=1800)
    own, other = (unit for unit, _ in land.strata)
    unsaid: list[int | None] = [] if request.param else [None]
    deciders: dict[int, list[int | None]] = {own: [*[province.land_office] * 11, first], other: [*[second] * 11, third, *unsaid]}
    make.add_answers(sqlite_store, land, rng, n=1800, deciders=deciders)
    return sqlite_store


def laid(store: Store) -> tuple[Lattice, dict[int, str]]:
    with store.read() as session:
        counted = read_counts(session, Extract(None), BOOKS, WAVE)
        return lay_lattice(counted.strata, counted.whole, BOOKS, WAVE, (counted.paths, {})), counted.paths


def without_pieces(lattice: Lattice) -> Lattice:
    """As if nobody knew that what is decided was received by somebody."""
    counts = {cell: n for cell, n in lattice.counts.items() if not cell.piece}
    return replace(lattice, counts=counts, receivers=dict.fromkeys(lattice.receivers, ()))


def leaks(lattice: Lattice, decision: Decision) -> list[Cell]:
    weighted = {domain for domain in decision.moved if (domain, True) not in decision.silent}
    return [cell for cell, _ in list_leaks(lattice, decision.moved, weighted)[1]]


@dataclass(frozen=True)
class Reader:
    """All that there is to know of who received, who decided and when, as a linear programme over groups of people."""

    pieces: list[Domain]  # by month
    rows: Floats  # what is told, as sums of pieces
    counts: Floats

    def most(self, some: Floats) -> float:
        """The most answers that a sum of pieces can have."""
        found = linprog(-some, A_eq=self.rows, b_eq=self.counts, bounds=(0, None))
        assert found.status in {0, 3}  # solved, or without a limit
        return np.inf if found.fun is None or found.status == 3 else -float(found.fun)


def pieces_in(domain: Domain, pieces: list[Domain], paths: dict[int, str], months: tuple[str, ...]) -> Floats:
    """Which pieces a domain is made of."""
    inside = {month for month, there in zip(months, list_periods(months)[domain.period].tolist(), strict=True) if there}

    def there(piece: Domain) -> bool:
        unit = piece.unit_id
        own = domain.unit_id in ancestors(paths[unit]) if domain.side == RECEIVING else piece.side.endswith(f" {domain.unit_id}")
        return own and piece.period in inside

    return np.array([there(piece) for piece in pieces], np.float64)


def reader(lattice: Lattice, told: set[Domain], paths: dict[int, str]) -> Reader:
    named = [cell.domain for cell in lattice.counts if cell.piece and not cell.frame and len(cell.domain.period) == 7]
    months = [one for one in named if one.sector == "land" and "Q" not in one.period]
    desks = {(piece.unit_id, piece.period) for piece in months}
    months += [
        one for one in (Domain(period, unit, "nobody said", "land", HEADLINE) for unit, period in sorted(desks)) if unsaid(lattice, one)
    ]
    rows = np.array([pieces_in(one, months, paths, lattice.months) for one in sorted(told)])
    return Reader(months, rows, np.array([lattice.counts[Cell(one)] for one in sorted(told)], np.float64))


def unsaid(lattice: Lattice, one: Domain) -> int:
    """Of how many nobody said who decided."""
    said = sum(n for cell, n in lattice.counts.items() if cell.piece and not cell.frame and cell.domain._replace(side=one.side) == one)
    return lattice.counts[Cell(one._replace(side=RECEIVING))] - said


def small_ones(lattice: Lattice) -> Iterator[Domain]:
    for cell, n in lattice.counts.items():
        period, _, side, sector, channels = cell.domain
        if n < 10 and not cell.frame and channels == HEADLINE and side in {RECEIVING, DECIDING} and sector == "land" and period:
            yield cell.domain


def test_who_decides_for_whom_would_tell_small_groups_and_does_not(filled: Store) -> None:
    lattice, _ = laid(filled)
    assert len(lattice.receivers) == 4
    assert leaks(lattice, decide(without_pieces(lattice), {}))
    assert leaks(lattice, decide(lattice, {})) == []


def test_a_reader_who_knows_all_sums_can_think_of_ten_wherever_fewer_are(filled: Store) -> None:
    lattice, paths = laid(filled)
    decision = decide(lattice, {})
    told = {domain for domain, one in decision.moved.items() if one.word == TOLD and domain.channels == HEADLINE}
    knowing = reader(lattice, told, paths)
    small = list(small_ones(lattice))
    assert len(small) > 10
    for domain in small:
        assert domain not in told
        assert knowing.most(pieces_in(domain, knowing.pieces, paths, lattice.months)) > 10 - 1e-6, domain


def test_nothing_leaks_from_what_is_stored(filled: Store) -> None:
    compute(filled, BOOKS, make.WAVE)
    assert audit(filled, BOOKS, make.WAVE).leaks == ()
    with filled.read() as session:
        assert not any("decided by" in domain.side for domain in list_released(session, make.WAVE))
