"""Textbook intervals of a share, as formulas: each wants a share strictly between 0 and 1 and a variance.

Who may not have them asks ``interval_methods``, where KG20 answers in their place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded at their first use

from sipas.stats.effective import ALPHA, Floats, Shares, t_and_ratio
from sipas.stats.intervals import MOST, beta_limits

SWEEPS = 60  # Newton's steps at most; a convex function takes about eight
STEP = 1e-15  # relative step that ends them


@dataclass(frozen=True, slots=True)
class Terms:
    """One share in the terms of the textbook formulas; arrays of one length.

    Attributes
    ----------
    value, variance : (k,) float
        Share strictly between 0 and 1, and its positive variance.
    size : (k,) float
        p̂(1 − p̂)/V̂, effective answers, not truncated.
    t : (k,) float
        Student's quantile at the degrees of freedom of the domain.
    ratio : (k,) float
        (t of nrow − 1 ÷ t of df)²: what few degrees of freedom leave of ``size``.
    nrow : (k,) float
        Rows of the design, R's ``nrow(design)``.
    alpha : float
        1 − confidence.
    """

    value: Floats
    variance: Floats
    size: Floats
    t: Floats
    ratio: Floats
    nrow: Floats
    alpha: float


def terms_of(shares: Shares, nrow: Floats, alpha: float = ALPHA) -> Terms:
    """What the textbook formulas take, from shares with a positive variance.

    Parameters
    ----------
    shares : Shares
        Arrays of shape (k,).
    nrow : (k,) float
        Rows of the design.
    alpha : float
        1 − confidence.

    Returns
    -------
    Terms
        ``t`` is NaN below one degree of freedom, and ``ratio`` 1.

    References
    ----------
    Korn & Graubard (1998) for ``size`` and ``ratio``.
    """
    t, ratio = t_and_ratio(nrow, shares.df, alpha)
    size = shares.value * (1 - shares.value) / shares.variance
    return Terms(shares.value, shares.variance, size, t, ratio**2, nrow, alpha)


def wald(given: Terms) -> tuple[Floats, Floats]:
    """p̂ ± t s; must not be used near 90 %.

    Parameters
    ----------
    given : Terms
        Arrays of shape (k,).

    Returns
    -------
    low, high : (k,) float
        May leave 0-1.

    References
    ----------
    R ``svyciprop(method = "mean")``; Cochran (1977), section 3.6.
    """
    half = given.t * np.sqrt(given.variance)
    return given.value - half, given.value + half


def xlogit(given: Terms) -> tuple[Floats, Floats]:
    """Wald limits on the logit scale, carried back.

    Parameters
    ----------
    given : Terms
        Arrays of shape (k,).

    Returns
    -------
    low, high : (k,) float
        0-1.

    References
    ----------
    R ``svyciprop``: ``xlogit`` exactly, ``logit`` but for the error of its iterations (2e-9); Dean & Pagano (2015), JSSAM 3, 484-503.
    """
    centre = scipy.special.logit(given.value)
    half = given.t * np.sqrt(given.variance) / (given.value * (1 - given.value))
    return scipy.special.expit(centre - half), scipy.special.expit(centre + half)


def asin(given: Terms) -> tuple[Floats, Floats]:
    """Wald limits on the scale of asin √p̂, carried back; an angle beyond the scale is its end, where R folds it back.

    Parameters
    ----------
    given : Terms
        Arrays of shape (k,).

    Returns
    -------
    low, high : (k,) float
        0-1.

    References
    ----------
    R ``svyciprop(method = "asin")``; the clipping of the angle is our own.
    """
    centre = np.arcsin(np.sqrt(given.value))
    half = given.t * np.sqrt(given.variance / (given.value * (1 - given.value))) / 2
    return np.sin(np.maximum(centre - half, 0)) ** 2, np.sin(np.minimum(centre + half, np.pi / 2)) ** 2


def wilson(given: Terms) -> tuple[Floats, Floats]:
    """Score limits with the effective number of answers and Student's t.

    Parameters
    ----------
    given : Terms
        Arrays of shape (k,); answers for a share of 0 or 1 too, where ``size`` is given.

    Returns
    -------
    low, high : (k,) float
        0-1.

    References
    ----------
    Wilson (1927), JASA 22, 209-212; Brown, Cai & DasGupta (2001), Statistical Science 16, eq. (4); R survey 4.5 ``wilson``.
    """
    p, size, square = given.value, given.size, given.t**2
    centre = (p + square / (2 * size)) / (1 + square / size)
    half = given.t / (2 * size) * np.sqrt(4 * size * p * (1 - p) + square) / (1 + square / size)
    return centre - half, centre + half


def agresti_coull(given: Terms) -> tuple[Floats, Floats]:
    """Wald limits after adding t²/2 answers of each kind.

    Parameters
    ----------
    given : Terms
        Arrays of shape (k,).

    Returns
    -------
    low, high : (k,) float
        May leave 0-1.

    References
    ----------
    Agresti & Coull (1998), The American Statistician 52, 119-126; Brown, Cai & DasGupta (2001), eq. (5).
    """
    square = given.t**2
    size = given.size + square
    centre = (given.size * given.value + square / 2) / size
    half = given.t * np.sqrt(centre * (1 - centre) / size)
    return centre - half, centre + half


def beta(given: Terms) -> tuple[Floats, Floats]:
    """Korn-Graubard limits as R computes them: not truncated at n, not guarded.

    Parameters
    ----------
    given : Terms
        Arrays of shape (k,).

    Returns
    -------
    low, high : (k,) float
        0-1.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24(2), 193-201; R ``svyciprop(method = "beta")``.
    """
    return beta_limits(given.size * given.ratio, given.value, given.alpha)


def jeffreys(given: Terms) -> tuple[Floats, Floats]:
    """Quantiles of a Beta posterior after Jeffreys' prior, with the effective number of Korn and Graubard.

    Parameters
    ----------
    given : Terms
        Arrays of shape (k,).

    Returns
    -------
    low, high : (k,) float
        0-1.

    References
    ----------
    Brown, Cai & DasGupta (2001), section 4.1.2; Franco, Little, Louis & Slud (2019), JSSAM 7, 334-364.
    """
    size = np.minimum(given.size * given.ratio, MOST)
    a, b = size * given.value + 0.5, size * (1 - given.value) + 0.5
    low, high = (scipy.special.betaincinv(a, b, tail) for tail in (given.alpha / 2, 1 - given.alpha / 2))
    return np.asarray(low), np.asarray(high)


def likelihood(given: Terms) -> tuple[Floats, Floats]:
    """Where the scaled likelihood ratio reaches t²: 2 n_e (nrow − 1)/nrow · KL(p̂‖x) = t², solved on the logit scale.

    KL is convex there and its tangents' starting points lie outside, so that Newton's steps come in from one side and cannot miss.

    Parameters
    ----------
    given : Terms
        Arrays of shape (k,).

    Returns
    -------
    low, high : (k,) float
        0-1.

    References
    ----------
    Rao & Scott (1984), Annals of Statistics 12, 46-60; R ``svyciprop(method = "likelihood")``, whose spline agrees to 4e-4.
    """
    p, q = given.value, 1 - given.value
    level = given.t**2 * given.nrow / (2 * given.size * (given.nrow - 1))
    entropy = scipy.special.xlogy(p, p) + scipy.special.xlogy(q, q)
    starts = (entropy - level) / p, (level - entropy) / q
    low, high = (_newton(start, p, entropy - level) for start in starts)
    return np.asarray(scipy.special.expit(low)), np.asarray(scipy.special.expit(high))


def _newton(start: Floats, p: Floats, offset: Floats) -> Floats:
    """Root of log(1 + e^θ) − pθ + offset from a start beyond it."""
    theta = start
    for _ in range(SWEEPS):
        slope = scipy.special.expit(theta) - p
        with np.errstate(divide="ignore", invalid="ignore"):
            step = (np.logaddexp(0, theta) - p * theta + offset) / slope
        step = np.where(np.isfinite(step), step, 0.0)
        theta = theta - step
        if np.all(np.abs(step) <= STEP * np.maximum(1, np.abs(theta))):
            break
    return theta
