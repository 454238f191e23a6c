"""Fay-Herriot: small areas borrow strength from each other. For rankings and maps only, never the official score of a unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded at their first use
from numpy.typing import NDArray

from sipas.stats.intervals import ALPHA, Floats

Words = NDArray[np.str_]

SHRUNKEN = "shrunken"  # the areas differ by more than chance
FULL_SHRINKAGE = "full_shrinkage"  # A = 0: they do not, and each is given what the model says
TOO_FEW = "too_few"  # not more areas with answers than columns: nothing can be borrowed, each keeps its own estimate
_GRID = 160


class BadAreaError(ValueError):
    """Areas that cannot be: a variance that is not positive, arrays of different length, columns that repeat each other."""


@dataclass(frozen=True, slots=True)
class Areas:
    """Fay-Herriot estimates on the scale of the direct ones.

    Attributes
    ----------
    value : (m,) float
        γ y + (1−γ) x'β̂; for an area without answers x'β̂.
    mse : (m,) float
        g1 + g2 + 2 g3; the direct variance where there are too few areas; infinite where nothing is known.
    gamma : (m,) float
        Weight of the area's own answers, 0-1.
    g1, g2, g3 : (m,) float
        What is not known of the area, of β, of A.
    model_variance : float
        A, by REML; squared units.
    beta, beta_covariance : (p,), (p, p) float
        By generalised least squares.
    outcome : str
        ``shrunken``, ``full_shrinkage``, ``too_few``.
    """

    value: Floats
    mse: Floats
    gamma: Floats
    g1: Floats
    g2: Floats
    g3: Floats
    model_variance: float
    beta: Floats
    beta_covariance: Floats
    outcome: str


@dataclass(frozen=True, slots=True)
class ShareAreas:
    """Shrunken shares with limits; ``areas`` is the model on its own scale, in radians.

    Attributes
    ----------
    value, low, high : (m,) float
        0-1; [0, 1] where nothing is known.
    gamma : (m,) float
        Weight of the area's own answers, 0-1.
    areas : Areas
        On the scale asin √p.
    """

    value: Floats
    low: Floats
    high: Floats
    gamma: Floats
    areas: Areas


def fay_herriot(direct: Floats, variance: Floats, x: Floats | None = None) -> Areas:
    """Fay-Herriot model with REML variance and the mean squared error of Prasad and Rao.

    Parameters
    ----------
    direct : (m,) float
        Direct estimates; ignored (NaN allowed) where the variance is infinite.
    variance : (m,) float
        ψ, squared units, positive and smoothed (see :func:`smoothed_variance`): never the estimated variance of a share near 1.
        Infinite for an area without answers.
    x : (m, p) float, optional
        Columns of the model; an intercept alone without them.

    Returns
    -------
    Areas

    Raises
    ------
    BadAreaError
        ψ ≤ 0 (an area of which all agree must not be trusted wholly), arrays of different length, columns that repeat each other.

    References
    ----------
    Fay & Herriot (1979), JASA 74, 269-277; Prasad & Rao (1990), JASA 85, 163-171; Datta & Lahiri (2000), Statistica Sinica 10,
    613-627; Rao & Molina (2015), Small Area Estimation, ch. 6.
    """
    y, psi, columns = _areas(direct, variance, x)
    known = np.isfinite(psi)
    if known.sum() <= columns.shape[1]:
        return _too_few(y, psi, columns.shape[1])
    if np.linalg.matrix_rank(columns[known]) < columns.shape[1]:
        raise BadAreaError("the columns of the areas with answers repeat each other; leave one out")
    a = _reml(_Model(y[known], psi[known], columns[known]))
    weight = np.where(known, 1 / (a + psi), 0.0)
    covariance = np.linalg.inv((columns * weight[:, None]).T @ columns)
    covariance = (covariance + covariance.T) / 2
    beta = covariance @ ((columns * weight[:, None]).T @ y)
    synthetic = columns @ beta
    gamma = a / (a + psi)
    g1 = a / (1 + a / psi)
    g2 = (1 - gamma) ** 2 * np.einsum("ij,jk,ik->i", columns, covariance, columns)
    g3 = 2 / math.fsum(weight**2) * (1 - gamma) ** 2 * weight
    outcome = SHRUNKEN if a > 0 else FULL_SHRINKAGE
    return Areas(synthetic + gamma * (y - synthetic), g1 + g2 + 2 * g3, gamma, g1, g2, g3, a, beta, covariance, outcome)


def fay_herriot_shares(share: Floats, n_effective: Floats, x: Floats | None = None, *, alpha: float = ALPHA) -> ShareAreas:
    """Shares shrunken on the scale asin √p, where the variance 1/(4 n) does not depend on the share.

    Parameters
    ----------
    share : (m,) float
        Direct shares, 0-1; ignored (NaN allowed) where there are no answers.
    n_effective : (m,) float
        n_K ÷ d_pool; 0 for an area without answers. Not p(1−p)/V̂: that is infinite where all agree.
    x : (m, p) float, optional
        Columns of the model; an intercept alone without them.
    alpha : float
        1 − confidence.

    Returns
    -------
    ShareAreas
        sin² of the model's values, limits sin²(value ± z √mse).

    Raises
    ------
    BadAreaError
        A share outside 0-1, a negative number of answers, arrays of different length.

    References
    ----------
    Statistics page section 10; Rao & Molina (2015), §6.1 (transformations). sin² of a mean is not the mean of sin²: the
    difference is under (1 − 2p) g1, and is not corrected.
    """
    p, n = np.asarray(share, np.float64), np.asarray(n_effective, np.float64)
    if p.shape != n.shape or p.ndim != 1 or np.any(~(n >= 0)):
        raise BadAreaError("shares and effective numbers are lists of one length, the numbers 0 or more")
    wrong = np.flatnonzero((n > 0) & ~((p >= 0) & (p <= 1)))
    if wrong.size:
        raise BadAreaError(f"area {int(wrong[0]) + 1}: a share lies between 0 and 1, not at {p[wrong[0]]}")
    with np.errstate(divide="ignore"):
        psi = 1 / (4 * n)
    areas = fay_herriot(np.arcsin(np.sqrt(np.where(n > 0, p, 0.0))), psi, x)
    half = float(scipy.special.ndtri(1 - alpha / 2)) * np.sqrt(areas.mse)
    centre = np.clip(areas.value, 0, math.pi / 2) if np.any(n > 0) else np.full(p.shape, math.pi / 4)
    low, high = (np.sin(np.clip(one, 0, math.pi / 2)) ** 2 for one in (centre - half, centre + half))
    return ShareAreas(np.sin(centre) ** 2, low, high, areas.gamma, areas)


def smoothed_variance(share: Floats, n_effective: Floats) -> Floats:
    """ψ for shares on their own scale: the pooled p̄(1−p̄) ÷ each area's effective number.

    Parameters
    ----------
    share : (m,) float
        0-1; ignored (NaN allowed) where there are no answers.
    n_effective : (m,) float
        n_K ÷ d_pool; 0 for an area without answers.

    Returns
    -------
    (m,) float
        Positive; infinite for an area without answers. Where all areas agree, p̄ = (Σn p + ½)/(Σn + 1).

    References
    ----------
    Rao & Molina (2015), §6.1 (smoothing); statistics page section 10.
    """
    n = np.asarray(n_effective, np.float64)
    satisfied = math.fsum(np.where(n > 0, n * share, 0.0))
    pooled = satisfied / math.fsum(n) if 0 < satisfied < math.fsum(n) else (satisfied + 0.5) / (math.fsum(n) + 1)
    with np.errstate(divide="ignore"):
        return np.asarray(pooled * (1 - pooled) / n, np.float64)


@dataclass(frozen=True, slots=True)
class _Model:
    """The areas with answers."""

    y: Floats
    psi: Floats
    x: Floats

    def at(self, a: float) -> tuple[float, float]:
        """Restricted log-likelihood of A (without its constant), and its derivative."""
        w = 1 / (a + self.psi)
        weighted = self.x * w[:, None]
        normal = weighted.T @ self.x
        e = self.y - self.x @ np.linalg.solve(normal, weighted.T @ self.y)
        likelihood = -0.5 * (math.fsum(np.log(a + self.psi)) + float(np.linalg.slogdet(normal)[1]) + math.fsum(w * e * e))
        trace = math.fsum(w) - float(np.trace(np.linalg.solve(normal, weighted.T @ weighted)))
        return likelihood, -0.5 * (trace - math.fsum((w * e) ** 2))


def _areas(direct: Floats, variance: Floats, x: Floats | None) -> tuple[Floats, Floats, Floats]:
    y, psi = np.asarray(direct, np.float64), np.asarray(variance, np.float64)
    columns = np.ones((y.size, 1)) if x is None else np.asarray(x, np.float64)
    if y.ndim != 1 or psi.shape != y.shape or columns.ndim != 2 or len(columns) != y.size or columns.shape[1] < 1:
        raise BadAreaError(f"estimates, variances and columns have one row an area, not {y.shape}, {psi.shape}, {columns.shape}")
    wrong = np.flatnonzero(~(psi > 0))
    if wrong.size:
        raise BadAreaError(
            f"area {int(wrong[0]) + 1}: a variance of {psi[wrong[0]]} would be trusted wholly; smooth it, 1/(4 n) for asin √p"
        )
    wrong = np.flatnonzero(np.isfinite(psi) & ~np.isfinite(y))
    if wrong.size:
        raise BadAreaError(f"area {int(wrong[0]) + 1} has a variance and no estimate; give it an infinite variance")
    if not np.isfinite(columns).all():
        raise BadAreaError("a column has an entry that is no number")
    return np.where(np.isfinite(psi), y, 0.0), psi, columns


def _too_few(y: Floats, psi: Floats, p: int) -> Areas:
    known = np.isfinite(psi)
    weight = 1 / psi
    mean = math.fsum(weight * y) / math.fsum(weight) if known.any() else 0.0
    none = np.zeros(y.shape)
    value = np.where(known, y, mean)
    return Areas(value, psi.copy(), np.where(known, 1.0, 0.0), psi.copy(), none, none, 0.0, np.zeros(p), np.zeros((p, p)), TOO_FEW)


def _reml(model: _Model) -> float:
    """A where the restricted likelihood is greatest: the best point of a grid, then the root of the derivative beside it."""
    least, most = float(model.psi.min()), float(model.psi.max()) + float(np.ptp(model.y)) ** 2
    while model.at(most)[1] > 0:
        most *= 4
    grid = np.concatenate([[0.0], np.geomspace(least * 1e-6, most, _GRID)])
    points = [model.at(float(a)) for a in grid]
    best = int(np.argmax([likelihood for likelihood, _ in points]))
    if best == 0 and points[0][1] <= 0:
        return 0.0
    low, high = (best, best + 1) if points[best][1] > 0 else (best - 1, best)
    if points[low][1] <= 0 or points[high][1] >= 0:  # the top lies on the grid
        return float(grid[best])
    return float(scipy.optimize.brentq(lambda a: model.at(a)[1], grid[low], grid[high], xtol=1e-300, rtol=1e-14, maxiter=500))
