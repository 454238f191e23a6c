"""What the silent could change: response rates, the bounds they leave, and the share of them that would turn a verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sipas.stats.intervals import Bools, Floats

Words = NDArray[np.str_]

RESPONDENTS_ONLY = 0.05  # at or under this rate a weighted score speaks for those who answered, and says so

# response rates
KNOWN, NO_POPULATION, NO_ANSWERS, NO_SILENT, OVER_FRAME = "known", "no_population", "no_answers", "no_silent", "over_frame"

# tipping points; NO_ANSWERS and NO_SILENT are said of them too
HOLDS = "holds"  # met, whatever the silent think
FLIPS_IF_FEWER = "flips_if_fewer"  # met, and no longer met if fewer of the silent than that are satisfied
FLIPS_IF_MORE = "flips_if_more"  # not met, and met if so many of the silent are satisfied
FAILS = "fails"  # not met, whatever the silent think
UNDECIDED = "undecided"  # the interval holds the target: there is no verdict to turn


class BadResponseError(ValueError):
    """Answers, populations or shares that cannot be."""


@dataclass(frozen=True, slots=True)
class Response:
    """Response rates, and what they are.

    Attributes
    ----------
    rate : (k,) float
        0-1; 0 where there is no population, 1 where there are more answers than people.
    outcome : (k,) str
        ``known``, ``no_population``, ``no_answers``, ``no_silent`` (everybody answered), ``over_frame`` (more than everybody).
    """

    rate: Floats
    outcome: Words


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between what the share of the whole population lies, whatever the silent think: arrays (k,), 0-1."""

    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Tipping:
    """The share of the silent that decides.

    Attributes
    ----------
    share : (k,) float
        0-1; the point clipped to what a share can be; 0 where nobody is silent.
    outcome : (k,) str
        ``holds``, ``flips_if_fewer``, ``flips_if_more``, ``fails``, ``undecided``, ``no_silent``, ``no_answers``.
    """

    share: Floats
    outcome: Words


def response_rate(answered: Floats, population: Floats) -> Response:
    """Answers ÷ those who could have answered: the invited, or the dossiers behind the domain.

    Parameters
    ----------
    answered, population : (k,) float
        Numbers of people, 0 or more.

    Returns
    -------
    Response

    Raises
    ------
    BadResponseError
        A number is negative or missing.

    References
    ----------
    AAPOR (2016), Standard Definitions, RR1, with the frame as denominator; statistics page section 8.
    """
    n, count = _numbers("answered", answered), _numbers("population", population)
    rate = np.where(count > 0, np.minimum(n, count) / np.where(count > 0, count, 1), 0.0)
    said = np.select([n > count, count == 0, n == 0, n == count], [OVER_FRAME, NO_POPULATION, NO_ANSWERS, NO_SILENT], KNOWN)
    return Response(np.where(n > count, 1.0, rate), np.asarray(said, np.str_))


def respondents_only(rate: Floats) -> Bools:
    """Whether a weighted score must be labelled "respondents only".

    Parameters
    ----------
    rate : (k,) float
        Response rate, 0-1.

    Returns
    -------
    (k,) bool

    References
    ----------
    Statistics page section 8 (own): weighting repairs only imbalance on the variables used.
    """
    return np.asarray(rate, np.float64) <= RESPONDENTS_ONLY


def worst_case(share: Floats, rate: Floats, *, low: Floats | None = None, high: Floats | None = None) -> Bounds:
    """Manski's bounds: none of the silent satisfied, or all of them.

    Parameters
    ----------
    share : (k,) float
        Satisfied share of those who answered, 0-1; ignored (NaN allowed) where the rate is 0.
    rate : (k,) float
        Response rate, 0-1.
    low, high : (k,) float, optional
        Limits of the share: with them the bounds carry the sampling error too.

    Returns
    -------
    Bounds
        [p r, p r + 1 − r]; [0, 1] where nobody answered, [p, p] where everybody did.

    Raises
    ------
    BadResponseError
        A rate or a share outside 0-1.

    References
    ----------
    Manski (1989), Journal of Human Resources 24, 343-360; statistics page section 8.
    """
    r = _shares("rate", rate)
    bottom, top = (_shares("share", np.where(r > 0, share if one is None else one, 0.0)) for one in (low, high))
    return Bounds(bottom * r, np.minimum(top * r + (1 - r), 1.0))


def worst_case_by_stratum(share: Floats, answered: Floats, population: Floats) -> Bounds:
    """The same over strata: Σ N_h bounds_h ÷ Σ N_h, each stratum with its own share and rate.

    Parameters
    ----------
    share : (H,) float
        Satisfied share of those who answered, 0-1; NaN where nobody did.
    answered, population : (H,) float
        Numbers of people; more answers than people count as everybody.

    Returns
    -------
    Bounds
        One bound each, shape (); [0, 1] where there is no population at all.

    Raises
    ------
    BadResponseError
        A number or a share that cannot be.

    References
    ----------
    Manski (1989); Horowitz & Manski (2000), JASA 95, 77-84 (strata).
    """
    bounds = worst_case(share, response_rate(answered, population).rate)
    count = _numbers("population", population)
    whole = math.fsum(count)
    if whole == 0:
        return Bounds(np.array(0.0), np.array(1.0))
    low, high = (math.fsum(count * one) / whole for one in (bounds.low, bounds.high))
    return Bounds(np.array(low), np.array(min(high, 1.0)))


def settles(bounds: Bounds, target: Floats, *, strict: bool = False) -> Words:
    """What the bounds alone say of a target; at a response of 30 % that is mostly nothing, and this must be visible.

    Parameters
    ----------
    bounds : Bounds
        Arrays (k,).
    target : (k,) float
        0-1.
    strict : bool
        True where the target says ">".

    Returns
    -------
    (k,) str
        ``holds``, ``fails`` or ``undecided``.

    References
    ----------
    Statistics page section 8.
    """
    above = bounds.low > target if strict else bounds.low >= target
    below = bounds.high <= target if strict else bounds.high < target
    return np.asarray(np.select([above, below], [HOLDS, FAILS], UNDECIDED), np.str_)


def tipping_point(
    share: Floats,
    rate: Floats,
    target: Floats,
    *,
    low: Floats | None = None,
    high: Floats | None = None,
    strict: bool = False,
) -> Tipping:
    """The share of the silent at which the verdict turns: τ* = (τ − p r)/(1 − r).

    Parameters
    ----------
    share, rate, target : (k,) float
        0-1; the share is ignored (NaN allowed) where the rate is 0.
    low, high : (k,) float, optional
        Limits of the share. With them the verdict is that of the interval: the lower limit stands for p where the target is
        met, the upper one where it is not, and between them there is no verdict to turn.
    strict : bool
        True where the target says ">": then a share at the target does not meet it.

    Returns
    -------
    Tipping
        A share at the target meets "at least": it flips if fewer of the silent are satisfied than the target asks.

    Raises
    ------
    BadResponseError
        A rate, share or target outside 0-1.

    References
    ----------
    Statistics page section 8 (own); the tipping-point analysis of Yan, Lee & Li (2009), J. Biopharm. Stat. 19, 1085-1098.
    """
    r, tau = _shares("rate", rate), _shares("target", target)
    bottom, top = (_shares("share", np.where(r > 0, share if one is None else one, 0.0)) for one in (low, high))
    met = bottom > tau if strict else bottom >= tau
    not_met = top <= tau if strict else top < tau
    used = np.where(met, bottom, np.where(not_met, top, np.where(r > 0, share, 0.0)))
    silent = np.where(r < 1, 1 - r, 1.0)
    tip = np.where(r < 1, (tau - used * r) / silent, 0.0)
    holds = met & (tip < 0 if strict else tip <= 0)
    fails = not_met & (tip >= 1 if strict else tip > 1)
    said = np.select(
        [r == 0, r == 1, ~met & ~not_met, holds, fails, met],
        [NO_ANSWERS, NO_SILENT, UNDECIDED, HOLDS, FAILS, FLIPS_IF_FEWER],
        FLIPS_IF_MORE,
    )
    return Tipping(np.clip(tip, 0.0, 1.0), np.asarray(said, np.str_))


def _numbers(name: str, values: Floats) -> Floats:
    numbers = np.asarray(values, np.float64)
    wrong = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0)))
    if wrong.size:
        raise BadResponseError(f"{name}, entry {int(wrong[0]) + 1}: a number of people is 0 or more, not {numbers.flat[wrong[0]]}")
    return numbers


def _shares(name: str, values: Floats) -> Floats:
    numbers = np.asarray(values, np.float64)
    wrong = np.flatnonzero(~((numbers >= 0) & (numbers <= 1)))
    if wrong.size:
        raise BadResponseError(f"{name}, entry {int(wrong[0]) + 1}: lies between 0 and 1, not at {numbers.flat[wrong[0]]}")
    return numbers
