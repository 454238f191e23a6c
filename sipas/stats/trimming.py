"""Trimming: extreme weights cut, the rest brought back to the population totals."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sipas.stats.calibration import Calibration, recalibrate
from sipas.stats.distances import DISTANCES
from sipas.stats.intervals import Floats
from sipas.stats.order_free import order_free_sum

LEAST, MOST = 0.3, 5.0  # of the median weight
ROUNDS = 10
ON_THE_BOUND = 1e-3  # relative excess that is still inside: a round halves the excess, and ten of them end near 1e-4
WORTH_IT = 5.0  # largest weight over mean weight from which trimming is the default


class BadTrimError(ValueError):
    """Bounds that cannot trim these weights; the message names the cure."""


@dataclass(frozen=True, slots=True)
class Trimmed:
    """Trimmed weights, and what they cost and gained.

    Attributes
    ----------
    calibration : Calibration
        The weights to use; totals are met, the variance keeps the base weights.
    untrimmed : Calibration
        The weights before, for the estimate that stands beside.
    low, high : float
        Bounds, in population units per respondent.
    rounds : int
        Times the weights were cut and brought back; 0 where none was outside.
    cut : int
        Rows outside the bounds before.
    outside : int
        Rows still outside after the last round.
    n_kish_before, n_kish_after : float
        (Σw)²/Σw²: respondents of equal weight that would tell as much.
    """

    calibration: Calibration
    untrimmed: Calibration
    low: float
    high: float
    rounds: int
    cut: int
    outside: int
    n_kish_before: float
    n_kish_after: float

    @property
    def warnings(self) -> tuple[str, ...]:
        """Those of the calibration, and weights that stayed outside."""
        return self.calibration.warnings


@dataclass(frozen=True, slots=True)
class TrimmedLikeR(Calibration):
    """Trimmed weights whose variance is R's: residuals are taken with the weights before trimming.

    Attributes
    ----------
    before : Calibration or None
        The calibration that was trimmed.
    """

    before: Calibration | None = None

    def residual(self, z: Floats) -> Floats:
        """Residuals of the calibration before trimming, applied to what trimming made of the values.

        Parameters
        ----------
        z : (n, k) or (n,) float
            Linearised values; finite.

        Returns
        -------
        array of the shape of ``z``
            The variance is that of Σ weight · residual.

        References
        ----------
        R survey 4.1-1, ``trimWeights`` and ``svyrecvar``.
        """
        if self.before is None:
            return z
        change = self.weight / self.before.weight
        change = change[:, None] if z.ndim == 2 else change
        return np.asarray(self.before.residual(z * change) / change, np.float64)


def worth_trimming(weight: Floats) -> bool:
    """Whether trimming is the default: the largest weight is above five times the mean.

    Parameters
    ----------
    weight : (n,) float
        Final weights.

    Returns
    -------
    bool

    References
    ----------
    Statistics page section 3 (own rule).
    """
    return bool(float(np.max(weight)) > WORTH_IT * order_free_sum(weight) / weight.size)


def cut(weight: Floats, *, low: float, high: float) -> Floats:
    """Weights outside the bounds set to them, the removed sum spread equally over the others; once.

    Parameters
    ----------
    weight : (n,) float
        Population units per respondent.
    low, high : float
        Bounds in the same unit.

    Returns
    -------
    (n,) float
        Same total; the others may now lie outside by a little.

    Raises
    ------
    BadTrimError
        ``low`` is not below ``high``, or no weight lies between them, so that nobody could take the rest.

    References
    ----------
    Potter (1990), Proc. Survey Research Methods Section, ASA, 225-230; R ``trimWeights``.
    """
    if not low < high:
        raise BadTrimError(f"trimming bounds ({low:g}, {high:g}) must be two numbers, the lower one first")
    outside = (weight < low) | (weight > high)
    if outside.all():
        raise BadTrimError(f"no weight lies between {low:g} and {high:g}, so that nobody can take what is cut; widen the bounds")
    kept = np.clip(weight, low, high)
    share = order_free_sum(weight - kept) / float(np.sum(~outside))
    return np.asarray(np.where(outside, kept, kept + share), np.float64)


def trim_like_r(calibration: Calibration, *, low: float = -np.inf, high: float = np.inf) -> TrimmedLikeR:
    """One pass of R's ``trimWeights``: totals are kept, margins are not.

    Parameters
    ----------
    calibration : Calibration
        Weights to trim.
    low, high : float
        Bounds, in population units per respondent.

    Returns
    -------
    TrimmedLikeR

    Raises
    ------
    BadTrimError
        As :func:`cut`.

    References
    ----------
    R survey 4.1-1, ``trimWeights(strict = FALSE)``.
    """
    weight = cut(calibration.weight, low=low, high=high)
    told = ("weights were trimmed without bringing them back to the margins",) if np.any(weight != calibration.weight) else ()
    return TrimmedLikeR(
        calibration.base,
        weight,
        calibration.cell,
        calibration.columns,
        calibration.totals,
        calibration.method,
        calibration.bounds,
        calibration.steps,
        calibration.warnings + told,
        before=calibration,
    )


def trim(calibration: Calibration, *, low: float = LEAST, high: float = MOST, rounds: int = ROUNDS) -> Trimmed:
    """Cut to bounds around the median weight, bring back to the totals, and again until both hold.

    Parameters
    ----------
    calibration : Calibration
        Raked, post-stratified or linear weights.
    low, high : float
        Bounds as multiples of the median weight before trimming; low < 1 < high.
    rounds : int
        At most so many.

    Returns
    -------
    Trimmed
        Totals are met; what could not be brought inside the bounds is counted in ``outside`` and in the warnings.

    Raises
    ------
    BadTrimError
        The multiples do not lie on both sides of 1, weights are not positive, or the method has bounds of its own.
    BadMarginError
        The totals cannot be met from the cut weights.

    References
    ----------
    Statistics page section 3 (own rule); Potter (1990) for the cut.
    """
    if not 0 <= low < 1 < high:
        raise BadTrimError(f"trimming bounds ({low:g}, {high:g}) are multiples of the median weight: 0 ≤ lower < 1 < upper")
    if calibration.method in DISTANCES and DISTANCES[calibration.method].bounded:
        raise BadTrimError(f"method {calibration.method!r} holds its weights within bounds; choose tighter ones instead of trimming")
    if not np.all(calibration.weight > 0):
        raise BadTrimError("weights of 0 or below cannot be trimmed around their median; calibrate by raking first")
    median = float(np.median(calibration.weight))
    least, most = low * median, high * median
    current, done = calibration, 0
    while done < rounds and _outside(current.weight, least, most):
        current, done = recalibrate(current, cut(current.weight, low=least, high=most)), done + 1
    left = _outside(current.weight, least, most)
    if left:
        told = f"{left} weights stayed outside {low:g} to {high:g} times the median after {done} rounds of trimming; totals come first"
        current = replace(current, warnings=(*current.warnings, told))
    first = _outside(calibration.weight, least, most)
    before, after = _kish(calibration.weight), _kish(current.weight)
    return Trimmed(current, calibration, least, most, done, first, left, before, after)


def _outside(weight: Floats, low: float, high: float) -> int:
    return int(np.sum((weight < low * (1 - ON_THE_BOUND)) | (weight > high * (1 + ON_THE_BOUND))))


def _kish(weight: Floats) -> float:
    relative = weight / float(np.max(weight))
    return order_free_sum(relative) ** 2 / order_free_sum(relative**2)
