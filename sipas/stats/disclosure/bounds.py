"""What single sums tell of hidden cells: closed form, applied until nothing changes."""

from __future__ import annotations

import numpy as np

from sipas.stats.disclosure.tables import Unknown
from sipas.stats.intervals import Floats

SWEEPS = 200  # sums of integers settle long before
SLACK = 1e-6  # counts are integers: what differs by less is the same


def implied(system: Unknown, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """What each sum alone tells of each of its hidden cells, given limits of the others.

    Parameters
    ----------
    system : Unknown
        Hidden cells and their sums.
    low, high : (h,) float
        Limits of the hidden cells, answers; ``high`` may be infinite.

    Returns
    -------
    low, high : (z,) float
        One pair for every entry of ``system.row``.

    References
    ----------
    Statistics page section 11; the bounds of a single sum are those of Dobra & Fienberg (2000), PNAS 97, 11885-11892.
    """
    row, sign = system.row, system.sign
    part, lows, highs = sign > 0, low[system.column], high[system.column]
    endless = np.isinf(highs)
    finite = np.where(endless, 0.0, highs)
    least, most = np.where(part, lows, -finite), np.where(part, finite, -lows)
    least_open, most_open = endless & ~part, endless & part
    others_least = np.bincount(row, least, system.rows)[row] - least
    others_most = np.bincount(row, most, system.rows)[row] - most
    free_below = np.bincount(row, least_open, system.rows)[row] - least_open > 0
    free_above = np.bincount(row, most_open, system.rows)[row] - most_open > 0
    top = np.where(free_below, np.inf, system.known[row] - others_least)
    bottom = np.where(free_above, -np.inf, system.known[row] - others_most)
    return np.where(part, bottom, -top), np.where(part, top, -bottom)


def outer(system: Unknown) -> tuple[Floats, Floats]:
    """Limits that a reader can certainly compute: the truth lies inside, and so does all that the sums allow.

    Where the hidden cells and their sums form no cycle these limits are exact; elsewhere the exact ones may be narrower.

    Parameters
    ----------
    system : Unknown
        Hidden cells and their sums.

    Returns
    -------
    low, high : (h,) float
        Answers; ``high`` is infinite where no sum bounds a cell.

    References
    ----------
    Statistics page section 11; Dechter (2003), Constraint Processing, ch. 3 (bounds consistency is exact without cycles).
    """
    low, high = system.low.copy(), system.high.copy()
    for _ in range(SWEEPS):
        from_below, from_above = implied(system, low, high)
        next_low, next_high = low.copy(), high.copy()
        np.maximum.at(next_low, system.column, from_below)
        np.minimum.at(next_high, system.column, from_above)
        still = not np.any(next_low > low + SLACK) and not np.any(next_high < high - SLACK)
        low, high = next_low, next_high
        if still:
            break
    return low, high
