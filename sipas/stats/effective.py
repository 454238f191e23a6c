"""How many answers a share is worth: what design and sample leave of n, with the guard of KG20."""

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
NOISE = 1e-20  # a variance below is what rounding leaves of none: no share of ten million answers has it
TABLE = 1 << 17  # degrees of freedom up to here are looked up by their number; sorting them costs ten times as much


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


def t_quantile(df: Floats, alpha: float = ALPHA) -> Floats:
    """Student's 1 − α/2 quantile; NaN below one degree of freedom. Each distinct df is computed once.

    Parameters
    ----------
    df : (k,) float
        Degrees of freedom, no unit; any shape.
    alpha : float
        1 − confidence.

    Returns
    -------
    (k,) float

    References
    ----------
    R ``qt``; SciPy ``stdtrit``.
    """
    flat = np.ravel(df)
    place = np.where((flat >= 0) & (flat < TABLE), flat, 0).astype(np.int64)
    if np.array_equal(place, flat):
        distinct = np.flatnonzero(np.bincount(place)).astype(np.float64)
        quantile = np.full(int(place.max(initial=0)) + 1, np.nan)
        quantile[distinct[distinct >= 1].astype(np.int64)] = scipy.special.stdtrit(distinct[distinct >= 1], 1 - alpha / 2)
        return quantile[place].reshape(np.shape(df))
    distinct, where = np.unique(flat, return_inverse=True)
    quantile = np.full(distinct.shape, np.nan)
    known = distinct >= 1
    quantile[known] = scipy.special.stdtrit(distinct[known], 1 - alpha / 2)
    return quantile[where].reshape(np.shape(df))


def t_and_ratio(rows: Floats, df: Floats, alpha: float = ALPHA) -> tuple[Floats, Floats]:
    """Student's quantile at the degrees of freedom, and that of as many rows over it.

    Parameters
    ----------
    rows, df : (k,) float
        Rows, of which one less counts, and degrees of freedom.
    alpha : float
        1 − confidence; near 1 the quantile is 0.

    Returns
    -------
    t, ratio : (k,) float
        ``t`` is NaN below one degree of freedom; ``ratio`` is 1 there, and where the quantile is 0.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24(2), 193-201.
    """
    of_rows, t = t_quantile(np.stack([np.maximum(rows - 1, 0), df]), alpha)
    ratio = np.divide(of_rows, t, out=np.ones_like(t), where=(t > 0) & (of_rows >= 0))
    return t, ratio


def guarded(shares: Shares, d_pool: Floats) -> tuple[Floats, Floats]:
    """The effective number of answers the variance allows, guarded where it cannot be believed, before degrees of freedom count.

    Below 20 of the rarer answer, or where the variance is 0, no more than n_K/d_pool.

    Parameters
    ----------
    shares : Shares
        Arrays of shape (k,).
    d_pool : (k,) float
        Pooled design effect, at least 1.

    Returns
    -------
    number, cap : (k,) float
        The effective number, and the most it may ever be: n, and n/(1 − f) where there is no guard.

    References
    ----------
    Truncation at n: Parker et al. (2017), NCHS Series 2 no. 175; the guard is this project's own, statistics page section 4.
    """
    n = shares.n
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        rarer = np.minimum(shares.n_satisfied, shares.n_unsatisfied)
        usable = (rarer > 0) & (shares.variance > NOISE) & (shares.value > 0) & (shares.value < 1)  # a share may round to its end
        effective = np.where(usable, shares.value * (1 - shares.value) / shares.variance, np.inf)
        few = (rarer < FEW) | ~usable
        cap = np.where(few, n, n / (1 - fraction(shares)))
        return np.minimum(effective, np.where(few, np.minimum(shares.n_kish / d_pool, n), cap)), cap


def n_star(shares: Shares, d_pool: Floats, alpha: float = ALPHA) -> Floats:
    """The effective number of answers of KG20, statistics page section 4; ``kg20`` returns it too.

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
    number, cap = guarded(shares, d_pool)
    star = np.minimum(number * t_and_ratio(shares.n, shares.df, alpha)[1] ** 2, cap)
    star = np.where(fraction(shares) >= 1, np.inf, star)
    return np.where(shares.n > 0, star, 0.0)


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


def fraction(shares: Shares) -> Floats:
    """The part of its population that answered.

    Parameters
    ----------
    shares : Shares
        Arrays of shape (k,).

    Returns
    -------
    (k,) float
        n/N_D; 0 where the population is unknown or nobody answered, above 1 where more answered than there are.

    References
    ----------
    Cochran (1977), section 2.6.
    """
    known = ~np.isnan(shares.population) & (shares.n > 0)
    with np.errstate(divide="ignore"):
        return np.divide(shares.n, shares.population, out=np.zeros(np.shape(shares.n)), where=known)
