"""Never a bare rank: the ranks a unit may have, all units' jointly, and three groups beside the mean of the whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sipas.stats.differences import HIGHER, LOWER, Difference, compare, direction
from sipas.stats.evidence import Evidence
from sipas.stats.intervals import Floats, Shares, kg20
from sipas.stats.multiplicity import LEVEL, BadComparisonError, simultaneous_alpha

ABOVE, INSEPARABLE, BELOW = "above", "inseparable", "below"
Ints = NDArray[np.int64]
Words = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class RankSets:
    """The ranks each unit may have, 1 for the highest share: arrays of shape (K,).

    Attributes
    ----------
    best, worst : (K,) int
        1 ≤ best ≤ worst ≤ K. A unit nobody answered for may have any rank.
    level : float
        At least this is the chance that every set of the table holds its unit's rank.
    """

    best: Ints
    worst: Ints
    level: float


@dataclass(frozen=True, slots=True)
class Groups:
    """Where each unit stands beside the reference.

    Attributes
    ----------
    word : (K,) str
        ``above``, ``inseparable`` or ``below``; all of them are right together at ``level``.
    difference : Difference
        Unit minus reference, at the level of each single comparison.
    level : float
        Joint.
    """

    word: Words
    difference: Difference
    level: float


def rank_sets(low: Floats, high: Floats, *, level: float = LEVEL) -> RankSets:
    """Ranks by simultaneous intervals: [1 + #{j: low_j > high_k}, K − #{j: high_j < low_k}].

    Parameters
    ----------
    low, high : (K,) float
        Limits that hold jointly: each at confidence ``simultaneous_level(K)``.
    level : float
        Their joint confidence; only told on.

    Returns
    -------
    RankSets
        Units with equal shares share their ranks, and each set holds all of them.

    Raises
    ------
    BadComparisonError
        A limit is missing or the two are crossed.

    References
    ----------
    Klein, Wright & Wieczorek (2020), JRSS-A 183, 589-606.
    """
    lows, highs = np.asarray(low, np.float64), np.asarray(high, np.float64)
    wrong = np.flatnonzero(~(lows <= highs))
    if len(wrong):
        raise BadComparisonError(f"unit number {wrong[0] + 1} has no interval; give one without answers the ends of the scale")
    count = len(lows)
    above = count - np.searchsorted(np.sort(lows), highs, side="right")
    below = np.searchsorted(np.sort(highs), lows, side="left")
    return RankSets(1 + above.astype(np.int64), count - below.astype(np.int64), level)


def joint_rank_sets(shares: Shares, d_pool: Floats, *, level: float = LEVEL) -> RankSets:
    """Rank sets (a): KG20 intervals at level^(1/K) each, which hold all ranks at once.

    Parameters
    ----------
    shares : Shares
        All published units of one table, arrays of shape (K,): the family is fixed before one looks.
    d_pool : (K,) float
        Pooled design effect, at least 1.
    level : float
        Joint confidence.

    Returns
    -------
    RankSets

    Raises
    ------
    BadComparisonError
        ``level`` is not between 0 and 1.

    References
    ----------
    Klein, Wright & Wieczorek (2020), JRSS-A 183, 589-606; statistics page sections 4 and 5.
    """
    found = kg20(shares, d_pool, simultaneous_alpha(len(shares.value), level=level))
    return rank_sets(found.low, found.high, level=level)


def pairwise_rank_sets(units: Evidence, covariance: Floats | None = None, *, level: float = LEVEL) -> RankSets:
    """Rank sets (b): every pair by its own difference, Bonferroni over the pairs. Smaller sets at the price of K² differences.

    Parameters
    ----------
    units : Evidence
        Shape (K,).
    covariance : (K, K) float, optional
        Of the shares; 0 where not given, which is right for units that share no stratum, cluster or calibration.
    level : float
        Joint confidence.

    Returns
    -------
    RankSets

    Raises
    ------
    BadComparisonError
        ``level`` is not between 0 and 1.

    References
    ----------
    Mogstad, Romano, Shaikh & Wilhelm (2024), Rev. Econ. Stud. 91, 476-518, with Bonferroni's level.
    """
    count = len(units.value)
    best, worst = np.ones(count, np.int64), np.full(count, count, np.int64)
    if not 0 < level < 1:
        raise BadComparisonError(f"a joint level of {level} cannot be kept; give one between 0 and 1, such as {LEVEL}")
    alpha = (1 - level) / max(count * (count - 1) // 2, 1)
    for k in range(count - 1):  # a row of pairs at a time: memory stays at K
        others = np.arange(k + 1, count)
        mine = units.take(np.full(len(others), k))
        said = direction(compare(mine, units.take(others), 0.0 if covariance is None else covariance[k, others], alpha=alpha))
        over, under = said == HIGHER, said == LOWER
        worst[k] -= int(over.sum())
        best[k] += int(under.sum())
        best[others] += over
        worst[others] -= under
    return RankSets(best, worst, level)


def groups(
    units: Evidence, reference: Evidence, covariance: Floats | float = 0.0, *, level: float = LEVEL, family: int | None = None
) -> Groups:
    """Three groups instead of a league table: surely above, cannot be separated from, surely below the mean of the whole.

    The reference is the whole's own estimate (every respondent by what he stands for), with its own error; a unit is a part of it, so
    their covariance is positive: V(p_k − p_0) = V_k + V_0 − 2C_k0. Without that covariance (0) the groups are right too, with a
    few more units that cannot be separated. A target is a reference without error: ``evidence.exactly``.

    Parameters
    ----------
    units : Evidence
        All published units of one table, shape (K,).
    reference : Evidence
        Of the whole, shape (1,) or (K,).
    covariance : (K,) float or float
        Of each unit with the reference, by the whole design; ``covariance_with_whole`` where only variances are at hand.
    level : float
        Joint confidence of all K groups.
    family : int, optional
        Units of the whole family, if more than those passed.

    Returns
    -------
    Groups

    Raises
    ------
    BadComparisonError
        ``level`` is not between 0 and 1, or the family is smaller than its units.

    References
    ----------
    Statistics page section 5; each comparison at level^(1/K), Šidák (1967).
    """
    count = len(units.value)
    size = count if family is None else family
    if size < count:
        raise BadComparisonError(f"a family of {size} cannot hold {count} units; count every published unit of the table")
    made = compare(units, reference, covariance, alpha=simultaneous_alpha(size, level=level))
    return Groups(beside(made), made, level)


def beside(made: Difference) -> Words:
    """The three words for differences that were made at the level of a whole family: of means and composites, whose limits are given.

    Parameters
    ----------
    made : Difference
        Unit minus reference, shape (K,), at ``simultaneous_alpha(K)``.

    Returns
    -------
    (K,) str
        ``above``, ``inseparable`` or ``below``.

    References
    ----------
    Statistics page section 5.
    """
    said = direction(made)
    return np.asarray(np.select([said == HIGHER, said == LOWER], [ABOVE, BELOW], INSEPARABLE), np.str_)


def covariance_with_whole(variance: Floats, share_of_whole: Floats) -> Floats:
    """The covariance of a part's mean with the mean of the whole, where only the parts' variances are known.

    Exact where parts are sampled independently and their shares of the whole are population counts; where the shares are themselves
    estimated (answers missing at random sizes), the covariance by the design (statistics page (1.5)) is to be preferred.

    Parameters
    ----------
    variance : (K,) float
        Of each part's mean.
    share_of_whole : (K,) float
        Dossiers of the part ÷ dossiers of the whole, 0-1.

    Returns
    -------
    (K,) float

    References
    ----------
    Cochran (1977), ch. 5: p_0 = Σ W_k p_k.
    """
    return np.asarray(share_of_whole * variance, np.float64)
