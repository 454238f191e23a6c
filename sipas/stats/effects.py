"""What a design costs: effective numbers, design effects, degrees of freedom."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sipas.stats.estimates import Estimates
from sipas.stats.intervals import Floats
from sipas.stats.sampling import SampleDesign
from sipas.stats.sums import group_sums
from sipas.stats.weights import Ints

TABLE = 30_000_000  # pairs of column and group up to which marking them in a table beats sorting them


def kish(weight: ArrayLike) -> float:
    """Effective number of answers that weights leave, (Σw)²/Σw².

    Parameters
    ----------
    weight : (n,) float
        Not negative; any scale.

    Returns
    -------
    float
        Between 1 and n; 0 without answers.

    References
    ----------
    Kish (1965), Survey Sampling, 11.7.
    """
    w = np.asarray(weight, np.float64)
    if not len(w) or not w.any():
        return 0.0
    w = w / w.max()  # squares of huge weights stay finite
    one = np.zeros(len(w), np.int64)
    return float(group_sums(w, one, 1)[0] ** 2 / group_sums(w**2, one, 1)[0])


def weighting_effect(weight: ArrayLike) -> float:
    """Design effect of unequal weights alone, n Σw²/(Σw)².

    Parameters
    ----------
    weight : (n,) float
        Not negative; any scale.

    Returns
    -------
    float
        At least 1; 1 without answers.

    References
    ----------
    Kish (1992), Journal of Official Statistics 8(2), 183-200.
    """
    effective = kish(weight)
    return len(np.asarray(weight)) / effective if effective else 1.0


def design_effect(estimates: Estimates, *, replace: bool = False) -> Floats:
    """Variance over the variance a simple random sample of as many answers would have.

    Parameters
    ----------
    estimates : Estimates
        Of k statistics.
    replace : bool
        Compare with sampling with replacement: the only meaningful form where weights were rescaled.

    Returns
    -------
    (k,) float
        1 where all answers agree; where Σw does not exceed n, the form with replacement.

    References
    ----------
    Kish (1965), 8.2; statistics page section 1: V̂/{S²(N̂ − n)/(N̂ n)} and V̂/(S²/n), S² = Σw(y − ȳ)²/Σw · n/(n − 1).
    """
    left = np.ones(len(estimates.n))
    if not replace:
        part = np.divide(estimates.n, estimates.weight_sum, out=np.zeros(len(left)), where=estimates.weight_sum > 0)
        left = np.where(part < 1, 1 - part, 1.0)
    plain = estimates.simple_variance * left
    usable = plain > 0
    return np.divide(estimates.variance, plain, out=np.ones(len(left)), where=usable)


def degrees_of_freedom(design: SampleDesign, row: Ints, column: Ints, k: int) -> Floats:
    """Clusters with a member minus strata with a member, for each of k memberships.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    row, column : (m,) int
        Members: rows of the design, and the estimate each belongs to.
    k : int
        Estimates.

    Returns
    -------
    (k,) float
        0 without members.

    References
    ----------
    Statistics page (1.7); Korn & Graubard (1999), Analysis of Health Surveys, 5.2.
    """
    clusters, strata = (
        _distinct(column, of[row], k, count) for of, count in ((design.cluster, design.clusters), (design.stratum, design.strata))
    )
    return (clusters - strata).astype(np.float64)


def _distinct(column: Ints, group: Ints, k: int, count: int) -> Ints:
    """How many groups each column meets."""
    if k * count <= TABLE:
        met = np.zeros((k, count), np.bool_)
        met[column, group] = True
        return np.asarray(met.sum(axis=1), np.int64)
    return np.bincount(np.unique(column * count + group) // count, minlength=k).astype(np.int64)
