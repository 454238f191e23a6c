"""What all sums together tell of hidden cells, by linear programmes that many cells share."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import scipy  # its parts are loaded at their first use

from sipas.stats.disclosure.bounds import SLACK
from sipas.stats.disclosure.tables import Ints, Unknown, only, parts_of
from sipas.stats.intervals import Bools, Floats

GOLDEN, PLASTIC = 0.6180339887498949, 0.7548776662466927
ROUNDS = 40  # shared programmes, at most
WORTH, PATIENCE = 0.15, 3  # of the open cells; so many programmes that together settle fewer were the last
ALONE = 3  # open cells that are quicker asked one by one
NEAR = (150, 1500)  # cells whose sums are tried before the whole component


class AuditError(ValueError):
    """The solver gave up on a programme that has a solution."""


def reasons(system: Unknown, wish: Floats) -> Ints:
    """The sums by which a reader knows how much of a wish is possible: those with a price in the programme.

    Parameters
    ----------
    system : Unknown
        Hidden cells and their sums.
    wish : (h,) float
        What each answer of a cell is worth.

    Returns
    -------
    (r,) int
        Rows of ``system``.

    Raises
    ------
    AuditError
        The solver found no solution although the true counts are one.

    References
    ----------
    Duality of linear programmes: without these sums the same value would be no limit.
    """
    optimize = cast("Any", scipy.optimize)
    limits = np.stack([system.low, _ceiling(system)], axis=1)
    answer = _ended(optimize.linprog(-wish, A_eq=_matrix(system), b_eq=system.known, bounds=limits, method="highs"), len(wish), system.rows)
    return np.flatnonzero(np.abs(answer.eqlin.marginals) > SLACK)


def possible(system: Unknown, wish: Floats) -> Floats:
    """Counts that fit all sums and come as near to a wish as can be.

    Parameters
    ----------
    system : Unknown
        Hidden cells and their sums.
    wish : (h,) float
        What each answer of a cell is worth: above 0 to have it large, below 0 to have it small. A cell without a limit is not
        sent beyond ten times all that is hidden.

    Returns
    -------
    (h,) float
        Answers.

    Raises
    ------
    AuditError
        The solver found no solution although the true counts are one.

    References
    ----------
    Huangfu & Hall (2018), Math. Prog. Comp. 10, 119-142 (HiGHS).
    """
    return _solved(wish, _matrix(system), system.known, (system.low, _ceiling(system)))


def _matrix(system: Unknown) -> Any:
    return scipy.sparse.csc_matrix((system.sign, (system.row, system.column)), shape=(system.rows, len(system.cells)))


def _ceiling(system: Unknown) -> Floats:
    return np.asarray(np.minimum(system.high, 10.0 * system.truth.sum() + 1000.0), np.float64)


def _solved(gain: Floats, matrix: Any, known: Floats, limits: tuple[Floats, Floats]) -> Floats:
    """The point of most gain. No column must be whole, but SciPy's ``milp`` asks HiGHS with half the ceremony of its ``linprog``."""
    optimize = cast("Any", scipy.optimize)
    sums = optimize.LinearConstraint(matrix, known, known) if len(known) else ()
    # Presolving costs more than it saves where all coefficients are 1 and −1.
    answer = optimize.milp(-gain, constraints=sums, bounds=optimize.Bounds(*limits), options={"presolve": False})
    return np.asarray(_ended(answer, len(gain), len(known)).x, np.float64)


def _ended(answer: Any, columns: int, sums: int) -> Any:
    """The solver's answer, if it is one."""
    if answer.status != 0:
        raise AuditError(f"the linear programme over {columns} columns and {sums} sums ended with: {answer.message}")
    return answer


def worths(system: Unknown, wanted: Bools, turn: int) -> Floats:
    """What each wanted cell is worth in one of several shared programmes: unequal, and otherwise in every turn.

    Parameters
    ----------
    system : Unknown
        Hidden cells.
    wanted : (h,) bool
        Cells that are still open.
    turn : int
        From 1.

    Returns
    -------
    (h,) float
        0.7 to 1.3, and 0 where a cell is not wanted.

    References
    ----------
    Weyl's sequence.
    """
    number = np.arange(1, len(system.cells) + 1)
    return np.where(wanted, 0.7 + 0.6 * np.modf(number * PLASTIC * turn)[0], 0.0)


def settle_together(system: Unknown, low: Floats, high: Floats, outer: tuple[Floats, Floats], needed: Floats) -> None:
    """Widen the counts seen possible (``low``, ``high``, in place) by programmes that all open cells share.

    A cell is settled when counts that far apart were seen: every solution counts for every cell at once. A programme gives each
    open cell what it lacks in one direction and nothing for more, so that one solution settles as many as can be at once. Which
    way a cell is sent first goes by its size, then by fixed quasi-random numbers, so that the same table takes the same road.

    Parameters
    ----------
    system : Unknown
        One component.
    low, high : (h,) float
        Least and greatest count seen; at first the truth.
    outer : pair of (h,) float
        Limits that certainly hold.
    needed : (h,) float
        The width that settles a cell.

    Returns
    -------
    None
        ``low`` and ``high`` hold the answer.

    References
    ----------
    Statistics page section 11; Weyl's sequence gives the numbers. The sharing is this project's own.
    """
    number = np.arange(1, len(system.cells) + 1)
    left = [int(np.sum(high - low < needed))]
    while left[-1] > ALONE and len(left) <= ROUNDS:
        wanted = high - low < needed
        step = len(left)
        up, down = outer[1] - low >= needed, high - outer[0] >= needed
        first = system.truth < needed if step % 2 else np.modf(number * GOLDEN * (step + PLASTIC))[0] < 0.5
        rising = np.where(up & down, first, np.where(up | down, up, first))
        knee = np.where(rising, low + needed + SLACK, high - needed - SLACK)
        seen = as_far_as_lacks(system, worths(system, wanted, step), rising, knee)
        np.minimum(low, seen, out=low)
        np.maximum(high, seen, out=high)
        left.append(int(np.sum(high - low < needed)))
        if len(left) > PATIENCE and left[-1] > (1 - WORTH) * left[-PATIENCE]:
            return  # what is left is settled one by one


def as_far_as_lacks(system: Unknown, worth: Floats, rising: Bools, knee: Floats) -> Floats:
    """Counts that fit all sums: each wanted cell is worth something up to its knee (rising), or down to it, and nothing beyond.

    Parameters
    ----------
    system : Unknown
        Hidden cells and their sums.
    worth : (h,) float
        What an answer of each cell is worth until its knee; 0 where nothing is wanted.
    rising : (h,) bool
        Whether more of it is wanted, or less.
    knee : (h,) float
        Answers beyond which nothing is gained.

    Returns
    -------
    (h,) float
        Answers.

    Raises
    ------
    AuditError
        The solver found no solution although the true counts are one.

    References
    ----------
    Statistics page section 11 (own procedure).
    """
    # No wanted cell goes farther than that: to let it would take a second column of each, and settles no more of the others.
    ceiling, wanted = _ceiling(system), worth > 0
    least = np.where(wanted & ~rising, np.maximum(knee, system.low), system.low)
    most = np.where(wanted & rising, np.minimum(knee, ceiling), ceiling)
    return _solved(np.where(rising, worth, -worth), _matrix(system), system.known, (least, most))


def settle_alone(system: Unknown, at: int, low: Floats, high: Floats, outer: tuple[Floats, Floats], needed: Floats) -> tuple[float, float]:
    """The limits of one hidden cell, as exactly as it takes to decide on it.

    Near sums first: if they alone bound it too well, so do all. Otherwise the whole component is asked, each way only if the cell
    was not seen at its limit already; what is seen counts for all cells.

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
        rows = _near(system, at, size)
        if rows.all():
            break
        least, greatest = _relaxed(system, at, rows, outer)
        if greatest - least < needed[at]:
            return least, greatest
    target = (np.arange(len(system.cells)) == at).astype(np.float64)
    for way, there in ((1.0, high[at] >= outer[1][at] - SLACK), (-1.0, low[at] <= outer[0][at] + SLACK)):
        if not there:
            seen = possible(system, way * target)
            np.minimum(low, seen, out=low)
            np.maximum(high, seen, out=high)
    return float(low[at]), float(high[at])


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


def _near(system: Unknown, at: int, size: int) -> Bools:
    """The sums around a cell, ring by ring, as long as they hold no more than ``size`` cells."""
    cells = np.arange(len(system.cells)) == at
    while True:
        rows = _touching(system, cells)
        grown = np.zeros(len(system.cells), bool)
        grown[system.column[rows[system.row]]] = True
        if grown.sum() > size or (grown == cells).all():
            return rows
        cells = grown


def _relaxed(system: Unknown, at: int, rows: Bools, outer: tuple[Floats, Floats]) -> tuple[float, float]:
    """Limits of one cell from some of the sums only: never narrower than the true ones."""
    cells = np.zeros(len(system.cells), bool)
    cells[system.column[rows[system.row]]] = True
    cells[at] = True
    part = only(system, cells, rows)
    place, target = int(np.sum(cells[:at])), np.zeros(int(cells.sum()))
    target[place] = 1.0
    low, high = outer[0][cells], outer[1][cells]
    system = Unknown(part.cells, part.truth, low, high, part.column, part.row, part.sign, part.rows, part.known)
    return float(possible(system, -target)[place]), float(possible(system, target)[place])
