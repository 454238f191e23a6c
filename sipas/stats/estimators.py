"""Shares, means, totals, ratios, composites and smooth functions with their full covariance, and contrasts between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from sipas.stats import linearised
from sipas.stats.columns import DomainLike
from sipas.stats.effects import degrees_of_freedom
from sipas.stats.estimates import Estimates, as_shares
from sipas.stats.intervals import Floats
from sipas.stats.linearised import Linear
from sipas.stats.sampling import SampleDesign
from sipas.stats.sums import group_sums
from sipas.stats.variance import covariance

__all__ = ["ESTIMATORS", "Estimates", "as_shares", "composite", "estimate", "mean", "ratio", "share", "smooth", "total"]

UNEVEN = 5  # n over n_K from which weights are called uneven


def estimate(design: SampleDesign, linear: Linear, *, centre: str = "mean") -> Estimates:
    """Covariance, degrees of freedom and counts of linearised estimates.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    linear : Linear
        Of the same design; ``linearised.stack`` joins several.
    centre : str
        See ``variance.covariance``.

    Returns
    -------
    Estimates

    Raises
    ------
    BadDesignError
        The lonely rule is ``fail`` and a stratum is lonely.

    References
    ----------
    Statistics page sections 1 and 2; Lumley (2010), ch. 2.
    """
    scores, k = linear.scores, linear.scores.k
    weight = design.weight[scores.row]
    n = np.bincount(scores.column, minlength=k).astype(np.float64)
    weight_sum = group_sums(weight, scores.column, k)
    share_of = np.divide(1.0, weight_sum, out=np.zeros(k), where=weight_sum > 0)
    squares = group_sums(weight**2, scores.column, k)
    middle = group_sums(weight * scores.z, scores.column, k) * share_of
    spread = group_sums(weight * (scores.z - middle[scores.column]) ** 2, scores.column, k) * share_of
    return Estimates(
        names=linear.names,
        kinds=linear.kinds,
        value=linear.value,
        known=linear.known,
        covariance=covariance(design, scores, centre=centre),
        df=degrees_of_freedom(design, scores.row, scores.column, k),
        n=n,
        satisfied=linear.satisfied,
        weight_sum=weight_sum,
        weight_squares=squares,
        simple_variance=weight_sum**2 * spread / np.maximum(n - 1, 1),
        design_df=float(design.clusters - np.count_nonzero(design.clusters_in_stratum)),
        warnings=(*_complaints(design, linear, n=n, weight_sum=weight_sum, squares=squares), *linear.warnings),
    )


def share(design: SampleDesign, y: ArrayLike, levels: Sequence[float], domain: DomainLike = None, *, name: str = "share") -> Estimates:
    """Share, 0-1, of answers that are one of ``levels``; ``linearised.share`` with its variance.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    y : (n,) float
        Answers; NaN where missing.
    levels : sequence of float
        The answers that count.
    domain : DomainLike
        None, (n,) bool, (n,) int, (n, D) bool or mapping of name to (n,) bool.
    name : str
        Of the statistic.

    Returns
    -------
    Estimates

    Raises
    ------
    BadColumnError, BadDesignError
        A column or the design does not fit.

    References
    ----------
    Statistics page (1.2)-(1.5), (2.1).
    """
    return estimate(design, linearised.share(design, y, levels, domain, name=name))


def mean(design: SampleDesign, y: ArrayLike, domain: DomainLike = None, *, name: str = "mean") -> Estimates:
    """Weighted mean of the rows that answered; ``linearised.mean`` with its variance.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    y : (n,) float
        NaN where missing.
    domain : DomainLike
        As for ``share``.
    name : str
        Of the statistic.

    Returns
    -------
    Estimates

    Raises
    ------
    BadColumnError, BadDesignError
        A column or the design does not fit.

    References
    ----------
    Statistics page (1.2)-(1.5), (2.1).
    """
    return estimate(design, linearised.mean(design, y, domain, name=name))


def total(design: SampleDesign, y: ArrayLike, domain: DomainLike = None, *, name: str = "total") -> Estimates:
    """Weighted total; ``linearised.total`` with its variance.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    y : (n,) float
        NaN where missing: adds nothing.
    domain : DomainLike
        As for ``share``.
    name : str
        Of the statistic.

    Returns
    -------
    Estimates

    Raises
    ------
    BadColumnError, BadDesignError
        A column or the design does not fit.

    References
    ----------
    Statistics page (1.1), (1.4).
    """
    return estimate(design, linearised.total(design, y, domain, name=name))


def ratio(design: SampleDesign, y: ArrayLike, x: ArrayLike, domain: DomainLike = None, *, name: str = "ratio") -> Estimates:
    """Ratio of two weighted totals; ``linearised.ratio`` with its variance.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    y, x : (n,) float
        NaN where missing; a row with either missing is outside.
    domain : DomainLike
        As for ``share``.
    name : str
        Of the statistic.

    Returns
    -------
    Estimates

    Raises
    ------
    BadColumnError, BadDesignError
        A column or the design does not fit.

    References
    ----------
    Statistics page (1.2)-(1.5); Särndal, Swensson & Wretman (1992), 5.6.
    """
    return estimate(design, linearised.ratio(design, y, x, domain, name=name))


def composite(
    design: SampleDesign, scores: ArrayLike, shares: ArrayLike, domain: DomainLike = None, *, name: str = "composite"
) -> Estimates:
    """Available-case composite with every covariance between its items; ``linearised.composite`` with its variance.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    scores : (n, K) float
        NaN where missing.
    shares : (K,) float
        Positive, adding up to 1.
    domain : DomainLike
        As for ``share``.
    name : str
        Of the statistic.

    Returns
    -------
    Estimates

    Raises
    ------
    BadColumnError, BadDesignError
        A column or the design does not fit.

    References
    ----------
    Statistics page section 6.
    """
    return estimate(design, linearised.composite(design, scores, shares, domain, name=name))


def smooth(
    design: SampleDesign,
    columns: ArrayLike,
    g: Callable[[Floats], float],
    gradient: Callable[[Floats], ArrayLike],
    domain: DomainLike = None,
    *,
    name: str = "smooth",
) -> Estimates:
    """Any smooth function of weighted totals; ``linearised.smooth`` with its variance.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    columns : (n, c) float
        NaN where missing: adds nothing.
    g, gradient : callable
        (c,) totals to one number, and to its (c,) derivatives.
    domain : DomainLike
        As for ``share``.
    name : str
        Of the statistic.

    Returns
    -------
    Estimates

    Raises
    ------
    BadColumnError, BadDesignError
        A column or the design does not fit.

    References
    ----------
    Statistics page (1.3); Binder (1983).
    """
    return estimate(design, linearised.smooth(design, columns, g, gradient, domain, name=name))


ESTIMATORS: Mapping[str, Callable[..., Estimates]] = MappingProxyType(
    {"share": share, "mean": mean, "total": total, "ratio": ratio, "composite": composite, "smooth": smooth}
)


def _complaints(design: SampleDesign, linear: Linear, *, n: Floats, weight_sum: Floats, squares: Floats) -> tuple[str, ...]:
    said: list[str] = []
    if len(design.lonely_strata):
        said.append(f"{len(design.lonely_strata)} strata have one cluster; the rule {design.lonely!r} was applied to them.")
    empty = np.flatnonzero((design.clusters_in_stratum == 0) & (design.clusters_in_population > 0))
    if len(empty):
        said.append(f"{len(empty)} strata have no answers; estimates say nothing about them.")
    silent = [name for name, known in zip(linear.names, linear.known, strict=True) if not known]
    said.extend(f"{name}: nobody answered; there is no estimate." for name in silent)
    uneven = np.flatnonzero(UNEVEN * weight_sum**2 < n * squares)
    said.extend(
        f"{linear.names[i]}: weights are so uneven that {n[i]:.0f} answers count as fewer than {n[i] / UNEVEN:.0f}." for i in uneven
    )
    return tuple(said)
