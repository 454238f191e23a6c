"""The joint test of any change: it sees what a slope does not, holds its level, and is silent where nothing can be said."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from sipas.stats.trend import any_change, trend

LEVELS = np.array([80.0, 82.0, 84.0, 86.0, 84.0, 82.0, 80.0])


def test_a_hill_has_no_slope_and_is_a_change() -> None:
    (piece,) = trend(LEVELS, np.eye(7), np.arange(7.0), 200.0)
    assert abs(piece.slope) < 1e-12
    assert piece.p > 0.9
    assert piece.change.p < 1e-3


def test_with_equal_errors_it_is_the_variance_between_periods() -> None:
    found = any_change(LEVELS, 4 * np.eye(7), 200.0)
    wald = float(np.sum((LEVELS - LEVELS.mean()) ** 2) / 4)
    assert found.f == pytest.approx(wald * 195 / (200 * 6))
    assert (found.first_df, found.second_df) == (6, 195)
    assert found.p == pytest.approx(scipy.stats.f.sf(found.f, 6, 195))


def test_two_periods_are_a_t_test_with_full_covariance() -> None:
    covariance = np.array([[1.0, 0.4], [0.4, 2.0]])
    found = any_change(np.array([80.0, 83.0]), covariance, 30.0)
    assert found.p == pytest.approx(2 * scipy.stats.t.sf(3 / np.sqrt(1 + 2 - 0.8), 30))


def test_it_holds_its_level_where_nothing_changes() -> None:
    rng = np.random.default_rng(3)
    errors = np.array([1.0, 2.0, 0.5, 1.5, 1.0, 0.7])
    p = [any_change(80 + errors * rng.normal(size=6), np.diag(errors**2), 1e6).p for _ in range(4000)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.012)


@pytest.mark.parametrize(
    ("values", "covariance", "df"),
    [
        (LEVELS[:1], np.eye(1), 30.0),
        (LEVELS, np.diag([1.0, 1, 1, 0, 1, 1, 1]), 30.0),
        (LEVELS, np.eye(7), 5.0),
        (LEVELS[:2], np.ones((2, 2)), 30.0),
    ],
)
def test_where_nothing_can_be_tested_nothing_is(values: np.ndarray, covariance: np.ndarray, df: float) -> None:
    assert any_change(values, covariance, df) is None
