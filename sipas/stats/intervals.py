"""Intervals of shares, of composites and of means; every function takes one value a fact and answers for all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded at their first use
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ALPHA = 0.05
FEW = 20  # fewer of the rarer answer, and the estimated variance is not believed on its own
FLOOR_WITH_CLUSTERS = 1.5  # design effect assumed where no domain tells and answers came in clusters


@dataclass(frozen=True, slots=True)
class Shares:
    """What KG20 needs to know of each share: arrays of one length.

    Attributes
    ----------
    value : (k,) float
        The weighted share, 0-1.
    variance : (k,) float
        Its estimated variance; 0 where all answers agree or only certainty strata remain.
    n, n_satisfied, n_unsatisfied : (k,) float
        Respondents that answered, and how many of them satisfied and not; unweighted.
    n_kish : (k,) float
        (Σw)²/Σw².
    df : (k,) float
        Clusters with a member minus strata with a member.
    population : (k,) float
        Dossiers behind the domain where the finite-population rule applies; NaN where it does not.
    """

    value: Floats
    variance: Floats
    n: Floats
    n_satisfied: Floats
    n_unsatisfied: Floats
    n_kish: Floats
    df: Floats
    population: Floats


@dataclass(frozen=True, slots=True)
class Interval:
    """Limits, and the effective number behind them (``n_star``: NaN where no Beta quantile was used)."""

    low: Floats
    high: Floats
    n_star: Floats


def t_quantile(df: Floats, alpha: float = ALPHA) -> Floats:
    """Student's 1 − α/2 quantile; NaN below one degree of freedom. Each distinct df is computed once.

    Parameters
    ----------
    df : (k,) float
        Degrees of freedom, no unit.
    alpha : float
        1 − confidence.

    Returns
    -------
    (k,) float
    """
    distinct, where = np.unique(df, return_inverse=True)
    quantile = np.full(distinct.shape, np.nan)
    known = distinct >= 1
    quantile[known] = scipy.special.stdtrit(distinct[known], 1 - alpha / 2)
    return quantile[where].reshape(np.shape(df))


def n_star(shares: Shares, d_pool: Floats, alpha: float = ALPHA) -> Floats:
    """The effective number of answers of KG20, statistics page section 4.

    Parameters
    ----------
    shares : Shares
        Arrays of shape (k,).
    d_pool : (k,) float
        Pooled design effect, at least 1.
    alpha : float
        1 − confidence.

    Returns
    -------
    (k,) float
        0 where nobody answered, infinite where everybody of the population did.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24(2), 193-201, truncated at n after Parker et al. (2017), NCHS Series 2 no. 175;
    the guard below 20 of the rarer answer is this project's own rule.
    """
    n = shares.n
    with np.errstate(divide="ignore", invalid="ignore"):
        fraction = np.where(np.isnan(shares.population), 0.0, n / shares.population)
        rarer = np.minimum(shares.n_satisfied, shares.n_unsatisfied)
        usable = (rarer > 0) & (shares.variance > 0)
        effective = np.where(usable, shares.value * (1 - shares.value) / shares.variance, np.inf)
        few = rarer < FEW
        cap = np.where(few, n, n / (1 - fraction))
        guarded = np.where(few, np.minimum(effective, shares.n_kish / d_pool), np.minimum(effective, cap))
        ratio = t_quantile(n - 1, alpha) / t_quantile(shares.df, alpha)
        ratio = np.where(np.isnan(ratio), 1.0, ratio)
        star = np.minimum(guarded * ratio**2, cap)
    star = np.where(fraction >= 1, np.inf, star)
    return np.where(n > 0, star, 0.0)


def kg20(shares: Shares, d_pool: Floats, alpha: float = ALPHA) -> Interval:
    """Korn-Graubard interval, truncated, and guarded below 20 of the rarer answer.

    Parameters
    ----------
    shares : Shares
        Arrays of shape (k,), 0-1 and counts.
    d_pool : (k,) float
        Pooled design effect of the same channel set, at least 1.
    alpha : float
        1 − confidence; 0.05 by default.

    Returns
    -------
    Interval
        0 ≤ low ≤ value ≤ high ≤ 1; [0, 1] where nobody answered, [value, value] where the whole population did.

    Raises
    ------
    ValueError
        ``d_pool`` is below 1 somewhere.

    References
    ----------
    Korn & Graubard (1998); Clopper & Pearson (1934); statistics page section 4.
    """
    if np.any(d_pool < 1):
        raise ValueError("d_pool is a design effect and cannot be below 1")
    star = n_star(shares, d_pool, alpha)
    low, high = np.zeros(star.shape), np.ones(star.shape)
    inside = (star > 0) & np.isfinite(star)
    lower, upper = inside & (shares.n_satisfied > 0), inside & (shares.n_unsatisfied > 0)
    p = shares.value
    low[lower] = _beta_quantile(star[lower] * p[lower], star[lower] * (1 - p[lower]) + 1, alpha / 2)
    high[upper] = _beta_quantile(star[upper] * p[upper] + 1, star[upper] * (1 - p[upper]), 1 - alpha / 2)
    known = shares.population > 0  # False for NaN
    low[known] = np.maximum(low, shares.n_satisfied / np.where(known, shares.population, 1))[known]
    high[known] = np.minimum(high, 1 - shares.n_unsatisfied / np.where(known, shares.population, 1))[known]
    whole = np.isinf(star)
    low[whole] = high[whole] = p[whole]
    return Interval(*_holding(low, high, p, shares.n > 0), np.where(whole, np.nan, star))


def p_above(star: Floats, value: Floats, target: Floats) -> Floats:
    """One-sided p-value of "the share is above the target", dual to the lower limit of KG20.

    Parameters
    ----------
    star, value, target : (k,) float
        Effective number, share 0-1, target 0-1.

    Returns
    -------
    (k,) float
        1 where nothing is known.
    """
    a, b = star * value, star * (1 - value) + 1
    known = (a > 0) & np.isfinite(star)
    return np.where(known, scipy.special.betainc(np.where(known, a, 1), np.where(known, b, 1), target), 1.0)


def p_below(star: Floats, value: Floats, target: Floats) -> Floats:
    """One-sided p-value of "the share is below the target", dual to the upper limit of KG20.

    Parameters
    ----------
    star, value, target : (k,) float
        Effective number, share 0-1, target 0-1.

    Returns
    -------
    (k,) float
        1 where nothing is known.
    """
    a, b = star * value + 1, star * (1 - value)
    known = (b > 0) & np.isfinite(star)
    return np.where(known, 1 - scipy.special.betainc(np.where(known, a, 1), np.where(known, b, 1), target), 1.0)


def logit_t(shares: Shares, d_pool: Floats, alpha: float = ALPHA) -> Interval:
    """Interval of a ratio of answers or of a composite of shares, on the logit scale with Student's t.

    Where the variance is 0 or df is below 1: Clopper-Pearson with n_K/d_pool answers.

    Parameters
    ----------
    shares : Shares
        Arrays of shape (k,); ``n`` counts respondents.
    d_pool : (k,) float
        Pooled design effect, at least 1.
    alpha : float
        1 − confidence.

    Returns
    -------
    Interval
        0 ≤ low ≤ value ≤ high ≤ 1; [0, 1] where nobody answered.

    References
    ----------
    Statistics page section 6; Dean & Pagano (2015), JSSAM 3, 484-503 for the logit form.
    """
    p, variance = shares.value, shares.variance
    t = t_quantile(shares.df, alpha)
    smooth = (variance > 0) & (p > 0) & (p < 1) & ~np.isnan(t)
    centre = np.where(smooth, p, 0.5)
    logit = np.log(centre) - np.log1p(-centre)
    half = np.where(smooth, t * np.sqrt(variance) / (centre * (1 - centre)), 0.0)
    low, high = scipy.special.expit(logit - half), scipy.special.expit(logit + half)
    rough = ~smooth & (shares.n > 0)
    star = np.where(rough, np.minimum(shares.n, shares.n_kish / d_pool), np.nan)
    some, not_all = rough & (p > 0), rough & (p < 1)
    low[rough], high[rough] = 0.0, 1.0
    low[some] = _beta_quantile(star[some] * p[some], star[some] * (1 - p[some]) + 1, alpha / 2)
    high[not_all] = _beta_quantile(star[not_all] * p[not_all] + 1, star[not_all] * (1 - p[not_all]), 1 - alpha / 2)
    low, high = np.where(shares.n > 0, low, 0.0), np.where(shares.n > 0, high, 1.0)
    return Interval(*_holding(low, high, p, shares.n > 0), star)


def mean_t(means: Shares, d_pool: Floats, alpha: float = ALPHA) -> Interval:
    """Student's t interval of a mean of answers 1-5, clipped to that scale.

    Where all answers agree, or df is below 1, the sample proves only how rare others can be: at most a share u by
    Clopper-Pearson with n_K/d_pool answers; the limits put that share at the ends of the scale.

    Parameters
    ----------
    means : Shares
        ``value`` on the scale 1-5; arrays of shape (k,).
    d_pool : (k,) float
        Pooled design effect, at least 1.
    alpha : float
        1 − confidence.

    Returns
    -------
    Interval
        1 ≤ low ≤ value ≤ high ≤ 5; [1, 5] where nobody answered or answers differ but df is below 1.

    References
    ----------
    Cochran (1977), ch. 5; equals R ``confint(svymean, df = degf(design))`` before clipping. The rule for agreement is our own.
    """
    value, t = means.value, t_quantile(means.df, alpha)
    known = ~np.isnan(t) & (means.variance > 0)
    half = np.where(known, t * np.sqrt(means.variance), 4.0)
    low, high = np.clip(value - half, 1, 5), np.clip(value + half, 1, 5)
    agree = (means.variance == 0) & (means.n > 0)
    star = np.where(agree, np.minimum(means.n, means.n_kish / d_pool), 1.0)
    others = 1 - (alpha / 2) ** (1 / star)
    low, high = np.where(agree, value - (value - 1) * others, low), np.where(agree, value + (5 - value) * others, high)
    low, high = np.where(means.n > 0, low, 1.0), np.where(means.n > 0, high, 5.0)
    return Interval(*_holding(low, high, value, means.n > 0), np.full(low.shape, np.nan))


def pool_effect(shares: Shares, *, clustered: bool) -> float:
    """The pooled design effect of one item in one channel set: the guard of KG20.

    Parameters
    ----------
    shares : Shares
        The domains of one run; those with at least 20 of the rarer answer are used.
    clustered : bool
        Whether answers came in clusters: then 1.5 is assumed where no domain qualifies.

    Returns
    -------
    float
        At least 1.

    References
    ----------
    Statistics page section 4 (own rule).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        fraction = np.where(np.isnan(shares.population), 0.0, shares.n / shares.population)
        plain = shares.value * (1 - shares.value) * (1 - fraction) / shares.n_kish
    tells = (np.minimum(shares.n_satisfied, shares.n_unsatisfied) >= FEW) & (shares.df >= 1) & (plain > 0)
    if not tells.any():
        return FLOOR_WITH_CLUSTERS if clustered else 1.0
    weight = shares.n[tells]
    return max(1.0, float(np.sum(weight * shares.variance[tells]) / np.sum(weight * plain[tells])))


def _beta_quantile(a: Floats, b: Floats, probability: float) -> Floats:
    """Beta quantiles, each distinct pair computed once: a year and its year to date tell the same, and small shares come again and again."""
    pairs, where = np.unique(a + 1j * b, return_inverse=True)
    return np.asarray(scipy.special.betaincinv(pairs.real, pairs.imag, probability)[where], np.float64)


def _holding(low: Floats, high: Floats, value: Floats, known: Bools) -> tuple[Floats, Floats]:
    """Limits that hold their value: rounding in the 16th digit must not put a limit on its wrong side."""
    return np.where(known, np.minimum(low, value), low), np.where(known, np.maximum(high, value), high)
