"""Which strata of a channel set can be brought to their filings, and to what totals; the others are listed with the reason.

Nothing is imputed: one answer that does not tell its filing keeps its stratum out. See `docs/methods/filing.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sipas.reports.filing_rows import FILINGS, NAMED
from sipas.reports.weighting import Strata
from sipas.stats.intervals import Bools, Floats
from sipas.stats.two_margins import Crossed, Plan, fold_filings, fold_pairs, has_clusters
from sipas.stats.weights import Ints, Weighting
from sipas.store.reading import FiledPopulation

LEAST_FILED = 0.5  # of a stratum's dossiers, of which the frame must tell the filing
NOT_TOLD, NOT_IN_FRAME, ONE_CELL, FEW_CLUSTERS, CONTRADICTION = "not_told", "not_in_frame", "one_cell", "few_clusters", "contradiction"


@dataclass(frozen=True, slots=True)
class Notes:
    """What a reader of the figures must know; each line begins with unit and sector."""

    without: tuple[tuple[int, str, str], ...] = ()  # not brought to filings: the reason
    merged: tuple[tuple[int, str, str], ...] = ()  # filings that share a cell, joined by +
    rescaled: tuple[tuple[int, str, float], ...] = ()  # filing totals times this are the months' total

    def without_margins(self, keys: Sequence[tuple[int, str]]) -> Notes:
        """The same where some strata's margins turned out to contradict one another."""
        gone = {*keys}
        found = sorted([*self.without, *((unit, sector, CONTRADICTION) for unit, sector in keys)])
        merged = tuple(line for line in self.merged if line[:2] not in gone)
        return Notes(tuple(found), merged, tuple(line for line in self.rescaled if line[:2] not in gone))

    def told(self) -> dict[str, list[list[object]]]:
        """As lists, without what is empty."""
        lists = {"months_alone": self.without, "merged": self.merged, "rescaled": self.rescaled}
        return {name: [list(line) for line in lines] for name, lines in lists.items() if lines}


def lay_filed(strata: Strata, frame: Sequence[FiledPopulation]) -> Ints:
    """Dossiers by stratum, month and filing; a month that the frame does not know is filled as the strata's are."""
    number, place = {key: h for h, key in enumerate(strata.keys)}, {month: m for m, month in enumerate(strata.months)}
    table = np.zeros((len(strata.keys), len(strata.months), NAMED), np.int64)
    for row in frame:
        if row.month in place:
            table[number[row.unit_id, row.sector], place[row.month], FILINGS.index(row.filing)] += row.settled
    return table[:, strata.source]


@dataclass(frozen=True, slots=True)
class _Goal:
    """What the weights of one stratum are to meet."""

    fold: Ints
    months: Floats
    filings: Floats
    scale: float  # of the filings, to come to the months' total


def lay_plan(strata: Strata, filed: Ints, crossed: Crossed, weighting: Weighting, clusters: Ints) -> tuple[Plan, Notes]:
    """What the weights of each stratum are to meet. ``filed`` (H, M, F) is its population, ``clusters`` (H, M) its clusters."""
    answers = crossed.answers.sum(axis=1)
    cell = weighting.cell - weighting.cell[:, :1]
    goals: dict[int, _Goal] = {}
    without: list[tuple[int, str, str]] = []
    for h in np.flatnonzero(strata.framed & ~weighting.over_frame & (answers.sum(axis=1) > 0)).tolist():
        months = np.bincount(cell[h], strata.population[h], len(strata.months)).astype(np.float64)
        counts = (
            answers[h],
            filed[h].sum(axis=0).astype(np.float64),
            crossed.clusters[h],
            np.bincount(cell[h], clusters[h]).astype(np.int64),
        )
        goal = _goal(counts, months)
        if isinstance(goal, str):
            without.append((*strata.keys[h], goal))
        else:
            goals[h] = goal
    at, width = np.array(list(goals), np.int64), len(strata.months)
    plan = Plan(
        strata=at,
        cell=cell[at],
        fold=np.array([goal.fold for goal in goals.values()], np.int64).reshape(-1, NAMED),
        months=np.array([goal.months for goal in goals.values()], np.float64).reshape(-1, width),
        filings=np.array([goal.filings for goal in goals.values()], np.float64).reshape(-1, NAMED),
    )
    used = answers[:, :NAMED] + filed.sum(axis=1) > 0
    merged = [(*strata.keys[h], names) for h, goal in goals.items() for names in _merged(goal.fold, used[h])]
    rescaled = [(*strata.keys[h], goal.scale) for h, goal in goals.items() if goal.scale != 1]
    return plan, Notes(tuple(without), tuple(merged), tuple(rescaled))


def _goal(counts: tuple[Ints, Floats, Ints, Ints], months: Floats) -> _Goal | str:
    """A stratum's goal, or why it has none, from answers, dossiers and clusters by filing, and clusters by month cell."""
    answers, filed, with_filing, in_cell = counts
    if answers[NAMED]:
        return NOT_TOLD
    if filed.sum() < LEAST_FILED * months.sum():
        return NOT_IN_FRAME
    scale = float(months.sum() / filed.sum())
    clusters, cells = int(in_cell.sum()), int((in_cell > 0).sum())
    finest = fold_filings(answers[:NAMED], filed * scale, with_filing)
    for fold in (finest, fold_pairs(finest)):
        if fold.max() and has_clusters(clusters, cells, int(fold.max()) + 1):
            return _Goal(fold, months, np.bincount(fold, filed * scale, NAMED).astype(np.float64), scale)
    return FEW_CLUSTERS if finest.max() else ONE_CELL


def _merged(fold: Ints, used: Bools) -> list[str]:
    """The filings that share a cell with another."""
    cells = [[FILINGS[f] for f in np.flatnonzero(used & (fold == cell)).tolist()] for cell in range(int(fold.max()) + 1)]
    return ["+".join(names) for names in cells if len(names) > 1]
