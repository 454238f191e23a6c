"""Flagged units counted again: the results of the closed weeks with every answer, and without those that a flag is about.

Both come by the road of the published figures: the same weights, intervals and verdicts. Nothing of it is stored as a fact or released.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from sipas.extract import Extract, Known, WeekTable
from sipas.extract.folder import Items
from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.areas import ancestors, is_longest, list_periods
from sipas.reports.counting import HEADLINE, RECEIVING
from sipas.reports.design import designs_of, sides_of
from sipas.reports.facts import Material, read_material
from sipas.reports.indicators import main_block
from sipas.reports.releasing import publish
from sipas.reports.rows import COLUMNS
from sipas.stats.verdict import HIDDEN, HIDDEN_BELOW
from sipas.store.reading import Session

Place = tuple[int, str]  # unit, sector or family


@dataclass(frozen=True, slots=True)
class Score:
    """One result as it would be published."""

    statistic: str
    n: int
    value: float
    low: float
    high: float
    verdict: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A unit's result in a sector, with every answer and without the flagged ones."""

    unit: int
    sector: str
    whole: Score
    without: Score | None  # None where fewer than ten are left
    n_without: int


class ClosedWeeks(Extract):
    """An extract up to a closed week, in which some weeks' tables are given; those are neither read nor written nor kept."""

    def __init__(self, folder: Path | None, until: str, given: Mapping[str, WeekTable] = MappingProxyType({})) -> None:
        super().__init__(folder)
        self._until = until
        self._given = given

    def list_known(self, session: Session, wave: str) -> tuple[Known, ...]:
        """The closed weeks; those that are given count as open, so that no kept count is taken for theirs."""
        found = [known for known in super().list_known(session, wave) if known.closed and known.week <= self._until]
        return tuple(replace(known, closed=known.week not in self._given) for known in found)

    def tables(self, session: Session, wave: str, weeks: Sequence[Known], items: Items) -> Iterator[WeekTable]:
        """The tables, the given ones as they are."""
        for known in weeks:
            yield self._given[known.week] if known.week in self._given else self.table(session, wave, known, items)

    def ensure(self, session: Session, wave: str, known: Known, items: Items) -> None:
        """Nothing for a week that is given."""
        if known.week not in self._given:
            super().ensure(session, wave, known, items)

    def read(self, wave: str, known: Known, part: range | None = None) -> WeekTable:
        """The given table, or the file's."""
        if known.week not in self._given:
            return super().read(wave, known, part)
        return self._given[known.week] if part is None else self._given[known.week].part(part)


def count_again(
    session: Session,
    shelf: Shelf,
    wave: Wave,
    which: tuple[str, ClosedWeeks, ClosedWeeks],
    units: Collection[int],
) -> tuple[Beside, ...]:
    """The results of some units, and of the top of their tree, in a quarter: ``which`` names it, and gives all weeks and those without."""
    period, everything, fewer = which
    before = read_material(session, everything, shelf, wave, correction=True)
    after = read_material(session, fewer, shelf, wave, correction=True)
    wanted = set(units) | {ancestors(before.frozen.paths[unit])[0] for unit in units if unit in before.frozen.paths}
    whole, _ = _scores(before, shelf, wave, period, wanted)
    rest, left = _scores(after, shelf, wave, period, wanted)
    return tuple(
        Beside(
            unit, sector, score, rest.get((unit, sector)), rest[unit, sector].n if (unit, sector) in rest else left.get((unit, sector), 0)
        )
        for (unit, sector), score in sorted(whole.items())
    )


def _scores(
    material: Material, shelf: Shelf, wave: Wave, period: str, units: Collection[int]
) -> tuple[dict[Place, Score], dict[Place, int]]:
    """The judged headline figure of each place, and how many answers stand behind any place at all."""
    strata, whole = material.strata, material.whole
    every, block = list_periods(strata.months), main_block()
    periods = {name: months for name, months in every.items() if name == period or is_longest(name, every)}
    if HEADLINE not in whole.sizes or period not in periods:
        return {}, {}
    side = sides_of(strata, shelf, material.frozen.paths)[RECEIVING]
    groups = [(block, whole.groups[HEADLINE, RECEIVING, block.name])]
    made = publish(designs_of(strata, whole, wave, HEADLINE), side, groups, periods, (shelf, wave, strata, material.frozen))
    best: dict[Place, Score] = {}
    for values in sorted(made.rows, key=lambda row: bool(row[COLUMNS.index("weighted")])):  # the weighted one comes last and stands
        row = dict(zip(COLUMNS, values, strict=True))
        if row["period"] == period and row["unit_id"] in units and row["verdict"] not in {"", HIDDEN}:
            best[int(str(row["unit_id"])), str(row["sector"])] = _score(row)
    first = list(periods).index(period) * len(side.areas.keys)  # answers stand by period, then domain
    left = {key: int(made.everybody[first + place]) for place, key in enumerate(side.areas.keys)}
    return best, left


def _score(row: Mapping[str, object]) -> Score:
    value, low, high = (float(np.float64(row[name])) for name in ("value", "low", "high"))  # type: ignore[arg-type]
    return Score(str(row["indicator"]), int(str(row["n"])), value, low, high, str(row["verdict"]))


def told_apart(n: int, n_without: int) -> bool:
    """Whether the two may stand side by side: fewer than ten answers left out, or fewer than ten left, could be read off."""
    return n == n_without or (n - n_without >= HIDDEN_BELOW and n_without >= HIDDEN_BELOW)
