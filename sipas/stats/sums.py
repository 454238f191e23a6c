"""Sums by group of one column."""

from __future__ import annotations

from sipas.stats.intervals import Floats
from sipas.stats.order_free import order_free_sums
from sipas.stats.weights import Ints


def group_sums(values: Floats, group: Ints, count: int) -> Floats:
    """Sums by group that do not depend, to the last bit, on the order of rows.

    Parameters
    ----------
    values : (m,) float
        Any unit.
    group : (m,) int
        From 0, below ``count``.
    count : int
        Groups.

    Returns
    -------
    (count,) float
        0 in a group without rows.

    References
    ----------
    As ``order_free_sums``.
    """
    return order_free_sums(values[:, None], group, count)[:, 0]
