"""The sums that tell something, found for all cells at once, are those that a reader finds cell by cell."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sealed_rows as make

from sipas.extract import Extract
from sipas.reports.areas import PIECE
from sipas.reports.counting import DECIDING, HEADLINE, RECEIVING, WITH_ASIDE
from sipas.reports.facts import read_counts
from sipas.reports.grouping import group_cells
from sipas.reports.lattice import ALL, FRAMED, UNFRAMED, Cell, Lattice, lay_lattice, shorter
from sipas.stats.verdict import HIDDEN_BELOW
from sipas.store.engine import Store
from sipas.store.facts import Domain


def laid(store: Store, seed: int, *, n: int) -> Lattice:
    rng = random.Random(seed)
    province = make.add_province(store, communes=3, hospitals=1, schools=2)
    make.add_frame(store, replace(province, strata=province.strata[::2]), rng, answers=n)  # the others have no frame
    deciders = (province.land_office, province.land_office, province.root, None)
    make.add_answers(store, province, rng, n=n, deciders=dict.fromkeys((unit for unit, _ in province.strata), deciders))
    books = make.shelf()
    wave = books.waves[make.WAVE]
    with store.read() as session:
        counted = read_counts(session, Extract(None), books, wave)
    return lay_lattice(counted.strata, counted.whole, books, wave, (counted.paths, {}))


def sums_of(lattice: Lattice, cell: Cell) -> Iterator[tuple[Cell, ...]]:
    """Every way in which a reader may add up to a cell, written out."""
    (period, unit, side, sector, channels), frame = cell.domain, cell.frame

    def cells(*domains: Domain) -> tuple[Cell, ...]:
        return tuple(Cell(domain, frame) for domain in domains)

    if frame == ALL and Cell(cell.domain, FRAMED) in lattice.counts:
        yield Cell(cell.domain, FRAMED), Cell(cell.domain, UNFRAMED)
    if side == RECEIVING:
        yield cells(*(Domain(period, below, side, sector, channels) for below in lattice.children.get(unit, ())))
    yield cells(*(Domain(period, unit, side, one, channels) for one in lattice.families.get(sector, ())))
    for kind, parts in shorter(period, lattice.months):
        if kind != "to date" or Cell(Domain(parts[0], unit, side, sector, channels)) in lattice.counts:
            yield cells(*(Domain(one, unit, side, sector, channels) for one in parts))
    if channels == HEADLINE:
        yield cells(*(Domain(period, unit, side, sector, one) for one in lattice.headline))
    if channels == WITH_ASIDE:
        yield cells(Domain(period, unit, side, sector, HEADLINE))
    yield from (cells(*parts) for parts in both_sides_of(lattice, cell.domain))


def both_sides_of(lattice: Lattice, domain: Domain) -> Iterator[list[Domain]]:
    """What is received and what is decided, as sums of one another and of their pieces."""
    period, unit, side, sector, channels = domain
    if side == DECIDING:
        yield [Domain(period, one, f"{PIECE}{unit}", sector, channels) for one in lattice.receivers[unit]]
    if side == RECEIVING and channels == HEADLINE:
        if unit in lattice.tops:
            yield [Domain(period, one, DECIDING, sector, channels) for one in lattice.receivers]
        if any(unit in own for own in lattice.receivers.values()):
            yield [Domain(period, unit, f"{PIECE}{one}", sector, channels) for one in lattice.receivers]


def held_by(lattice: Lattice, cell: Cell) -> Cell | None:
    """The cell that holds these people: all of a domain may have a frame, or none."""
    if cell in lattice.counts:
        return cell
    whole = Cell(cell.domain)
    return whole if cell.frame and whole in lattice.counts and (cell.domain in lattice.bare) == (cell.frame == UNFRAMED) else None


@pytest.mark.parametrize("seed", range(3))
def test_every_telling_sum_is_found_and_no_other(sqlite_store: Store, seed: int) -> None:
    lattice = laid(sqlite_store, seed, n=700)
    groups = group_cells(lattice)
    made = {(margin.total, margin.parts) for margin in groups.sums}
    told = joined = 0
    for cell, n in lattice.counts.items():
        for parts in sums_of(lattice, cell):
            there = tuple(held for part in parts if (held := held_by(lattice, part)))
            rest = n - sum(lattice.counts[one] for one in there)
            if not there or not 0 <= rest < HIDDEN_BELOW:
                continue
            place, parts_of = groups.of[groups.place[cell]], tuple(groups.of[groups.place[one]] for one in there)
            if rest == 0 and len(there) == 1:
                assert place == parts_of[0]
                joined += 1
                continue
            among = [
                parts for whole, parts in made if whole == place and set(parts_of) <= set(parts) and len(parts) == len(there) + (rest != 0)
            ]
            assert any(rest == 0 or rest in groups.counts[list(set(parts) - set(parts_of))] for parts in among)
            told += 1
    assert told > len(made) / 2 > 20
    assert joined > 20
    assert told >= len(made)


def test_every_sum_adds_up(sqlite_store: Store) -> None:
    groups = group_cells(laid(sqlite_store, 5, n=900))
    assert groups.sums
    for margin in groups.sums:
        assert groups.counts[margin.total] == sum(groups.counts[list(margin.parts)])
