"""Shapley shares of R²: what each item adds to R², averaged over all orders in which items could enter.

All 2^K subsets come from one covariance matrix: item by item, each state of the matrix is kept once with the item left out and
once with it partialled out of what remains.
"""

from __future__ import annotations

from math import factorial

import numpy as np

from sipas.stats.intervals import Floats
from sipas.stats.item_moments import BadItemsError

MOST_ITEMS = 12  # 2^12 subsets
COLLINEAR = 1e-10  # of its variance an item keeps less than this beside the others: it adds nothing


class TooManyDriversError(ValueError):
    """More items than exact Shapley shares are worked out for."""


def few_enough(count: int) -> None:
    """Refuse a number of items that cannot be worked out.

    Parameters
    ----------
    count : int
        Items beside the outcome.

    Raises
    ------
    BadItemsError
        No item.
    TooManyDriversError
        More than twelve.

    References
    ----------
    Own: 2^12 subsets of 1,000 replicates take a second.
    """
    if count < 1:
        raise BadItemsError("no item: give at least one beside the outcome")
    if count > MOST_ITEMS:
        raise TooManyDriversError(
            f"{count} items: exact shares of R² take 2^{count} subsets and are worked out for at most {MOST_ITEMS}; "
            "choose fewer items, or take each factor's mean as one"
        )


def explained(covariance: Floats) -> Floats:
    """R² of the outcome on every subset of the items.

    Parameters
    ----------
    covariance : (..., K + 1, K + 1) float
        Items first, the outcome last; any number of matrices at once.

    Returns
    -------
    (..., 2, 2, …, 2) float
        K axes of length two after the leading ones: index 1 on axis k where item k is in. 0-1; an item that the others determine
        adds nothing; all 0 where the outcome does not vary.

    Raises
    ------
    TooManyDriversError
        More than twelve items.

    References
    ----------
    Goodnight (1979), Am. Stat. 33, 149-158 for the sweep that one step is.
    """
    count = covariance.shape[-1] - 1
    few_enough(count)
    lead = covariance.shape[:-2]
    variance = np.diagonal(covariance, axis1=-2, axis2=-1).reshape(-1, count + 1)
    state = covariance.reshape(-1, 1, count + 1, count + 1)
    for item in range(count):
        pivot, row = state[..., 0, 0], state[..., 0, 1:]
        usable = pivot > COLLINEAR * variance[:, item, None]
        slope = row / np.where(usable, pivot, 1.0)[..., None]
        slope = np.where(usable[..., None], slope, 0.0)
        without = state[..., 1:, 1:]
        taken = without - slope[..., :, None] * row[..., None, :]
        state = np.stack([without, taken], axis=2).reshape(len(state), -1, count - item, count - item)
    outcome = variance[:, -1, None]
    left = state[..., 0, 0] / np.where(outcome > 0, outcome, 1.0)
    r_squared = np.where(outcome > 0, np.clip(1 - left, 0.0, 1.0), 0.0)
    r_squared[:, 0] = 0.0
    return np.asarray(r_squared.reshape(*lead, *(2,) * count), np.float64)


def shapley(covariance: Floats) -> Floats:
    """The Shapley parts of R²: what each item adds, averaged over all orders of entry.

    Parameters
    ----------
    covariance : (..., K + 1, K + 1) float
        Items first, the outcome last, K from 1 to 12; any number of matrices at once.

    Returns
    -------
    (..., K) float
        Not negative; the sum over items is R².

    Raises
    ------
    TooManyDriversError
        More than twelve items.
    BadItemsError
        No item.

    References
    ----------
    Lindeman, Merenda & Gold (1980), Introduction to Bivariate and Multivariate Analysis, 119; Grömping (2006), J. Stat. Softw.
    17(1), "lmg".
    """
    count = covariance.shape[-1] - 1
    lead = covariance.shape[:-2]
    r_squared = explained(covariance)
    size = np.indices((2,) * (count - 1)).sum(axis=0).ravel() if count > 1 else np.zeros(1, np.int64)
    chance = np.array([factorial(k) * factorial(count - 1 - k) / factorial(count) for k in range(count)])[size]
    parts = np.empty((*lead, count))
    for item in range(count):
        axis = len(lead) + item
        added = r_squared.take(1, axis=axis) - r_squared.take(0, axis=axis)
        parts[..., item] = (added.reshape(*lead, -1) * chance).sum(axis=-1)
    return np.maximum(parts, 0.0)
