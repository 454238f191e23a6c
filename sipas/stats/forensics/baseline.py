"""What is usual: rates pooled over units that do not stand out, with the overdispersion that honest units show."""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

import numpy as np

from sipas.stats.forensics.tails import sign_tail
from sipas.stats.intervals import Bools, Floats

TRIM = 0.1  # of the units at either end are left out at first: the middle 80 % say what is usual
TRIMMED_VARIANCE = 0.4377  # of a normal's, between its 10 and 90 %
STANDS_OUT = 0.01  # a unit less likely than that does not set the norm
MAD_EFFICIENCY = 0.37  # so many of n units' degrees of freedom the scale by the median has
OWN_WEIGHT = 20.0  # answers of the overall rate that a class with few answers is mixed with


class BadCountsError(ValueError):
    """Counts that are no counts."""


@dataclass(frozen=True, slots=True)
class Excess:
    """How far each unit's count exceeds what is usual.

    Attributes
    ----------
    p : (u,) float
        Chance of a count at least as large in an honest unit; 1 where nothing was counted.
    expected : (u,) float
        The usual count for the unit's own mix of classes.
    overdispersion : float
        The beta-binomial's ρ, 0-1.
    rates : (c,) float
        The usual rate of each class, 0-1.
    kept : (u,) bool
        Units that set the norm.
    """

    p: Floats
    expected: Floats
    overdispersion: float
    rates: Floats
    kept: Bools


def excess(count: Floats, total: Floats, *, floor: float) -> Excess:
    """The chance of each unit's count, judged by the others.

    Rates are pooled by class (questionnaire and length, channel) so that a unit is compared with its own mix. First over the
    middle 80 % of the units by standardised excess; then over all that are not less likely than 1 %, which takes back the bias
    of trimming a skewed distribution. Overdispersion is by moments, and never below ``floor``.

    Parameters
    ----------
    count, total : (u, c) float
        Flagged and all answers by unit and class.
    floor : float
        Least overdispersion believed, 0-1: few units show too little of it.

    Returns
    -------
    Excess

    Raises
    ------
    BadCountsError
        A count is negative or above its total.

    References
    ----------
    Statistics page section 9; Williams (1982), Applied Statistics 31, 144-148 for the moments; Rousseeuw & Leroy (1987), Robust
    Regression and Outlier Detection, for the reweighted step.
    """
    if np.any(count < 0) or np.any(count > total):
        unit, kind = np.argwhere((count < 0) | (count > total))[0]
        raise BadCountsError(f"unit {unit}, class {kind}: {count[unit, kind]:g} flagged of {total[unit, kind]:g} answers")
    k, n = count.sum(axis=1), total.sum(axis=1)
    answered = n > 0
    kept = answered
    for _ in range(3):
        expected = total @ _rates(count, total, kept)
        z = (k - expected) / np.sqrt(np.maximum(expected * (1 - expected / np.maximum(n, 1)) * (1 + (n - 1) * floor), 1e-9))
        low, high = np.quantile(z[answered], [TRIM, 1 - TRIM]) if answered.any() else (0.0, 0.0)
        kept = answered & (z >= low) & (z <= high)
    for cut in (True, False):
        rates = _rates(count, total, kept)
        expected, used = total @ rates, kept
        rho = max(floor, _moments(k, n, expected, kept, trimmed=cut))
        p = sign_tail(k, n, expected / np.maximum(n, 1), rho)
        below = sign_tail(n - k, n, 1 - expected / np.maximum(n, 1), rho)
        kept = answered & (p >= STANDS_OUT) & (below >= STANDS_OUT)
    return Excess(np.where(answered, p, 1.0), expected, rho, rates, used)


def weekly_excess(count: Floats, total: Floats, usual: Excess, *, floor: float) -> Floats:
    """The chance of each unit's count in each week, judged by all weeks of the units that set the norm.

    Parameters
    ----------
    count, total : (u, w, c) float
        Flagged and all answers by unit, week and class.
    usual : Excess
        Of the same units over all weeks.
    floor : float
        Least overdispersion believed, 0-1.

    Returns
    -------
    (u, w) float
        1 where nothing was counted.

    References
    ----------
    Statistics page section 9; Williams (1982), Applied Statistics 31, 144-148.
    """
    k, n, expected = count.sum(axis=2), total.sum(axis=2), total @ usual.rates
    mine = usual.kept
    rho = max(floor, _moments(k[mine].ravel(), n[mine].ravel(), expected[mine].ravel(), n[mine].ravel() > 0, trimmed=False))
    tail = sign_tail(k.ravel(), n.ravel(), (expected / np.maximum(n, 1)).ravel(), rho)
    return np.where(n > 0, tail.reshape(n.shape), 1.0)


def _rates(count: Floats, total: Floats, kept: Bools) -> Floats:
    """The kept units' rates by class, mixed a little with the rate over all classes."""
    k, n = count[kept].sum(axis=0), total[kept].sum(axis=0)
    overall = (k.sum() + 0.5) / (n.sum() + 1.0)
    return np.asarray((k + OWN_WEIGHT * overall) / (n + OWN_WEIGHT), np.float64)


def _moments(k: Floats, n: Floats, expected: Floats, kept: Bools, *, trimmed: bool) -> float:
    """Overdispersion that makes Pearson's sum what it is; what trimming at 10 and 90 % takes from a normal's variance is given back."""
    used = kept & (n > 1) & (expected > 0) & (expected < n)
    if used.sum() < 3:
        return 0.0
    mean = expected[used]
    pearson = fsum(((k[used] - mean) ** 2 / (mean * (1 - mean / n[used]))).tolist()) / (TRIMMED_VARIANCE if trimmed else 1.0)
    return float(min(0.9, max(0.0, (pearson - used.sum() + 1) / fsum((n[used] - 1).tolist()))))


def standing_out(effect: Floats, variance: Floats, usable: Bools) -> Floats:
    """How far each unit's effect lies from the others', in standard deviations of its own error and of honest differences.

    The centre is the median; the honest differences τ² are such that the median of |z| is what it is for a normal (the MAD rule).

    Parameters
    ----------
    effect, variance : (u,) float
        An estimate, and the variance of its error.
    usable : (u,) bool
        Units that have one.

    Returns
    -------
    (u,) float
        z; 0 where there is no estimate or fewer than five units have one.

    References
    ----------
    Hampel (1974), JASA 69, 383-393 (MAD); DerSimonian & Laird (1986) for the model of two variances.
    """
    z = np.zeros(len(effect))
    if usable.sum() < 5:
        return z
    away, own = effect[usable] - np.median(effect[usable]), variance[usable]
    # |z| is at most its median exactly where away²/0.6745² − own ≤ τ²: the middle of those is τ².
    honest = max(0.0, float(np.median((away / 0.6745) ** 2 - own)))
    z[usable] = away / np.sqrt(np.maximum(own + honest, 1e-300))
    return z
