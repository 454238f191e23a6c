"""Reliability of a factor: Cronbach's α, McDonald's ω, Spearman-Brown for two items. Reported beside a factor, never a gate.

Answers near the top of the scale depress every coefficient that is built on Pearson correlations; the page that shows one says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from sipas.stats.intervals import Bools, Floats
from sipas.stats.item_moments import BadItemsError, complete, moments
from sipas.stats.one_factor import OneFactor, one_factor
from sipas.stats.polychoric import polychoric, skewness

SKEWED = 1.0  # beyond it Pearson correlations are too low by more than a little
FLAT = 1e-12  # a variance below this part of the mean square is rounding, not spread

ONE_ITEM, TOO_FEW, NO_VARIANCE = "one_item", "too_few_rows", "no_variance"
FLAT_ITEM, NOT_TWO, TWO_ITEMS, SINGULAR = "item_without_variance", "not_two_items", "two_items", "singular_correlations"
HEYWOOD, NEGATIVE = "heywood", "negative_correlation"
PEARSON, POLYCHORIC, BY_SKEWNESS = CORRELATIONS = ("pearson", "polychoric", "by_skewness")


@dataclass(frozen=True, slots=True)
class Reliability:
    """One coefficient.

    Attributes
    ----------
    coefficient : str
        Its name in ``COEFFICIENTS``; "omega_polychoric" where ω is of polychoric correlations.
    value : float or None
        At most 1, no unit; None where it does not exist.
    reason : str
        Why there is none, or what to know about it; "" where there is nothing to say.
    n : int
        Rows behind it.
    items : int
    """

    coefficient: str
    value: float | None
    reason: str
    n: int
    items: int


def alpha_of(covariance: Floats) -> float | None:
    """Cronbach's α of a covariance matrix: K/(K − 1) · (1 − Σ S_k²/S_total²).

    Parameters
    ----------
    covariance : (K, K) float
        Of the items.

    Returns
    -------
    float or None
        At most 1; below 0 where items contradict one another; None for one item or a sum without variance.

    References
    ----------
    Cronbach (1951), Psychometrika 16, 297-334.
    """
    count, total = len(covariance), float(covariance.sum())
    parts = float(np.trace(covariance))
    if count < 2 or total <= FLAT * max(parts, np.finfo(float).tiny):
        return None
    return count / (count - 1) * (1 - parts / total)


def alpha(items: Floats, *, weight: Floats | None = None, member: Bools | None = None) -> Reliability:
    """Cronbach's α over the complete cases of a factor.

    Parameters
    ----------
    items : (n, K) float
        Answers of one factor; NaN where there is none.
    weight : (n,) float, optional
        Final weights; with them the coefficient is that of the population.
    member : (n,) bool, optional
        The domain.

    Returns
    -------
    Reliability
        Without value for one item, fewer than two complete rows, or a sum without variance.

    Raises
    ------
    BadItemsError
        See ``complete``.

    References
    ----------
    Cronbach (1951); with weights equal to R survey ``svycralpha``.
    """
    found = moments(items, weight=weight, member=member)
    count = items.shape[1]
    if count < 2:
        return Reliability("alpha", None, ONE_ITEM, found.n, count)
    if found.n < 2:
        return Reliability("alpha", None, TOO_FEW, found.n, count)
    value = alpha_of(found.covariance)
    return Reliability("alpha", value, NO_VARIANCE if value is None else "", found.n, count)


def alpha_linearised(items: Floats, *, weight: Floats | None = None, member: Bools | None = None) -> Floats:
    """The linearised values of weighted α, whose design variance is the variance of α.

    Parameters
    ----------
    items : (n, K) float
        Answers of one factor; NaN where there is none.
    weight : (n,) float, optional
        Final weights.
    member : (n,) bool, optional
        The domain.

    Returns
    -------
    (n,) float
        z_i = K/(K − 1) · (r e_i,total² − Σ_k e_ik²)/(W S_total²) with r = Σ S_k²/S_total² and S without n/(n − 1); 0 outside the
        complete cases, and everywhere where α has no value.

    Raises
    ------
    BadItemsError
        See ``complete``.

    References
    ----------
    Binder (1983), Int. Stat. Rev. 51, 279-292; statistics page (1.3). R: ``svycontrast`` on the totals of squares.
    """
    found = moments(items, weight=weight, member=member)
    inside, _ = complete(items, weight, member)
    z = np.zeros(len(items))
    if found.n < 2 or alpha_of(found.covariance) is None:
        return z
    covariance = found.covariance * (found.n - 1) / found.n
    total, count = covariance.sum(), items.shape[1]
    e = items[inside] - found.mean
    spread = np.trace(covariance) / total * e.sum(axis=1) ** 2 - (e**2).sum(axis=1)
    z[inside] = count / (count - 1) * spread / (found.total_weight * total)
    return z


def spearman_brown(items: Floats, *, weight: Floats | None = None, member: Bools | None = None) -> Reliability:
    """Reliability of a factor of two items: 2r/(1 + r), r their correlation.

    Parameters
    ----------
    items : (n, 2) float
        Answers; NaN where there is none.
    weight : (n,) float, optional
        Final weights.
    member : (n,) bool, optional
        The domain.

    Returns
    -------
    Reliability
        Without value unless there are two items that both vary; below 0 is possible, and said.

    Raises
    ------
    BadItemsError
        See ``complete``.

    References
    ----------
    Spearman (1910), Br. J. Psychol. 3, 271-295; Brown (1910), same volume, 296-322; Eisinga, te Grotenhuis & Pelzer (2013),
    Int. J. Public Health 58, 637-642 for two items.
    """
    found = moments(items, weight=weight, member=member)
    count = items.shape[1]
    if count != 2:
        return Reliability("spearman_brown", None, NOT_TWO, found.n, count)
    if found.n < 2:
        return Reliability("spearman_brown", None, TOO_FEW, found.n, count)
    r = correlation(found.covariance)
    if r is None or r[0, 1] <= -1 + FLAT:
        return Reliability("spearman_brown", None, FLAT_ITEM if r is None else NEGATIVE, found.n, count)
    value = 2 * float(r[0, 1]) / (1 + float(r[0, 1]))
    return Reliability("spearman_brown", value, NEGATIVE if value < 0 else "", found.n, count)


def omega(items: Floats, *, weight: Floats | None = None, member: Bools | None = None, correlations: str = "pearson") -> Reliability:
    """McDonald's ω of one factor, by maximum likelihood on the correlations of the complete cases.

    Parameters
    ----------
    items : (n, K) float
        Answers of one factor; NaN where there is none.
    weight : (n,) float, optional
        Final weights.
    member : (n,) bool, optional
        The domain.
    correlations : str
        ``pearson``, ``polychoric``, or ``by_skewness``: polychoric where an item's skewness is beyond ±1.

    Returns
    -------
    Reliability
        Without value below three items (two: Spearman-Brown), for an item without variance, or for correlations that no
        distribution of full rank has; marked ``heywood`` where a unique variance lies on its floor.

    Raises
    ------
    BadItemsError
        Unknown correlations; more than 20 levels for polychoric ones; or see ``complete``.

    References
    ----------
    McDonald (1999), Test Theory, 90; statistics page section 6. Agrees with R ``factanal`` to its own precision.
    """
    if correlations not in CORRELATIONS:
        raise BadItemsError(f"correlations {correlations!r} are unknown; choose from {', '.join(CORRELATIONS)}")
    found = moments(items, weight=weight, member=member)
    count = items.shape[1]
    skewed = correlations == BY_SKEWNESS and bool(np.any(np.abs(skewness(items, weight=weight, member=member)) > SKEWED))
    ordered = correlations == POLYCHORIC or skewed
    name = "omega_polychoric" if ordered else "omega"
    reason = ONE_ITEM if count < 2 else TWO_ITEMS if count == 2 else TOO_FEW if found.n < 2 else ""
    matrix = None if reason else polychoric(items, weight=weight, member=member) if ordered else correlation(found.covariance)
    if matrix is None:
        return Reliability(name, None, reason or FLAT_ITEM, found.n, count)
    if np.linalg.eigvalsh(matrix)[0] < FLAT * count:
        return Reliability(name, None, SINGULAR, found.n, count)
    fit = one_factor(matrix)
    return Reliability(name, omega_of(fit), HEYWOOD if fit.heywood else "", found.n, count)


def omega_of(fit: OneFactor) -> float:
    """ω = (Σλ)²/((Σλ)² + Σψ) of a fitted factor.

    Parameters
    ----------
    fit : OneFactor
        Of the items' correlations.

    Returns
    -------
    float
        0-1.

    References
    ----------
    McDonald (1999), Test Theory, 90.
    """
    common = float(fit.loading.sum()) ** 2
    return common / (common + float(fit.unique.sum()))


def correlation(covariance: Floats) -> Floats | None:
    """The correlations of a covariance matrix; None where an item has no variance.

    Parameters
    ----------
    covariance : (K, K) float
        Of the items.

    Returns
    -------
    (K, K) float or None
        Ones on the diagonal, the rest within [−1, 1].

    References
    ----------
    Pearson (1896), Phil. Trans. R. Soc. A 187, 253-318.
    """
    deviation = np.sqrt(np.diag(covariance))
    if not np.all(deviation > 0):
        return None
    matrix = np.clip(covariance / np.outer(deviation, deviation), -1.0, 1.0)
    np.fill_diagonal(matrix, 1.0)
    return np.asarray(matrix, np.float64)


Coefficient = Callable[..., Reliability]
COEFFICIENTS: Mapping[str, Coefficient] = MappingProxyType({"alpha": alpha, "omega": omega, "spearman_brown": spearman_brown})
