"""Intervals of shares, of composites and of means; every function takes one value a fact and answers for all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded at their first use

from sipas.stats.effective import (
    ALPHA,
    FEW,
    FLOOR_WITH_CLUSTERS,
    Bools,
    Floats,
    Shares,
    fraction,
    n_star,
    pool_effect,
    t_quantile,
)

__all__ = [
    "ALPHA",
    "FEW",
    "FLOOR_WITH_CLUSTERS",
    "Bools",
    "Floats",
    "Interval",
    "Shares",
    "beta_limits",
    "kg20",
    "logit_t",
    "mean_t",
    "n_star",
    "p_above",
    "p_below",
    "pool_effect",
    "proved",
    "t_quantile",
    "within",
]


MOST = 1e13  # effective answers up to which a Beta quantile is exact; beyond, limits stay as near as that


@dataclass(frozen=True, slots=True)
class Interval:
    """Limits, and the effective number of answers behind them.

    Attributes
    ----------
    low, high : (k,) float
        On the scale of the estimate.
    n_star : (k,) float
        Effective answers; 0 where nobody answered, infinite where the whole population did, NaN where the method uses none.
    """

    low: Floats
    high: Floats
    n_star: Floats


def beta_limits(star: Floats, value: Floats, alpha: float = ALPHA) -> tuple[Floats, Floats]:
    """Clopper-Pearson limits for an effective, not necessarily whole, number of answers. Each distinct pair is computed once.

    Parameters
    ----------
    star, value : (k,) float
        Effective number, positive and finite; share 0-1.
    alpha : float
        1 − confidence.

    Returns
    -------
    low, high : (k,) float
        0 for a share of 0, and 1 for a share of 1.

    References
    ----------
    Clopper & Pearson (1934), Biometrika 26, 404-413; Korn & Graubard (1998).
    """
    pairs, where = np.unique(np.minimum(star, MOST) + 1j * value, return_inverse=True)  # a year and its year to date tell the same
    number, share = pairs.real, pairs.imag
    yes, no = number * share, number * (1 - share)
    low, high = np.zeros(yes.shape), np.ones(yes.shape)
    all_yes, all_no, mixed = (yes > 0) & (no <= 0), (no > 0) & (yes <= 0), (yes > 0) & (no > 0)
    with np.errstate(over="ignore"):
        low[all_yes] = (alpha / 2) ** (1 / yes[all_yes])
        high[all_no] = 1 - (alpha / 2) ** (1 / no[all_no])
    low[mixed] = scipy.special.betaincinv(yes[mixed], no[mixed] + 1, alpha / 2)
    high[mixed] = scipy.special.betaincinv(yes[mixed] + 1, no[mixed], 1 - alpha / 2)
    return low[where], high[where]


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
        0 ≤ low ≤ value ≤ high ≤ 1; [0, 1] where nobody answered, [value, value] where the whole population did; ``n_star`` as
        the function of that name tells it.

    Raises
    ------
    ValueError
        ``d_pool`` is below 1 somewhere.

    References
    ----------
    Korn & Graubard (1998); Clopper & Pearson (1934); statistics page section 4.
    """
    if not np.all(d_pool >= 1):
        raise ValueError("d_pool is a design effect and cannot be below 1")
    star = n_star(shares, d_pool, alpha)
    low, high = np.zeros(star.shape), np.ones(star.shape)
    inside, p = (star > 0) & np.isfinite(star), shares.value
    low[inside], high[inside] = beta_limits(star[inside], p[inside], alpha)
    return Interval(*within(shares, np.where(shares.n_satisfied > 0, low, 0.0), np.where(shares.n_unsatisfied > 0, high, 1.0)), star)


def proved(shares: Shares) -> tuple[Floats, Floats]:
    """What a sample of a finite population proves without any probability: who answered is known.

    Parameters
    ----------
    shares : Shares
        Arrays of shape (k,).

    Returns
    -------
    low, high : (k,) float
        [n_sat/N_D, 1 − n_uns/N_D]; [value, value] where everybody answered; [0, 1] where the population is unknown.

    References
    ----------
    Statistics page section 4 (own): the rest of the population may be all satisfied or not at all.
    """
    known = shares.population > 0  # False for NaN
    people = np.where(known, shares.population, 1.0)
    low = np.where(known, shares.n_satisfied / people, 0.0)
    high = np.where(known, 1 - shares.n_unsatisfied / people, 1.0)
    whole = (shares.n > 0) & (fraction(shares) >= 1)
    return np.where(whole, shares.value, low), np.where(whole, shares.value, high)


def within(shares: Shares, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Limits cut to what the sample proves, holding their share.

    Parameters
    ----------
    shares : Shares
        Arrays of shape (k,).
    low, high : (k,) float
        Limits 0-1.

    Returns
    -------
    low, high : (k,) float
        0 ≤ low ≤ value ≤ high ≤ 1; rounding in the 16th digit puts no limit on its wrong side.

    References
    ----------
    Statistics page section 4 (own).
    """
    least, most = proved(shares)
    low, high = np.minimum(np.maximum(low, least), most), np.maximum(np.minimum(high, most), least)
    return _holding(np.clip(low, 0, 1), np.clip(high, 0, 1), shares.value, shares.n > 0)


def p_above(star: Floats, value: Floats, target: Floats, *, least: Floats | None = None) -> Floats:
    """One-sided p-value of "the share is above the target", dual to the lower limit of KG20.

    Parameters
    ----------
    star, value, target : (k,) float
        Effective number, share 0-1, target 0-1.
    least : (k,) float, optional
        The least share the sample proves, from ``proved``: a target at or below it is surely reached.

    Returns
    -------
    (k,) float
        1 where nothing is known; 0 or 1 where the whole population answered.

    References
    ----------
    Statistics page section 4; the duality is that of Clopper & Pearson (1934).
    """
    number = np.where(np.isfinite(star), star, 0.0)
    a, b = number * value, number * (1 - value) + 1
    known = a > 0
    p = np.where(known, scipy.special.betainc(np.where(known, a, 1), np.where(known, b, 1), target), 1.0)
    sure = np.isposinf(star) & (value >= target)
    return np.where(sure if least is None else sure | ((least >= target) & (least > 0)), 0.0, p)


def p_below(star: Floats, value: Floats, target: Floats, *, most: Floats | None = None) -> Floats:
    """One-sided p-value of "the share is below the target", dual to the upper limit of KG20.

    Parameters
    ----------
    star, value, target : (k,) float
        Effective number, share 0-1, target 0-1.
    most : (k,) float, optional
        The highest share the sample leaves possible, from ``proved``: a target above it is surely missed.

    Returns
    -------
    (k,) float
        1 where nothing is known; 0 or 1 where the whole population answered.

    References
    ----------
    Statistics page section 4; the duality is that of Clopper & Pearson (1934).
    """
    number = np.where(np.isfinite(star), star, 0.0)
    a, b = number * value + 1, number * (1 - value)
    known = b > 0
    p = np.where(known, scipy.special.betaincc(np.where(known, a, 1), np.where(known, b, 1), target), 1.0)
    sure = np.isposinf(star) & (value < target)
    return np.where(sure if most is None else sure | (most < target), 0.0, p)


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
    low[rough], high[rough] = beta_limits(star[rough], p[rough], alpha)
    low, high = np.where(shares.n > 0, low, 0.0), np.where(shares.n > 0, high, 1.0)
    return Interval(*_holding(low, high, p, shares.n > 0), star)


def mean_t(means: Shares, d_pool: Floats, alpha: float = ALPHA, *, scale: tuple[float, float] = (1.0, 5.0)) -> Interval:
    """Student's t interval of a mean of answers, clipped to their scale 1-5.

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
    scale : tuple of float
        Least and highest possible answer; infinite where there is none: then agreement proves nothing.

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
    half = np.where(known, t * np.sqrt(means.variance), np.inf)
    low, high = np.clip(value - half, *scale), np.clip(value + half, *scale)
    agree = (means.variance == 0) & (means.n > 0)
    star = np.where(agree, np.minimum(means.n, means.n_kish / d_pool), 1.0)
    others = 1 - (alpha / 2) ** (1 / star)
    low = np.where(agree, value - (value - scale[0]) * others, low)
    high = np.where(agree, value + (scale[1] - value) * others, high)
    low, high = np.where(means.n > 0, low, scale[0]), np.where(means.n > 0, high, scale[1])
    return Interval(*_holding(low, high, value, means.n > 0), np.full(low.shape, np.nan))


def _holding(low: Floats, high: Floats, value: Floats, known: Bools) -> tuple[Floats, Floats]:
    """Limits that hold their value: rounding in the 16th digit must not put a limit on its wrong side."""
    return np.where(known, np.minimum(low, value), low), np.where(known, np.maximum(high, value), high)
