"""Every interval by name: R's figures, the table of degenerate samples, and what no interval may do."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import betaincinv

from sipas.stats.interval_methods import INTERVALS, BadIntervalError, interval
from sipas.stats.intervals import Interval, Shares, n_star, p_above, p_below, proved

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")  # no formula may stumble on its way

Golden = dict[str, float | str | None]
CASES: list[Golden] = json.loads((Path(__file__).parent / "golden" / "intervals.json").read_text("utf-8"))  # golden/intervals.R
SHARE_METHODS = sorted(set(INTERVALS) - {"t"})
CLOSE = {"logit": 3e-9}  # R iterates; every other method is a formula
SPLINE = 4e-4  # R's profile likelihood goes through a spline; the equation itself is solved beside it


def shares(value: float, variance: float, n: float, yes: float | None = None, **others: float) -> Shares:
    satisfied = round(n * value) if yes is None else yes
    kish, df, people = others.get("kish", n), others.get("df", max(n - 1, 0)), others.get("people", np.nan)
    return Shares(*(np.array([x], float) for x in (value, variance, n, satisfied, n - satisfied, kish, df, people)))


def limits(found: Interval) -> tuple[float, float]:
    return float(found.low[0]), float(found.high[0])


def number(case: Golden, name: str, missing: float = np.inf) -> float:
    got = case.get(name)
    return missing if got is None else float(got)


def shares_of(case: Golden) -> Shares:
    nrow, value = number(case, "nrow"), number(case, "p")
    people = number(case, "people")
    return shares(
        value,
        number(case, "variance"),
        nrow,
        number(case, "yes", nrow * min(value, 1)),
        kish=number(case, "kish", nrow),
        df=number(case, "df"),
        people=people if np.isfinite(people) else np.nan,
    )


def named(case: Golden) -> str:
    return f"{case['method']}-{case['from']}"


def test_golden_file_has_sixty_figures_for_every_method() -> None:
    figures = Counter(str(case["method"]) for case in CASES)
    assert {method: 2 * cases >= 60 for method, cases in figures.items()} == dict.fromkeys(INTERVALS, True)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_limits_agree_with_r(case: Golden) -> None:
    method = str(case["method"])
    scale = (-np.inf, np.inf) if method == "t" else (0.0, 1.0)
    found = interval(
        method, shares_of(case), alpha=number(case, "alpha"), d_pool=number(case, "pool", 1.0), nrow=number(case, "nrow"), scale=scale
    )
    splined = method == "likelihood" and case["from"] != "uniroot"
    expected = np.clip([number(case, "low"), number(case, "high")], *scale)  # R lets `mean` leave 0-1
    assert limits(found) == pytest.approx(tuple(expected), rel=CLOSE.get(method, 1e-9), abs=SPLINE if splined else 0)


@pytest.mark.parametrize("case", [case for case in CASES if case["method"] == "kg20"], ids=named)
def test_effective_number_and_both_p_values_agree_with_r(case: Golden) -> None:
    one, effect = shares_of(case), np.array([number(case, "pool")])
    star = n_star(one, effect, number(case, "alpha"))
    assert star[0] == pytest.approx(number(case, "star"), rel=1e-9)
    target = np.array([number(case, "target")])
    assert p_above(star, one.value, target)[0] == pytest.approx(number(case, "above"), rel=1e-8)
    assert p_below(star, one.value, target)[0] == pytest.approx(number(case, "below"), rel=1e-8, abs=1e-15)


# The table of degenerate samples, statistics page section 4 -----------------------------------------------------------------------


@pytest.mark.parametrize("method", SHARE_METHODS)
@pytest.mark.parametrize("value", [0.0, np.nan])
def test_nobody_answered(method: str, value: float) -> None:
    assert limits(interval(method, shares(value, 0.0, 0, 0, kish=np.nan, df=0))) == (0.0, 1.0)


@pytest.mark.parametrize("method", SHARE_METHODS)
@pytest.mark.parametrize(("value", "expected"), [(1.0, (0.025, 1.0)), (0.0, (0.0, 0.975))])
def test_one_answer_has_no_t_ratio(method: str, value: float, expected: tuple[float, float]) -> None:
    assert limits(interval(method, shares(value, 0.0, 1))) == pytest.approx(expected)


@pytest.mark.parametrize("method", sorted(set(SHARE_METHODS) - {"wilson20"}))
def test_all_satisfied_is_never_plus_minus_nothing(method: str) -> None:
    low, high = limits(interval(method, shares(1.0, 0.0, 60, kish=45, df=59), d_pool=1.5))
    assert (low, high) == (pytest.approx(0.025 ** (1 / 30)), 1.0)
    low, high = limits(interval(method, shares(0.0, 0.0, 60, kish=45, df=59), d_pool=1.5))
    assert (low, high) == (0.0, pytest.approx(1 - 0.025 ** (1 / 30)))


def test_all_satisfied_by_wilson20() -> None:  # widths: statistics page, appendix A, design effect 1 and 2
    for n, df, effect, width in ((10, 9, 1, 0.339), (10, 4, 2, 0.607), (30, 5, 2, 0.306), (400, 79, 2, 0.019)):
        low, high = limits(interval("wilson20", shares(1.0, 0.0, n, df=df), d_pool=effect))
        assert (round(high - low, 3), high) == (width, 1.0)


@pytest.mark.parametrize("method", SHARE_METHODS)
def test_no_variance_in_a_mixed_sample_is_a_census_or_the_guard(method: str) -> None:
    assert limits(interval(method, shares(0.6, 0.0, 100, people=100))) == (0.6, 0.6)
    low, high = limits(interval(method, shares(0.6, 0.0, 100, people=1000), d_pool=2.0))
    if method == "wilson20":
        assert low < 0.6 < high
    else:
        expected = betaincinv(30, 21, 0.025), betaincinv(31, 20, 0.975)
        assert (low, high) == pytest.approx(expected)


@pytest.mark.parametrize("method", SHARE_METHODS)
def test_huge_weight_ratio_leaves_nearly_nothing(method: str) -> None:
    """One answer of a weight 1e12 among a hundred: n_K is near 1."""
    low, high = limits(interval(method, shares(1.0, 0.0, 100, kish=1 + 1e-10, df=99)))
    assert low < 0.23
    assert high == 1
    rounded = shares(1.0, 1e-24, 100, 99, kish=1 + 1e-10, df=99)  # one unsatisfied answer of no weight: the share prints as 1
    low, high = limits(interval(method, rounded))
    assert (low < 0.23, high) == (True, 1)


@pytest.mark.parametrize("method", SHARE_METHODS)
def test_without_a_degree_of_freedom_there_is_no_t(method: str) -> None:
    assert limits(interval(method, shares(0.5, 0.25 / 40, 80, df=0))) == pytest.approx(
        limits(interval("kg20", shares(0.5, 0.25 / 40, 80, df=0)))
    )


def test_an_angle_beyond_the_scale_is_its_end() -> None:
    assert limits(interval("asin", shares(0.02, 0.02 * 0.98 / 49, 50)))[0] == 0
    assert limits(interval("asin", shares(0.98, 0.02 * 0.98 / 49, 50)))[1] == 1


def test_equal_weights_in_one_stratum_are_the_textbook() -> None:
    n, p = 80, 0.75
    found = interval("mean", shares(p, p * (1 - p) / (n - 1), n), alpha=0.05)
    assert limits(found) == pytest.approx((0.75 - 1.9904502102 * 0.0487177, 0.75 + 1.9904502102 * 0.0487177), abs=1e-6)


def test_mean_of_any_scale() -> None:
    free = (-np.inf, np.inf)
    assert limits(interval("t", shares(600.0, 0.0, 20, 0), scale=free)) == free
    assert limits(interval("t", shares(600.0, 9.0, 20, 0, df=0), scale=free)) == free
    assert limits(interval("t", shares(600.0, 0.0, 20, 0, people=20), scale=free)) == (600.0, 600.0)
    assert limits(interval("t", shares(4.9, 0.04, 20, 0)))[1] == 5
    assert limits(interval("t", shares(np.nan, 0.0, 0, 0))) == (1.0, 5.0)


# What no interval may do ----------------------------------------------------------------------------------------------------------


@st.composite
def samples(draw: st.DrawFn) -> Shares:
    n = draw(st.integers(0, 2000))
    yes = draw(st.integers(0, n))
    weighted = draw(st.floats(0, 1)) if 0 < yes < n else float(n > 0 and yes == n)
    variance = draw(st.one_of(st.just(0.0), st.floats(1e-30, 0.2)))
    people = draw(st.sampled_from([np.nan, float(n), n + 1.0, 1.5 * n + 1, 100.0 * n + 1]))
    if n and np.isfinite(people):  # who answered is known: no weights put the share beyond
        weighted = min(max(weighted, yes / people), 1 - (n - yes) / people)
    return shares(
        weighted, variance, n, yes, kish=max(1.0, n * draw(st.floats(1e-6, 1))), df=draw(st.integers(0, max(n - 1, 0))), people=people
    )


@settings(max_examples=300, deadline=None)
@given(samples(), st.sampled_from(SHARE_METHODS), st.floats(1, 50), st.sampled_from([0.05, 0.2, 0.001]))
def test_interval_contains_its_share_and_stays_in_0_1(one: Shares, method: str, effect: float, alpha: float) -> None:
    found = interval(method, one, d_pool=effect, alpha=alpha)
    low, high = limits(found)
    assert 0 <= low <= high <= 1
    assert one.n[0] == 0 or low <= one.value[0] <= high


@settings(max_examples=100, deadline=None)
@given(samples(), st.sampled_from(SHARE_METHODS), st.floats(1, 5))
def test_reverse_coding_mirrors_every_interval(one: Shares, method: str, effect: float) -> None:
    assume(min(one.value[0], 1 - one.value[0]) > 1e-6 or one.value[0] in {0, 1})  # 1 - 1e-300 is 1
    other = Shares(1 - one.value, one.variance, one.n, one.n_unsatisfied, one.n_satisfied, one.n_kish, one.df, one.population)
    there, back = interval(method, one, d_pool=effect), interval(method, other, d_pool=effect)
    assert (there.low[0], there.high[0]) == pytest.approx((1 - back.high[0], 1 - back.low[0]), abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(samples(), st.floats(0.01, 0.99), st.floats(1, 5))
def test_p_values_say_what_the_limits_say(one: Shares, target: float, effect: float) -> None:
    """Dual to KG20 with its finite-population bounds and in a census."""
    found = interval("kg20", one, d_pool=effect)
    least, most = proved(one)
    goal = np.array([target])
    if abs(found.low[0] - target) > 1e-9:
        assert (found.low[0] >= target) == (p_above(found.n_star, one.value, goal, least=least)[0] <= 0.025)
    if abs(found.high[0] - target) > 1e-9:
        assert (found.high[0] < target) == (p_below(found.n_star, one.value, goal, most=most)[0] <= 0.025)


@settings(max_examples=50, deadline=None)
@given(st.lists(samples(), min_size=1, max_size=8), st.sampled_from(SHARE_METHODS))
def test_many_shares_at_once_are_as_one_by_one(several: list[Shares], method: str) -> None:
    names = Shares.__dataclass_fields__
    together = interval(method, Shares(*(np.concatenate([getattr(one, name) for one in several]) for name in names)), d_pool=1.3)
    apart = [interval(method, one, d_pool=1.3) for one in several]
    assert together.low == pytest.approx(np.concatenate([one.low for one in apart]), abs=1e-12)
    assert together.high == pytest.approx(np.concatenate([one.high for one in apart]), abs=1e-12)


def test_no_shares_have_no_limits() -> None:
    none = Shares(*(np.empty(0) for _ in Shares.__dataclass_fields__))
    assert [interval(method, none).low.size for method in INTERVALS] == [0] * len(INTERVALS)


@pytest.mark.parametrize(
    ("complaint", "asked"),
    [
        ("no interval is called 'exact'; choose from kg20,", {"method": "exact"}),
        ("alpha is 95; it is 1 − confidence", {"alpha": 95}),
        ("d_pool 0 is 0.5; a pooled design effect is at least 1", {"d_pool": 0.5}),
        ("figure 0 is 92.0; an estimate lies between 0.0 and 1.0", {"shares": shares(92.0, 0.001, 100, 92)}),
        ("figure 0 is -0.001; a variance is at least 0", {"shares": shares(0.92, -0.001, 100, 92)}),
    ],
)
def test_impossible_figures_are_refused(complaint: str, asked: dict[str, object]) -> None:
    given_: dict[str, object] = {"method": "kg20", "shares": shares(0.92, 0.001, 100, 92), **asked}
    with pytest.raises(BadIntervalError, match=complaint.replace("(", r"\(")):
        interval(given_.pop("method"), given_.pop("shares"), **given_)


@pytest.mark.parametrize("confidence", [1e-6, 1e-11, 1e-12, 1e-13, 1e-15, 2e-16])
@pytest.mark.parametrize("method", SHARE_METHODS)
@pytest.mark.filterwarnings("error")
def test_hardly_any_confidence_is_an_interval_around_the_share(method: str, confidence: float) -> None:
    low, high = limits(interval(method, shares(0.9, 0.001, 120, 108, kish=110, df=10, people=np.nan), alpha=1 - confidence))
    assert low <= 0.9 + 1e-9 and high >= 0.9 - 1e-9
    assert 0 <= low <= high <= 1
    assert high - low < 0.02
