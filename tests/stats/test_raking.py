"""Raking against R, against calibration on the margins' columns, and on margins that cannot be met."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats.calibration import BadMarginError, NoConvergenceError, calibrate
from sipas.stats.raking import margin_columns, rake, rake_like_r
from tests.stats.calibrated_samples import SAMPLES, Sample, agreement, estimates

CONVERGED = {"epsilon": 1e-14, "sweeps": 5000}


def raked(sample: Sample):
    return rake(sample.base, sample.margins, sample.totals)


def test_weights_and_covariances_agree_with_r_calibrate_on_the_margins() -> None:
    found = [agreement(name, "margins", raked(Sample(name))) for name in SAMPLES]
    assert sum(count for _, count in found) >= 60
    assert max(worst for worst, _ in found) <= 1e-9


@pytest.mark.parametrize(("family", "control"), [("rake_like_r", CONVERGED), ("rake_two_sweeps", {"epsilon": 1.0, "sweeps": 2})])
def test_the_compatible_form_agrees_with_r_rake_converged_or_not(family: str, control: dict[str, float]) -> None:
    samples = {name: Sample(name) for name in SAMPLES}
    found = [agreement(name, family, rake_like_r(s.base, s.margins, s.totals, **control)) for name, s in samples.items()]
    assert sum(count for _, count in found) >= 60
    assert max(worst for worst, _ in found) <= 1e-9


@pytest.mark.parametrize("name", SAMPLES)
def test_fitting_margin_by_margin_gives_the_weights_of_exponential_calibration(name: str) -> None:
    sample = Sample(name)
    x, totals = margin_columns(sample.margins, sample.totals)
    by_columns, by_margins = calibrate(sample.base, x, totals, method="raking"), raked(sample)
    assert by_margins.weight == pytest.approx(by_columns.weight, rel=1e-11)
    assert by_margins.residual(sample.y) == pytest.approx(by_columns.residual(sample.y), rel=1e-9, abs=1e-7)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_margin_is_met_to_the_twelfth_digit(name: str) -> None:
    sample = Sample(name)
    weight = raked(sample).weight
    for codes, total in zip(sample.margins, sample.totals, strict=True):
        assert np.bincount(codes, weight) == pytest.approx(total, rel=2e-12)


def test_rs_own_centring_is_not_the_regression_where_weights_vary() -> None:
    ratio = {}
    for name in SAMPLES:
        s = Sample(name)
        ours, like_r = estimates(s, raked(s)), estimates(s, rake_like_r(s.base, s.margins, s.totals, **CONVERGED))
        ratio[name] = float(np.sqrt(like_r["total_covariance"][0] / ours["total_covariance"][0]))
        assert like_r["total"] == pytest.approx(ours["total"], rel=1e-11)
    assert ratio["clus1"] == pytest.approx(1, abs=1e-9)  # equal base weights: the same
    assert 1.05 < ratio["made"] < 1.07  # six per cent


def test_r_stopping_early_is_said() -> None:
    sample = Sample("made")
    stopped = rake_like_r(sample.base, sample.margins, sample.totals, sweeps=2)
    assert stopped.warnings == ("raking as R does it did not converge in 2 sweeps",)
    assert rake_like_r(sample.base, sample.margins, sample.totals, **CONVERGED).warnings == ()


def test_one_margin_is_post_stratification() -> None:
    made = rake(np.array([1.0, 2, 3, 4]), [np.array([0, 0, 1, 1])], [np.array([30.0, 70.0])])
    assert made.weight == pytest.approx([10, 20, 30, 40], rel=1e-12)


def test_margins_of_another_grand_total_are_rescaled_with_a_warning() -> None:
    a, b = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    made = rake(np.ones(4), [a, b], [np.array([40.0, 60]), np.array([30.0, 20])], names=("sector", "month"))
    assert made.warnings == ("month adds up to 50, but sector to 100; it was rescaled to sector",)
    assert made.weight == pytest.approx([24, 16, 36, 24], rel=1e-12)
    with pytest.raises(BadMarginError, match=r"^month adds up to 50, but sector to 100; margins of one population have one grand total"):
        rake(np.ones(4), [a, b], [np.array([40.0, 60]), np.array([30.0, 20])], names=("sector", "month"), rescale=False)
    with pytest.raises(BadMarginError, match="margin 2 adds up to 50"):
        margin_columns([a, b], [np.array([40.0, 60]), np.array([30.0, 20])])


def test_a_difference_in_the_tenth_digit_is_no_disagreement() -> None:
    a, b = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    made = rake(np.ones(4), [a, b], [np.array([40.0, 60]), np.array([50.0, 50 * (1 + 1e-10)])], rescale=False)
    assert made.warnings == ()
    assert made.weight.sum() == pytest.approx(100, rel=1e-9)


def test_a_category_without_sample_is_named_with_its_margin() -> None:
    with pytest.raises(BadMarginError, match=r"^filing: category post has population 12 but no respondents"):
        rake(
            np.ones(2),
            [np.array([0, 1]), np.array([0, 1])],
            [np.array([5.0, 20]), np.array([5.0, 8, 12])],
            names=("sector", "filing"),
            labels=(("land", "health"), ("counter", "online", "post")),
        )


def test_margins_and_totals_must_be_as_many() -> None:
    with pytest.raises(BadMarginError, match="2 margins, 1 sets of totals and 2 names do not fit together"):
        rake(np.ones(2), [np.array([0, 1]), np.array([0, 1])], [np.array([5.0, 5])])
    with pytest.raises(BadMarginError, match="0 margins"):
        rake(np.ones(2), [], [])


def test_margins_that_contradict_one_another_do_not_converge_and_say_where() -> None:
    a, b = np.array([0, 0, 1]), np.array([0, 1, 1])  # nobody with a = 1 and b = 0
    with pytest.raises(NoConvergenceError, match=r"^raking did not converge in 1000 sweeps: sector, category number \d is off by 0\.\d+"):
        rake(np.ones(3), [a, b], [np.array([5.0, 5]), np.array([8.0, 2])], names=("sector", "month"))


def test_an_empty_cell_of_the_cross_table_is_no_obstacle() -> None:
    a, b = np.array([0, 0, 1]), np.array([0, 1, 1])
    made = rake(np.ones(3), [a, b], [np.array([7.0, 3]), np.array([5.0, 5])])
    assert made.weight == pytest.approx([5, 2, 3], rel=1e-11)
    assert made.residual(np.array([1.0, 5, 2])) == pytest.approx([0, 0, 0], abs=1e-12)


ROWS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.floats(0.1, 50), st.floats(-5, 5)), max_size=40)
TOTALS = (np.array([50.0, 60, 70]), np.array([30.0, 40, 50, 60]))


def covering(rows):
    rows = rows + [(k % 3, k % 4, 1.0 + k, 0.5 * k) for k in range(12)]
    return [np.array(column) for column in zip(*rows, strict=True)]


@given(ROWS, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_changes_no_bit(rows, random) -> None:
    a, b, base, z = covering(rows)
    order = np.array(random.sample(range(a.size), a.size))
    for form in (rake, rake_like_r):
        first, second = form(base, [a, b], TOTALS), form(base[order], [a[order], b[order]], TOTALS)
        assert np.array_equal(first.weight[order], second.weight)
        assert np.array_equal(first.residual(z)[order], second.residual(z[order]))


@given(ROWS)
@settings(max_examples=50, deadline=None)
def test_raking_to_the_samples_own_totals_changes_nothing(rows) -> None:
    a, b, base, _ = covering(rows)
    made = rake(base, [a, b], [np.bincount(a, base), np.bincount(b, base)])
    assert made.weight == pytest.approx(base, rel=1e-11)


@given(ROWS)
@settings(max_examples=50, deadline=None)
def test_doubling_all_weights_or_all_totals_changes_no_share(rows) -> None:
    a, b, base, z = covering(rows)
    first = rake(base, [a, b], TOTALS).weight
    second = rake(2 * base, [a, b], [2 * TOTALS[0], 2 * TOTALS[1]]).weight
    assert np.average(z, weights=second) == pytest.approx(np.average(z, weights=first), rel=1e-10, abs=1e-10)


def test_weights_a_trillion_apart_still_meet_their_margins() -> None:
    rng = np.random.default_rng(7)
    base, a, b = 10.0 ** rng.uniform(-6, 6, 600), rng.integers(0, 3, 600), rng.integers(0, 4, 600)
    made = rake(base, [a, b], TOTALS)
    assert np.bincount(a, made.weight) == pytest.approx(TOTALS[0], rel=1e-11)
    assert np.bincount(b, made.weight) == pytest.approx(TOTALS[1], rel=1e-11)
    assert np.all(np.isfinite(made.residual(rng.normal(size=600))))
