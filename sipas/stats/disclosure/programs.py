"""What all sums together tell of hidden cells, by linear programmes that many cells share."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import scipy  # its parts are loaded at their first use

from sipas.stats.disclosure.tables import Ints, Unknown, only, parts_of
from sipas.stats.intervals import Bools, Floats

GOLDEN = 0.6180339887498949
ROUNDS = 40  # shared programmes, at most
NEAR = (150, 1500)  # cells of the neighbourhoods that are tried before the whole component


class AuditError(ValueError):
    """The solver gave up on a programme that has a solution."""


def extremes(system: Unknown, objective: Floats) -> tuple[Floats, Floats]:
    """Two sets of counts that fit all sums: one where the objective is least, one where it is greatest.

    Parameters
    ----------
    system : Unknown
        Hidden cells and their sums.
    objective : (h,) float
        What is added up; a cell without a limit is not sent beyond ten times all that is hidden.

    Returns
    -------
    least, greatest : (h,) float
        Answers.

    Raises
    ------
    AuditError
        The solver found no solution although the true counts are one.

    References
    ----------
    Huangfu & Hall (2018), Math. Prog. Comp. 10, 119-142 (HiGHS).
    """
    matrix, limits = _matrix(system), np.column_stack([system.low, _ceiling(system)])
    return _solve(objective, matrix, system.known, limits), _solve(-objective, matrix, system.known, limits)


def _matrix(system: Unknown) -> Any:
    return scipy.sparse.csr_matrix((system.sign, (system.row, system.column)), shape=(system.rows, len(system.cells)))


def _ceiling(system: Unknown) -> Floats:
    return np.asarray(np.minimum(system.high, 10.0 * system.truth.sum() + 1000.0), np.float64)


def _solve(cost: Floats, matrix: Any, known: Floats, limits: Floats) -> Floats:
    solve = cast("Any", scipy.optimize.linprog)
    answer = solve(cost, bounds=limits, method="highs", **({"A_eq": matrix, "b_eq": known} if len(known) else {}))
    if answer.status != 0:
        raise AuditError(f"the linear programme over {len(limits)} counts and {len(known)} sums ended with: {answer.message}")
    return np.asarray(answer.x, np.float64)


def settle_together(system: Unknown, low: Floats, high: Floats, needed: Floats) -> None:
    """Widen the counts seen possible (``low``, ``high``, in place) by programmes that all open cells share.

    A cell is settled when counts that far apart were seen: every solution counts for every cell at once. The objectives are
    fixed quasi-random numbers, so that the same table takes the same road.

    Parameters
    ----------
    system : Unknown
        One component.
    low, high : (h,) float
        Least and greatest count seen; at first the truth.
    needed : (h,) float
        The width that settles a cell.

    References
    ----------
    Statistics page section 11; Weyl's sequence gives the objectives. The sharing is this project's own.
    """
    number = np.arange(1, len(system.cells) + 1)
    for step in range(1, ROUNDS + 1):
        wanted = high - low < needed
        if not wanted.any():
            return
        turn = np.modf(number * GOLDEN * (step + 0.7548776662466927))[0] - 0.5
        for seen in extremes(system, np.where(wanted, np.sign(turn) if step % 2 else turn, 0.0)):
            np.minimum(low, seen, out=low)
            np.maximum(high, seen, out=high)
        if not np.any(wanted & (high - low >= needed)):
            return  # what is left is settled one by one


def settle_alone(system: Unknown, at: int, low: Floats, high: Floats, outer: tuple[Floats, Floats], needed: Floats) -> tuple[float, float]:
    """The limits of one hidden cell, as exactly as it takes to decide on it.

    Neighbourhoods first: with all others held at their true counts a programme shows what is possible; with far sums left out
    it shows what is not. Only if neither decides, the whole component is asked.

    Parameters
    ----------
    system : Unknown
        One component.
    at : int
        Position of the cell.
    low, high : (h,) float
        Counts seen possible; widened in place.
    outer : pair of (h,) float
        Limits that certainly hold.
    needed : (h,) float
        The width that settles a cell.

    Returns
    -------
    low, high : float
        Answers; at least ``needed`` apart if the cell is safe.

    References
    ----------
    Statistics page section 11 (own procedure; each answer is exact).
    """
    for size in NEAR:
        cells, rows = _near(system, at, size)
        if cells.all():
            break
        inner = only(system, cells, _touching(system, cells))
        where, target = np.flatnonzero(cells), np.zeros(int(cells.sum()))
        target[int(np.sum(cells[:at]))] = 1.0
        for seen in extremes(inner, target):
            low[where] = np.minimum(low[where], seen)
            high[where] = np.maximum(high[where], seen)
        if high[at] - low[at] >= needed[at]:
            return float(low[at]), float(high[at])
        least, greatest = _relaxed(system, at, rows, outer)
        if greatest - least < needed[at]:
            return least, greatest
    target = np.zeros(len(system.cells))
    target[at] = 1.0
    first, last = extremes(system, target)
    for seen in (first, last):
        np.minimum(low, seen, out=low)
        np.maximum(high, seen, out=high)
    return float(first[at]), float(last[at])


def components(system: Unknown, wanted: Bools) -> list[tuple[Ints, Unknown]]:
    """The components that hold a wanted cell, each as a system of its own.

    Parameters
    ----------
    system : Unknown
        Hidden cells and their sums.
    wanted : (h,) bool
        Components without such a cell are left out.

    Returns
    -------
    list of (positions, Unknown)
        Positions of the component's cells in ``system``.

    References
    ----------
    Fischetti & Salazar (2001), Management Science 47, 1008-1027.
    """
    part = parts_of(system)
    asked = np.unique(part[wanted])
    made = []
    for number in asked.tolist():
        cells = part == number
        made.append((np.flatnonzero(cells), only(system, cells, _touching(system, cells))))
    return made


def _touching(system: Unknown, cells: Bools) -> Bools:
    rows = np.zeros(system.rows, bool)
    rows[system.row[cells[system.column]]] = True
    return rows


def _near(system: Unknown, at: int, size: int) -> tuple[Bools, Bools]:
    """Cells around one, sum by sum, until there are ``size``; and the sums that lie wholly among them."""
    cells = np.zeros(len(system.cells), bool)
    cells[at] = True
    while True:
        grown = np.zeros(len(system.cells), bool)
        grown[system.column[_touching(system, cells)[system.row]]] = True
        if grown.sum() > size or (grown == cells).all():
            break
        cells = grown
    rows = _touching(system, cells)
    if grown.sum() > size:  # the last ring is cut: the cells that the ring joins by most sums stay
        joined = np.bincount(system.column[rows[system.row]], minlength=len(cells))
        ring = np.flatnonzero(grown & ~cells)
        cells[ring[np.lexsort((ring, -joined[ring]))][: max(0, size - int(cells.sum()))]] = True
    return cells, rows


def _relaxed(system: Unknown, at: int, rows: Bools, outer: tuple[Floats, Floats]) -> tuple[float, float]:
    """Limits of one cell from some of the sums only: never narrower than the true ones."""
    cells = np.zeros(len(system.cells), bool)
    cells[system.column[rows[system.row]]] = True
    cells[at] = True
    part = only(system, cells, rows)
    place, target = int(np.sum(cells[:at])), np.zeros(int(cells.sum()))
    target[place] = 1.0
    low, high = outer[0][cells], outer[1][cells]
    first, last = extremes(Unknown(part.cells, part.truth, low, high, part.column, part.row, part.sign, part.rows, part.known), target)
    return float(first[place]), float(last[place])
