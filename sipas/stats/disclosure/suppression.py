"""Complementary suppression: hiding as little more as it takes until no hidden cell can be worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sipas.stats.disclosure.auditing import WIDTH, Leak, check
from sipas.stats.disclosure.bounds import SLACK, implied, outer
from sipas.stats.disclosure.tables import Ints, Margin, Table, Unknown, table, unknown
from sipas.stats.intervals import Bools, Floats


@dataclass(frozen=True, slots=True)
class Protection:
    """What to hide.

    Attributes
    ----------
    hidden : (m,) bool
        All hidden cells.
    added : (m,) bool
        Those hidden to protect another.
    unprotected : tuple of Leak
        Cells that no hiding protects, as when a small total stands alone: merge categories or publish a longer period.
    """

    hidden: Bools
    added: Bools
    unprotected: tuple[Leak, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What a page tells of each cell should it be hidden, and what must stay open then.

    Attributes
    ----------
    low, high : (m,) float
        Limits that the page tells of a hidden cell, answers; the truth lies inside.
    needed : (m,) float
        How far apart a reader's limits must stay; no more than what is told of the cell leaves open.
    fixed : (m,) bool
        Cells that cannot be hidden: they were published before.
    worth : (m,) float
        What is lost with a cell: of those that suffice, the one worth least is hidden, and of equals the smallest.
    """

    low: Floats
    high: Floats
    needed: Floats
    fixed: Bools
    worth: Floats


def protect(
    counts: Sequence[int] | Ints,
    margins: Sequence[Margin],
    primary: Bools,
    *,
    width: float = WIDTH,
    told_apart: int | None = None,
    told: Told | None = None,
) -> Protection:
    """Hide the smallest cells of offending sums until every hidden cell keeps an interval of ``width``.

    Single sums are filled first, by closed form; what only several sums together give away is found by linear programmes. Each
    round asks again only about cells not yet proved safe: hiding more never makes a cell less safe.

    Parameters
    ----------
    counts : (m,) int
        True answers of every cell, totals included.
    margins : sequence of Margin
        Every sum that a reader can make.
    primary : (m,) bool
        Cells that are hidden for their own sake.
    width : float
        Answers.
    told_apart : int, optional
        The k of a page that says *fewer than k* of a primary cell and something else of the others: the reader then knows that
        the first have at most k − 1 and the others at least k, and no more than that may become known.
    told : Told, optional
        The same cell by cell, instead of ``told_apart``, with the width that each cell needs.

    Returns
    -------
    Protection

    Raises
    ------
    BadTableError
        Cells and sums do not fit together.

    References
    ----------
    Hundepool et al. (2012), Statistical Disclosure Control, ch. 4; the heuristic is that of statistics page section 11.
    """
    cells = table(counts, margins)
    index = _index(cells)
    rules = told or _told(cells, primary, width, told_apart)
    hidden, safe = primary.copy(), np.zeros(primary.shape, bool)
    while True:
        _fill(cells, index, hidden, (width, rules))
        system = unknown(cells, hidden, low=rules.low, high=rules.high)
        needed = np.minimum(rules.needed[system.cells], system.high - system.low) - SLACK
        limits = outer(system)
        leaks = _closed_form(system, needed, limits)
        if not leaks:
            known, leaks = check(system, needed, safe[system.cells])
            safe[system.cells] |= known
            if not leaks:
                return Protection(hidden, hidden & ~primary, ())
        more = _more((cells, index, rules.worth), (system, limits), leaks, hidden | rules.fixed)
        if not more.any():
            return Protection(hidden, hidden & ~primary, tuple(check(system, needed, safe[system.cells])[1]))
        hidden |= more


@dataclass(frozen=True, slots=True)
class _Index:
    """Where the cells of each sum, and the sums of each cell, begin in their lists."""

    inside: Ints
    of_cell: Ints
    sums: Ints

    def margins(self, cell: int) -> Ints:
        return self.sums[self.of_cell[cell] : self.of_cell[cell + 1]]


def _index(cells: Table) -> _Index:
    order = np.argsort(cells.cell, kind="stable")
    inside = np.searchsorted(cells.margin, np.arange(cells.margins + 1))
    return _Index(inside, np.searchsorted(cells.cell[order], np.arange(len(cells.counts) + 1)), cells.margin[order])


def _fill(cells: Table, index: _Index, hidden: Bools, how: tuple[float, Told]) -> None:
    """No sum may hide a single cell: what is taken from the total would be it. Hides (in place) until none does."""
    width, rules = how
    count = np.bincount(cells.margin, hidden[cells.cell], cells.margins)
    waiting = np.flatnonzero(count == 1).tolist()
    while waiting:
        margin = waiting.pop()
        inside = cells.cell[index.inside[margin] : index.inside[margin + 1]]
        told = inside[~hidden[inside] & ~rules.fixed[inside]]
        if count[margin] != 1 or not len(told):
            continue
        more = _cheapest(cells, rules.worth, told, width - float(cells.counts[inside[hidden[inside]]][0]))
        hidden[more] = True
        for other in index.margins(more).tolist():
            count[other] += 1
            if count[other] == 1:
                waiting.append(other)


def _told(cells: Table, primary: Bools, width: float, told_apart: int | None) -> Told:
    """What is told of all cells alike."""
    low, high = np.zeros(primary.shape), np.full(primary.shape, np.inf)
    if told_apart is not None:
        low = np.minimum(np.where(primary, 0.0, float(told_apart)), cells.counts)
        high = np.where(primary, told_apart - 1.0, np.inf)
    return Told(low, high, np.full(primary.shape, width), np.zeros(primary.shape, bool), np.zeros(primary.shape))


def _closed_form(system: Unknown, needed: Floats, limits: tuple[Floats, Floats]) -> list[Leak]:
    low, high = limits
    return [Leak(int(system.cells[at]), low[at], high[at], needed[at] + SLACK) for at in np.flatnonzero(high - low < needed)]


def _more(of: tuple[Table, _Index, Floats], known: tuple[Unknown, tuple[Floats, Floats]], leaks: list[Leak], kept: Bools) -> Bools:
    """For each leak one more cell of the sum that bounds it most; sums that got one wait for the next round.

    ``kept`` are the cells that stay as they are: hidden already, or never to be.
    """
    (cells, index, _), (system, (low, high)) = of, known
    from_below, from_above = implied(system, low, high)
    width = np.minimum(from_above, system.high[system.column]) - np.maximum(from_below, system.low[system.column])
    names, more = np.unique(cells.margin[np.isin(cells.cell, system.cells)]), np.zeros(kept.shape, bool)
    order = np.argsort(system.column, kind="stable")
    first = np.searchsorted(system.column[order], np.arange(len(system.cells) + 1))
    fed: set[int] = set()
    for leak in sorted(leaks, key=lambda leak: (leak.high - leak.low, leak.cell)):
        at = int(np.searchsorted(system.cells, leak.cell))
        entries = order[first[at] : first[at + 1]]
        if not fed.isdisjoint(names[system.row[entries]].tolist()):
            continue
        chosen = _in_sums(of, names[system.row[entries]], width[entries], leak, kept) or _farther(cells, system, at, kept)
        more[chosen] = True
        fed.update(margin for cell in chosen for margin in index.margins(cell).tolist())
    return more


def _in_sums(of: tuple[Table, _Index, Floats], margins: Ints, width: Floats, leak: Leak, kept: Bools) -> list[int]:
    """Of the sums that are too narrow by themselves the cell worth least; one of every sum where none is too narrow."""
    cells, index, worth = of
    narrow: list[int] = []
    wide: list[int] = []
    for at in np.lexsort((margins, width)).tolist():
        inside = cells.cell[index.inside[margins[at]] : index.inside[margins[at] + 1]]
        told = inside[~kept[inside]]
        if len(told):
            (narrow if width[at] < leak.needed else wide).append(_cheapest(cells, worth, told, leak.needed - (leak.high - leak.low)))
    return [min(narrow, key=lambda cell: float(worth[cell]))] if narrow else wide


def _cheapest(cells: Table, worth: Floats, told: Ints, enough: float) -> int:
    """Of the cells that are large enough to hide behind the one worth least, then the smallest; the largest if none is."""
    n = cells.counts[told]
    large = n >= enough
    return int(told[large][np.lexsort((told[large], n[large], worth[told[large]]))[0]] if large.any() else told[np.lexsort((told, -n))[0]])


def _farther(cells: Table, system: Unknown, at: int, kept: Bools) -> list[int]:
    """Where all sums of a cell are hidden whole: the smallest told cell of its neighbours' sums, if there is one."""
    near = np.unique(system.column[np.isin(system.row, system.row[system.column == at])])
    margins = np.unique(cells.margin[np.isin(cells.cell, system.cells[near])])
    told = np.unique(cells.cell[np.isin(cells.margin, margins)])
    told = told[~kept[told] & (cells.counts[told] > 0)]
    return [int(told[np.lexsort((told, cells.counts[told]))[0]])] if len(told) else []
