"""Those who did not answer: response, bounds and the point at which the verdict turns; and marks of reliability."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.reports.honesty import marks_of, silence_of
from sipas.reports.lines import Estimate, Line, TargetMark
from sipas.reports.released import estimate_of
from tests.reports.stored import fact


def line(
    estimate: Estimate | None, *, target: float | None = 0.9, verdict: str = "met", statistic: str = "overall", operator: str = ">="
) -> Line:
    mark = TargetMark(target, operator, statistic, "t", {"vi": "t"}, "", expired=False, demonstration=True) if target else None
    return Line(
        unit_id=1, sector="land", name={"vi": "Đất đai"}, indicator="procedures", statistic=statistic, channels="headline",
        estimate=estimate, unweighted=None, target=mark, verdict=verdict, difference=None, more_needed=None, change=None,
        indicative=False, provisional=False, excluded=0, flags=(),
    )  # fmt: skip


def told(satisfied: int, n: int, population: int, **more: Any) -> Estimate | None:
    return estimate_of(fact(satisfied, n, population=population, **more))


def test_a_met_verdict_turns_at_the_share_of_the_silent_that_the_lower_limit_leaves() -> None:
    estimate = told(1900, 2000, 4000)
    silence = silence_of(line(estimate))
    assert estimate is not None
    assert silence is not None
    assert silence.said == "flips_if_fewer"
    assert silence.tipping == pytest.approx((0.9 - estimate.low * 0.5) / 0.5)
    assert silence.rate == 0.5
    assert (silence.low, silence.high) == pytest.approx((0.475, 0.975))
    assert silence.settled == "undecided"


@pytest.mark.parametrize(
    ("satisfied", "population", "target", "verdict", "said"),
    [
        (1980, 2010, 0.9, "met", "holds"),
        (1000, 2010, 0.9, "not_met", "fails"),
        (1700, 4000, 0.9, "not_met", "flips_if_more"),
        (1980, 2000, 0.9, "met", "no_silent"),
        (1980, 4000, 0.9, "undecided", ""),
        (1980, 4000, None, "no_target", ""),
        (1980, 1000, 0.9, "met", ""),
    ],
)
def test_every_case_has_its_word(satisfied: int, population: int, target: float | None, verdict: str, said: str) -> None:
    silence = silence_of(line(told(satisfied, 2000, population), target=target, verdict=verdict))
    assert silence is not None
    assert silence.said == said
    assert (silence.tipping is None) == (said == "")


def test_more_answers_than_dossiers_have_no_rate() -> None:
    silence = silence_of(line(told(90, 100, 80)))
    assert silence is not None
    assert silence.rate is None


def test_five_percent_speak_for_themselves_alone() -> None:
    few, many = (silence_of(line(told(950, 1000, population))) for population in (20000, 19000))
    assert few is not None
    assert many is not None
    assert (few.respondents_only, many.respondents_only) == (True, False)


@pytest.mark.parametrize("statistic", ["mean", "pooled"])
def test_the_silent_are_counted_only_where_people_are(statistic: str) -> None:
    assert silence_of(line(told(90, 100, 1000), statistic=statistic)) is None
    assert silence_of(line(None)) is None
    assert silence_of(line(estimate_of(fact(90, 100, population=None)))) is None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 50), st.floats(0, 1), st.integers(0, 200)), min_size=1, max_size=6))
def test_bounds_from_counts_are_manskis_by_stratum(strata: list[tuple[int, float, int]]) -> None:
    counts = [(n, round(p * n), n + silent) for n, p, silent in strata]
    answers, satisfied, people = (sum(part) for part in zip(*counts, strict=True))
    silence = silence_of(line(told(satisfied, answers, people), target=None, verdict="no_target"))
    assert silence is not None
    assert silence.low == pytest.approx(math.fsum(good for _, good, _ in counts) / people)
    assert silence.high == pytest.approx(math.fsum(good + size - n for n, good, size in counts) / people)


@pytest.mark.parametrize(
    ("estimate", "reasons"),
    [
        (told(1900, 2000, 4000), ()),
        (told(18, 20, 400), ("wide", "few_effective", "low_df")),
        (told(196, 200, 4000), ("relative",)),
        (told(1900, 2000, 4000, df=3.0), ("low_df",)),
        (told(1900, 2000, 4000, n_effective=12.0), ("few_effective",)),
        (None, ()),
    ],
)
def test_marks_name_every_reason(estimate: Estimate | None, reasons: tuple[str, ...]) -> None:
    assert marks_of(estimate, "overall") == reasons


def test_a_mean_is_wide_by_its_own_scale() -> None:
    assert marks_of(told(900, 1000, 4000, indicator="mean"), "mean") == ()
    assert "wide" in marks_of(told(12, 20, 4000, indicator="mean"), "mean")
