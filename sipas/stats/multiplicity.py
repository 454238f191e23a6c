"""Many tests at once: adjusted p-values over a family that was fixed before anyone looked.

A p-value that is NaN is a test that was not made (a unit nobody answered for): it stays NaN and is not counted, as in R. A family
that was promised to be larger than the tests that could be made is told by ``family``; then the missing tests are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from sipas.stats.intervals import Bools, Floats

LEVEL = 0.95  # of everything said jointly about a family


class BadComparisonError(ValueError):
    """What was asked to be compared cannot be: the message names the place and the cure."""


def holm(p: Floats, *, family: int | None = None) -> Floats:
    """Adjusted p-values that keep the chance of any false rejection, whatever the dependence.

    Parameters
    ----------
    p : (m,) float
        p-values, 0-1; NaN where no test was made.
    family : int, optional
        Tests of the whole family; without it those of ``p`` that are not NaN.

    Returns
    -------
    (m,) float
        Not below ``p``, at most 1, NaN where ``p`` is; equal p-values have equal adjusted ones.

    Raises
    ------
    BadComparisonError
        A p-value is outside 0-1, or the family is smaller than its tests.

    References
    ----------
    Holm (1979), Scandinavian J. Statistics 6, 65-70; equals R ``p.adjust(method = "holm")``.
    """
    return _adjusted(p, family, lambda sorted_p, m: np.maximum.accumulate((m - np.arange(len(sorted_p))) * sorted_p))


def hochberg(p: Floats, *, family: int | None = None) -> Floats:
    """Holm's factors stepped up from the largest p-value: sharper, and right only under positive dependence.

    Parameters
    ----------
    p : (m,) float
        p-values, 0-1; NaN where no test was made.
    family : int, optional
        Tests of the whole family; without it those of ``p`` that are not NaN.

    Returns
    -------
    (m,) float
        Not above Holm's.

    Raises
    ------
    BadComparisonError
        A p-value is outside 0-1, or the family is smaller than its tests.

    References
    ----------
    Hochberg (1988), Biometrika 75, 800-802; equals R ``p.adjust(method = "hochberg")``.
    """
    return _adjusted(p, family, lambda sorted_p, m: _from_the_top((m - np.arange(len(sorted_p))) * sorted_p))


def benjamini_hochberg(p: Floats, *, family: int | None = None) -> Floats:
    """Adjusted p-values that keep the expected share of false rejections: for lists that are looked at again, not for verdicts.

    Parameters
    ----------
    p : (m,) float
        p-values, 0-1; NaN where no test was made.
    family : int, optional
        Tests of the whole family; without it those of ``p`` that are not NaN.

    Returns
    -------
    (m,) float
        Not above Hochberg's.

    Raises
    ------
    BadComparisonError
        A p-value is outside 0-1, or the family is smaller than its tests.

    References
    ----------
    Benjamini & Hochberg (1995), JRSS-B 57, 289-300; equals R ``p.adjust(method = "BH")``.
    """
    return _adjusted(p, family, lambda sorted_p, m: _from_the_top(m / (np.arange(len(sorted_p)) + 1) * sorted_p))


def bonferroni(p: Floats, *, family: int | None = None) -> Floats:
    """Each p-value times the number of tests: what simultaneous intervals amount to.

    Parameters
    ----------
    p : (m,) float
        p-values, 0-1; NaN where no test was made.
    family : int, optional
        Tests of the whole family; without it those of ``p`` that are not NaN.

    Returns
    -------
    (m,) float
        Not below Holm's.

    Raises
    ------
    BadComparisonError
        A p-value is outside 0-1, or the family is smaller than its tests.

    References
    ----------
    Dunn (1961), JASA 56, 52-64; equals R ``p.adjust(method = "bonferroni")``.
    """
    return _adjusted(p, family, lambda sorted_p, m: m * sorted_p)


ADJUSTMENTS: Mapping[str, Callable[..., Floats]] = MappingProxyType(
    {"holm": holm, "hochberg": hochberg, "benjamini_hochberg": benjamini_hochberg, "bonferroni": bonferroni}
)


def all_hold(p: Floats, *, alpha: float = 0.05) -> tuple[Bools, bool]:
    """Of which units a claim may be made together, and whether of all of them.

    Parameters
    ----------
    p : (m,) float
        One-sided p-values of the claims ("this unit meets the target"); NaN where no test was made.
    alpha : float
        Chance of one false claim or more among all.

    Returns
    -------
    each : (m,) bool
        Claims that hold together at 1 − alpha, by Holm.
    every : bool
        The single sentence "all of these do", for which the largest p-value alone decides. False where a test is missing.

    Raises
    ------
    BadComparisonError
        A p-value is outside 0-1.

    References
    ----------
    Holm (1979); Berger (1982), Technometrics 24, 295-300 for the single sentence (intersection-union).
    """
    adjusted = holm(p)
    each = np.asarray(np.nan_to_num(adjusted, nan=1.0) <= alpha, np.bool_)
    return each, bool(len(p) > 0 and np.all(np.nan_to_num(p, nan=1.0) <= alpha))


def simultaneous_level(count: int, *, level: float = LEVEL) -> float:
    """The confidence of each of ``count`` intervals that together hold with ``level``.

    Exact for independent units; by Šidák's inequality never too little for normal estimates of any dependence.

    Parameters
    ----------
    count : int
        Intervals that are read together.
    level : float
        Joint confidence, 0-1.

    Returns
    -------
    float
        level^(1/count); ``level`` itself for one interval or none.

    Raises
    ------
    BadComparisonError
        ``level`` is not between 0 and 1.

    References
    ----------
    Šidák (1967), JASA 62, 626-633; Klein, Wright & Wieczorek (2020), JRSS-A 183, 589-606.
    """
    return 1 - simultaneous_alpha(count, level=level)


def simultaneous_alpha(count: int, *, level: float = LEVEL) -> float:
    """1 − ``simultaneous_level``, without the rounding of that subtraction: what intervals take as their ``alpha``.

    Parameters
    ----------
    count : int
        Intervals that are read together.
    level : float
        Joint confidence, 0-1.

    Returns
    -------
    float

    Raises
    ------
    BadComparisonError
        ``level`` is not between 0 and 1.

    References
    ----------
    Šidák (1967), JASA 62, 626-633.
    """
    if not 0 < level < 1:
        raise BadComparisonError(f"a joint level of {level} cannot be kept; give one between 0 and 1, such as {LEVEL}")
    return float(-np.expm1(np.log(level) / max(count, 1)))


def _adjusted(p: Floats, family: int | None, step: Callable[[Floats, int], Floats]) -> Floats:
    """Sort, step, cap at 1 and put back; ties keep the order in which they came."""
    values = np.asarray(p, np.float64)
    if values.ndim != 1:
        raise BadComparisonError(f"p-values come as one row of numbers, not in {values.ndim} dimensions; flatten the table first")
    made = np.flatnonzero(~np.isnan(values))
    wrong = made[(values[made] < 0) | (values[made] > 1)]
    if len(wrong):
        raise BadComparisonError(f"p-value number {wrong[0] + 1} is {values[wrong[0]]:g}; a p-value lies between 0 and 1")
    size = len(made) if family is None else family
    if size < len(made):
        raise BadComparisonError(f"a family of {size} cannot hold {len(made)} tests; count every test of the table")
    order = made[np.argsort(values[made], kind="stable")]
    out = np.full(len(values), np.nan)
    out[order] = np.minimum(step(values[order], size), 1.0)
    return out


def _from_the_top(stepped: Floats) -> Floats:
    """The running minimum from the largest p-value down."""
    return np.asarray(np.minimum.accumulate(stepped[::-1])[::-1], np.float64)
