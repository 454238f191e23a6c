"""Ordinal logit of the overall answer on items, in a sample design: one more picture of key drivers, on odds instead of R²."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded at their first use

from sipas.stats.effects import degrees_of_freedom
from sipas.stats.intervals import Bools, Floats
from sipas.stats.item_moments import BadItemsError, complete
from sipas.stats.sampling import SampleDesign
from sipas.stats.variance import covariance
from sipas.stats.weights import Ints

MOST_LEVELS = 20
MOST_STEPS = 100
HALVINGS = 40
SETTLED = 1e-12
ENDLESS = 30.0  # log odds a standard deviation of an item: the likelihood has no highest point
FLAT = 1e-12
ONE_LEVEL, SEPARATED, COLLINEAR = "outcome_without_variance", "separated", "collinear_items"


@dataclass(frozen=True, slots=True)
class OrdinalLogit:
    """Log odds of a higher outcome for one more point of each item, the others held.

    Attributes
    ----------
    known : bool
        False where there is no solution; then all figures are 0.
    reason : str
        Why not; "" where there is one.
    coefficient : (K,) float
        β of P(outcome ≤ level) = 1/(1 + exp(−(γ_level − x'β))).
    covariance : (K, K) float
        Of the coefficients, by design.
    threshold : (L − 1,) float
        γ, ascending.
    level : (L,) float
        The outcome's levels that occur.
    n : int
        Respondents that answered the outcome and every item.
    df : float
        Clusters with one of them minus strata with one.
    """

    known: bool
    reason: str
    coefficient: Floats
    covariance: Floats
    threshold: Floats
    level: Floats
    n: int
    df: float

    @property
    def se(self) -> Floats:
        """(K,) float, standard errors."""
        return np.sqrt(np.diagonal(self.covariance))


@dataclass(frozen=True, slots=True)
class _Fit:
    """The likelihood at one point: its value, each row's slope, its curvature."""

    value: float
    slope: Floats
    curvature: Floats


def ordinal_logit(design: SampleDesign, items: Floats, outcome: Floats, *, member: Bools | None = None) -> OrdinalLogit:
    """Proportional odds by weighted maximum likelihood, with the design's variance.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    items : (n, K) float
        Answers; NaN where there is none.
    outcome : (n,) float
        The overall answer, of at most 20 levels; NaN where there is none.
    member : (n,) bool, optional
        The domain; everybody by default.

    Returns
    -------
    OrdinalLogit
        Without figures for an outcome of one level, items that determine one another, or items that separate the levels.

    Raises
    ------
    BadItemsError
        Tables that do not belong together, or an outcome of more than 20 levels.
    BadDesignError
        The lonely rule is ``fail`` and a stratum is lonely.

    References
    ----------
    McCullagh (1980), JRSS-B 42, 109-142; Binder (1983), Int. Stat. Rev. 51, 279-292 for the variance. R survey ``svyolr``, whose
    own second derivatives are numerical.
    """
    if items.ndim != 2 or outcome.shape != (len(items),) or design.n != len(items):
        raise BadItemsError(f"items have shape {items.shape}, the outcome {outcome.shape}, the design {design.n} rows; give the same n")
    inside, weight = complete(np.column_stack([items, outcome]), design.weight, member)
    row = np.flatnonzero(inside)
    row = row[np.lexsort((weight[row], outcome[row], *items[row].T))]  # the order of rows changes no bit of the fit
    x, w = items[row], weight[row]
    level, code = np.unique(outcome[row], return_inverse=True)
    if len(level) > MOST_LEVELS:
        raise BadItemsError(f"the outcome has {len(level)} levels; an ordinal logit takes at most {MOST_LEVELS}")
    df = float(degrees_of_freedom(design, row, np.zeros(len(row), np.int64), 1)[0])
    if len(level) < 2:
        return _nothing(ONE_LEVEL, items.shape[1], level, len(row), df)
    centre, spread = w @ x / w.sum(), np.sqrt(np.maximum(w @ (x - w @ x / w.sum()) ** 2 / w.sum(), 0.0))
    if np.any(spread <= FLAT * np.maximum(np.abs(centre), 1.0)):
        return _nothing(COLLINEAR, items.shape[1], level, len(row), df)
    scaled = (x - centre) / spread
    if np.linalg.eigvalsh(scaled.T @ (scaled * w[:, None]) / w.sum())[0] < FLAT:
        return _nothing(COLLINEAR, items.shape[1], level, len(row), df)
    point = _climb(scaled, code.astype(np.int64), w, len(level))
    if point is None:
        return _nothing(SEPARATED, items.shape[1], level, len(row), df)
    fit = _at(point, scaled, code.astype(np.int64), w, len(level))
    z = np.zeros((design.n, len(point)))
    z[row] = np.linalg.solve(fit.curvature, fit.slope.T).T
    found = covariance(design, z[:, : items.shape[1]]) / np.outer(spread, spread)
    slope = point[: items.shape[1]] / spread
    return OrdinalLogit(True, "", slope, found, point[items.shape[1] :] + centre @ slope, level, len(row), df)


def _nothing(reason: str, items: int, level: Floats, n: int, df: float) -> OrdinalLogit:
    blank = np.zeros(items)
    return OrdinalLogit(False, reason, blank, np.zeros((items, items)), np.zeros(max(len(level) - 1, 0)), level, n, df)


def _climb(x: Floats, code: Ints, w: Floats, levels: int) -> Floats | None:
    """Newton's method, halving steps that lead downhill; None where the way up has no end."""
    share = np.cumsum(np.bincount(code, w, levels))[:-1] / w.sum()
    point: Floats = np.concatenate([np.zeros(x.shape[1]), scipy.special.logit(share)])
    fit = _at(point, x, code, w, levels)
    for _ in range(MOST_STEPS):
        size, axis = np.linalg.eigh(fit.curvature)
        if size[0] <= FLAT * size[-1]:
            return None
        step = axis @ ((axis.T @ (w @ fit.slope)) / size)
        for halving in range(HALVINGS):
            tried: Floats = point + step / 2**halving
            following = _at(tried, x, code, w, levels) if np.all(np.diff(tried[x.shape[1] :]) > 0) else None
            if following is not None and following.value >= fit.value - 1e-14 * abs(fit.value):
                break
        else:
            return point
        moved, point, fit = float(np.max(np.abs(tried - point))), tried, following
        if np.max(np.abs(point[: x.shape[1]])) > ENDLESS:
            return None
        if moved < SETTLED:
            return point
    return None


def _at(point: Floats, x: Floats, code: Ints, w: Floats, levels: int) -> _Fit:
    """Value, slopes and curvature of Σ w log(F(a) − F(b)), a and b the thresholds around a row's level, less its x'β."""
    n, count = x.shape
    edge = np.concatenate([[-np.inf], point[count:], [np.inf]])
    middle = x @ point[:count]
    a, b = edge[code + 1] - middle, edge[code] - middle
    upper, lower = scipy.special.expit(a), scipy.special.expit(b)
    gap = np.where(np.isfinite(a) & np.isfinite(b), -np.expm1(np.minimum(edge[code] - edge[code + 1], 0.0)), 1.0)
    chance = np.maximum(upper * scipy.special.expit(-b) * gap, np.finfo(float).tiny)
    up, down = upper * (1 - upper) / chance, lower * (1 - lower) / chance
    above, below = np.zeros((n, count + levels + 1)), np.zeros((n, count + levels + 1))
    above[:, :count] = below[:, :count] = -x
    above[np.arange(n), count + code + 1] = below[np.arange(n), count + code] = 1.0
    inner = np.r_[0:count, count + 1 : count + levels]
    above, below = above[:, inner], below[:, inner]
    slope = above * up[:, None] - below * down[:, None]
    bend = above * (up * (1 - 2 * upper))[:, None], below * (down * (1 - 2 * lower))[:, None]
    curvature = (slope * w[:, None]).T @ slope - (bend[0] * w[:, None]).T @ above + (bend[1] * w[:, None]).T @ below
    return _Fit(float(w @ np.log(chance)), slope, np.asarray((curvature + curvature.T) / 2, np.float64))
