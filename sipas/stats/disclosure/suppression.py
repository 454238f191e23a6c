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


def protect(
    counts: Sequence[int] | Ints, margins: Sequence[Margin], primary: Bools, *, width: float = WIDTH, told_apart: int | None = None
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
    hidden, safe = primary.copy(), np.zeros(primary.shape, bool)
    while True:
        _fill(cells, index, hidden, width)
        system = _system(cells, hidden, primary, told_apart)
        needed = np.minimum(width, system.high - system.low) - SLACK
        limits = outer(system)
        leaks = _closed_form(system, needed, limits)
        if not leaks:
            known, leaks = check(system, needed, safe[system.cells])
            safe[system.cells] |= known
            if not leaks:
                return Protection(hidden, hidden & ~primary, ())
        more = _more(cells, index, (system, limits), leaks, hidden)
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


def _fill(cells: Table, index: _Index, hidden: Bools, width: float) -> None:
    """No sum may hide a single cell: what is taken from the total would be it. Hides (in place) until none does."""
    count = np.bincount(cells.margin, hidden[cells.cell], cells.margins)
    waiting = np.flatnonzero(count == 1).tolist()
    while waiting:
        margin = waiting.pop()
        inside = cells.cell[index.inside[margin] : index.inside[margin + 1]]
        told = inside[~hidden[inside]]
        if count[margin] != 1 or not len(told):
            continue
        more = _cheapest(cells, told, width - float(cells.counts[inside[hidden[inside]]][0]))
        hidden[more] = True
        for other in index.margins(more).tolist():
            count[other] += 1
            if count[other] == 1:
                waiting.append(other)


def _system(cells: Table, hidden: Bools, primary: Bools, told_apart: int | None) -> Unknown:
    if told_apart is None:
        return unknown(cells, hidden)
    low = np.where(primary, 0.0, float(told_apart))
    return unknown(cells, hidden, low=np.minimum(low, cells.counts), high=np.where(primary, told_apart - 1.0, np.inf))


def _closed_form(system: Unknown, needed: Floats, limits: tuple[Floats, Floats]) -> list[Leak]:
    low, high = limits
    return [Leak(int(system.cells[at]), low[at], high[at], needed[at] + SLACK) for at in np.flatnonzero(high - low < needed)]


def _more(cells: Table, index: _Index, known: tuple[Unknown, tuple[Floats, Floats]], leaks: list[Leak], hidden: Bools) -> Bools:
    """For each leak one more cell of the sum that bounds it most; sums that got one wait for the next round."""
    system, (low, high) = known
    from_below, from_above = implied(system, low, high)
    width = np.minimum(from_above, system.high[system.column]) - np.maximum(from_below, system.low[system.column])
    names, more = np.unique(cells.margin[hidden[cells.cell]]), np.zeros(hidden.shape, bool)
    order = np.argsort(system.column, kind="stable")
    first = np.searchsorted(system.column[order], np.arange(len(system.cells) + 1))
    fed: set[int] = set()
    for leak in sorted(leaks, key=lambda leak: (leak.high - leak.low, leak.cell)):
        at = int(np.searchsorted(system.cells, leak.cell))
        entries = order[first[at] : first[at + 1]]
        if not fed.isdisjoint(names[system.row[entries]].tolist()):
            continue
        chosen = _in_sums(cells, index, names[system.row[entries]], width[entries], leak, hidden) or _farther(cells, system, at, hidden)
        more[chosen] = True
        fed.update(margin for cell in chosen for margin in index.margins(cell).tolist())
    return more


def _in_sums(cells: Table, index: _Index, margins: Ints, width: Floats, leak: Leak, hidden: Bools) -> list[int]:
    """One cell of the narrowest sum that still tells one; of every such sum where none is too narrow by itself."""
    chosen = []
    for at in np.lexsort((margins, width)).tolist():
        inside = cells.cell[index.inside[margins[at]] : index.inside[margins[at] + 1]]
        told = inside[~hidden[inside]]
        if len(told):
            chosen.append(_cheapest(cells, told, leak.needed - (leak.high - leak.low)))
            if width[at] < leak.needed:
                break
    return chosen


def _cheapest(cells: Table, told: Ints, enough: float) -> int:
    """The smallest cell that is large enough to hide behind; the largest if none is."""
    n = cells.counts[told]
    large = n >= enough
    return int(told[large][np.lexsort((told[large], n[large]))[0]] if large.any() else told[np.lexsort((told, -n))[0]])


def _farther(cells: Table, system: Unknown, at: int, hidden: Bools) -> list[int]:
    """Where all sums of a cell are hidden whole: the smallest told cell of its neighbours' sums, if there is one."""
    near = np.unique(system.column[np.isin(system.row, system.row[system.column == at])])
    margins = np.unique(cells.margin[np.isin(cells.cell, system.cells[near])])
    told = np.unique(cells.cell[np.isin(cells.margin, margins)])
    told = told[~hidden[told] & (cells.counts[told] > 0)]
    return [int(told[np.lexsort((told, cells.counts[told]))[0]])] if len(told) else []
