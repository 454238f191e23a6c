"""Small areas borrow strength; none is trusted wholly, none is left without an answer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats import beta_binomial as bb
from sipas.stats import small_areas as sa
from sipas.stats.beta_binomial import beta_binomial
from sipas.stats.small_areas import BadAreaError, fay_herriot, fay_herriot_shares, smoothed_variance
from tests.stats.planning_golden import columns, figures


def models() -> dict[str, sa.Areas]:
    rows = columns("areas")
    n, share = rows["n"], rows["satisfied"] / rows["n"]
    x = np.column_stack([np.ones(n.size), rows["x1"]])
    return {
        "income": fay_herriot(rows["income"], 900 / n, x),
        "share": fay_herriot_shares(share, n).areas,
        "share_x": fay_herriot_shares(share, n, x).areas,
        "raw": fay_herriot(share, smoothed_variance(share, n), x),
        "flat": fay_herriot_shares(rows["flat"] / n, n).areas,
        "alike": fay_herriot_shares(rows["flat"] / n, n / 2).areas,
    }


def test_fay_herriot_agrees_with_a_restricted_likelihood_in_full_matrices() -> None:
    found = models()
    for figure, inputs, value in figures("herriot"):
        got = np.asarray(getattr(found[inputs["model"]], figure), float).ravel()[inputs.get("entry", 1) - 1]
        assert got == pytest.approx(value, rel=1e-9, abs=1e-15), (figure, inputs)
    assert {found[name].outcome for name in ("income", "share", "share_x", "raw", "flat")} == {sa.SHRUNKEN}
    assert (found["alike"].outcome, found["alike"].model_variance) == (sa.FULL_SHRINKAGE, 0.0)


def test_beta_binomial_agrees_with_a_marginal_likelihood_by_optim() -> None:
    rows = columns("areas")
    found = {scale: beta_binomial(rows["satisfied"] * scale, rows["n"] * scale) for scale in (1, 0.8, 0.5, 0.37)}
    for figure, inputs, value in figures("beta_binomial"):
        got = np.asarray(getattr(found[inputs["scale"]], figure), float).ravel()[inputs.get("entry", 1) - 1]
        assert got == pytest.approx(value, rel=1e-9), (figure, inputs)


def test_an_area_of_which_all_agree_is_not_trusted_wholly() -> None:
    share, n = np.array([1.0, 0.9, 0.7, 0.95, 0.6]), np.array([12.0, 300, 250, 280, 260])
    found = fay_herriot_shares(share, n)
    assert found.value[0] < 1
    assert found.low[0] < found.value[0]
    assert found.gamma[0] < found.gamma[1] < 1
    with pytest.raises(BadAreaError, match=r"area 1: a variance of 0\.0 would be trusted wholly"):
        fay_herriot(share, share * (1 - share) / n)


def test_an_area_without_answers_gets_what_the_model_says() -> None:
    share, n = np.array([np.nan, 0.9, 0.7, 0.95, 0.6]), np.array([0.0, 300, 250, 280, 260])
    x = np.column_stack([np.ones(5), [0.0, 1, -1, 2, -2]])
    found = fay_herriot_shares(share, n, x)
    areas = found.areas
    assert (found.gamma[0], areas.value[0]) == (0, pytest.approx(areas.beta[0]))
    assert areas.mse[0] == pytest.approx(areas.model_variance + areas.beta_covariance[0, 0])
    without = fay_herriot_shares(share[1:], n[1:], x[1:])
    assert without.areas.value == pytest.approx(areas.value[1:], rel=1e-12)


def test_too_few_areas_keep_their_own_estimates() -> None:
    one = fay_herriot_shares(np.array([0.9]), np.array([40.0]))
    assert (one.areas.outcome, one.value[0], one.gamma[0]) == (sa.TOO_FEW, pytest.approx(0.9), 1)
    assert one.low[0] < 0.9 < one.high[0]
    none = fay_herriot_shares(np.array([np.nan, np.nan]), np.zeros(2))
    assert (none.value.tolist(), none.low.tolist(), none.high.tolist()) == ([pytest.approx(0.5)] * 2, [0, 0], [1, 1])
    assert fay_herriot_shares(np.array([]), np.array([])).value.size == 0
    mixed = fay_herriot_shares(np.array([np.nan, 0.9]), np.array([0.0, 40.0]))
    assert (mixed.value[0], mixed.low[0], mixed.high[0]) == (pytest.approx(0.9), 0, 1)


def test_areas_that_cannot_be_are_named() -> None:
    y, psi = np.array([0.9, 0.8, 0.7]), np.full(3, 0.01)
    with pytest.raises(BadAreaError, match="repeat each other"):
        fay_herriot(y, psi, np.ones((3, 2)))
    with pytest.raises(BadAreaError, match="one row an area"):
        fay_herriot(y, psi[:2])
    with pytest.raises(BadAreaError, match="area 2 has a variance and no estimate"):
        fay_herriot(np.array([0.9, np.nan, 0.8]), psi)
    with pytest.raises(BadAreaError, match="area 3: a share lies between 0 and 1, not at 90"):
        fay_herriot_shares(np.array([0.9, 0.8, 90]), np.full(3, 20.0))
    with pytest.raises(BadAreaError, match="the numbers 0 or more"):
        fay_herriot_shares(y, np.array([1.0, -1, 1]))
    with pytest.raises(BadAreaError, match="no number"):
        fay_herriot(y, psi, np.array([[1.0], [np.nan], [1.0]]))
    with pytest.raises(BadAreaError, match=r"area 2: 9\.0 satisfied of 8\.0 answers"):
        beta_binomial(np.array([1.0, 9.0]), np.array([8.0, 8.0]))


def test_no_difference_beyond_chance_is_full_shrinkage_with_the_uncertainty_of_the_mean() -> None:
    n = np.array([50.0, 80, 120, 60, 0])
    found = beta_binomial(0.9 * n, n)
    assert (found.outcome, found.a, found.b) == (bb.FULL_SHRINKAGE, math.inf, math.inf)
    assert found.value == pytest.approx(np.full(5, 0.9))
    assert (found.gamma == 0).all()
    assert ((found.low < 0.9) & (found.high > 0.9)).all()


@pytest.mark.parametrize(
    ("satisfied", "n", "outcome"),
    [
        ([20.0, 30, 40], [20.0, 30, 40], bb.UNANIMOUS),
        ([0.0, 0, 0], [20.0, 30, 40], bb.UNANIMOUS),
        ([20.0, 0, 40, 0], [20.0, 30, 40, 10], bb.NO_SHRINKAGE),
        ([18.0], [20.0], bb.TOO_FEW),
        ([0.0, 0], [0.0, 0], bb.TOO_FEW),
        ([], [], bb.TOO_FEW),
        ([1.0, 0, 1, 1, 0], [1.0, 1, 1, 1, 1], bb.FULL_SHRINKAGE),
    ],
)
def test_degenerate_counts_are_answered_by_name_and_never_with_a_width_of_nothing(
    satisfied: list[float], n: list[float], outcome: str
) -> None:
    found = beta_binomial(np.array(satisfied), np.array(n))
    assert found.outcome == outcome
    assert ((found.low < found.value) & (found.value < found.high)).all()
    assert np.isfinite(found.mse).all()


@given(st.lists(st.tuples(st.integers(0, 200), st.floats(0, 1)), min_size=0, max_size=12), st.floats(0.1, 1))
@settings(max_examples=50, deadline=None)
def test_every_shrunken_share_lies_between_its_own_and_the_mean(areas: list[tuple[int, float]], scale: float) -> None:
    n = np.array([one[0] for one in areas], float)
    x = np.array([round(one[0] * one[1]) for one in areas], float)
    found = beta_binomial(x * scale, n * scale)
    assert ((found.low >= 0) & (found.low <= found.value) & (found.value <= found.high) & (found.high <= 1)).all()
    if found.outcome == bb.SHRUNKEN:
        own = np.where(n > 0, x / np.maximum(n, 1), found.mean)
        assert (found.value >= np.minimum(own, found.mean) - 1e-12).all()
        assert (found.value <= np.maximum(own, found.mean) + 1e-12).all()
    shares = fay_herriot_shares(x / np.maximum(n, 1), n * scale)
    assert ((shares.low >= 0) & (shares.low <= shares.value) & (shares.value <= shares.high) & (shares.high <= 1)).all()
    assert np.isfinite(shares.value).all()


def test_smoothed_variances_do_not_vanish_where_all_agree() -> None:
    psi = smoothed_variance(np.array([1.0, 1.0, np.nan]), np.array([20.0, 40.0, 0.0]))
    pooled = 60.5 / 61
    assert psi[:2] == pytest.approx(pooled * (1 - pooled) / np.array([20, 40]))
    assert np.isinf(psi[2])
