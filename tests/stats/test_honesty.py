"""What the silent could change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats import balance, honesty
from sipas.stats.balance import bias_bound, main_effects, r_indicator
from sipas.stats.honesty import (
    BadResponseError,
    Bounds,
    respondents_only,
    response_rate,
    settles,
    tipping_point,
    worst_case,
    worst_case_by_stratum,
)
from tests.stats.planning_golden import columns, figures

SHARE = st.floats(0, 1)


def one(value: float) -> np.ndarray:
    return np.array([value])


def tipped(share: float, rate: float, target: float, *limits: float, strict: bool = False) -> tuple[float, str]:
    low, high = (one(limit) for limit in limits) if limits else (None, None)
    found = tipping_point(one(share), one(rate), one(target), low=low, high=high, strict=strict)
    return float(found.share[0]), str(found.outcome[0])


def test_bounds_agree_with_r() -> None:
    for figure, inputs, value in figures("bounds"):
        limits = {name: one(inputs[name]) for name in ("low", "high") if name in inputs}
        found = worst_case(one(inputs["share"]), one(inputs["rate"]), **limits)
        assert getattr(found, figure.removesuffix("_of_limits"))[0] == pytest.approx(value, rel=1e-12, abs=1e-15)
    for figure, inputs, value in figures("strata"):
        found = worst_case_by_stratum(*(np.array(inputs[name], float) for name in ("share", "answered", "population")))
        assert getattr(found, figure) == pytest.approx(value, rel=1e-12)


def test_tipping_points_agree_with_r() -> None:
    for figure, inputs, value in figures("tipping"):
        limits = (inputs["low"], inputs["high"]) if figure.endswith("limits") else ()
        found, outcome = tipped(inputs["share"], inputs["rate"], inputs["target"], *limits)
        assert found == pytest.approx(value, rel=1e-12, abs=1e-14), (inputs, outcome)


@pytest.mark.parametrize(
    ("got", "outcome"),
    [
        (tipped(0.95, 0.97, 0.9), honesty.HOLDS),
        (tipped(0.95, 0.5, 0.9), honesty.FLIPS_IF_FEWER),
        (tipped(0.85, 0.5, 0.9), honesty.FLIPS_IF_MORE),
        (tipped(0.85, 0.7, 0.9), honesty.FAILS),
        (tipped(0.9, 0.5, 0.9), honesty.FLIPS_IF_FEWER),
        (tipped(0.9, 0.5, 0.9, strict=True), honesty.FLIPS_IF_MORE),
        (tipped(0.92, 0.5, 0.9, 0.88, 0.95), honesty.UNDECIDED),
        (tipped(0.95, 0.5, 0.9, 0.91, 0.98), honesty.FLIPS_IF_FEWER),
        (tipped(0.80, 0.9, 0.9, 0.75, 0.85), honesty.FAILS),
        (tipped(0.95, 1.0, 0.9), honesty.NO_SILENT),
        (tipped(np.nan, 0.0, 0.9), honesty.NO_ANSWERS),
        (tipped(0.2, 0.5, 0.0), honesty.HOLDS),
        (tipped(1.0, 0.5, 1.0), honesty.FLIPS_IF_FEWER),
        (tipped(0.99, 0.5, 1.0), honesty.FAILS),
        (tipped(1.0, 0.5, 1.0, strict=True), honesty.FAILS),
        (tipped(0.0, 0.5, 0.0, strict=True), honesty.FLIPS_IF_MORE),
        (tipped(1.0, 0.5, 0.5), honesty.HOLDS),
        (tipped(1.0, 0.5, 0.5, strict=True), honesty.FLIPS_IF_FEWER),
        (tipped(0.0, 0.5, 0.5), honesty.FLIPS_IF_MORE),
        (tipped(0.0, 0.5, 0.5, strict=True), honesty.FAILS),
    ],
)
def test_every_edge_has_a_named_outcome(got: tuple[float, str], outcome: str) -> None:
    assert got[1] == outcome
    assert 0 <= got[0] <= 1


@given(SHARE, SHARE, SHARE, st.booleans())
@settings(max_examples=50, deadline=None)
def test_the_outcome_is_what_the_bounds_allow(share: float, rate: float, target: float, strict: bool) -> None:  # noqa: FBT001 -- drawn
    point, outcome = tipped(share, rate, target, strict=strict)
    bounds = worst_case(one(share), one(rate))
    said = settles(bounds, one(target), strict=strict)[0]
    if 1e-9 < rate < 1 - 1e-9 and min(abs(bounds.low[0] - target), abs(bounds.high[0] - target)) > 1e-9:
        assert (outcome == honesty.HOLDS) == (said == honesty.HOLDS)
        assert (outcome == honesty.FAILS) == (said == honesty.FAILS)
        if outcome in {honesty.FLIPS_IF_FEWER, honesty.FLIPS_IF_MORE}:
            assert share * rate + point * (1 - rate) == pytest.approx(target, abs=1e-9)


def test_at_a_response_of_thirty_percent_bounds_settle_nothing() -> None:
    bounds = worst_case(one(0.95), one(0.3))
    assert (bounds.low[0], bounds.high[0]) == pytest.approx((0.285, 0.985))
    assert settles(bounds, one(0.9))[0] == honesty.UNDECIDED
    assert settles(Bounds(one(0.9), one(1.0)), one(0.9))[0] == honesty.HOLDS
    assert settles(Bounds(one(0.9), one(1.0)), one(0.9), strict=True)[0] == honesty.UNDECIDED


def test_bounds_by_stratum_are_those_of_the_whole_where_shares_are_pooled() -> None:
    share, n, count = np.array([0.9, 0.8, np.nan]), np.array([30.0, 10.0, 0.0]), np.array([100.0, 40.0, 60.0])
    by_stratum = worst_case_by_stratum(share, n, count)
    whole = worst_case(one(35 / 40), one(40 / 200))
    assert (by_stratum.low, by_stratum.high) == pytest.approx((whole.low[0], whole.high[0]))
    none = worst_case_by_stratum(np.array([np.nan]), one(0.0), one(0.0))
    assert (none.low, none.high) == (0, 1)


def test_response_rates_say_what_they_are() -> None:
    found = response_rate(np.array([0.0, 0, 5, 10, 12]), np.array([0.0, 10, 10, 10, 10]))
    assert found.rate.tolist() == [0, 0, 0.5, 1, 1]
    assert found.outcome.tolist() == ["no_population", "no_answers", "known", "no_silent", "over_frame"]
    assert respondents_only(np.array([0.03, 0.05, 0.2])).tolist() == [True, True, False]


def test_numbers_that_cannot_be_are_named() -> None:
    with pytest.raises(BadResponseError, match="answered, entry 2: a number of people is 0 or more"):
        response_rate(np.array([1.0, -1]), np.array([2.0, 2]))
    with pytest.raises(BadResponseError, match="rate, entry 1: lies between 0 and 1, not at 30"):
        worst_case(one(0.9), one(30.0))
    with pytest.raises(BadResponseError, match="target, entry 1"):
        tipping_point(one(0.9), one(0.3), one(90.0))


def models() -> dict[str, balance.Balance]:
    cells = columns("cells")
    sector, month, age = (cells[name].astype(int) for name in ("sector", "month", "age"))
    people, answered = cells["people"], cells["answered"]
    return {
        "plain": r_indicator(main_effects(sector, month, age), people, answered),
        "sector": r_indicator(main_effects(sector), people, answered),
        "separated": r_indicator(main_effects(sector, month), people, cells["separated"]),
        "weighted": r_indicator(main_effects(sector, month, age), people, answered, weight=cells["weight"]),
    }


def test_r_indicators_agree_with_glm_and_svyglm() -> None:
    found, compared = models(), 0
    for figure, inputs, value in figures("balance"):
        model = found[inputs["model"]]
        if figure == "propensity":
            got = model.propensity[inputs["cell"] - 1]
        elif figure == "bias":
            assert model.cv is not None
            got = bias_bound(model.cv, inputs["share"])
        else:
            got = getattr(model, figure)
        assert got == pytest.approx(value, rel=1e-8), (figure, inputs)
        compared += 1
    assert compared >= 120
    assert (found["separated"].outcome, found["plain"].outcome) == (balance.SEPARATED, honesty.KNOWN)


def test_degenerate_responses_have_no_indicator_or_a_perfect_one() -> None:
    x, people = main_effects([1, 2]), np.array([10.0, 20.0])
    nobody = r_indicator(x, people, np.zeros(2))
    assert (nobody.r_indicator, nobody.cv, nobody.outcome) == (None, None, honesty.NO_ANSWERS)
    all_of_them = r_indicator(x, people, people)
    assert (all_of_them.r_indicator, all_of_them.cv, all_of_them.outcome) == (1.0, 0.0, honesty.NO_SILENT)
    assert r_indicator(x, np.zeros(2), np.zeros(2)).outcome == honesty.NO_POPULATION
    half = r_indicator(x, people, np.array([10.0, 0.0]))
    assert half.outcome == balance.SEPARATED
    assert half.propensity == pytest.approx([1, 0], abs=1e-8)
    even = r_indicator(x, people, np.array([5.0, 10.0]))
    assert even.r_indicator == pytest.approx(1)


def test_a_column_said_twice_changes_nothing_and_an_empty_cell_neither() -> None:
    people, answered = np.array([40.0, 60, 0, 30]), np.array([10.0, 30, 0, 20])
    x = main_effects([1, 2, 3, 3])
    once, twice = r_indicator(x, people, answered), r_indicator(np.concatenate([x, x[:, 1:]], axis=1), people, answered)
    assert once.r_indicator == pytest.approx(twice.r_indicator, rel=1e-10)
    assert once.propensity.tolist() == pytest.approx([0.25, 0.5, 0, 2 / 3])


def test_a_unanimous_share_does_not_promise_that_there_is_no_bias() -> None:
    assert bias_bound(0.2, 1.0) == pytest.approx(0.1)
    assert bias_bound(0.2, 0.95, low=0.9, high=0.98) == pytest.approx(0.2 * 0.3)
    assert bias_bound(0.2, 0.6, low=0.4, high=0.7) == pytest.approx(0.1)
    assert bias_bound(9.0, 0.9) == pytest.approx(0.9)
    with pytest.raises(BadResponseError, match="limits hold their share"):
        bias_bound(0.2, 0.5, low=0.6, high=0.7)


def test_a_register_that_disagrees_is_named_by_its_cell() -> None:
    x = main_effects([1, 2])
    with pytest.raises(BadResponseError, match="cell 2: 30 answers of 20 people"):
        r_indicator(x, np.array([10.0, 20.0]), np.array([5.0, 30.0]))
    with pytest.raises(BadResponseError, match="cell 1: people is 0 or more"):
        r_indicator(x, np.array([np.nan, 20.0]), np.array([5.0, 3.0]))
    with pytest.raises(BadResponseError, match="one row a cell"):
        r_indicator(x, np.array([10.0]), np.array([5.0, 3.0]))
    with pytest.raises(BadResponseError, match="lists of one length"):
        main_effects([1, 2], [1])
