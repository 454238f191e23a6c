"""Beta-binomial shrinkage of shares: the answers of an area beside what the other areas suggest. For rankings and maps only."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded at their first use

from sipas.stats.intervals import ALPHA, Floats
from sipas.stats.small_areas import FULL_SHRINKAGE, SHRUNKEN, TOO_FEW, BadAreaError

UNANIMOUS = "unanimous"  # all areas are 0, or all are 1: nothing tells how they differ
NO_SHRINKAGE = "no_shrinkage"  # every area is 0 or 1, and not all alike: they differ as much as areas can
_STRENGTHS = np.log(np.geomspace(1e-4, 1e6, 61))  # a + b that are tried; beyond, areas differ by less than can be told

_ROUNDING = 1e-7  # of the likelihoods that are compared


@dataclass(frozen=True, slots=True)
class BetaBinomial:
    """Empirical-Bayes shares.

    Attributes
    ----------
    value : (m,) float
        (x + a)/(n + a + b), 0-1.
    low, high : (m,) float
        Quantiles of the Beta of that mean and ``mse``.
    mse : (m,) float
        Posterior variance and (1−γ)² times the variance of the common mean; a + b is taken as known.
    gamma : (m,) float
        n/(n + a + b): weight of the area's own answers.
    a, b : float
        By marginal maximum likelihood; infinite where the areas differ by no more than chance.
    mean : float
        a/(a + b).
    outcome : str
        ``shrunken``, ``full_shrinkage``, ``no_shrinkage``, ``unanimous``, ``too_few``.
    """

    value: Floats
    low: Floats
    high: Floats
    mse: Floats
    gamma: Floats
    a: float
    b: float
    mean: float
    outcome: str


def beta_binomial(satisfied: Floats, n: Floats, *, alpha: float = ALPHA) -> BetaBinomial:
    """Empirical Bayes on effective counts; they need not be whole.

    Parameters
    ----------
    satisfied : (m,) float
        x* = n* p̂.
    n : (m,) float
        n*, such as n_K ÷ d_pool; 0 for an area without answers, which gets the mean of the others.
    alpha : float
        1 − confidence of the limits.

    Returns
    -------
    BetaBinomial
        Under ``no_shrinkage``, ``unanimous`` and ``too_few`` (one area with answers, or none), where a and b cannot be found,
        each area keeps its own answers with Jeffreys' a = b = ½.

    Raises
    ------
    BadAreaError
        Counts that are negative, or more satisfied than answers.

    References
    ----------
    Morris (1983), JASA 78, 47-65; Griffiths (1973), Biometrics 29, 637-648 (maximum likelihood); statistics page section 10.
    """
    x, count = np.asarray(satisfied, np.float64), np.asarray(n, np.float64)
    if x.ndim != 1 or x.shape != count.shape:
        raise BadAreaError(f"satisfied and answers are lists of one length, not {x.shape} and {count.shape}")
    wrong = np.flatnonzero(~((x >= 0) & (x <= count * (1 + 1e-12)) & np.isfinite(count)))
    if wrong.size:
        area = int(wrong[0])
        raise BadAreaError(f"area {area + 1}: {x[area]} satisfied of {count[area]} answers")
    x = np.minimum(x, count)
    some = count > 0
    together, whole = math.fsum(x), math.fsum(count)
    if some.sum() < 2 or together in {0.0, whole}:
        return _jeffreys(x, count, alpha, (together + 0.5) / (whole + 1), TOO_FEW if some.sum() < 2 else UNANIMOUS)
    found = _maximum(x[some], count[some])
    if found is None:
        mean = together / whole
        return _shrunken(x, count, alpha, (mean, math.inf), FULL_SHRINKAGE)
    a, b = found
    if a + b <= math.exp(_STRENGTHS[0]):
        return _jeffreys(x, count, alpha, a / (a + b), NO_SHRINKAGE)
    return _shrunken(x, count, alpha, (a / (a + b), a + b), SHRUNKEN)


def _jeffreys(x: Floats, count: Floats, alpha: float, mean: float, outcome: str) -> BetaBinomial:
    value = (x + 0.5) / (count + 1)
    mse = value * (1 - value) / (count + 2)
    limits = _limits(value, mse, alpha)
    return BetaBinomial(value, *limits, mse, count / (count + 1), 0.5, 0.5, mean, outcome)


def _shrunken(x: Floats, count: Floats, alpha: float, prior: tuple[float, float], outcome: str) -> BetaBinomial:
    mean, strength = prior
    gamma = count / (count + strength)
    value = gamma * x / np.where(count > 0, count, 1) + (1 - gamma) * mean
    information = math.fsum(count / (count / (strength + 1) + 1 / (1 + 1 / strength)))  # Σ n(M+1)/(n+M), also for M infinite
    own = value * (1 - value) / (count + strength + 1)
    mse = np.minimum(own + (1 - gamma) ** 2 * mean * (1 - mean) / information, value * (1 - value) / 2)
    return BetaBinomial(value, *_limits(value, mse, alpha), mse, gamma, mean * strength, (1 - mean) * strength, mean, outcome)


def _limits(value: Floats, mse: Floats, alpha: float) -> tuple[Floats, Floats]:
    strength = value * (1 - value) / mse - 1
    low, high = (scipy.special.betaincinv(value * strength, (1 - value) * strength, one) for one in (alpha / 2, 1 - alpha / 2))
    return np.minimum(low, value), np.maximum(high, value)


def _slopes(a: float, b: float, x: Floats, n: Floats) -> tuple[float, float]:
    """Derivatives of the marginal log-likelihood by a and by b."""
    psi = scipy.special.psi
    both = math.fsum(psi(n + a + b) - psi(a + b))
    return math.fsum(psi(x + a) - psi(a)) - both, math.fsum(psi(n - x + b) - psi(b)) - both


def _best_mean(strength: float, x: Floats, n: Floats) -> float:
    """The logit of the mean that fits best for a given a + b: the difference of the slopes falls in it, so there is one."""

    def difference(logit: float) -> float:
        a, b = strength * float(scipy.special.expit(logit)), strength * float(scipy.special.expit(-logit))
        by_a, by_b = _slopes(a, b, x, n)
        return by_a - by_b

    return float(scipy.optimize.brentq(difference, -40.0, 40.0, xtol=1e-14, rtol=1e-14, maxiter=500))


def _profile(log_strength: float, x: Floats, n: Floats) -> tuple[float, float, float, float]:
    """a, b, log-likelihood beyond the binomial's factor, and its derivative by a + b, each at the best mean."""
    strength = math.exp(log_strength)
    logit = _best_mean(strength, x, n)
    mean, rest = float(scipy.special.expit(logit)), float(scipy.special.expit(-logit))
    a, b = strength * mean, strength * rest
    betaln = scipy.special.betaln
    by_a, by_b = _slopes(a, b, x, n)
    return a, b, math.fsum(betaln(x + a, n - x + b) - betaln(a, b)), mean * by_a + rest * by_b


def _maximum(x: Floats, n: Floats) -> tuple[float, float] | None:
    """The a and b of the greatest likelihood; None where a + b runs off to infinity."""
    points = [_profile(float(one), x, n) for one in _STRENGTHS]
    tops = [at for at in range(len(points) - 1) if points[at][3] > 0 >= points[at + 1][3]]
    if points[0][3] <= 0:
        tops.append(-1)  # the likelihood falls from the very beginning
    p = math.fsum(x) / math.fsum(n)
    spread = math.fsum(x * (x - 1) / p + (n - x) * (n - x - 1) / (1 - p) - n * (n - 1))  # twice the slope by 1/(a + b) at 0
    if not tops:
        return None
    best = max(tops, key=lambda at: max(points[max(at, 0)][2], points[at + 1][2]))
    a, b, likelihood, _ = points[0]
    if best >= 0:
        where = scipy.optimize.brentq(lambda one: _profile(one, x, n)[3], _STRENGTHS[best], _STRENGTHS[best + 1], xtol=1e-13, rtol=1e-14)
        a, b, likelihood, _ = _profile(float(where), x, n)
    binomial = math.fsum(scipy.special.xlogy(x, p) + scipy.special.xlogy(n - x, 1 - p))
    return (a, b) if spread > 0 or likelihood > binomial + _ROUNDING else None
