"""Means and covariances of a set of items over the respondents that answered all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sipas.stats.intervals import Bools, Floats


class BadItemsError(ValueError):
    """Items and weights that do not belong together; the message names the place and the cure."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Weighted moments of the rows that answered every item.

    Attributes
    ----------
    n : int
        Complete rows with a weight above 0.
    total_weight : float
        Σ w over them.
    mean : (K,) float
        On the items' scale; 0 without a row.
    covariance : (K, K) float
        Σ w e e'/Σ w · n/(n − 1); 0 below two rows.
    """

    n: int
    total_weight: float
    mean: Floats
    covariance: Floats


def complete(items: Floats, weight: Floats | None = None, member: Bools | None = None) -> tuple[Bools, Floats]:
    """The rows that answered every item, belong to the domain and count, and every row's weight.

    Parameters
    ----------
    items : (n, K) float
        Answers; NaN where there is none.
    weight : (n,) float, optional
        At least 0; 1 for everybody by default.
    member : (n,) bool, optional
        The domain; everybody by default.

    Returns
    -------
    (n,) bool, (n,) float

    Raises
    ------
    BadItemsError
        Not a table of answers, an infinite answer, or a weight that is missing, negative or not one a row.

    References
    ----------
    Own: R's ``na.omit`` before any coefficient.
    """
    if items.ndim != 2 or items.shape[1] == 0:
        raise BadItemsError(f"items have shape {items.shape}; give a table of respondents by items, (n, K) with K at least 1")
    rows = len(items)
    if np.isinf(items).any():
        row, item = np.argwhere(np.isinf(items))[0]
        raise BadItemsError(f"row {row + 1}, item {item + 1}: an infinite answer; give NaN where there is no answer")
    used = np.ones(rows) if weight is None else np.asarray(weight, np.float64)
    if used.shape != (rows,):
        raise BadItemsError(f"{used.shape} weights for {rows} rows; give one weight a row")
    if not np.all(np.isfinite(used) & (used >= 0)):
        row = int(np.flatnonzero(~(np.isfinite(used) & (used >= 0)))[0])
        raise BadItemsError(f"row {row + 1}: weight {used[row]}; weights are finite and not negative")
    inside = np.ones(rows, np.bool_) if member is None else np.asarray(member, np.bool_)
    if inside.shape != (rows,):
        raise BadItemsError(f"a domain of shape {inside.shape} for {rows} rows; give one True or False a row")
    return inside & (used > 0) & ~np.isnan(items).any(axis=1), used


def moments(items: Floats, *, weight: Floats | None = None, member: Bools | None = None) -> Moments:
    """Weighted mean and covariance over complete rows; the order of rows changes no bit.

    Parameters
    ----------
    items : (n, K) float
        Answers; NaN where there is none.
    weight : (n,) float, optional
        At least 0; 1 for everybody by default.
    member : (n,) bool, optional
        The domain; everybody by default.

    Returns
    -------
    Moments

    Raises
    ------
    BadItemsError
        See ``complete``.

    References
    ----------
    R survey ``svyvar``: the factor n/(n − 1) counts rows.
    """
    inside, used = complete(items, weight, member)
    x, w = items[inside], used[inside]
    n, columns = x.shape
    if n == 0:
        return Moments(0, 0.0, np.zeros(columns), np.zeros((columns, columns)))
    order = np.lexsort((w, *x.T))
    x, w = x[order], w[order]
    total = float(w.sum())
    top = x.max(axis=0)  # an item on which all agree has this mean, exactly
    mean = top + (w[:, None] * (x - top)).sum(axis=0) / total
    e = x - mean
    covariance = np.stack([(e * (w * e[:, k])[:, None]).sum(axis=0) for k in range(columns)])
    covariance *= n / (n - 1) / total if n > 1 else 0.0
    return Moments(n, total, mean, (covariance + covariance.T) / 2)
