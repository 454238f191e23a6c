"""Post-strata and calibration against R, by hand, and on bad input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats.calibration import BadMarginError, NoConvergenceError, calibrate, post_stratify, recalibrate
from sipas.stats.raking import margin_columns
from tests.stats.calibrated_samples import SAMPLES, Sample, agreement, plain_covariance

METHODS = ("linear", "raking", "logit", "truncated")


def calibrated_by(sample: Sample, method: str):
    x, totals = sample.columns()
    return calibrate(sample.base, x, totals, method=method, bounds=sample.bounds if method in {"logit", "truncated"} else None)


@pytest.mark.parametrize("method", METHODS)
def test_weights_estimates_and_covariances_agree_with_r(method: str) -> None:
    found = [agreement(name, method, calibrated_by(Sample(name), method)) for name in SAMPLES]
    assert sum(count for _, count in found) >= 60
    assert max(worst for worst, _ in found) <= 1e-9


def test_post_strata_agree_with_r() -> None:
    found = [agreement(name, "post", post_stratify(s.base, s.a, s.known["a"])) for name in SAMPLES for s in [Sample(name)]]
    assert sum(count for _, count in found) >= 60
    assert max(worst for worst, _ in found) <= 1e-9


@pytest.mark.parametrize("name", SAMPLES)
def test_residual_variance_is_the_textbook_formula(name: str) -> None:
    sample = Sample(name)
    x, totals = sample.columns()
    made = calibrate(sample.base, x, totals)
    slope = np.linalg.solve(x.T @ (sample.base[:, None] * x), x.T @ (sample.base[:, None] * sample.y))
    expected = plain_covariance(sample, made.weight[:, None] * (sample.y - x @ slope))
    again = plain_covariance(sample, made.weight[:, None] * made.residual(sample.y))
    assert again == pytest.approx(expected, rel=1e-9)


def test_bounds_hold_and_some_weights_lie_on_them() -> None:
    sample = Sample("clus1")
    for method in ("logit", "truncated"):
        ratio = calibrated_by(sample, method).weight / sample.base
        assert sample.bounds[0] <= ratio.min() and ratio.max() <= sample.bounds[1]
    assert np.any(ratio == sample.bounds[0]) and np.any(ratio == sample.bounds[1])


def test_a_known_total_has_no_sampling_error() -> None:
    sample = Sample("made")
    for method in METHODS:
        made = calibrated_by(sample, method)
        x, totals = sample.columns()
        assert x.T @ made.weight == pytest.approx(totals, rel=1e-11)
        assert np.abs(made.residual(x)).max() <= 1e-10 * np.abs(x).max()


def test_post_strata_equal_linear_calibration_on_their_indicators() -> None:
    sample = Sample("made")
    post = post_stratify(sample.base, sample.b, sample.known["b"])
    linear = calibrate(sample.base, np.eye(4)[sample.b], sample.known["b"])
    assert linear.weight == pytest.approx(post.weight, rel=1e-12)
    assert linear.residual(sample.y) == pytest.approx(post.residual(sample.y), rel=1e-9, abs=1e-9)
    assert post.group is post.cell and linear.group is None
    assert np.array_equal(post.x, linear.x)


def test_an_empty_post_stratum_without_population_is_no_matter() -> None:
    made = post_stratify(np.ones(3), np.array([0, 0, 2]), np.array([10.0, 0.0, 5.0]))
    assert made.weight.tolist() == [5, 5, 5]
    assert made.residual(np.array([1.0, 3.0, 7.0])).tolist() == [-1, 1, 0]


@pytest.mark.parametrize("bad", [0.0, -2.0, np.nan, np.inf])
def test_a_weight_that_is_not_positive_is_named_by_its_row(bad: float) -> None:
    base = np.array([1.0, bad, 1.0])
    with pytest.raises(BadMarginError, match=r"^row 2: weight .* is not a number above 0"):
        post_stratify(base, np.zeros(3, int), np.array([9.0]))
    with pytest.raises(BadMarginError, match=r"^row 2: weight"):
        calibrate(base, np.ones((3, 1)), np.array([9.0]))


def test_a_category_without_sample_is_named_with_its_population() -> None:
    with pytest.raises(BadMarginError, match=r"^post-strata: category online has population 40 but no respondents; merge it"):
        post_stratify(np.ones(2), np.zeros(2, int), np.array([9.0, 40.0]), labels=("counter", "online"))


def test_a_category_without_population_is_named_with_its_respondents() -> None:
    with pytest.raises(BadMarginError, match=r"category 1 has 1 respondents but population 0"):
        post_stratify(np.ones(2), np.array([0, 1]), np.array([9.0, 0.0]))


@pytest.mark.parametrize(
    ("group", "totals", "complaint"),
    [
        ([0, 2], [5.0, 5.0], "row 2 has code 2, but categories run from 0 to 1"),
        ([0, -1], [5.0, 5.0], "row 2 has code -1"),
        ([0, 1], [5.0, np.nan], "the population of category 1 is nan"),
        ([0, 1], [-5.0, 5.0], "the population of category 0 is -5"),
        ([0, 1, 1], [5.0, 5.0], "do not fit together"),
    ],
)
def test_a_bad_margin_gets_one_exact_complaint(group: list[int], totals: list[float], complaint: str) -> None:
    with pytest.raises(BadMarginError, match=complaint):
        post_stratify(np.ones(2), np.array(group), np.array(totals))


def test_a_gap_in_a_column_is_named_by_row_and_column() -> None:
    with pytest.raises(BadMarginError, match="column age: row 3 has no number"):
        calibrate(np.ones(3), np.array([[1.0, 20.0], [1.0, 30.0], [1.0, np.nan]]), np.array([3.0, 80.0]), names=("one", "age"))


def test_a_total_that_is_no_number_is_named() -> None:
    with pytest.raises(BadMarginError, match="column 2: its population total is not a number"):
        calibrate(np.ones(3), np.array([[1.0, 20.0], [1.0, 30.0], [1.0, 4.0]]), np.array([3.0, np.nan]))


def test_a_column_that_repeats_others_is_named() -> None:
    x = np.array([[1.0, 1, 0], [1, 0, 1], [1, 1, 0], [1, 0, 1]])
    with pytest.raises(BadMarginError, match=r"column women is a combination of the columns before it .* leave it out"):
        calibrate(np.ones(4), x, np.array([10.0, 6, 4]), names=("all", "men", "women"))


def test_more_columns_than_rows_are_refused_too() -> None:
    with pytest.raises(BadMarginError, match="column 2 is a combination"):
        calibrate(np.ones(1), np.array([[1.0, 2.0]]), np.array([10.0, 20.0]))


def test_bounds_that_one_total_breaks_name_it_and_its_reach() -> None:
    with pytest.raises(BadMarginError, match=r"column 1: total 100 cannot be met .* which reach from 5 to 20"):
        calibrate(np.ones(10), np.ones((10, 1)), np.array([100.0]), method="truncated", bounds=(0.5, 2.0))


@pytest.mark.parametrize("method", ["logit", "truncated"])
def test_bounds_that_all_totals_together_break_name_those_that_hold(method: str) -> None:
    sample = Sample("strat")
    x, totals = sample.columns()
    with pytest.raises(BadMarginError, match=r"the narrowest of this shape that can are \(0.728874, 1.16268\)"):
        calibrate(sample.base, x, totals, method=method, bounds=(0.75, 1.15))
    calibrate(sample.base, x, totals, method=method, bounds=(0.7288, 1.1628))


def test_totals_that_no_weights_meet_are_told_apart_from_bounds() -> None:
    x = np.array([[1.0, 0], [1, 0], [1, 1], [1, 1]])
    with pytest.raises(BadMarginError, match=r"column 2: total 30 cannot be met"):
        calibrate(np.ones(4), x, np.array([10.0, 30.0]), method="truncated", bounds=(0.1, 8.0))
    contradiction = np.array([[1.0, 1, 1], [1, 1, 0.5], [1, 1, 0]])
    with pytest.raises(BadMarginError, match="column 2 is a combination"):
        calibrate(np.ones(3), contradiction, np.array([3.0, 4.0, 1.0]), method="raking")


def test_positive_weights_that_cannot_exist_do_not_converge() -> None:
    x = np.array([[1.0, 0, 0], [1, 1, 0], [1, 1, 1], [1, 1, 1]])
    with pytest.raises(NoConvergenceError, match=r"^calibration did not converge: after \d+ steps column"):
        calibrate(np.ones(4), x, np.array([10.0, 4.0, 6.0]), method="raking")


@pytest.mark.parametrize(
    ("method", "bounds", "complaint"),
    [
        ("ridge", None, "method 'ridge' is not known; choose from"),
        ("linear", (0.5, 2.0), "method 'linear' has no bounds"),
        ("logit", None, "method 'logit' needs bounds"),
        ("logit", (0.5, np.inf), "must be finite numbers L < 1 < U"),
        ("truncated", (1.2, 2.0), r"bounds \(1.2, 2\)"),
    ],
)
def test_methods_and_bounds_that_do_not_go_together(method: str, bounds, complaint: str) -> None:
    with pytest.raises(BadMarginError, match=complaint):
        calibrate(np.ones(3), np.ones((3, 1)), np.array([9.0]), method=method, bounds=bounds)


def test_negative_weights_are_counted_in_a_warning() -> None:
    x = np.column_stack([np.ones(4), np.arange(4.0)])
    made = calibrate(np.ones(4), x, np.array([4.0, 11.0]))
    assert made.weight.min() < 0
    assert made.warnings == ("1 weights are 0 or below after linear calibration; raking, logit or truncated keep them positive",)


def test_truncation_at_zero_alone_keeps_weights_from_turning_negative() -> None:
    x = np.column_stack([np.ones(4), np.arange(4.0)])
    made = calibrate(np.ones(4), x, np.array([4.0, 11.0]), method="truncated", bounds=(0.0, np.inf))
    assert made.weight.min() == 0
    assert x.T @ made.weight == pytest.approx([4, 11], rel=1e-12)


def test_a_column_of_zeros_asks_nothing_unless_its_total_does() -> None:
    x = np.array([[1.0, 0], [1, 0]])
    assert calibrate(np.ones(2), x, np.array([6.0, 0])).weight == pytest.approx([3, 3])
    with pytest.raises(BadMarginError, match=r"column 2: total 5 cannot be met .* which reach from 0 to 0"):
        calibrate(np.ones(2), x, np.array([6.0, 5]))


def test_one_row_is_a_sample_too() -> None:
    for method, bounds in (("linear", None), ("raking", None), ("logit", (0.5, 9.0)), ("truncated", (0.5, 9.0))):
        made = calibrate(np.array([2.0]), np.array([[1.0]]), np.array([7.0]), method=method, bounds=bounds)
        assert made.weight == pytest.approx([7], rel=1e-12)
        assert made.residual(np.array([5.0])) == pytest.approx([0], abs=1e-14)


ROWS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.floats(0.1, 50), st.floats(-5, 5)), min_size=12, max_size=40)


def covering(rows):
    """The drawn rows, and one of each category, so that every margin has a sample."""
    rows = rows + [(k % 3, k % 4, 1.0 + k, 0.5 * k) for k in range(12)]
    a, b, base, z = (np.array(column) for column in zip(*rows, strict=True))
    return a, b, base, z


@given(ROWS)
@settings(max_examples=50, deadline=None)
def test_calibrating_to_the_samples_own_totals_changes_nothing(rows) -> None:
    a, b, base, _ = covering(rows)
    x, _ = margin_columns([a, b], [np.bincount(a, minlength=3), np.bincount(b, minlength=4)])
    for method in METHODS:
        made = calibrate(base, x, x.T @ base, method=method, bounds=(0.2, 4.0) if method in {"logit", "truncated"} else None)
        assert made.weight == pytest.approx(base, rel=1e-9)


@given(ROWS, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_changes_no_bit(rows, random) -> None:
    a, b, base, z = covering(rows)
    order = np.array(random.sample(range(a.size), a.size))
    x, totals = margin_columns([a, b], [np.array([50.0, 60, 70]), np.array([30.0, 40, 50, 60])])
    x, totals = np.column_stack([x, z]), np.append(totals, 180 * np.average(z, weights=base))
    first, second = calibrate(base, x, totals), calibrate(base[order], x[order], totals)
    assert np.array_equal(first.weight[order], second.weight)
    assert np.array_equal(first.residual(z**2)[order], second.residual((z**2)[order]))
    post, again = post_stratify(base, a, totals[:3]), post_stratify(base[order], a[order], totals[:3])
    assert np.array_equal(post.weight[order], again.weight)
    assert np.array_equal(post.residual(z)[order], again.residual(z[order]))


@given(ROWS, st.floats(1e-6, 1e6))
@settings(max_examples=50, deadline=None)
def test_a_common_factor_on_base_weights_is_forgotten_by_raking(rows, factor: float) -> None:
    a, b, base, z = covering(rows)
    x, totals = margin_columns([a, b], [np.array([50.0, 60, 70]), np.array([30.0, 40, 50, 60])])
    first, second = calibrate(base, x, totals, method="raking"), calibrate(base * factor, x, totals, method="raking")
    assert second.weight == pytest.approx(first.weight, rel=1e-8)
    assert second.residual(z) == pytest.approx(first.residual(z), rel=1e-8, abs=1e-8)


def test_weights_a_trillion_apart_still_meet_their_totals() -> None:
    rng = np.random.default_rng(5)
    base, group = 10.0 ** rng.uniform(-6, 6, 400), rng.integers(0, 5, 400)
    totals = np.array([1e3, 2e5, 7.0, 1e9, 40.0])
    for made in (post_stratify(base, group, totals), calibrate(base, np.eye(5)[group], totals, method="raking")):
        assert np.bincount(group, made.weight) == pytest.approx(totals, rel=1e-9)
        assert np.all(np.isfinite(made.residual(rng.normal(size=(400, 2)))))


def test_recalibrating_from_the_base_weights_is_the_calibration_itself() -> None:
    sample = Sample("made")
    for made in (post_stratify(sample.base, sample.a, sample.known["a"]), calibrated_by(sample, "raking")):
        assert recalibrate(made, sample.base).weight == pytest.approx(made.weight, rel=1e-11)
