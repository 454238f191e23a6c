"""What may be said of a target."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sipas.stats.intervals import Shares, kg20, logit_t, mean_t, proved
from sipas.stats.verdict import judge, more_for_logit, more_for_mean, more_for_share, p_mean, p_ratio, p_share

ONE = np.ones(1)
pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")


def said(low: float, high: float, n: int = 100, target: float = 0.9, *, strict: bool = False) -> str:
    return str(judge(*(np.array([x], float) for x in (low, high, n, target)), np.array([strict]))[0])


@pytest.mark.parametrize(
    ("got", "verdict"),
    [
        (said(0.9, 0.95), "met"),
        (said(0.9, 0.95, strict=True), "undecided"),
        (said(0.901, 0.95, strict=True), "met"),
        (said(0.8, 0.899), "not_met"),
        (said(0.8, 0.9), "undecided"),
        (said(0.8, 0.9, strict=True), "not_met"),
        (said(0.95, 1.0, n=29), "too_few"),
        (said(0.95, 1.0, n=30), "met"),
        (said(0.95, 1.0, n=9), "hidden"),
        (said(0.95, 1.0, target=np.nan), "no_target"),
        (said(0.95, 1.0, n=9, target=np.nan), "hidden"),
    ],
)
def test_verdicts(got: str, verdict: str) -> None:
    assert got == verdict


@pytest.mark.parametrize(("p", "target", "n"), [(0.93, 0.9, 120), (0.87, 0.9, 120), (1.0, 0.9, 31), (0.86, 0.85, 400)])
def test_so_many_more_answers_settle_it_and_fewer_do_not(p: float, target: float, n: int) -> None:
    star = np.array([n / 1.5])
    more = more_for_share(star, np.array([p]), np.array([target]), np.array([float(n)]))[0]

    def settled(answers: float) -> bool:
        many = np.array([answers / 1.5])
        one = Shares(*(np.array([x], float) for x in (p, 0.0, 1e9, 1e9 * p or 1, 1e9 * (1 - p), 1e9, 1e9, np.nan)))
        one = Shares(one.value, one.value * (1 - one.value) / many, one.n, one.n_satisfied, one.n_unsatisfied, many, one.df, one.population)
        found = kg20(one, np.ones(1))
        return bool(found.low[0] >= target if p > target else found.high[0] < target)

    assert settled(n + more + 1)
    assert more == 1 or not settled(n + more - 2)


def test_nothing_settles_a_share_that_is_the_target() -> None:
    assert np.isnan(more_for_share(*(np.array([x]) for x in (80.0, 0.9, 0.9, 100.0)))[0])


def test_ratios_and_means_scale_with_the_square() -> None:
    more = more_for_mean(*(np.array([x]) for x in (4.1, 0.01, 1e6, 4.0, 100.0)))[0]
    assert more == np.ceil(100 * (1.959966**2 - 1))
    assert more_for_logit(*(np.array([x]) for x in (0.85, 0.0025, 30.0, 0.9, 60.0)))[0] > 0


def one_of(value: float, variance: float, n: float, yes: float, *, df: float, people: float = np.nan) -> Shares:
    return Shares(*(np.array([x], float) for x in (value, variance, n, yes, n - yes, n / 1.2, df, people)))


@settings(max_examples=200, deadline=None)
@given(
    st.integers(2, 900),
    st.floats(0, 1),
    st.floats(0, 3),
    st.floats(0.02, 0.98),
    st.integers(0, 60),
    st.sampled_from([np.nan, 1.0, 1.3, 9.0]),
)
def test_share_has_a_p_below_a_fortieth_exactly_where_it_has_a_verdict(
    n: int, p: float, effect: float, target: float, df: int, times: float
) -> None:
    yes = round(n * p)
    one = one_of(yes / n, effect * yes * (n - yes) / n**3, n, yes, df=min(df, n - 1), people=np.ceil(times * n))
    found, (least, most), goal = kg20(one, ONE * 1.4), proved(one), ONE * target
    assume(min(abs(found.low[0] - target), abs(found.high[0] - target)) > 1e-9)
    p_value = p_share(found.n_star, one.value, goal, least=least, most=most)[0]
    assert (p_value <= 0.025) == bool(found.low[0] >= target or found.high[0] < target)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 900), st.floats(0, 1), st.sampled_from([0.0, 0.3, 1.0, 2.0]), st.floats(0.02, 0.98), st.integers(0, 60))
def test_ratio_has_a_p_below_a_fortieth_exactly_where_it_has_a_verdict(n: int, p: float, effect: float, target: float, df: int) -> None:
    one = one_of(p, effect * p * (1 - p) / n, n, n * p, df=df)
    found = logit_t(one, ONE * 1.4)
    assume(min(abs(found.low[0] - target), abs(found.high[0] - target)) > 1e-9)
    assert (p_ratio(one, ONE * 1.4, ONE * target)[0] <= 0.025) == bool(found.low[0] >= target or found.high[0] < target)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 900), st.floats(1, 5), st.sampled_from([0.0, 0.5, 1.5]), st.floats(1.1, 4.9), st.integers(0, 60))
def test_mean_has_a_p_below_a_fortieth_exactly_where_it_has_a_verdict(n: int, mean: float, spread: float, target: float, df: int) -> None:
    one = one_of(mean, spread / n, n, 0, df=df)
    found = mean_t(one, ONE * 1.4)
    assume(min(abs(found.low[0] - target), abs(found.high[0] - target)) > 1e-9)
    assert (p_mean(one, ONE * 1.4, ONE * target)[0] <= 0.025) == bool(found.low[0] >= target or found.high[0] < target)


def test_nothing_known_is_a_p_of_one() -> None:
    nobody = Shares(*(np.array([x], float) for x in (np.nan, 0, 0, 0, 0, np.nan, 0, np.nan)))
    assert (p_ratio(nobody, ONE, ONE * 0.9)[0], p_mean(nobody, ONE, ONE * 4)[0], p_share(ONE * 0, ONE, ONE * 0.9)[0]) == (1, 1, 1)


def test_agreement_on_a_scale_without_ends_proves_nothing() -> None:
    assert p_mean(one_of(600, 0.0, 40, 0, df=39), ONE, ONE * 550, scale=(-np.inf, np.inf))[0] == 1


def test_census_leaves_no_doubt() -> None:
    everybody = ONE * np.inf
    assert p_share(everybody, ONE * 0.95, ONE * 0.9)[0] == 0
    assert p_share(everybody, ONE * 0.85, ONE * 0.9)[0] == 0
