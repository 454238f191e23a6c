"""Methods for foreign data only: our own platform keeps no device and no citizen, so it has nothing to give them."""

from __future__ import annotations

import numpy as np

from sipas.stats.forensics.baseline import BadCountsError, Excess, excess
from sipas.stats.forensics.tails import negative_binomial_tail
from sipas.stats.intervals import Bools, Floats
from sipas.stats.weights import Ints


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
