"""Verdicts: what an interval and a number of answers allow us to say about a target."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy  # its parts are loaded at their first use: a start that shows no verdict is spared a second
from numpy.typing import NDArray

from sipas.stats.intervals import ALPHA, Bools, Floats, Shares, p_above, p_below, t_quantile

HIDDEN_BELOW = 10  # answers: nothing is published
LEAST_FOR_VERDICT = 30  # answers: no verdict is given
UNRELIABLE_WIDTH = 0.30
LEAST_TAIL = 1e-300  # where a probability is still a number
SWEEPS, NEAR = 60, 1e-11  # steps at most, and the doubt (in standard errors) that ends them; about eight are taken
MOST_MORE = 1_000_000  # a question that takes more answers than that is not settled by asking

MET, NOT_MET, UNDECIDED, TOO_FEW, NO_TARGET, HIDDEN = "met", "not_met", "undecided", "too_few", "no_target", "hidden"
Words = NDArray[np.str_]


def judge(low: Floats, high: Floats, n: Floats, target: Floats, strict: Bools) -> Words:
    """The verdict of each fact.

    Parameters
    ----------
    low, high : (k,) float
        Two-sided 95 % limits.
    n : (k,) float
        Respondents.
    target : (k,) float
        On the scale of the limits; NaN where there is none.
    strict : (k,) bool
        True where the target says ">": then the lower limit must be above it, not at it.

    Returns
    -------
    (k,) str
        met, not_met, undecided, too_few (n < 30), no_target, hidden (n < 10).

    References
    ----------
    Statistics page section 5; decisions 3 and 4 for the words and the thresholds.
    """
    above = np.where(strict, low > target, low >= target)
    below = np.where(strict, high <= target, high < target)
    said = np.select([above, below], [MET, NOT_MET], UNDECIDED)
    said = np.where(n < LEAST_FOR_VERDICT, TOO_FEW, said)
    said = np.where(np.isnan(target), NO_TARGET, said)
    return np.asarray(np.where(n < HIDDEN_BELOW, HIDDEN, said), dtype=np.str_)


def p_share(star: Floats, value: Floats, target: Floats, *, least: Floats | None = None, most: Floats | None = None) -> Floats:
    """One-sided p-value of a share, on the side of the target where it lies.

    Parameters
    ----------
    star, value, target : (k,) float
        KG20's effective number, the share and the target, 0-1.
    least, most : (k,) float, optional
        What the sample of a finite population proves (``proved``): with them the p-value is dual to the limits that are cut there.

    Returns
    -------
    (k,) float
        At most 0.025 exactly where the limits of 95 % clear the target; 1 where nothing is known.

    References
    ----------
    Statistics page sections 4 and 5.
    """
    return np.where(value >= target, p_above(star, value, target, least=least), p_below(star, value, target, most=most))


def p_ratio(shares: Shares, d_pool: Floats, target: Floats) -> Floats:
    """One-sided p-value of a ratio of answers or a composite of shares, dual to ``logit_t``.

    Parameters
    ----------
    shares : Shares
        Arrays of shape (k,).
    d_pool : (k,) float
        Pooled design effect, at least 1: used where the variance is 0.
    target : (k,) float
        0-1.

    Returns
    -------
    (k,) float
        On the side of the target where the value lies; 1 where nothing is known.

    References
    ----------
    Statistics page section 6; the duality of intervals and tests: Lehmann & Romano (2005), section 3.5.
    """
    p, smooth = shares.value, (shares.variance > 0) & (shares.value > 0) & (shares.value < 1) & (shares.df >= 1)
    centre = np.where(smooth, p, 0.5)
    error = np.sqrt(np.where(smooth, shares.variance, 1.0)) / (centre * (1 - centre))
    distance = np.abs(scipy.special.logit(centre) - scipy.special.logit(target)) / error
    tail = scipy.special.stdtr(np.where(smooth, shares.df, 1.0), -distance)
    star = np.where(shares.n > 0, np.minimum(shares.n, shares.n_kish / d_pool), 0.0)
    return np.where(smooth, tail, p_share(star, p, target))


def p_mean(means: Shares, d_pool: Floats, target: Floats, *, scale: tuple[float, float] = (1.0, 5.0)) -> Floats:
    """One-sided p-value of a mean of answers, dual to ``mean_t``.

    Parameters
    ----------
    means : Shares
        ``value`` on ``scale``; arrays of shape (k,).
    d_pool : (k,) float
        Pooled design effect, at least 1: used where all answers agree.
    target : (k,) float
        On the scale, strictly inside it.
    scale : tuple of float
        Least and highest possible answer.

    Returns
    -------
    (k,) float
        On the side of the target where the value lies; 1 where nothing is known.

    References
    ----------
    Cochran (1977), ch. 5; the rule for agreement is the one of ``mean_t``.
    """
    value, agree = means.value, (means.variance == 0) & (means.n > 0)
    smooth = (means.variance > 0) & (means.df >= 1) & (means.n > 0)
    distance = np.abs(value - target) / np.sqrt(np.where(smooth, means.variance, 1.0))
    tail = scipy.special.stdtr(np.where(smooth, means.df, 1.0), -distance)
    end = np.where(value >= target, *scale)
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = (target - end) / (value - end)  # 1 less the share of others that would bring the mean to the target
        unanimous = np.clip(np.where(np.isnan(needed), 1, needed), 0, 1) ** np.minimum(means.n, means.n_kish / d_pool)
    return np.select([smooth, agree & (value != end)], [tail, unanimous], 1.0)


def more_for_share(star: Floats, value: Floats, target: Floats, n: Floats) -> Floats:
    """How many more answers would settle a share that stays what it is.

    Finds the smallest effective number at which the KG20 limit clears the target, and scales the answers up in
    the same proportion: the design stays what it was.

    Parameters
    ----------
    star, value, target, n : (k,) float
        Effective number, share 0-1, target 0-1, respondents.

    Returns
    -------
    (k,) float
        Whole numbers; NaN where no number of answers under a million settles it.

    References
    ----------
    Statistics page section 7, in effective numbers (own).
    """
    below = value < target

    def doubt(number: Floats) -> Floats:
        """Positive while the tail is above α/2; nearly linear in the root of the number."""
        a = np.where(below, number * value + 1, number * value)
        b = np.where(below, number * (1 - value), number * (1 - value) + 1)
        inside = (a > 0) & (b > 0)
        first, second = np.where(inside, np.where(below, b, a), 1.0), np.where(inside, np.where(below, a, b), 1.0)
        tail = scipy.special.betainc(first, second, np.where(below, 1 - target, target))
        return np.asarray(scipy.special.ndtri(np.clip(np.where(inside, tail, 1.0), LEAST_TAIL, 0.9)) - scipy.special.ndtri(ALPHA / 2))

    return _scaled_up(doubt, star, n)


def more_for_logit(value: Floats, variance: Floats, df: Floats, target: Floats, n: Floats) -> Floats:
    """The same for a ratio or composite judged on the logit scale.

    Parameters
    ----------
    value, variance, df, target, n : (k,) float
        Share 0-1, its variance, degrees of freedom, target 0-1, respondents.

    Returns
    -------
    (k,) float
        Whole numbers; NaN where it cannot be told.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        half = t_quantile(df) * np.sqrt(variance) / (value * (1 - value))
        factor = (half / (scipy.special.logit(value) - scipy.special.logit(target))) ** 2
    return _more(factor, n)


def more_for_mean(value: Floats, variance: Floats, df: Floats, target: Floats, n: Floats) -> Floats:
    """The same for a mean 1-5.

    Parameters
    ----------
    value, variance, df, target, n : (k,) float
        Mean, its variance, degrees of freedom, target on the same scale, respondents.

    Returns
    -------
    (k,) float
        Whole numbers; NaN where it cannot be told.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = (t_quantile(df) * np.sqrt(variance) / (value - target)) ** 2
    return _more(factor, n)


def _scaled_up(doubt: Callable[[Floats], Floats], star: Floats, n: Floats) -> Floats:
    """False position on the root of the effective number, halving the weight of an end that stays (Illinois)."""
    known = (star > 0) & np.isfinite(star)
    first = np.sqrt(np.where(known, star, 1.0))
    low, high = first, first * np.sqrt(MOST_MORE)
    above, below = doubt(low**2), doubt(high**2)
    reachable, settled = known & (below <= 0), above <= 0
    root, open_ = low, reachable & ~settled
    was, again = settled, False  # which end moved last: one that stays twice loses half its weight
    for _ in range(SWEEPS):
        with np.errstate(invalid="ignore", divide="ignore"):
            middle = (low * below - high * above) / (below - above)
        middle = np.where((middle > low) & (middle < high), middle, np.sqrt(low * high))
        found = doubt(middle**2)
        enough = found <= 0
        above = np.where(enough, np.where(was & again, above / 2, above), found)
        below = np.where(enough, found, np.where(~was & again, below / 2, below))
        was, again = enough, True
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        root = np.where(open_, middle, root)
        open_ &= (np.abs(found) >= NEAR) & (high - low >= NEAR * low)
        if not open_.any():
            break
    factor = np.where(settled, 1.0, (root / first) ** 2)
    return _more(np.where(reachable, factor, np.nan), n)


def _more(factor: Floats, n: Floats) -> Floats:
    more = np.ceil(n * (factor - 1) - 1e-9)
    return np.where(np.isfinite(more) & (more <= MOST_MORE), np.maximum(more, 1.0), np.nan)
