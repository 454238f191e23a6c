"""Exact sums by group of many columns: the same rows in another order give the same bits, without sorting them."""

from __future__ import annotations

import numpy as np

from sipas.stats.intervals import Floats
from sipas.stats.weights import Ints

FOLDS = 4  # for a million rows each fold carries 32 bits: weights 1e12 apart still add up exactly to double precision


def order_free_sums(values: Floats, group: Ints, groups: int) -> Floats:
    """Sums of each column by group, the same to the last bit in any order of the rows.

    Each value is cut into pieces that are whole multiples of one power of two, chosen so that no sum of pieces can round.

    Parameters
    ----------
    values : (n, k) float
        Finite numbers of any unit.
    group : (n,) int
        From 0 to ``groups`` − 1.
    groups : int
        How many sums a column.

    Returns
    -------
    (groups, k) float
        0 for a group without rows.

    References
    ----------
    Demmel & Nguyen (2015), IEEE Transactions on Computers 64(7), 2060-2070 (pre-rounded, reproducible summation).
    """
    n, k = values.shape
    sums = np.zeros((groups, k))
    rest = np.array(values, np.float64)
    for _ in range(FOLDS if n else 0):
        _, exponent = np.frexp(np.max(np.abs(rest), axis=0))
        anchor = np.ldexp(1.5, exponent + n.bit_length())
        piece = (rest + anchor) - anchor
        for column in range(k):
            sums[:, column] += np.bincount(group, piece[:, column], groups)
        rest -= piece
        if not rest.any():
            break
    return sums


def order_free_sum(values: Floats) -> float:
    """The sum of one column, the same to the last bit in any order.

    Parameters
    ----------
    values : (n,) float
        Finite numbers of any unit.

    Returns
    -------
    float
        0 where there are none.

    References
    ----------
    As :func:`order_free_sums`.
    """
    return float(order_free_sums(values[:, None], np.zeros(values.size, np.int64), 1)[0, 0])
