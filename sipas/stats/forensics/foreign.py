"""Methods for foreign data only: our own platform keeps no device, no citizen and no moment, so it has nothing to give them."""

from __future__ import annotations

import numpy as np

from sipas.stats.forensics.baseline import BadCountsError, Excess, excess
from sipas.stats.forensics.tails import negative_binomial_tail
from sipas.stats.intervals import Bools, Floats
from sipas.stats.weights import Ints

DAY = 86_400.0  # seconds
SLOT = 900.0  # of the common profile of a day
WINDOW = 1_800.0


def same_device(unit: Ints, device: Ints, registered: Bools, *, units: int, floor: float = 0.25) -> tuple[Floats, Floats]:
    """The busiest device of each unit, beside that of the median unit; counter tablets that are registered do not count.

    Parameters
    ----------
    unit, device : (n,) int
        From 0; ``device`` numbers salted hashes.
    registered : (n,) bool
        True where the device is a registered tablet.
    units : int
        How many there are.
    floor : float
        Least overdispersion φ believed.

    Returns
    -------
    p : (u,) float
        Negative binomial chance of so many answers from one device, times the unit's devices; 1 where there is none.
    most : (u,) float
        Answers of the busiest device.

    Raises
    ------
    BadCountsError
        Columns of different length.

    References
    ----------
    Statistics page section 9 (same device); decision 15: foreign data only.
    """
    if not len(unit) == len(device) == len(registered):
        raise BadCountsError(f"unit, device, registered: {len(unit)}, {len(device)} and {len(registered)} values; one of each a row")
    pairs, count = np.unique(np.stack([unit, device])[:, ~registered], axis=1, return_counts=True)
    most, devices = np.zeros(units), np.bincount(pairs[0], minlength=units)
    np.maximum.at(most, pairs[0], count.astype(np.float64))
    used = most[most > 0]
    if not len(used):
        return np.ones(units), most
    usual = float(np.median(used))
    spread = (1.4826 * float(np.median(np.abs(used - usual)))) ** 2
    phi = max(floor, (spread - usual) / usual**2)
    return np.minimum(1.0, np.maximum(devices, 1) * negative_binomial_tail(most, np.full(units, usual), phi)), most


def busiest_window(counter: Ints, moment: Floats, *, counters: int, seconds: float = WINDOW, floor: float = 0.25) -> tuple[Floats, Floats]:
    """The busiest half hour of each counter, scanned from every answer on, against its median day spread as all counters' days are.

    Of the window that begins with an answer, the others in it are counted: what all counters' answers say of the hours gives their
    share of the counter's median day, and Bonferroni pays for the windows looked at.

    Parameters
    ----------
    counter : (n,) int
        From 0.
    moment : (n,) float
        Seconds, local time, from any midnight on.
    counters : int
        How many there are.
    seconds : float
        Length of the window.
    floor : float
        Overdispersion φ granted to honest counters.

    Returns
    -------
    p : (c,) float
        Negative binomial chance of so many in any window; 1 where there is no answer.
    most : (c,) float
        Answers in the busiest window.

    Raises
    ------
    BadCountsError
        Columns of different length, or a moment that is no number.

    References
    ----------
    Naus (1982), JASA 77, 177-183; statistics page section 9 (burst); decision 15: foreign data only.
    """
    if len(counter) != len(moment):
        raise BadCountsError(f"counter, moment: {len(counter)} and {len(moment)} values; one of each a row")
    if not np.all(np.isfinite(moment)):
        raise BadCountsError(f"moment: row {int(np.flatnonzero(~np.isfinite(moment))[0])} is no number of seconds")
    order = np.lexsort((moment, counter))
    owner, at = counter[order], moment[order]
    key = owner * (2 * DAY + float(np.ptp(at)) if len(at) else 1.0) + at - (at.min() if len(at) else 0.0)
    count = (np.searchsorted(key, key + seconds, side="left") - np.arange(len(key))).astype(np.float64)
    mean = _median_day(owner, at, counters)[owner] * _share_of_day(at, seconds)
    chance = negative_binomial_tail(count - 1, mean, floor)
    p, most = np.ones(counters), np.zeros(counters)
    np.minimum.at(p, owner, chance)
    np.maximum.at(most, owner, count)
    return np.minimum(1.0, p * np.maximum(1, np.bincount(owner, minlength=counters))), most


def _median_day(owner: Ints, at: Floats, counters: int) -> Floats:
    """Answers of each counter on its median day that had any."""
    pairs, count = np.unique(np.stack([owner, np.floor(at / DAY).astype(np.int64)]), axis=1, return_counts=True)
    return np.array([float(np.median(count[pairs[0] == one])) if np.any(pairs[0] == one) else 0.0 for one in range(counters)])


def _share_of_day(at: Floats, seconds: float) -> Floats:
    """The share of all answers that falls into a window from each moment on, by the hours of all days; never none."""
    slots = np.bincount((at % DAY / SLOT).astype(np.int64), minlength=int(DAY / SLOT)) + 0.5
    edges = np.arange(2 * len(slots) + 1) * SLOT  # two days: a window may pass midnight
    summed = np.concatenate([[0.0], np.cumsum(np.tile(slots / slots.sum(), 2))])
    begin = at % DAY
    return np.asarray(np.interp(begin + seconds, edges, summed) - np.interp(begin, edges, summed), np.float64)


def linked_citizens(unit: Ints, citizen: Ints, *, units: int, usual: int = 2, floor: float = 0.02) -> Excess:
    """Answers of citizens who answered more than ``usual`` times in one unit, against the other units.

    Parameters
    ----------
    unit, citizen : (n,) int
        From 0; ``citizen`` numbers salted hashes.
    units : int
        How many there are.
    usual : int
        So many answers of one citizen are nothing.
    floor : float
        Least overdispersion believed, 0-1.

    Returns
    -------
    Excess

    Raises
    ------
    BadCountsError
        Columns of different length.

    References
    ----------
    Statistics page section 9; integrity page 3.2 (numbers used for many dossiers); decision 15: foreign data only.
    """
    if len(unit) != len(citizen):
        raise BadCountsError(f"unit, citizen: {len(unit)} and {len(citizen)} values; one of each a row")
    _, where, count = np.unique(np.stack([unit, citizen]), axis=1, return_inverse=True, return_counts=True)
    often = count[where.ravel()] > usual
    flagged = np.bincount(unit[often], minlength=units).astype(np.float64)[:, None]
    return excess(flagged, np.bincount(unit, minlength=units).astype(np.float64)[:, None], floor=floor)
