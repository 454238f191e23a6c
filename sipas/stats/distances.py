"""How far a calibrated weight may lie from its base weight: the four distances of Deville and Särndal, and their solution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import scipy

from sipas.stats.intervals import Floats

TOLERANCE = 1e-12  # largest |reached / wanted − 1| at which iterations stop
CLOSE = 1e-10  # where rounding forbids another step: still a solution
STEPS = 200
HALVINGS = 60
RANK = 1e-10  # singular values below this share of the largest are 0

Bounds = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Distance:
    """One distance, told by the ratio g = weight / base as a function of u = x'λ.

    Attributes
    ----------
    primitive : callable
        The antiderivative of ``ratio``: what the solution minimises, up to a linear term.
    ratio, slope : callable
        g(u), without unit, and its derivative; arrays of shape (C,), bounds (L, U).
    bounded : bool
        Whether L and U are used.
    """

    primitive: Callable[[Floats, Bounds], Floats]
    ratio: Callable[[Floats, Bounds], Floats]
    slope: Callable[[Floats, Bounds], Floats]
    bounded: bool


def _logit_terms(u: Floats, bounds: Bounds) -> tuple[float, Floats]:
    low, high = bounds
    steepness = (high - low) / ((1 - low) * (high - 1))
    return steepness, steepness * u + np.log((1 - low) / (high - 1))


def _logit_primitive(u: Floats, bounds: Bounds) -> Floats:
    low, high = bounds
    _, inner = _logit_terms(u, bounds)
    return np.asarray(low * u + (1 - low) * (high - 1) * np.logaddexp(0.0, inner), np.float64)


def _logit_ratio(u: Floats, bounds: Bounds) -> Floats:
    low, high = bounds
    return np.asarray(low + (high - low) * scipy.special.expit(_logit_terms(u, bounds)[1]), np.float64)


def _logit_slope(u: Floats, bounds: Bounds) -> Floats:
    low, high = bounds
    steepness, inner = _logit_terms(u, bounds)
    return np.asarray((high - low) * steepness * scipy.special.expit(inner) * scipy.special.expit(-inner), np.float64)


def _truncated_primitive(u: Floats, bounds: Bounds) -> Floats:
    inner = np.clip(u, bounds[0] - 1, bounds[1] - 1)
    return np.asarray(inner + inner**2 / 2 + (1 + inner) * (u - inner), np.float64)


def _truncated_slope(u: Floats, bounds: Bounds) -> Floats:
    return np.asarray((u > bounds[0] - 1) & (u < bounds[1] - 1), np.float64)


DISTANCES: Mapping[str, Distance] = MappingProxyType(
    {
        "linear": Distance(lambda u, _: u + u**2 / 2, lambda u, _: 1 + u, lambda u, _: np.ones_like(u), bounded=False),
        "raking": Distance(lambda u, _: np.exp(u), lambda u, _: np.exp(u), lambda u, _: np.exp(u), bounded=False),
        "logit": Distance(_logit_primitive, _logit_ratio, _logit_slope, bounded=True),
        "truncated": Distance(_truncated_primitive, lambda u, bounds: np.clip(1 + u, *bounds), _truncated_slope, bounded=True),
    }
)  # References: Deville & Särndal (1992), JASA 87, 376-382, cases 1, 2, 6 and 7


@dataclass(frozen=True, slots=True)
class Solution:
    """The ratios g (C,), the steps it took, and the largest relative misfit left, of which column."""

    ratio: Floats
    steps: int
    misfit: float
    column: int


@dataclass(frozen=True, slots=True)
class _Problem:
    mass: Floats
    columns: Floats
    totals: Floats
    distance: Distance
    bounds: Bounds

    def value(self, multipliers: Floats) -> float:
        return float(self.mass @ self.distance.primitive(self.columns @ multipliers, self.bounds) - self.totals @ multipliers)

    def gap(self, multipliers: Floats) -> tuple[Floats, Floats]:
        """What is still wanted of each total, and the size it is measured against."""
        weight = self.mass * self.distance.ratio(self.columns @ multipliers, self.bounds)
        size = np.maximum(np.abs(self.totals), np.abs(self.columns).T @ np.abs(weight))
        return self.totals - self.columns.T @ weight, np.where(size > 0, size, 1.0)

    def step(self, multipliers: Floats, gap: Floats, least_slope: float) -> Floats:
        """Newton's step by singular values, so that columns that repeat one another do no harm."""
        slope = np.maximum(self.distance.slope(self.columns @ multipliers, self.bounds), least_slope)
        _, values, rows = spectrum(np.sqrt(self.mass * slope)[:, None] * self.columns)
        return np.asarray(rows.T @ ((rows @ gap) / values**2), np.float64)


def spectrum(matrix: Floats, *, least: float = 0.0) -> tuple[Floats, Floats, Floats]:
    """Singular values and vectors of a tall matrix that are not 0.

    Parameters
    ----------
    matrix : (C, p) float
        Columns of like size.
    least : float
        The size below which, times 1e-10, a singular value is 0 even where all are small.

    Returns
    -------
    tuple of (C, r), (r,) and (r, p) float
        Left vectors, values and right vectors, r the rank.

    References
    ----------
    Golub & Van Loan (2013), Matrix Computations, 4th ed., section 8.6 (QR first, then the small factor).
    """
    orthogonal, triangle = np.linalg.qr(matrix)
    left, values, right = np.linalg.svd(triangle)
    kept = values > RANK * max(values[0], least, np.finfo(float).tiny) if values.size else values > 0
    rank = int(kept.sum())
    return orthogonal @ left[:, :rank], values[:rank], right[:rank]


def solve(mass: Floats, columns: Floats, totals: Floats, *, method: str, bounds: Bounds) -> Solution:
    """Ratios g with Σ mass·g·columns = totals, nearest to 1 by the named distance: damped Newton steps on the convex dual.

    Parameters
    ----------
    mass : (C,) float
        Base weight in each cell, positive.
    columns : (C, p) float
        Constraint columns by cell.
    totals : (p,) float
        What their weighted sums must reach.
    method : str
        A name in ``DISTANCES``.
    bounds : tuple of float
        L and U of g; read by the bounded distances only.

    Returns
    -------
    Solution
        Its ``misfit`` tells whether it is one: above ``CLOSE`` it is not.

    References
    ----------
    Deville & Särndal (1992), JASA 87, 376-382, section 2.
    """
    sizes = np.sqrt(np.max(columns**2, axis=0)) if columns.size else np.ones(columns.shape[1])
    sizes = np.where(sizes > 0, sizes, 1.0)
    problem = _Problem(mass, columns / sizes, totals / sizes, DISTANCES[method], bounds)
    multipliers = np.zeros(totals.size)
    taken = 0
    with np.errstate(over="ignore", invalid="ignore"):
        gap, size = problem.gap(multipliers)
        while np.any(np.abs(gap) > TOLERANCE * size) and taken < STEPS:
            following = _follow(problem, multipliers, gap, size)
            if following is None:
                break
            multipliers, taken = following, taken + 1
            gap, size = problem.gap(multipliers)
        ratio = problem.distance.ratio(problem.columns @ multipliers, bounds)
    worst = int(np.argmax(np.abs(gap) / size)) if gap.size else 0
    misfit = float(np.abs(gap[worst]) / size[worst]) if gap.size else 0.0
    return Solution(ratio, taken, misfit, worst)


def _follow(problem: _Problem, multipliers: Floats, gap: Floats, size: Floats) -> Floats | None:
    """The next multipliers; where too many ratios lie on their bounds to tell a direction, as if none did."""
    for least_slope in (0.0, 1.0):
        step = problem.step(multipliers, gap, least_slope)
        found = _shorten(problem, multipliers, step, float(np.max(np.abs(gap) / size)), float(gap @ step))
        if found is not None:
            return found
    return None


def _shorten(problem: _Problem, multipliers: Floats, step: Floats, misfit: float, gain: float) -> Floats | None:
    """The longest half of a half … of the step that lowers the dual, or the largest misfit."""
    now, length = problem.value(multipliers), 1.0
    for _ in range(HALVINGS if gain > 0 else 0):
        tried = multipliers + length * step
        value = problem.value(tried)
        left, size = problem.gap(tried)
        better = value < now - 1e-4 * length * gain or float(np.max(np.abs(left) / size)) < 0.9 * misfit
        if np.isfinite(value) and np.all(np.isfinite(left)) and better:
            return tried
        length /= 2
    return None


def narrowest(mass: Floats, columns: Floats, totals: Floats, bounds: Bounds) -> Bounds | None:
    """The narrowest bounds of the same shape around 1 that can be met, by linear programming.

    Parameters
    ----------
    mass : (C,) float
        Base weight in each cell.
    columns : (C, p) float
        Constraint columns by cell.
    totals : (p,) float
        What their weighted sums must reach.
    bounds : tuple of float
        L < 1 < U, finite.

    Returns
    -------
    tuple of float or None
        (1 − t(1 − L), 1 + t(U − 1)) with the least t ≥ 0; None where no ratios at all reach the totals.

    References
    ----------
    Own rule: a complaint names its cure.
    """
    low, high = bounds
    cells, count = columns.shape
    weighted = mass[:, None] * columns
    size = np.maximum(np.abs(totals), np.abs(weighted).sum(axis=0))
    size = np.where(size > 0, size, 1.0)
    wanted = np.hstack([(weighted / size).T, np.zeros((count, 1))])
    each = np.arange(cells)
    sides: Any = scipy.sparse.csr_array(  # linprog takes sparse matrices; its type stubs do not say so
        (
            np.r_[np.ones(cells), np.full(cells, 1 - high), -np.ones(cells), np.full(cells, low - 1)],
            (np.r_[each, each, each + cells, each + cells], np.r_[each, np.full(cells, cells), each, np.full(cells, cells)]),
        ),
        shape=(2 * cells, cells + 1),
    )
    found = scipy.optimize.linprog(
        np.r_[np.zeros(cells), 1.0],
        A_ub=sides,
        b_ub=np.r_[np.ones(cells), -np.ones(cells)],
        A_eq=wanted,
        b_eq=totals / size,
        bounds=[(None, None)] * cells + [(0, None)],
        method="highs",
    )
    if found.x is None:
        return None
    widening = float(found.x[-1])
    return 1 - widening * (1 - low), 1 + widening * (high - 1)
