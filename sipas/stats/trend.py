"""Series of one figure over periods: its slope with the full covariance, between marked breaks, and at an unchanged mix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded at their first use

from sipas.stats.differences import HIGHER, LOWER, UNDECIDED, contrast_t, mover
from sipas.stats.evidence import Limits
from sipas.stats.intervals import ALPHA, Floats
from sipas.stats.multiplicity import BadComparisonError

LEAST_PERIODS = 6  # fewer are shown, not tested
FEW_PERIODS, NO_VARIANCE, NO_DF = "few_periods", "no_variance", "no_df"  # why nothing was tested


@dataclass(frozen=True, slots=True)
class AnyChange:
    """The joint test of "no period differs from another".

    Attributes
    ----------
    f, first_df, second_df, p : float
        Adjusted Wald F with its degrees of freedom, and its p-value.
    """

    f: float
    first_df: float
    second_df: float
    p: float


@dataclass(frozen=True, slots=True)
class Trend:
    """The slope between two breaks. None where it is not told; the reason says why nothing was tested.

    Attributes
    ----------
    first, last : float
        Times of the first and last period of the piece, whether anybody answered or not.
    periods : int
        Periods with an answer.
    slope, se, low, high : float or None
        Per unit of time, on the scale of the values.
    t, p : float or None
        Student's t of "no slope" and its two-sided p-value.
    df : float
        Of the whole design.
    reason : str
        "" where tested; ``few_periods``, ``no_variance`` or ``no_df``.
    change : AnyChange or None
        Beside the test of the slope, that of any change at all.
    """

    first: float
    last: float
    periods: int
    slope: float | None
    se: float | None
    low: float | None
    high: float | None
    t: float | None
    p: float | None
    df: float
    reason: str
    change: AnyChange | None = None

    @property
    def direction(self) -> str:
        """``higher``, ``lower`` or ``undecided``: told only by limits and, where there is a test, the test too."""
        if self.low is None or self.high is None or self.reason in {FEW_PERIODS, NO_DF}:
            return UNDECIDED
        if self.low > 0:
            return HIGHER
        return LOWER if self.high < 0 else UNDECIDED


def trend(
    values: Floats,
    covariance: Floats,
    times: Floats,
    df: float,
    *,
    breaks: Sequence[float] = (),
    limits: Limits | None = None,
    alpha: float = ALPHA,
) -> tuple[Trend, ...]:
    """The slope Σ(t − t̄)p_t/Σ(t − t̄)² of each piece of a series, with Student's t.

    Periods without an answer are left out, and a piece with fewer than six others is shown and not tested.

    Parameters
    ----------
    values : (T,) float
        One figure by period; NaN where nobody answered.
    covariance : (T, T) float
        Of the values, by the whole design: months that share clusters or a calibration are not independent.
    times : (T,) float
        Increasing; the unit is the caller's.
    df : float
        Degrees of freedom of the whole design.
    breaks : sequence of float
        Times at which a new series begins: another wording, other weights of a composite, a merged unit. No slope crosses one.
    limits : Limits, optional
        Shape (T,), at 1 − ``alpha``. With them the limits of the slope are MOVER's, which hold near 0 and 1 and where all answers
        agree; without them Student's.
    alpha : float
        1 − confidence.

    Returns
    -------
    tuple of Trend
        One for each piece that has a period, in order.

    Raises
    ------
    BadComparisonError
        Shapes do not fit, or times do not increase.

    References
    ----------
    Statistics page section 5; the test equals R ``svycontrast`` with these coefficients.
    """
    size = len(times)
    if np.shape(values) != (size,) or np.shape(covariance) != (size, size):
        raise BadComparisonError(f"{size} times need {size} values and a covariance of {size} by {size}")
    if np.any(np.diff(times) <= 0):
        raise BadComparisonError(
            f"time number {int(np.argmax(np.diff(times) <= 0)) + 2} does not come after the one before; sort the periods first"
        )
    piece = np.searchsorted(np.sort(np.asarray(breaks, np.float64)), times, side="right")
    told = []
    for number in np.unique(piece):
        mine = np.flatnonzero(piece == number)
        there = mine[~np.isnan(values[mine])]
        sides = Limits(*(getattr(limits, name)[there] for name in Limits.__slots__)) if limits is not None else None
        inside = covariance[np.ix_(there, there)]
        told.append(_piece(times[mine], (values[there], inside, times[there]), df, sides, alpha))
    return tuple(told)


def any_change(values: Floats, covariance: Floats, df: float) -> AnyChange | None:
    """Whether the figures of some periods can all be one: F = (df − k + 1)/(df·k) · d'(CΣC')⁻¹d, k differences, on k and df − k + 1.

    Parameters
    ----------
    values : (T,) float
        One figure by period.
    covariance : (T, T) float
        Of the values.
    df : float
        Degrees of freedom of the whole design.

    Returns
    -------
    AnyChange or None
        None for a single period, a period without variance, or fewer degrees of freedom than differences.

    References
    ----------
    Korn & Graubard (1990), The American Statistician 44, 270-276 (adjusted Wald); statistics page section 5.
    """
    size = len(values)
    left = df - (size - 1) + 1
    if size < 2 or left <= 0 or np.any(np.diagonal(covariance) <= 0):
        return None
    apart = np.eye(size)[1:] - np.eye(size)[:-1]
    d, spread = apart @ values, apart @ covariance @ apart.T
    if np.linalg.matrix_rank(spread) < size - 1:
        return None
    f = max(0.0, float(d @ np.linalg.solve(spread, d))) * left / (df * (size - 1))
    return AnyChange(f, float(size - 1), float(left), float(scipy.special.fdtrc(size - 1, left, f)))


def slope_coefficients(times: Floats) -> Floats:
    """The coefficients (t − t̄)/Σ(t − t̄)² of an unweighted slope.

    Parameters
    ----------
    times : (T,) float
        At least two of them different.

    Returns
    -------
    (T,) float
        They add up to 0.

    Raises
    ------
    BadComparisonError
        All times are equal.

    References
    ----------
    Ordinary least squares.
    """
    apart = np.asarray(times, np.float64) - np.mean(times)
    square = float(apart @ apart)
    if not square > 0:
        raise BadComparisonError("a slope needs two different times; show the single period without one")
    return np.asarray(apart / square, np.float64)


def at_fixed_mix(values: Floats, covariance: Floats, mix: Floats) -> tuple[Floats, Floats]:
    """Period figures as they would be with one mix of channels throughout: what a changed mix adds to a trend is taken out.

    Parameters
    ----------
    values : (T, C) float
        By period and channel; NaN where nobody answered.
    covariance : (TC, TC) float
        Of the values, channel fastest.
    mix : (C,) float
        Shares of the fixed mix, such as the whole series' own; they are brought to a sum of 1.

    Returns
    -------
    value : (T,) float
        NaN where a channel with a share has no answer in the period: its figure is not guessed.
    covariance : (T, T) float
        0 in the rows and columns of those periods.

    Raises
    ------
    BadComparisonError
        Shapes do not fit, or a share is negative or all are 0.

    References
    ----------
    Direct standardisation, Cochran (1977), ch. 5A; equals R ``svycontrast`` over ``svyby(…, covmat = TRUE)``.
    """
    periods, channels = values.shape
    if len(mix) != channels or covariance.shape != (values.size, values.size):
        raise BadComparisonError(f"{channels} channels need {channels} shares and a covariance of {values.size} by {values.size}")
    if np.any(mix < 0) or not np.sum(mix) > 0:
        raise BadComparisonError("the shares of a mix are not negative and not all 0; pass the answers or dossiers of each channel")
    share = np.asarray(mix, np.float64) / np.sum(mix)
    missing = np.any(np.isnan(values) & (share > 0), axis=1)
    across = np.kron(np.eye(periods), share)
    spread = across @ np.where(np.isnan(covariance), 0.0, covariance) @ across.T
    out = np.where(missing, np.nan, np.nan_to_num(values) @ share)
    return out, np.where(missing[:, None] | missing[None, :], 0.0, spread)


def _piece(times: Floats, there: tuple[Floats, Floats, Floats], df: float, sides: Limits | None, alpha: float) -> Trend:
    """One piece: the slope by its contrast, the limits by MOVER where each period's own are known."""
    values, covariance, when = there
    first, last, periods = float(times[0]), float(times[-1]), len(when)
    if periods < 2:
        return Trend(first, last, periods, None, None, None, None, None, None, df, FEW_PERIODS)
    c = slope_coefficients(when)
    made = contrast_t(values, covariance, c, df, alpha=alpha)
    slope, se, t, p = float(made.value[0]), float(made.se[0]), float(made.t[0]), float(made.p[0])
    low, high = (float(made.low[0]), float(made.high[0])) if np.isfinite(made.low[0]) else (None, None)
    if sides is not None:
        joined = mover(c, sides, _correlations(covariance))
        low, high = float(joined.low), float(joined.high)
    reason = FEW_PERIODS if periods < LEAST_PERIODS else NO_VARIANCE if se <= 0 else NO_DF if df < 1 else ""
    if reason:
        return Trend(first, last, periods, slope, se if se > 0 else None, low, high, None, None, df, reason)
    return Trend(first, last, periods, slope, se, low, high, t, p, df, "", any_change(values, covariance, df))


def _correlations(covariance: Floats) -> Floats:
    """Correlations, 0 beside a figure without variance."""
    se = np.sqrt(np.maximum(np.diagonal(covariance), 0.0))
    told = se > 0
    scale = np.where(told, se, 1.0)
    rho = np.where(told[:, None] & told[None, :], covariance / np.outer(scale, scale), 0.0)
    np.fill_diagonal(rho, 1.0)
    return np.asarray(np.clip(rho, -1, 1), np.float64)
