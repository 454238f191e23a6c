"""The audit: every hidden cell must stay unknown to a reader who knows every sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sipas.stats.disclosure.bounds import SLACK, outer
from sipas.stats.disclosure.programs import components, settle_alone, settle_together
from sipas.stats.disclosure.tables import Ints, Margin, Unknown, table, unknown
from sipas.stats.intervals import Bools, Floats

WIDTH = 10.0  # answers between the least and the greatest count that a reader must think possible


@dataclass(frozen=True, slots=True)
class Leak:
    """A hidden cell that a reader can bound too well.

    Attributes
    ----------
    cell : int
        Its number.
    low, high : float
        The reader's limits, answers.
    needed : float
        How far apart they had to be.
    """

    cell: int
    low: float
    high: float
    needed: float


def audit(
    counts: Sequence[int] | Ints,
    margins: Sequence[Margin],
    hidden: Bools,
    *,
    width: float | Floats = WIDTH,
    low: Floats | None = None,
    high: Floats | None = None,
) -> tuple[Leak, ...]:
    """Every hidden cell that the published cells and sums give away.

    A reader knows every cell that is not hidden, every sum, that no count is negative, and what ``low`` and ``high`` tell. What
    counts the hidden cells can then have is a polytope; a cell leaks if its least and greatest value there are less than
    ``width`` apart (or less than what is told of it anyway). Fractions are allowed, which widens an interval by less than one answer
    in tables of two dimensions (their matrices are unimodular) and seldom by more elsewhere.

    Parameters
    ----------
    counts : (m,) int
        True answers of every cell, totals included.
    margins : sequence of Margin
        Every sum that a reader can make: sectors to a family, units to their parent, months to a quarter and a year, channels
        to the headline, and what differencing two published tables adds.
    hidden : (m,) bool
        Cells that are not published.
    width : float or (m,) float
        Answers; 10 for the public, 5 in the secured office; or what each cell needs.
    low, high : (m,) float, optional
        What the page tells of a hidden cell, as "fewer than 10" does.

    Returns
    -------
    tuple of Leak
        By cell; empty if the table is safe. ``low`` and ``high`` hold the truth and are never narrower than what can be computed.

    Raises
    ------
    BadTableError
        Cells and sums do not fit together.
    AuditError
        The solver gave up.

    References
    ----------
    Fischetti & Salazar (2001), Management Science 47, 1008-1027; Hundepool et al. (2012), Statistical Disclosure Control, ch. 4.
    """
    system = unknown(table(counts, margins), hidden, low=low, high=high)
    needed = np.minimum(np.broadcast_to(width, hidden.shape)[system.cells], system.high - system.low) - SLACK
    _, leaks = check(system, needed, np.zeros(len(system.cells), bool))
    return tuple(leaks)


def check(system: Unknown, needed: Floats, safe: Bools) -> tuple[Bools, list[Leak]]:
    """Which hidden cells are safe, and how the others leak; cells known to be ``safe`` are not asked again.

    Parameters
    ----------
    system : Unknown
        What the reader does not know.
    needed : (h,) float
        Width that makes a cell safe, answers.
    safe : (h,) bool
        Cells proved safe before.

    Returns
    -------
    safe : (h,) bool
    leaks : list of Leak
        By cell.

    References
    ----------
    Statistics page section 11.
    """
    floor, ceiling = outer(system)
    leaking = ceiling - floor < needed
    leaks = {
        at: Leak(int(system.cells[at]), floor[at], ceiling[at], float(needed[at] + SLACK))
        for at in np.flatnonzero(leaking & ~safe).tolist()
    }
    open_ = ~safe & ~leaking
    for position, part in components(system, open_):
        if len(part.column) < len(position) + part.rows:  # no cycle: closed form was exact
            continue
        part_safe, part_leaks = _check_part(part, needed[position], open_[position], (floor[position], ceiling[position]))
        leaking[position] |= ~part_safe & open_[position]
        leaks |= {int(position[at]): leak for at, leak in part_leaks.items()}
    return ~leaking, [leaks[at] for at in sorted(leaks)]


def _check_part(part: Unknown, needed: Floats, asked: Bools, limits: tuple[Floats, Floats]) -> tuple[Bools, dict[int, Leak]]:
    low, high = part.truth.copy(), part.truth.copy()
    want = np.where(asked, needed, -1.0)
    settle_together(part, low, high, limits, want)
    leaks = {}
    for at in np.flatnonzero(asked).tolist():
        if high[at] - low[at] >= needed[at]:
            continue
        least, greatest = settle_alone(part, at, low, high, limits, needed)
        if greatest - least < needed[at]:
            leaks[at] = Leak(int(part.cells[at]), least, greatest, float(needed[at] + SLACK))
    safe = np.ones(len(part.cells), bool)
    safe[list(leaks)] = False
    return safe, leaks
