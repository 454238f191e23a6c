"""Many tables over the same cells and sums, as the numbers who answered each item: told only as far as no small group is left over."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sipas.stats.disclosure.tables import Ints
from sipas.stats.intervals import Bools, Floats

ENDLESS = 1e9  # no table has so many answers; sums of it stay whole numbers
SWEEPS = 60  # limits settle long before


@dataclass(frozen=True)
class Sums:
    """Every sum that a reader can make, whatever it leaves over.

    Attributes
    ----------
    total : (s,) int
        The cell that each sum adds up to.
    row, part : (z,) int
        Which sum each part belongs to, rising, and its cell.
    cells : int
        How many cells there are.
    """

    total: Ints
    row: Ints
    part: Ints
    cells: int

    @cached_property
    def _first(self) -> Ints:
        return np.searchsorted(self.row, np.arange(len(self.total) + 1))

    @cached_property
    def _sums_of(self) -> tuple[Ints, Ints]:
        """The sums that each cell stands in, as a part or as the total: where each cell's begin, and their numbers."""
        cell, row = np.concatenate([self.part, self.total]), np.concatenate([self.row, np.arange(len(self.total))])
        order = np.argsort(cell, kind="stable")
        return np.searchsorted(cell[order], np.arange(self.cells + 1)), row[order]

    def among(self, some: Bools) -> Sums:
        """The same sums over some of the cells alone, numbered anew; a sum whose total is not among them is not there."""
        place, rows = np.cumsum(some, dtype=np.int64) - 1, some[self.total]
        keep = some[self.part] & rows[self.row]
        return Sums(place[self.total[rows]], (np.cumsum(rows, dtype=np.int64) - 1)[self.row[keep]], place[self.part[keep]], int(some.sum()))

    def left_over(self, counts: Ints | Floats) -> Floats:
        """What each sum leaves over, answers."""
        n = np.asarray(counts, np.float64)
        return n[self.total] - np.bincount(self.row, n[self.part], len(self.total))

    def inside(self, row: int) -> Ints:
        """The parts of a sum."""
        return self.part[self._first[row] : self._first[row + 1]]

    def around(self, cell: int) -> Ints:
        """The sums that a cell stands in."""
        first, row = self._sums_of
        return row[first[cell] : first[cell + 1]]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is small, and what may be hidden.

    Attributes
    ----------
    least : int
        Answers; what is left over must be none, or that many.
    fixed : (m,) bool
        Cells that stay as they are: they were told before.
    worth : (m,) int
        What is lost with a cell: of several that would do, the one worth least is hidden, and of equals the smallest.
    """

    least: int
    fixed: Bools
    worth: Ints


def leave_none_small(counts: Ints, told: Bools, sums: Sums, rules: Rules) -> Bools:
    """What remains told of many tables when no reader may be left with fewer than ``least`` answers of any of them.

    Each column is a table of its own. What is told of a cell is a figure with its number of answers; two figures of which one holds
    the other's people can be subtracted, and the remainder is a figure of the people in between. A column is safe if every
    untold cell that has answers but fewer than ``least``, and every such remainder, may have ``least`` or more as far as a reader
    knows. Limits go from sum to sum until nothing changes: exact where cells and sums form no cycle, elsewhere a combination
    that turns in a circle may tell more (``leave_no_circle``).

    Parameters
    ----------
    counts : (m, k) int
        Answers of every cell in each table.
    told : (m, k) bool
        What would be told of each table by itself.
    sums : Sums
        The same in every table.
    rules : Rules
        What is small, and what may be hidden.

    Returns
    -------
    (m, k) bool
        Some of ``told``.

    References
    ----------
    Statistics page section 11; Dechter (2003), Constraint Processing, ch. 3 (bounds consistency).
    """
    some = np.asarray(counts.any(axis=1), np.bool_)  # a cell without answers in any table says nothing
    inner, own, kept = sums.among(some), Rules(rules.least, rules.fixed[some], rules.worth[some]), told[some]
    for column in range(counts.shape[1]):
        _settle(counts[some, column].astype(np.float64), kept[:, column], inner, own)
    whole = told.copy()
    whole[some] = kept
    return whole


def _settle(counts: Floats, told: Bools, sums: Sums, rules: Rules) -> None:
    """Hide (in place) one cell for each leak, until there is none or nothing is left to hide."""
    rest = sums.left_over(counts)
    small = (counts > 0) & (counts < rules.least)
    left = (rest > 0) & (rest < rules.least)
    if not told.any() or not ((small & ~told).any() or left.any()):
        return
    while rows := _leaking((counts, told, small, left), rest, sums, rules):
        if not _hide(rows[0], (counts, told, rows[1]), sums, rules):
            return


def _leaking(of: tuple[Floats, Bools, Bools, Bools], rest: Floats, sums: Sums, rules: Rules) -> tuple[list[int], Bools] | None:
    """The sums that tell too much, the narrowest first, and the cells that a reader knows; None where no sum does."""
    counts, told, small, left = of
    low, high = _limits(counts, told, sums, rest)
    bound = high[sums.total] - np.bincount(sums.row, low[sums.part], len(sums.total))  # of all that a sum does not tell, together
    above = np.where(rest > 0, ENDLESS, np.bincount(sums.row, high[sums.part], len(sums.total)))
    narrow = left & (bound < rules.least)
    part = sums.part
    narrow[sums.row[(small & ~told)[part] & (bound[sums.row] + low[part] < rules.least)]] = True
    narrow |= (small & ~told)[sums.total] & (above < rules.least)
    rows = np.flatnonzero(narrow)
    return (rows[np.argsort(np.minimum(bound, above)[rows], kind="stable")].tolist(), low == high) if len(rows) else None


def _limits(counts: Floats, told: Bools, sums: Sums, rest: Floats) -> tuple[Floats, Floats]:
    """What a reader knows of each cell from all single sums, applied until nothing changes; a cell without answers is known to have none."""
    known = told | (counts == 0)
    low, high = np.where(known, counts, 0.0), np.where(known, counts, ENDLESS)
    loose = rest > 0  # a sum that leaves something over is no limit from below
    fresh = np.bincount(sums.row, ~known[sums.part], len(sums.total)) + ~known[sums.total] > 0  # sums that may tell something new
    for _ in range(SWEEPS):
        entry = np.flatnonzero(fresh[sums.row])
        row, part = sums.row[entry], sums.part[entry]
        least, most = np.bincount(row, low[part], len(fresh)), np.bincount(row, high[part], len(fresh))
        exact, below = np.flatnonzero(fresh & ~loose), np.flatnonzero(fresh)
        next_low, next_high = low.copy(), high.copy()
        np.minimum.at(next_high, part, (high[sums.total] - least)[row] + low[part])
        np.minimum.at(next_high, sums.total[exact], most[exact])
        np.maximum.at(next_low, part, np.where(loose, -ENDLESS, low[sums.total] - most)[row] + np.where(loose[row], 0.0, high[part]))
        np.maximum.at(next_low, sums.total[below], least[below])
        next_high[next_high > ENDLESS / 2] = ENDLESS
        changed = (next_low != low) | (next_high != high)
        if not changed.any():
            break
        low, high = next_low, next_high
        fresh = changed[sums.total]
        fresh[sums.row[changed[sums.part]]] = True
    return low, high


def _hide(rows: list[int], known: tuple[Floats, Bools, Bools], sums: Sums, rules: Rules) -> bool:
    """One more cell of each sum that tells too much, the narrowest first; a sum that has got one waits for the next round.

    A sum may tell too much because others do: only where none has a cell of its own to hide are those looked at that it is worked
    out from.
    """
    fed: set[int] = set()
    for ask in (_own, _behind):
        for row in rows:
            if row in fed:
                continue
            cell = cheapest(ask(sums, row, known), known[0], known[1], rules)
            if cell >= 0:
                known[1][cell] = False
                fed.update(sums.around(cell).tolist())
        if fed:
            return True
    return False


def cheapest(cells: Ints, counts: Ints | Floats, told: Bools, rules: Rules) -> int:
    """The told cell worth least that may be hidden, of equals the smallest; −1 if there is none.

    Parameters
    ----------
    cells : (c,) int
        Those to choose from.
    counts : (m,) int or float
        Answers of every cell.
    told : (m,) bool
        Cells that are told.
    rules : Rules
        What may be hidden, and what it is worth.

    Returns
    -------
    int
        A cell, or −1.

    References
    ----------
    Statistics page section 11 (own procedure).
    """
    cells = cells[told[cells] & ~rules.fixed[cells] & (counts[cells] > 0)]
    return int(cells[np.lexsort((cells, counts[cells], rules.worth[cells]))[0]]) if len(cells) else -1


def _own(sums: Sums, row: int, known: tuple[Floats, Bools, Bools]) -> Ints:
    """The parts of a sum; its total where no part is told."""
    inside = sums.inside(row)
    return inside if known[1][inside].any() else sums.total[row : row + 1]


def _behind(sums: Sums, row: int, known: tuple[Floats, Bools, Bools]) -> Ints:
    """The cells of all sums from which a reader works out the total and the parts of a sum."""
    counts, _, sure = known
    inside = sums.inside(row)
    near = [*inside[sure[inside] & (counts[inside] > 0)].tolist(), int(sums.total[row])]
    rows = sorted({one for cell in near for one in sums.around(cell).tolist()})
    return np.unique(np.concatenate([*(sums.inside(one) for one in rows), sums.total[rows]]))
