"""The one-factor model by maximum likelihood: Newton's method in the logarithms of the unique variances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sipas.stats.intervals import Floats

LEAST_UNIQUE = 0.005  # a smaller unique variance is a Heywood case; the floor R's factanal has
SETTLED = 1e-14  # length of a step in log unique variances
MOST_STEPS = 200
HALVINGS = 40
NO_CORRELATION = 1e-12  # nothing in common: a factor of a single item would fit as well as none


@dataclass(frozen=True, slots=True)
class OneFactor:
    """A fitted one-factor model: Σ = λλ' + diag(ψ).

    Attributes
    ----------
    loading, unique : (K,) float
        λ and ψ in units of standard deviations; the loadings' sum is not negative.
    discrepancy : float
        log|Σ| + tr(SΣ⁻¹) − log|S| − K at the solution; at least 0.
    heywood : bool
        Whether a unique variance lies on its floor 0.005.
    """

    loading: Floats
    unique: Floats
    discrepancy: float
    heywood: bool


@dataclass(frozen=True, slots=True)
class _Point:
    """The discrepancy at one set of unique variances, with the eigenvectors it came from."""

    x: Floats  # log ψ
    value: float
    theta: Floats  # eigenvalues of Ψ^-1/2 S Ψ^-1/2, ascending
    vector: Floats


def one_factor(matrix: Floats) -> OneFactor:
    """Loadings and unique variances that maximise the normal likelihood.

    Parameters
    ----------
    matrix : (K, K) float
        Correlations, positive definite, K at least 3.

    Returns
    -------
    OneFactor

    Raises
    ------
    ValueError
        Fewer than three items: the model has no single solution.

    References
    ----------
    Jöreskog (1967), Psychometrika 32, 443-482; Clarke (1970), Br. J. Math. Stat. Psychol. 23, 43-52 for second derivatives;
    the start and the floor are those of R ``factanal``.
    """
    if len(matrix) < 3:
        raise ValueError(f"{len(matrix)} items do not determine a factor; take at least three, or Spearman-Brown for two")
    if np.abs(matrix - np.eye(len(matrix))).max() < NO_CORRELATION:
        return OneFactor(np.zeros(len(matrix)), np.ones(len(matrix)), 0.0, heywood=False)
    floor = np.log(LEAST_UNIQUE)
    start = np.log((1 - 0.5 / len(matrix)) / np.diag(np.linalg.inv(matrix)))
    point = _at(matrix, np.clip(start, floor, 0.0))
    for _ in range(MOST_STEPS):
        following = _descend(matrix, point, _direction(point, floor), floor)
        settled = np.max(np.abs(following.x - point.x)) < SETTLED
        point = following
        if settled:
            break
    unique = np.exp(point.x)
    loading = np.sqrt(unique) * point.vector[:, -1] * np.sqrt(max(point.theta[-1] - 1, 0.0))
    sign = -1.0 if loading.sum() < 0 else 1.0
    heywood = bool(np.any(point.x <= floor + 1e-9))
    return OneFactor(sign * loading, unique, max(point.value, 0.0), heywood)


def _at(matrix: Floats, x: Floats) -> _Point:
    scale = np.exp(-x / 2)
    theta, vector = np.linalg.eigh(scale[:, None] * matrix * scale)
    rest = theta[:-1]
    value = float(np.sum(rest - 1 - np.log(rest)))
    return _Point(x, value, np.asarray(theta, np.float64), np.asarray(vector, np.float64))


def _direction(point: _Point, floor: float) -> Floats:
    """Newton's step over the unique variances that are not held at a bound."""
    gradient, hessian = _derivatives(point)
    held = ((point.x <= floor) & (gradient > 0)) | ((point.x >= 0) & (gradient < 0))
    free = np.flatnonzero(~held)
    step = np.zeros(len(point.x))
    if not len(free):
        return step
    size, axis = np.linalg.eigh(hessian[np.ix_(free, free)])
    # Away from the minimum the curvature may be negative or none: its size alone then sets the step, downhill.
    size = np.maximum(np.abs(size), 1e-6)
    step[free] = -axis @ ((axis.T @ gradient[free]) / size)
    return step


def _derivatives(point: _Point) -> tuple[Floats, Floats]:
    theta, rest = point.theta[-1], point.theta[:-1]
    first, others = point.vector[:, -1], point.vector[:, :-1]
    gradient = (others**2) @ (1 - rest)
    gap = np.maximum(theta - rest, 1e-12)
    hessian = ((others * rest) @ others.T) * (others @ others.T)
    hessian += np.outer(first, first) * ((others * ((1 - rest) * (theta + rest) / gap)) @ others.T)
    return np.asarray(gradient, np.float64), np.asarray(hessian, np.float64)


def _descend(matrix: Floats, point: _Point, step: Floats, floor: float) -> _Point:
    """The longest of the step, its half, its quarter … that does not lead uphill."""
    for halving in range(HALVINGS):
        tried = _at(matrix, np.clip(point.x + step / 2**halving, floor, 0.0))
        if tried.value <= point.value + 1e-15:
            return tried
    return point
