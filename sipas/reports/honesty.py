"""Beside each score: how many answered, what the silent could change, and how far the figure can be relied on."""

from __future__ import annotations

import numpy as np

from sipas.reports.indicators import KIND_MEAN, KIND_SHARE, kind_of
from sipas.reports.lines import Estimate, Line, Silence
from sipas.stats.disclosure.publication import marks
from sipas.stats.honesty import NO_ANSWERS, OVER_FRAME, respondents_only, response_rate, settles, tipping_point, worst_case
from sipas.stats.intervals import Floats
from sipas.stats.verdict import MET, NOT_MET

WIDE, FEW_EFFECTIVE, LOW_DF, RELATIVE = "wide", "few_effective", "low_df", "relative"
TURNING = (MET, NOT_MET)  # verdicts that the silent could turn


def silence_of(line: Line) -> Silence | None:
    """What those who did not answer could change; None without a figure of respondents, or without a frame.

    The bounds count people: satisfied ÷ dossiers, and 1 − not satisfied ÷ dossiers, which are Manski's by stratum whatever the
    rates of the strata. The tipping point takes the interval, as the verdict does.
    """
    told = line.estimate
    if told is None or not told.population or kind_of(line.statistic) != KIND_SHARE:
        return None
    n, population = _one(told.n), _one(told.population)
    response = response_rate(n, population)
    bounds = worst_case(_one(told.n_satisfied / told.n), response.rate)
    target = line.target if line.target and line.target.statistic == line.statistic else None
    strict = bool(target and target.operator == ">")
    known = response.outcome[0] not in {OVER_FRAME, NO_ANSWERS}
    tipping, said = None, ""
    if target and known and line.verdict in TURNING:
        made = tipping_point(_one(told.value), response.rate, _one(target.value), low=_one(told.low), high=_one(told.high), strict=strict)
        tipping, said = float(made.share[0]), str(made.outcome[0])
    return Silence(
        answers=told.n,
        population=told.population,
        rate=float(response.rate[0]) if known else None,
        low=float(bounds.low[0]),
        high=float(bounds.high[0]),
        settled=str(settles(bounds, _one(target.value), strict=strict)[0]) if target else "",
        tipping=tipping,
        said=said,
        respondents_only=bool(respondents_only(response.rate)[0]),
    )


def marks_of(told: Estimate | None, statistic: str) -> tuple[str, ...]:
    """Why a published figure is to be read with care: every reason that holds, the widest first."""
    if told is None:
        return ()
    effective, df = (_one(np.nan if number is None else number) for number in (told.n_effective, told.df))
    scale = 4 if kind_of(statistic) == KIND_MEAN else 1
    shift = 1 if scale > 1 else 0
    low, value, high = (_one((number - shift) / scale) for number in (told.low, told.value, told.high))
    found = marks(value, low, high, effective, df)
    reasons = {WIDE: found.wide, FEW_EFFECTIVE: found.few_effective, LOW_DF: found.low_df}
    if scale == 1 and not found.wide[0]:
        reasons[RELATIVE] = found.relative
    return tuple(reason for reason, holds in reasons.items() if holds[0])


def _one(number: float) -> Floats:
    return np.array([number], np.float64)
