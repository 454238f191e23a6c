"""Differences of two shares or means: units, periods, channels; limits by MOVER, and what they allow us to say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded at their first use
from numpy.typing import NDArray

from sipas.stats.evidence import Evidence, Limits, correlation, wilson
from sipas.stats.intervals import ALPHA, Bools, Floats, t_quantile
from sipas.stats.multiplicity import BadComparisonError

MARGIN = 0.03  # within ±3 points nothing material has changed
EQUIVALENCE_ALPHA = 0.10  # two one-sided tests at 5 % are one 90 % interval
LEAST_P = 1e-12  # smaller p-values are told as this
HIGHER, LOWER, UNDECIDED = "higher", "lower", "undecided"
Words = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Difference:
    """First minus second: arrays of one shape, on the scale of the two.

    Attributes
    ----------
    value : (k,) float
        NaN where one side has no answers.
    low, high : (k,) float
        Limits at 1 − ``alpha``.
    rho : (k,) float
        The correlation used.
    withheld : (k,) bool
        Nothing may be said: a side has no answers, or no degree of freedom.
    alpha : float
        1 − confidence.
    """

    value: Floats
    low: Floats
    high: Floats
    rho: Floats
    withheld: Bools
    alpha: float


@dataclass(frozen=True, slots=True)
class Contrast:
    """Linear contrasts with Student's t: arrays of shape (m,), and their covariance (m, m)."""

    value: Floats
    covariance: Floats
    t: Floats
    df: float
    p: Floats
    low: Floats
    high: Floats

    @property
    def se(self) -> Floats:
        """Standard errors, (m,)."""
        return np.asarray(np.sqrt(np.diagonal(self.covariance)), np.float64)


def difference(first: Limits, second: Limits, rho: Floats | float = 0.0, *, alpha: float = ALPHA) -> Difference:
    """First minus second with limits by MOVER: each side's own limits, joined by their correlation.

    Parameters
    ----------
    first, second : Limits
        Shape (k,), of one scale, at 1 − ``alpha``.
    rho : (k,) float or float
        Correlation of the two estimates, -1 to 1; 0 is the cautious side where the same people may have answered twice.
    alpha : float
        1 − confidence of the two limits, and so of the result.

    Returns
    -------
    Difference
        Limits stay within ``first.low − second.high`` and ``first.high − second.low``; those are the answer where a side is empty.

    Raises
    ------
    BadComparisonError
        A correlation is outside ±1, or limits do not hold their value.

    References
    ----------
    Zou & Donner (2008), Statistics in Medicine 27, 1693-1702; Newcombe (1998), Statistics in Medicine 17, 873-890.
    """
    for name, side in (("first", first), ("second", second)):
        wrong = np.flatnonzero((side.low > side.value) | (side.high < side.value))
        if len(wrong):
            raise BadComparisonError(
                f"the limits of the {name} estimate number {wrong[0] + 1} do not hold it; pass value, low, high in this order"
            )
    value = np.asarray(first.value - second.value, np.float64)
    r = np.broadcast_to(np.asarray(rho, np.float64), value.shape)
    if np.any(~(np.abs(r) <= 1)):
        raise BadComparisonError("a correlation lies between -1 and 1; divide the covariance by both standard errors")
    unknown = np.isnan(value)
    widest = first.low - second.high, first.high - second.low
    low = value - _joined(first.value - first.low, second.high - second.value, r)
    high = value + _joined(first.high - first.value, second.value - second.low, r)
    return Difference(
        value=value,
        low=np.where(unknown, widest[0], np.maximum(low, widest[0])),
        high=np.where(unknown, widest[1], np.minimum(high, widest[1])),
        rho=r,
        withheld=unknown,
        alpha=alpha,
    )


def compare(first: Evidence, second: Evidence, covariance: Floats | float = 0.0, *, alpha: float = ALPHA) -> Difference:
    """The difference of two shares: guarded Wilson limits, the estimated correlation, MOVER.

    Parameters
    ----------
    first, second : Evidence
        Shape (k,), or (1,) beside (k,).
    covariance : (k,) float or float
        Estimated covariance of the two.
    alpha : float
        1 − confidence.

    Returns
    -------
    Difference
        ``withheld`` where a side has no answers or no degree of freedom.

    References
    ----------
    Statistics page section 5; Zou & Donner (2008).
    """
    made = difference(wilson(first, alpha=alpha), wilson(second, alpha=alpha), correlation(first, second, covariance), alpha=alpha)
    return Difference(made.value, made.low, made.high, made.rho, made.withheld | _silent(first) | _silent(second), alpha)


def p_difference(first: Evidence, second: Evidence, covariance: Floats | float = 0.0) -> Floats:
    """Two-sided p-value of "the two are equal", dual to ``compare``: the alpha at which its limits touch 0.

    Parameters
    ----------
    first, second : Evidence
        Shape (k,), or (1,) beside (k,).
    covariance : (k,) float or float
        Estimated covariance of the two.

    Returns
    -------
    (k,) float
        1 where nothing may be said; not below 1e-12 unless both are known exactly.

    References
    ----------
    Own: inversion of the interval by bisection.
    """
    rho = correlation(first, second, covariance)
    gap = np.asarray(first.value - second.value, np.float64)
    withheld = np.isnan(gap) | _silent(first) | _silent(second)
    floor, top = np.full(gap.shape, np.log(LEAST_P)), np.zeros(gap.shape)
    for _ in range(50):
        middle = (floor + top) / 2
        one, two = wilson(first, alpha=np.exp(middle)), wilson(second, alpha=np.exp(middle))
        down = _joined(one.value - one.low, two.high - two.value, rho)
        up = _joined(one.high - one.value, two.value - two.low, rho)
        excluded = np.where(gap > 0, gap > down, -gap > up)
        floor, top = np.where(excluded, floor, middle), np.where(excluded, middle, top)
    exact = np.isinf(first.n_effective) & np.isinf(second.n_effective)
    p = np.where(exact & (gap != 0), 0.0, np.exp(top))
    return np.asarray(np.where(withheld | (gap == 0), 1.0, p), np.float64)


def direction(made: Difference) -> Words:
    """What the limits say: the first is higher, lower, or it is undecided.

    Parameters
    ----------
    made : Difference
        Shape (k,).

    Returns
    -------
    (k,) str
        ``higher``, ``lower`` or ``undecided``.

    References
    ----------
    Statistics page section 5.
    """
    said = np.select([made.low > 0, made.high < 0], [HIGHER, LOWER], UNDECIDED)
    return np.asarray(np.where(made.withheld, UNDECIDED, said), np.str_)


def equivalent(made: Difference, *, margin: float = MARGIN) -> Bools:
    """Whether nothing material has changed: the 90 % interval lies within ±margin (two one-sided tests at 5 %).

    Parameters
    ----------
    made : Difference
        Shape (k,), made with ``alpha`` = 0.10.
    margin : float
        On the scale of the difference; 0.03 of shares.

    Returns
    -------
    (k,) bool
        False where nothing may be said. That a difference is not significant never makes it True.

    Raises
    ------
    BadComparisonError
        The limits are not at 90 %, or the margin is not positive.

    References
    ----------
    Schuirmann (1987), J. Pharmacokinetics and Biopharmaceutics 15, 657-680.
    """
    if abs(made.alpha - EQUIVALENCE_ALPHA) > 1e-12:
        raise BadComparisonError(
            f"equivalence is read from the 90 % interval; make the difference with alpha={EQUIVALENCE_ALPHA}, not {made.alpha}"
        )
    if not margin > 0:
        raise BadComparisonError(f"an equivalence margin of {margin} cannot be reached; give a positive one, such as {MARGIN}")
    return np.asarray((made.low >= -margin) & (made.high <= margin) & ~made.withheld, np.bool_)


def contrast_t(values: Floats, covariance: Floats, coefficients: Floats, df: float, *, alpha: float = ALPHA) -> Contrast:
    """Linear contrasts with Student's t: R's answer, the reference beside MOVER.

    Parameters
    ----------
    values : (k,) float
        Estimates.
    covariance : (k, k) float
        Of the estimates, by the whole design.
    coefficients : (m, k) float
        One row a contrast.
    df : float
        Degrees of freedom of the whole design.
    alpha : float
        1 − confidence.

    Returns
    -------
    Contrast
        Without variance or degrees of freedom t is 0, p is 1 and the limits are infinite: the data do not say how sure they are.

    Raises
    ------
    BadComparisonError
        Shapes do not fit.

    References
    ----------
    Equals R ``svycontrast`` and ``confint(…, df = )``; Binder (1983), Int. Stat. Rev. 51, 279-292.
    """
    c, v = np.atleast_2d(np.asarray(coefficients, np.float64)), np.asarray(covariance, np.float64)
    if v.shape != (len(values), len(values)) or c.shape[1] != len(values):
        raise BadComparisonError(
            f"{len(values)} estimates need as many coefficients a contrast and a square covariance, not {c.shape} and {v.shape}"
        )
    value, spread = c @ values, c @ v @ c.T
    noise = 1e-13 * np.einsum("mi,ij,mj->m", np.abs(c), np.abs(v), np.abs(c))
    told = (np.diagonal(spread) > noise) & (df >= 1)
    se = np.sqrt(np.where(told, np.diagonal(spread), 1.0))
    t = np.where(told, value / se, 0.0)
    half = np.where(told, t_quantile(np.full(len(value), max(df, 1.0)), alpha) * se, np.inf)
    p = np.where(told, 2 * scipy.special.stdtr(max(df, 1.0), -np.abs(t)), 1.0)
    dust = np.diagonal(spread) <= noise
    spread = np.where(dust[:, None] | dust[None, :], 0.0, spread)
    return Contrast(value, spread, t, df, p, value - half, value + half)


def mover(coefficients: Floats, sides: Limits, correlations: Floats) -> Limits:
    """MOVER for any linear combination: each estimate lends the limit on the side it pulls to.

    Parameters
    ----------
    coefficients : (k,) float
        Of any sign.
    sides : Limits
        Shape (k,), all at one confidence, which the result has too.
    correlations : (k, k) float
        Of the estimates; 1 on the diagonal.

    Returns
    -------
    Limits
        Scalars as arrays of shape ().

    References
    ----------
    Zou, Huang & Zhang (2009), Computational Statistics & Data Analysis 53, 1080-1085.
    """
    c = np.asarray(coefficients, np.float64)
    value = np.asarray(c @ sides.value)
    below = c * np.where(c > 0, sides.value - sides.low, sides.high - sides.value)
    above = c * np.where(c > 0, sides.high - sides.value, sides.value - sides.low)
    down, up = (np.sqrt(max(float(part @ correlations @ part), 0.0)) for part in (below, above))
    return Limits(value, value - down, value + up)


def _joined(a: Floats, b: Floats, rho: Floats) -> Floats:
    """√(a² − 2ρab + b²), in a form that cannot go below 0 by rounding."""
    return np.asarray(np.sqrt((a - b) ** 2 + 2 * (1 - rho) * a * b), np.float64)


def _silent(side: Evidence) -> Bools:
    """No answers, or no degree of freedom and no complete count."""
    return np.asarray((side.n <= 0) | ((side.df < 1) & np.isfinite(side.n_effective)), np.bool_)
