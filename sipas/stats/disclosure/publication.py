"""What may be published of a single cell: whether, how exactly, and with which mark."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from sipas.stats.intervals import Bools, Floats

LEAST = 10  # answers; 5 in the secured office
WIDE = 0.30  # width of an interval that is marked unreliable
FEW_EFFECTIVE = 30.0
LOW_DF = 8.0
NARROW = 0.05  # an interval not wider than that is reliable whatever its relative width
RELATIVE = 1.30  # of the rarer side
WHOLE_BELOW, ONE_DECIMAL_TO = 100, 1000


@dataclass(frozen=True, slots=True)
class Marks:
    """Why a published figure is unreliable; arrays of one length.

    Attributes
    ----------
    wide, few_effective, low_df, relative : (k,) bool
        Interval 0.30 or wider; effective n below 30; fewer than 8 degrees of freedom; interval above 0.05 and wider than 130 % of
        the share or of its complement.
    """

    wide: Bools
    few_effective: Bools
    low_df: Bools
    relative: Bools

    @property
    def unreliable(self) -> Bools:
        """Any of them."""
        return self.wide | self.few_effective | self.low_df | self.relative


@dataclass(frozen=True, slots=True)
class Shown:
    """A share as it may be printed.

    Attributes
    ----------
    bound : str
        Empty, or ``≥`` or ``≤`` where all or none of fewer than 100 agree: then only the interval's end is told.
    value_pct : float
        0-100, rounded.
    decimals : int
        0, 1 or 2.
    """

    bound: str
    value_pct: float
    decimals: int


def primary(n: Floats, *, least: int = LEAST, zeros_told: bool = False) -> Bools:
    """Cells that are hidden for their own sake: fewer answers than ``least``.

    Parameters
    ----------
    n : (m,) int or float
        Respondents.
    least : int
        10 for the public and officials, 5 in the secured office.
    zeros_told : bool
        Whether "nobody answered" may be said; a zero then is not hidden.

    Returns
    -------
    (m,) bool

    References
    ----------
    Statistics page section 11; decision 4.
    """
    small = np.asarray(n) < least
    return np.asarray(small & (np.asarray(n) > 0) if zeros_told else small, np.bool_)


def must_coarsen(n_unsatisfied: Floats, *, identifiable: Bools) -> Bools:
    """Cells whose one or two dissatisfied answers would be known by the officer whom they are about: merge counters or periods.

    Parameters
    ----------
    n_unsatisfied : (m,) int or float
        Dissatisfied respondents.
    identifiable : (m,) bool
        True for a counter whose officer readers know.

    Returns
    -------
    (m,) bool

    References
    ----------
    Statistics page section 11.
    """
    return np.asarray((np.asarray(n_unsatisfied) > 0) & (np.asarray(n_unsatisfied) <= 2) & identifiable, np.bool_)


def marks(value: Floats, low: Floats, high: Floats, n_effective: Floats, df: Floats) -> Marks:
    """Reliability marks of published shares; nothing is hidden for them.

    Parameters
    ----------
    value, low, high : (k,) float
        Share and interval, 0-1.
    n_effective, df : (k,) float
        Effective answers and degrees of freedom; NaN (not computed) is not marked.

    Returns
    -------
    Marks

    References
    ----------
    Parker et al. (2017), NCHS Series 2 no. 175; decision 4 (wide intervals are shown and marked).
    """
    width = high - low
    rarer = np.minimum(value, 1 - value)
    return Marks(width >= WIDE, n_effective < FEW_EFFECTIVE, df < LOW_DF, (width > NARROW) & (width > RELATIVE * rarer))


def shown(value: float, low: float, high: float, n: int) -> Shown:
    """A share with no more digits than its n carries: whole per cent below 100 answers, one decimal up to 1000, then two.

    All or none of fewer than 100 are told by the end of the interval only, rounded outwards: "≥ 88 %" says less of each
    respondent than "100 %".

    Parameters
    ----------
    value, low, high : float
        Share and interval, 0-1.
    n : int
        Respondents.

    Returns
    -------
    Shown

    Raises
    ------
    ValueError
        ``n`` is 0: there is nothing to show.

    References
    ----------
    Statistics page section 11.
    """
    if n < 1:
        raise ValueError("n: nobody answered, so there is no share to show")
    decimals = 0 if n < WHOLE_BELOW else 1 if n <= ONE_DECIMAL_TO else 2
    if n < WHOLE_BELOW and value >= 1:
        return Shown("≥", float(floor(round(100 * low, 9))), 0)
    if n < WHOLE_BELOW and value <= 0:
        return Shown("≤", float(ceil(round(100 * high, 9))), 0)
    return Shown("", round(100 * value, decimals), decimals)
