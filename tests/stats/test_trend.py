"""Slopes with the full covariance, breaks that split a series, and what is shown without being tested."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats.differences import HIGHER, LOWER, UNDECIDED
from sipas.stats.evidence import Limits
from sipas.stats.trend import FEW_PERIODS, NO_DF, NO_VARIANCE, BadComparisonError, at_fixed_mix, slope_coefficients, trend
from tests.stats.comparison_designs import R, in_domain, made, near

COLUMNS, SAMPLE = made()
DF = R["df"][0]
TIMES = np.arange(1.0, 9.0)


def series(name: str, item: str) -> tuple[np.ndarray, np.ndarray]:
    inside = in_domain(COLUMNS, name)
    periods = np.array([inside & (COLUMNS["period"] == t) for t in TIMES], float).T
    return SAMPLE.means(COLUMNS[item], periods)


@pytest.mark.parametrize("row", R["trends"], ids=lambda row: f"{row['domain'][0]}-{row['item'][0]}-{row['last'][0]}")
def test_slope_and_its_test_agree_with_r(row: dict) -> None:  # golden/comparisons.R, svycontrast over svyby(covmat = TRUE)
    value, covariance = series(row["domain"][0], row["item"][0])
    breaks = (7.0,) if row["last"][0] == 6 else ()
    told = trend(value, covariance, TIMES, DF, breaks=breaks)[0]
    near(
        np.array([told.slope, told.se, told.t, told.p, told.low, told.high]), [row[f][0] for f in ("value", "se", "t", "p")] + row["limits"]
    )
    near(slope_coefficients(TIMES[: int(row["last"][0])]), row["coefficients"][: int(row["last"][0])], rel=1e-14)


def test_slope_at_a_fixed_mix_agrees_with_r() -> None:  # golden/comparisons.R, svycontrast over period and channel
    asked = in_domain(COLUMNS, "all")
    cells = np.array([asked & (COLUMNS["period"] == t) & (COLUMNS["channel"] == c) for t in TIMES for c in (1, 2, 3)], float).T
    value, covariance = SAMPLE.means(COLUMNS["y"], cells)
    fixed, spread = at_fixed_mix(value.reshape(8, 3), covariance, np.array([50.0, 30.0, 20.0]))
    near(fixed, R["mix"]["value"])
    near(spread, R["mix"]["covariance"])
    told = trend(fixed, spread, TIMES, DF)[0]
    near(np.array([told.slope, told.se, told.t, told.p]), [R["mix"]["slope"][f][0] for f in ("value", "se", "t", "p")])


def test_fewer_than_six_periods_are_shown_and_not_tested() -> None:
    value = np.array([0.5, 0.6, 0.7, 0.8, 0.9])
    (told,) = trend(value, np.eye(5) * 1e-6, np.arange(5.0), 100)
    assert told.slope == pytest.approx(0.1)
    assert (told.t, told.p, told.reason, told.direction) == (None, None, FEW_PERIODS, UNDECIDED)
    (single,) = trend(value[:1], np.eye(1), np.zeros(1), 100)
    assert (single.periods, single.slope, single.reason) == (1, None, FEW_PERIODS)
    assert trend(np.zeros(0), np.zeros((0, 0)), np.zeros(0), 10) == ()


def test_a_marked_break_splits_the_series_and_no_slope_crosses_it() -> None:
    value = np.concatenate([np.full(6, 0.7), np.full(7, 0.9)])  # a step at the break, flat on either side
    value += np.tile([0.001, -0.001], 7)[:13]
    told = trend(value, np.eye(13) * 1e-4, np.arange(13.0), 100, breaks=(6.0,))
    assert [(one.first, one.last, one.periods) for one in told] == [(0, 5, 6), (6, 12, 7)]
    assert all(one.reason == "" and one.direction == UNDECIDED for one in told)
    assert trend(value, np.eye(13) * 1e-4, np.arange(13.0), 100)[0].direction == HIGHER
    assert [one.reason for one in trend(value, np.eye(13), np.arange(13.0), 100, breaks=(9.0, 3.0))] == [FEW_PERIODS, "", FEW_PERIODS]


def test_a_period_without_answers_is_left_out() -> None:
    value = np.array([0.1, 0.2, np.nan, 0.4, 0.5, 0.6, 0.7])
    covariance = np.eye(7) * 1e-4
    covariance[2] = covariance[:, 2] = np.nan
    (told,) = trend(value, covariance, np.arange(7.0), 50)
    assert (told.periods, told.reason) == (6, "")
    assert told.slope == pytest.approx(0.1)
    assert trend(np.full(7, np.nan), covariance, np.arange(7.0), 50)[0].slope is None


def test_all_satisfied_throughout_has_a_slope_and_no_certainty() -> None:
    flat, none = np.ones(8), np.zeros((8, 8))
    (told,) = trend(flat, none, TIMES, 40)
    assert (told.slope, told.se, told.low, told.p, told.reason, told.direction) == (0.0, None, None, None, NO_VARIANCE, UNDECIDED)
    (limited,) = trend(flat, none, TIMES, 40, limits=Limits(flat, flat - 0.05, flat))
    assert limited.low < 0 < limited.high
    assert limited.direction == UNDECIDED
    assert trend(flat - TIMES / 100, np.eye(8), TIMES, 0)[0].reason == NO_DF


def test_limits_of_each_period_make_the_limits_of_the_slope() -> None:
    value = 0.99 - np.arange(8.0) / 20
    sides = Limits(value, value - 0.06, np.minimum(value + 0.02, 1))
    (told,) = trend(value, np.eye(8) * 1e-4, TIMES, 60, limits=sides)
    (student,) = trend(value, np.eye(8) * 1e-4, TIMES, 60)
    assert told.direction == student.direction == LOWER
    assert (told.t, told.p) == (student.t, student.p)
    assert told.low < told.slope < told.high
    assert told.high - told.slope != pytest.approx(told.slope - told.low)


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 14), st.integers(0, 2**32), st.lists(st.integers(0, 14), max_size=3), st.floats(-3, 3))
def test_adding_a_constant_changes_no_slope_and_reversing_time_turns_it(size: int, seed: int, breaks: list[int], shift: float) -> None:
    rng = np.random.default_rng(seed)
    value, root = rng.uniform(0, 1, size), rng.normal(size=(size, size)) / 10
    covariance, times = root @ root.T, np.arange(float(size))
    plain = trend(value, covariance, times, 30)[0]
    moved, turned = trend(value + shift, covariance, times, 30)[0], trend(value[::-1], covariance[::-1, ::-1], times, 30)[0]
    assert moved.slope == pytest.approx(plain.slope, abs=1e-12)
    assert turned.slope == pytest.approx(-plain.slope, abs=1e-12)
    pieces = trend(value, covariance, times, 30, breaks=[float(b) for b in breaks])
    assert sum(one.periods for one in pieces) == size
    assert all(one.p is None or 0 <= one.p <= 1 for one in pieces)


def test_a_mix_that_changes_is_no_trend() -> None:
    value = np.tile([0.8, 0.95], (8, 1))  # each channel stands still; their mix would move the total
    fixed, spread = at_fixed_mix(value, np.eye(16) * 1e-4, np.array([1.0, 3.0]))
    assert trend(fixed, spread, TIMES, 60)[0].slope == pytest.approx(0, abs=1e-15)
    value[3, 0] = np.nan
    fixed, spread = at_fixed_mix(value, np.eye(16) * 1e-4, np.array([1.0, 3.0]))
    assert np.isnan(fixed[3]) and not np.isnan(spread).any()
    assert not np.isnan(at_fixed_mix(value, np.eye(16), np.array([0.0, 1.0]))[0]).any()


def test_a_series_that_does_not_fit_says_where() -> None:
    with pytest.raises(BadComparisonError, match="time number 3 does not come after"):
        trend(np.ones(3), np.eye(3), np.array([1.0, 2.0, 2.0]), 10)
    with pytest.raises(BadComparisonError, match="covariance of 3 by 3"):
        trend(np.ones(3), np.eye(2), np.arange(3.0), 10)
    with pytest.raises(BadComparisonError, match="two different times"):
        slope_coefficients(np.ones(4))
    with pytest.raises(BadComparisonError, match="2 channels need 2 shares"):
        at_fixed_mix(np.ones((3, 2)), np.eye(6), np.ones(3))
    with pytest.raises(BadComparisonError, match="not all 0"):
        at_fixed_mix(np.ones((3, 2)), np.eye(6), np.zeros(2))
