"""Trimming: one pass as R's, and the rule that keeps the totals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats.calibration import calibrate, post_stratify
from sipas.stats.raking import rake, rake_like_r
from sipas.stats.trimming import BadTrimError, cut, trim, trim_like_r, worth_trimming
from tests.stats.calibrated_samples import SAMPLES, Sample, agreement


def before(family: str, sample: Sample):
    if family == "trim_post":
        return post_stratify(sample.base, sample.a, sample.known["a"])
    if family == "trim_rake":
        return rake_like_r(sample.base, sample.margins, sample.totals, epsilon=1e-14, sweeps=5000)
    return calibrate(sample.base, *sample.columns())


@pytest.mark.parametrize("family", ["trim_post", "trim_rake", "trim_linear"])
def test_one_pass_agrees_with_r_in_weights_and_covariances(family: str) -> None:
    samples = {name: Sample(name) for name in SAMPLES}
    low_high = {name: sample.known["trim"] for name, sample in samples.items()}
    found = [
        agreement(name, family, trim_like_r(before(family, sample), low=low_high[name][0], high=low_high[name][1]))
        for name, sample in samples.items()
    ]
    assert sum(count for _, count in found) >= 60
    assert max(worst for worst, _ in found) <= 1e-9


def test_a_cut_keeps_the_total_and_spreads_what_it_took_equally() -> None:
    assert cut(np.array([1.0, 4, 5, 30]), low=2.0, high=10.0).tolist() == [2, 13.5, 14.5, 10]
    assert cut(np.array([3.0, 4]), low=2.0, high=10.0).tolist() == [3, 4]


def test_trimming_as_r_does_it_says_that_margins_no_longer_hold() -> None:
    made = post_stratify(np.array([1.0, 1, 9]), np.array([0, 1, 1]), np.array([30.0, 70]))
    assert trim_like_r(made, high=40.0).warnings == ("weights were trimmed without bringing them back to the margins",)
    assert trim_like_r(made, high=400.0).warnings == ()
    assert np.array_equal(trim_like_r(made, high=400.0).residual(np.arange(3.0)), made.residual(np.arange(3.0)))


def skewed(seed: int = 11, n: int = 400):
    rng = np.random.default_rng(seed)
    base = np.exp(rng.normal(0, 1.2, n))
    return rake(base, [rng.integers(0, 3, n), rng.integers(0, 4, n)], [np.array([500.0, 600, 700]), np.array([300.0, 400, 500, 600])])


def test_trimmed_weights_lie_in_their_bounds_and_meet_the_margins() -> None:
    made = skewed()
    done = trim(made)
    median = np.median(made.weight)
    assert (done.low, done.high) == pytest.approx((0.3 * median, 5 * median))
    assert done.cut > 0 and 1 <= done.rounds <= 10 and done.outside == 0 and done.warnings == ()
    assert done.low * (1 - 1e-3) <= done.calibration.weight.min() and done.calibration.weight.max() <= done.high * (1 + 1e-3)
    assert done.calibration.x.T @ done.calibration.weight == pytest.approx(made.totals, rel=1e-10)
    assert done.n_kish_after > done.n_kish_before == pytest.approx(made.weight.sum() ** 2 / np.sum(made.weight**2))
    assert done.untrimmed is made


def test_residuals_after_trimming_keep_the_base_weights() -> None:
    made = skewed()
    z = np.random.default_rng(1).normal(size=(400, 2))
    assert np.array_equal(trim(made).calibration.residual(z), made.residual(z))
    assert np.array_equal(trim(made).calibration.base, made.base)


def test_weights_within_their_bounds_are_left_alone() -> None:
    made = rake(np.array([1.0, 1.1, 0.9, 1]), [np.array([0, 0, 1, 1])], [np.array([20.0, 21])])
    done = trim(made)
    assert (done.rounds, done.cut, done.outside) == (0, 0, 0)
    assert done.calibration is made
    assert done.n_kish_after == done.n_kish_before


def test_what_the_totals_forbid_to_trim_is_counted_and_said() -> None:
    made = post_stratify(np.ones(9), np.array([0] * 8 + [1]), np.array([8.0, 90.0]))
    done = trim(made)
    assert done.rounds == 10 and done.outside == 1
    assert done.warnings == ("1 weights stayed outside 0.3 to 5 times the median after 10 rounds of trimming; totals come first",)
    assert np.bincount(made.cell, done.calibration.weight) == pytest.approx([8, 90], rel=1e-12)


def test_linear_weights_are_trimmed_too() -> None:
    rng = np.random.default_rng(3)
    base, v = np.exp(rng.normal(0, 1.0, 300)), rng.gamma(4, 1, 300)
    made = calibrate(base, np.column_stack([np.ones(300), v]), np.array([base.sum() * 1.01, base @ v]))
    done = trim(made)
    assert done.cut > 0 and done.outside == 0
    assert done.calibration.x.T @ done.calibration.weight == pytest.approx(made.totals, rel=1e-10)


def test_trimming_is_the_default_only_above_five_times_the_mean() -> None:
    assert not worth_trimming(np.array([1.0] * 9 + [9.0]))  # 9 / 1.8 = 5
    assert worth_trimming(np.array([1.0] * 9 + [9.1]))


@pytest.mark.parametrize(("low", "high"), [(1.2, 5.0), (0.3, 0.9), (-0.1, 5.0), (np.nan, 5.0)])
def test_multiples_on_one_side_of_the_median_are_refused(low: float, high: float) -> None:
    with pytest.raises(BadTrimError, match="are multiples of the median weight: 0 ≤ lower < 1 < upper"):
        trim(skewed(), low=low, high=high)


def test_bounded_methods_are_not_trimmed() -> None:
    made = calibrate(np.ones(4), np.ones((4, 1)), np.array([5.0]), method="logit", bounds=(0.5, 2.0))
    with pytest.raises(BadTrimError, match="method 'logit' holds its weights within bounds; choose tighter ones"):
        trim(made)


def test_negative_weights_are_not_trimmed() -> None:
    made = calibrate(np.ones(4), np.column_stack([np.ones(4), np.arange(4.0)]), np.array([4.0, 11.0]))
    with pytest.raises(BadTrimError, match="weights of 0 or below cannot be trimmed"):
        trim(made)


def test_bounds_that_hold_no_weight_are_refused() -> None:
    with pytest.raises(BadTrimError, match="no weight lies between 4 and 5"):
        cut(np.array([1.0, 2.0]), low=4.0, high=5.0)
    with pytest.raises(BadTrimError, match=r"trimming bounds \(5, 4\) must be two numbers, the lower one first"):
        cut(np.array([1.0, 2.0]), low=5.0, high=4.0)


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_changes_no_bit(seed: int, random) -> None:
    rng = np.random.default_rng(seed)
    base, a, b = np.exp(rng.normal(0, 1.2, 60)), np.arange(60) % 3, np.arange(60) % 4
    order = np.array(random.sample(range(60), 60))
    totals = [np.array([50.0, 60, 70]), np.array([30.0, 40, 50, 60])]
    first, second = trim(rake(base, [a, b], totals)), trim(rake(base[order], [a[order], b[order]], totals))
    assert np.array_equal(first.calibration.weight[order], second.calibration.weight)
    assert (first.rounds, first.outside, first.n_kish_after) == (second.rounds, second.outside, second.n_kish_after)


@given(st.lists(st.floats(1e-6, 1e6), min_size=3, max_size=60))
@settings(max_examples=50, deadline=None)
def test_a_cut_keeps_any_total(weights: list[float]) -> None:
    weight = np.array(weights)
    middle = float(np.median(weight))
    kept = cut(weight, low=0.3 * middle, high=5 * middle)
    assert kept.sum() == pytest.approx(weight.sum(), rel=1e-12)
