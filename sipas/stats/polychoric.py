"""Polychoric correlations: what the correlations would be had ordered answers been measured on the scale behind them.

Answers crowded at the top of a scale depress Pearson's correlation; a normal variable cut into levels does not have that ceiling.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import scipy  # its parts are loaded at their first use
from numpy.typing import NDArray

from sipas.stats.intervals import Bools, Floats
from sipas.stats.item_moments import BadItemsError, complete

Codes = NDArray[np.intp]

MOST_LEVELS = 20
LEAST_CHANCE = 1e-300
NODES = 96
FLAT = 1e-9  # of log-likelihood for each answer
GRID = np.tanh(np.linspace(-4.95, 4.95, 41))  # to ±0.9999: beyond it two items are one


def normal_below(first: Floats, second: Floats, rho: float) -> Floats:
    """Probability that two standard normal variables lie below ``first`` and ``second``.

    Parameters
    ----------
    first, second : (a,) and (b,) float
        Thresholds, −∞ and ∞ among them.
    rho : float
        Correlation, −1 < ρ < 1.

    Returns
    -------
    (a, b) float
        0-1, to some 1e-14 for |ρ| up to 0.99.

    References
    ----------
    Drezner & Wesolowsky (1990), J. Stat. Comput. Simul. 35, 101-107: Φ(h)Φ(k) + ∫ φ₂(h, k, r) dr from 0 to ρ, here with r = sin t.
    """
    product = np.outer(scipy.special.ndtr(first), scipy.special.ndtr(second))
    node, weight = _nodes()
    angle = np.arcsin(rho) / 2 * (node + 1)
    h, k = (np.where(np.isfinite(limit), limit, 0.0) for limit in (first, second))
    square = (h[:, None] ** 2 + k**2)[..., None] - 2 * np.outer(h, k)[..., None] * np.sin(angle)
    area = (np.exp(-square / (2 * np.cos(angle) ** 2)) * weight).sum(axis=-1) * np.arcsin(rho) / (4 * np.pi)
    finite = np.outer(np.isfinite(first), np.isfinite(second))
    return np.asarray(np.where(finite, product + area, product), np.float64)


def polychoric_pair(table: Floats) -> float | None:
    """The polychoric correlation of a two-way table, in two steps: thresholds from the margins, then ρ by maximum likelihood.

    Parameters
    ----------
    table : (a, b) float
        Weighted counts by level; levels in ascending order.

    Returns
    -------
    float or None
        Within ±0.9999; None where one of the two has a single level.

    References
    ----------
    Olsson (1979), Psychometrika 44, 443-460.
    """
    counts = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(counts.shape) < 2:
        return None
    first, second = _thresholds(counts.sum(axis=1)), _thresholds(counts.sum(axis=0))

    def likelihood(rho: float) -> float:
        return float((counts * np.log(np.maximum(_cells(normal_below(first, second, rho)), LEAST_CHANCE))).sum())

    def slope(rho: float) -> float:
        chance = _cells(normal_below(first, second, rho))
        return float((counts / np.maximum(chance, LEAST_CHANCE) * _cells(_density(first, second, rho))).sum() / counts.sum())

    height = [likelihood(rho) for rho in GRID]
    best = int(np.argmax(height))
    # Where an empty cell lets the likelihood rise to the edge, its last stretch is flat: the edge is the answer, not rounding.
    for edge in (0, len(GRID) - 1):
        if height[edge] >= height[best] - FLAT * counts.sum():
            return float(GRID[edge])
    low, high = float(GRID[best - 1]), float(GRID[best + 1])
    if not slope(low) > 0 > slope(high):
        return float(GRID[best])  # rounding at both neighbours: the grid's own answer
    return float(scipy.optimize.brentq(slope, low, high, xtol=1e-15, rtol=1e-14))


def polychoric(items: Floats, *, weight: Floats | None = None, member: Bools | None = None) -> Floats | None:
    """Polychoric correlations of ordered items, over complete cases.

    Parameters
    ----------
    items : (n, K) float
        Answers of at most 20 levels; NaN where there is none.
    weight : (n,) float, optional
        Final weights.
    member : (n,) bool, optional
        The domain.

    Returns
    -------
    (K, K) float or None
        None where an item has a single level, or nobody answered. Pair by pair, so it need not be positive definite.

    Raises
    ------
    BadItemsError
        An item has more than 20 levels; or see ``item_moments.complete``.

    References
    ----------
    Olsson (1979), Psychometrika 44, 443-460.
    """
    inside, used = complete(items, weight, member)
    if not inside.any():
        return None
    codes = []
    for place, column in enumerate(items[inside].T, 1):
        levels, code = np.unique(column, return_inverse=True)
        if len(levels) > MOST_LEVELS:
            raise BadItemsError(
                f"item {place} has {len(levels)} levels; polychoric correlations are of ordered answers, at most {MOST_LEVELS}"
            )
        codes.append(code)
    matrix = np.eye(items.shape[1])
    for i, first in enumerate(codes):
        for j, second in enumerate(codes[:i]):
            found = polychoric_pair(_two_way(first, second, used[inside]))
            if found is None:
                return None
            matrix[i, j] = matrix[j, i] = found
    return matrix


def skewness(items: Floats, *, weight: Floats | None = None, member: Bools | None = None) -> Floats:
    """Weighted skewness of each item over complete cases: −1 and below is a crowd at the top of the scale.

    Parameters
    ----------
    items : (n, K) float
        Answers; NaN where there is none.
    weight : (n,) float, optional
        Final weights.
    member : (n,) bool, optional
        The domain.

    Returns
    -------
    (K,) float
        Σ w e³/Σ w ÷ (Σ w e²/Σ w)^1.5; 0 for an item without variance.

    Raises
    ------
    BadItemsError
        See ``item_moments.complete``.

    References
    ----------
    Joanes & Gill (1998), The Statistician 47, 183-189, g₁.
    """
    inside, used = complete(items, weight, member)
    if not inside.any():
        return np.zeros(items.shape[1])
    x, w = items[inside], used[inside] / used[inside].sum()
    e = x - (x.max(axis=0) + w @ (x - x.max(axis=0)))
    square = w @ e**2
    return np.asarray(np.where(square > 0, (w @ e**3) / np.where(square > 0, square, 1.0) ** 1.5, 0.0), np.float64)


@cache
def _nodes() -> tuple[Floats, Floats]:
    node, weight = np.polynomial.legendre.leggauss(NODES)
    return np.asarray(node, np.float64), np.asarray(weight, np.float64)


def _thresholds(margin: Floats) -> Floats:
    below = np.cumsum(margin)[:-1] / margin.sum()
    return np.concatenate(([-np.inf], scipy.special.ndtri(below), [np.inf]))


def _density(first: Floats, second: Floats, rho: float) -> Floats:
    h, k = (np.where(np.isfinite(limit), limit, 0.0) for limit in (first, second))
    rest = 1 - rho**2
    square = h[:, None] ** 2 + k**2 - 2 * rho * np.outer(h, k)
    density = np.exp(-square / (2 * rest)) / (2 * np.pi * np.sqrt(rest))
    return np.asarray(np.where(np.outer(np.isfinite(first), np.isfinite(second)), density, 0.0), np.float64)


def _cells(corner: Floats) -> Floats:
    return np.asarray(np.diff(np.diff(corner, axis=0), axis=1), np.float64)


def _two_way(first: Codes, second: Codes, weight: Floats) -> Floats:
    """Weighted counts; summed in the order of weights, so that the order of rows changes no bit."""
    columns = int(second.max()) + 1
    order = np.argsort(weight, kind="stable")
    cell = (first * columns + second)[order]
    size = (int(first.max()) + 1) * columns
    return np.asarray(np.bincount(cell.astype(np.int64), weight[order], size).reshape(-1, columns), np.float64)
