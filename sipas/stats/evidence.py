"""What is known of each share, at any confidence: the guarded effective number, and Wilson's limits from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded at their first use
from numpy.typing import NDArray

from sipas.stats.effective import fraction, guarded
from sipas.stats.intervals import ALPHA, FEW, Bools, Floats, Shares, proved, t_quantile

LEAST_DF = 8  # fewer, and an estimated covariance is no ground for a narrower interval


@dataclass(frozen=True, slots=True)
class Limits:
    """Estimates with their limits, all of one shape and scale; ``value`` is NaN where nobody answered, and the limits the ends of the scale."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of each share, at any confidence: arrays of one shape.

    Attributes
    ----------
    value, variance : (k,) float
        The share, 0-1, NaN where nobody answered; its estimated variance.
    n_effective : (k,) float
        Effective answers behind Student's t, guarded as in KG20; infinite where the value is known exactly, 0 where nobody answered.
    df : (k,) float
        Degrees of freedom of that t; below 1 where there are none.
    n : (k,) float
        Respondents.
    trusted : (k,) bool
        At least 20 of the rarer answer and 8 degrees of freedom: only then may a positive covariance narrow a difference.
    least, most : (k,) float
        What a counted population already proves; 0 and 1 where it proves nothing.
    """

    value: Floats
    variance: Floats
    n_effective: Floats
    df: Floats
    n: Floats
    trusted: Bools
    least: Floats
    most: Floats

    def take(self, at: NDArray[np.int64]) -> Evidence:
        """The shares at these positions."""
        return Evidence(*(getattr(self, name)[at] for name in Evidence.__slots__))


def evidence(shares: Shares, d_pool: Floats) -> Evidence:
    """What a design's figures prove: the guarded effective number of KG20, before its t ratio.

    Parameters
    ----------
    shares : Shares
        Arrays of shape (k,).
    d_pool : (k,) float
        Pooled design effect, at least 1.

    Returns
    -------
    Evidence

    References
    ----------
    Statistics page section 4 (own guard).
    """
    number, _ = guarded(shares, d_pool)
    size = np.where(shares.n > 0, np.where(fraction(shares) >= 1, np.inf, number), 0.0)
    least, most = proved(shares)
    return Evidence(
        value=np.where(shares.n > 0, shares.value, np.nan),
        variance=np.where(shares.n > 0, shares.variance, 0.0),
        n_effective=size,
        df=shares.df,
        n=shares.n,
        trusted=(np.minimum(shares.n_satisfied, shares.n_unsatisfied) >= FEW) & (shares.df >= LEAST_DF),
        least=least,
        most=most,
    )


def evidence_of_facts(*, value: Floats, se: Floats, star: Floats, df: Floats, n: Floats, rarer: Floats) -> Evidence:
    """The same from stored facts of shares, which keep KG20's effective number.

    Parameters
    ----------
    value, se, df, n : (k,) float
        Share 0-1, its standard error, degrees of freedom, respondents.
    star : (k,) float
        KG20's effective number at 95 %; NaN or infinite where the whole population answered.
    rarer : (k,) float
        Respondents with the rarer answer.

    Returns
    -------
    Evidence

    References
    ----------
    Statistics page section 4 (own guard).
    """
    exact = np.where(np.isnan(star) & (n > 0), np.inf, np.where(n > 0, star, 0.0))
    return Evidence(
        value=np.where(n > 0, value, np.nan),
        variance=np.where(n > 0, np.nan_to_num(se) ** 2, 0.0),
        n_effective=_without_ratio(exact, n, df),
        df=df,
        n=n,
        trusted=(rarer >= FEW) & (df >= LEAST_DF),
        least=np.zeros(np.shape(n)),
        most=np.ones(np.shape(n)),
    )


def exactly(value: Floats) -> Evidence:
    """Evidence of numbers that carry no error: a target, or a published figure that is taken as it stands.

    Parameters
    ----------
    value : (k,) float
        0-1.

    Returns
    -------
    Evidence

    References
    ----------
    None: a definition.
    """
    endless, none = np.full(np.shape(value), np.inf), np.zeros(np.shape(value))
    return Evidence(value, none, endless, endless, endless, none > 0, none, none + 1)


def wilson(known: Evidence, *, alpha: float | Floats = ALPHA) -> Limits:
    """Wilson's limits with the guarded effective number and Student's t of the design.

    Written as p²/(p + c/2 + √(c p(1 − p) + c²/4)) with c = t²/n_eff, which loses no digit near 0 and 1. Without a degree of
    freedom, as for a single answer, Clopper-Pearson's limits answer, which are KG20's there.

    Parameters
    ----------
    known : Evidence
        Shape (k,).
    alpha : float or (k,) float
        1 − confidence.

    Returns
    -------
    Limits
        0 ≤ low ≤ value ≤ high ≤ 1; [0, 1] where nobody answered, [value, value] where everybody did.

    References
    ----------
    Wilson (1927), JASA 22, 209-212; Brown, Cai & DasGupta (2001), Statistical Science 16, 101-133, eq. (4); statistics page section 4.
    """
    some, a = known.n > 0, np.asarray(alpha, np.float64)
    p, size = np.where(some, known.value, 0.5), np.where(some, known.n_effective, 1.0)
    smooth = known.df >= 1
    t = scipy.special.stdtrit(np.where(smooth, known.df, 1.0), 1 - a / 2)
    low, high = _wilson_low(p, t**2 / size), 1 - _wilson_low(1 - p, t**2 / size)
    rough = ~smooth & np.isfinite(size)
    low, high = np.where(rough, _clopper_low(p, size, a), low), np.where(rough, 1 - _clopper_low(1 - p, size, a), high)
    low, high = np.minimum(np.maximum(low, known.least), p), np.maximum(np.minimum(high, known.most), p)
    return Limits(np.where(some, p, np.nan), np.where(some, low, 0.0), np.where(some, high, 1.0))


def correlation(first: Evidence, second: Evidence, covariance: Floats | float) -> Floats:
    """The correlation of two estimates that a difference may use.

    Parameters
    ----------
    first, second : Evidence
        Shape (k,).
    covariance : (k,) float or float
        Estimated covariance of the two, by the whole design; 0 where they share no respondent, cluster or calibration.

    Returns
    -------
    (k,) float
        C/(s₁ s₂) within ±1. 0 where a variance is 0; a positive one only where both sides are ``trusted``: a variance that the
        guard does not believe makes a covariance that it does not believe either, and leaving it out is the cautious side.

    References
    ----------
    Statistics page (1.5) and section 5; the guard is this project's own.
    """
    both = np.sqrt(first.variance) * np.sqrt(second.variance)
    rho = np.where(both > 0, np.asarray(covariance) / np.where(both > 0, both, 1.0), 0.0)
    return np.asarray(np.clip(np.where(first.trusted & second.trusted, rho, np.minimum(rho, 0.0)), -1, 1), np.float64)


def _wilson_low(p: Floats, c: Floats) -> Floats:
    below = p + c / 2 + np.sqrt(c * p * (1 - p) + c**2 / 4)
    return np.where(c > 0, p**2 / np.where(below > 0, below, 1.0), p)


def _clopper_low(p: Floats, size: Floats, alpha: Floats) -> Floats:
    star = np.where(np.isfinite(size), size, 1.0)
    found = scipy.special.betaincinv(np.where(p > 0, star * p, 1.0), star * (1 - p) + 1, alpha / 2)
    return np.asarray(np.where(p > 0, found, 0.0), np.float64)


def _without_ratio(star: Floats, n: Floats, df: Floats) -> Floats:
    """KG20's n* ÷ (t_{n−1}/t_df)²: the effective number that goes with the t of the design."""
    ratio = t_quantile(n - 1) / t_quantile(df)
    return np.asarray(star / np.where(np.isnan(ratio), 1.0, ratio) ** 2, np.float64)
