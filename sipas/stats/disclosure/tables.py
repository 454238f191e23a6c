"""Additive tables: cells, the sums between them that a reader knows, and what of both remains unknown when cells are hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy  # its parts are loaded at their first use
from numpy.typing import NDArray

from sipas.stats.intervals import Bools, Floats

Ints = NDArray[np.int64]


class BadTableError(ValueError):
    """A table whose cells and sums do not fit together."""


class Margin(NamedTuple):
    """One sum that a reader can make: the total's cell number and those of its parts."""

    total: int
    parts: tuple[int, ...]


class Dimension(NamedTuple):
    """One classification of a table: how many categories it has, totals included, and which of them are sums of which.

    A month, quarter and year make one dimension of 17 categories with 5 sums; periods to date are categories too.
    """

    size: int
    sums: tuple[Margin, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Cells and sums, checked.

    Attributes
    ----------
    counts : (m,) int
        Answers of every cell, totals included.
    cell, margin : (z,) int
        Which cell stands in which sum; sorted by sum.
    sign : (z,) float
        1 for a part, −1 for the total.
    margins : int
        How many sums there are.
    """

    counts: Ints
    cell: Ints
    margin: Ints
    sign: Floats
    margins: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """What a reader does not know: the hidden cells, and the sums that hold them together.

    Attributes
    ----------
    cells : (h,) int
        Numbers of the hidden cells in their table, ascending.
    truth : (h,) float
        Their counts.
    low, high : (h,) float
        What the page itself tells of each: 0 and infinite if nothing.
    column, row : (z,) int
        Position of a hidden cell, and the sum it stands in; sorted by row.
    sign : (z,) float
        1 for a part, −1 for a total.
    rows : int
        Sums that hold a hidden cell.
    known : (rows,) float
        What the hidden cells of each sum must add up to, with their signs.
    """

    cells: Ints
    truth: Floats
    low: Floats
    high: Floats
    column: Ints
    row: Ints
    sign: Floats
    rows: int
    known: Floats


def cross(dimensions: Sequence[Dimension]) -> tuple[Margin, ...]:
    """The sums of a table that crosses some dimensions; cells are numbered with the last dimension fastest.

    Parameters
    ----------
    dimensions : sequence of Dimension
        Such as units, sectors, periods, channels, each with its own sums.

    Returns
    -------
    tuple of Margin
        Every sum of every dimension at every combination of the others.

    Raises
    ------
    BadTableError
        A sum names a category that its dimension does not have.

    References
    ----------
    Hundepool et al. (2012), Statistical Disclosure Control, ch. 4 (hierarchical and linked tables).
    """
    numbers = np.arange(int(np.prod([dimension.size for dimension in dimensions]))).reshape([d.size for d in dimensions])
    made: list[Margin] = []
    for axis, dimension in enumerate(dimensions):
        for total, parts in dimension.sums:
            if not all(0 <= category < dimension.size for category in (total, *parts)):
                raise BadTableError(f"dimension {axis}: the sum {total} of {parts} names a category outside 0-{dimension.size - 1}")
            totals = numbers.take(total, axis=axis).ravel()
            members = np.moveaxis(numbers.take(parts, axis=axis), axis, -1).reshape(-1, len(parts))
            made += [Margin(t, tuple(p)) for t, p in zip(totals.tolist(), members.tolist(), strict=True)]
    return tuple(made)


def table(counts: Sequence[int] | Ints, margins: Sequence[Margin]) -> Table:
    """Cells and sums in one piece, after checking that they agree.

    Parameters
    ----------
    counts : (m,) int
        Answers of every cell, totals included.
    margins : sequence of Margin
        The sums that a reader can make.

    Returns
    -------
    Table

    Raises
    ------
    BadTableError
        A count is negative, a sum names an unknown cell or one cell twice, or its parts do not add up to its total.

    References
    ----------
    Statistics page section 11.
    """
    n = np.asarray(counts, np.int64)
    if n.size and n.min() < 0:
        raise BadTableError(f"cell {int(n.argmin())}: a count cannot be negative ({int(n.min())})")
    length = np.array([len(margin.parts) + 1 for margin in margins], np.int64)
    cell = np.array([c for margin in margins for c in (margin.total, *margin.parts)], np.int64)
    row = np.repeat(np.arange(len(margins)), length)
    sign = np.ones(len(cell))
    sign[np.cumsum(length) - length] = -1.0
    if cell.size and (cell.min() < 0 or cell.max() >= n.size):
        wrong = int(row[(cell < 0) | (cell >= n.size)][0])
        raise BadTableError(f"sum {wrong} names a cell outside 0-{n.size - 1}: {margins[wrong]}")
    if len(np.unique(row * max(n.size, 1) + cell)) < len(cell):
        wrong = next(i for i, margin in enumerate(margins) if len({margin.total, *margin.parts}) <= len(margin.parts))
        raise BadTableError(f"sum {wrong} names a cell twice: {margins[wrong]}")
    off = np.bincount(row, sign * n[cell], len(margins))
    if np.any(off != 0):
        wrong = int(np.flatnonzero(off)[0])
        raise BadTableError(
            f"sum {wrong}: cell {margins[wrong].total} holds {n[margins[wrong].total]}, its parts add up to "
            f"{int(off[wrong]) + int(n[margins[wrong].total])}; leave out sums that are not exact"
        )
    return Table(n, cell, row, sign, len(margins))


def unknown(cells: Table, hidden: Bools, *, low: Floats | None = None, high: Floats | None = None) -> Unknown:
    """What remains unknown of a table when some of its cells are hidden.

    Parameters
    ----------
    cells : Table
        Checked cells and sums.
    hidden : (m,) bool
        Cells that are not published.
    low, high : (m,) float, optional
        What the page tells of a hidden cell all the same, as "fewer than 10" does; nothing if left out.

    Returns
    -------
    Unknown

    Raises
    ------
    BadTableError
        ``hidden`` has another length, or a count lies outside what is told of it.

    References
    ----------
    Statistics page section 11.
    """
    if hidden.shape != cells.counts.shape:
        raise BadTableError(f"hidden speaks of {hidden.size} cells, the table has {cells.counts.size}")
    names = np.flatnonzero(hidden)
    truth = cells.counts[names].astype(np.float64)
    least = np.zeros(len(names)) if low is None else np.maximum(low[names], 0.0)
    most = np.full(len(names), np.inf) if high is None else high[names].astype(np.float64)
    if np.any((truth < least) | (truth > most)):
        wrong = int(np.flatnonzero((truth < least) | (truth > most))[0])
        raise BadTableError(f"cell {names[wrong]} holds {truth[wrong]:.0f}, but is told to lie in {least[wrong]:g} to {most[wrong]:g}")
    place = np.full(cells.counts.size, -1, np.int64)
    place[names] = np.arange(len(names))
    entry = np.flatnonzero(hidden[cells.cell])
    column, sign = place[cells.cell[entry]], cells.sign[entry]
    distinct, row = np.unique(cells.margin[entry], return_inverse=True)
    known = np.bincount(row, sign * truth[column], len(distinct)).astype(np.float64)
    return Unknown(names, truth, least, most, column, row.astype(np.int64), sign, len(distinct), known)


def parts_of(system: Unknown) -> Ints:
    """The connected component of each hidden cell: cells that no chain of sums joins say nothing of one another.

    Parameters
    ----------
    system : Unknown
        Hidden cells and their sums.

    Returns
    -------
    (h,) int
        Component numbers from 0.

    References
    ----------
    Fischetti & Salazar (2001), Management Science 47, 1008-1027, on decomposition.
    """
    size = len(system.cells)
    whole = size + system.rows
    links = scipy.sparse.coo_matrix((np.ones(len(system.row)), (system.column, size + system.row)), shape=(whole, whole))
    _, label = scipy.sparse.csgraph.connected_components(links, directed=False)
    return np.unique(label[:size], return_inverse=True)[1].astype(np.int64)


def only(system: Unknown, cells: Bools, rows: Bools) -> Unknown:
    """A smaller system: some cells and some sums, every other hidden cell taken as known.

    Parameters
    ----------
    system : Unknown
        Hidden cells and their sums.
    cells : (h,) bool
        Those that stay unknown.
    rows : (rows,) bool
        Sums that are used.

    Returns
    -------
    Unknown

    References
    ----------
    Statistics page section 11.
    """
    entry = np.flatnonzero(cells[system.column] & rows[system.row])
    place = np.cumsum(cells, dtype=np.int64) - 1
    distinct, row = np.unique(system.row[entry], return_inverse=True)
    column, sign, truth = place[system.column[entry]], system.sign[entry], system.truth[cells]
    known = np.bincount(row, sign * truth[column], len(distinct)).astype(np.float64)
    named = (system.cells[cells], truth, system.low[cells], system.high[cells])
    return Unknown(*named, column, row.astype(np.int64), sign, len(distinct), known)
