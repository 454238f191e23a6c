"""How many answers are needed, and where."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from sipas.stats import fieldwork, planning
from sipas.stats.allocation import PROPORTIONAL, allocate, planned_margin, spread_of
from sipas.stats.fieldwork import Wish, plan_strata, plan_survey
from sipas.stats.intervals import Shares, kg20
from sipas.stats.planning import answers_for_margin, answers_to_show, settling_number, yamane
from sipas.stats.power import BadPlanError, effective_to_show, power_to_show, start_value
from sipas.stats.verdict import more_for_share
from tests.stats.planning_golden import figures


def test_margins_agree_with_r() -> None:
    for figure, inputs, value in figures("margin"):
        size = answers_for_margin(inputs["population"], inputs["expected"], inputs["margin"], deff=inputs["deff"], response_rate=0.4)
        assert getattr(size, figure) == value, inputs


def test_the_official_short_form_agrees_with_r_and_with_the_circular() -> None:
    assert all(yamane(inputs["population"], inputs["margin"]) == value for _, inputs, value in figures("yamane"))
    assert [yamane(N, 0.05) for N in (50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000)] == [45, 80, 134, 223, 286, 334, 371, 385, 397]
    assert (yamane(math.inf, 0.05), yamane(0, 0.05)) == (400, 0)


def test_power_agrees_with_limits_by_qbeta_and_a_binomial() -> None:
    for _, inputs, value in figures("power"):
        got = power_to_show(np.array([float(inputs["n"])]), inputs["expected"], inputs["target"], alpha=inputs["alpha"])[0]
        assert got == pytest.approx(value, rel=1e-9, abs=1e-13), inputs


def test_the_number_from_which_power_stays_agrees_with_a_search_through_all_numbers() -> None:
    for _, inputs, value in figures("to_show"):
        assert effective_to_show(inputs["expected"], inputs["target"], power=inputs["power"], alpha=inputs["alpha"]) == value, inputs
    for _, inputs, value in figures("start"):
        got = start_value(inputs["expected"], inputs["target"], power=inputs["power"], alpha=inputs["alpha"])
        assert got == pytest.approx(value, rel=1e-12)


def test_the_first_crossing_is_too_small() -> None:
    n = np.arange(1.0, 600)
    power = power_to_show(n, 0.95, 0.9)
    needed = effective_to_show(0.95, 0.9)
    assert n[power >= 0.8][0] < needed
    assert power[int(needed) - 2] < 0.8 <= power[int(needed) - 1 :].min()


@given(
    st.sampled_from([0.05, 0.5, 0.8, 0.85, 0.9, 0.95, 1.0]),
    st.floats(-0.4, 0.4).filter(lambda gap: abs(gap) > 0.05),
    st.sampled_from([0.5, 0.8, 0.95]),
)
@settings(max_examples=50, deadline=None)
def test_power_stays_from_there_and_fails_just_before(target: float, gap: float, wanted: float) -> None:
    expected = min(max(target + gap, 0.0), 1.0)
    needed = effective_to_show(expected, target, power=wanted)
    if needed is None:
        assert expected == target
        return
    n = np.arange(1.0, 3 * needed + 200)
    power = power_to_show(n, expected, target)
    assert power[needed - 1 :].min() >= wanted
    assert needed == 1 or power[needed - 2] < wanted


def test_what_settles_a_share_that_stays_agrees_with_r() -> None:
    for _, inputs, value in figures("settling"):
        assert settling_number(inputs["share"], inputs["target"]) == pytest.approx(value, rel=1e-8), inputs


@pytest.mark.parametrize(("share", "target"), [(0.93, 0.9), (0.87, 0.9), (1.0, 0.9), (0.86, 0.85), (0.95, 0.9)])
def test_the_planner_and_the_verdict_say_the_same_of_more_answers(share: float, target: float) -> None:
    n, deff = 60.0, 1.5
    more = more_for_share(*(np.array([one]) for one in (n / deff, share, target, n)))[0]
    number = settling_number(share, target)
    assert number is not None
    assert more == max(math.ceil(number * deff - n - 1e-9), 1)


def test_what_settles_it_without_luck_is_about_even_odds_and_less_than_planned() -> None:
    number = settling_number(0.95, 0.9)
    assert number is not None
    around = power_to_show(np.arange(number - 15, number + 15).round(), 0.95, 0.9)
    assert 0.4 < around.mean() < 0.6
    assert number < (effective_to_show(0.95, 0.9) or 0)


def test_sizes_grow_with_the_design_and_shrink_with_the_population() -> None:
    open_ended = answers_to_show(math.inf, 0.95, 0.9)
    assert (open_ended.answers, open_ended.without_population, open_ended.basis) == (255, 255, planning.MET)
    assert answers_to_show(math.inf, 0.95, 0.9, deff=1.5).answers == 383
    assert answers_to_show(math.inf, 0.8, 0.9).basis == planning.NOT_MET
    large = answers_to_show(2500, 0.93, 0.9, response_rate=0.6)
    assert (large.answers, large.with_population, large.without_population, large.invitations) == (573, 573, 742, 955)


def test_a_verdict_is_planned_with_the_population_only_where_it_is_judged_with_it() -> None:
    quiet = answers_to_show(2500, 0.93, 0.9, response_rate=0.5)
    assert (quiet.answers, quiet.with_population, quiet.invitations, quiet.reachable) == (742, 573, 1484, True)
    rare = answers_to_show(400, 0.95, 0.9)  # 8 dissatisfied of 156: KG20's guard takes no finite population
    assert (rare.answers, rare.with_population, rare.without_population) == (255, 156, 255)
    assert not answers_to_show(400, 0.95, 0.9, response_rate=0.5).reachable
    assert answers_to_show(200, 0.95, 0.9).reachable  # everybody answers
    assert not answers_to_show(200, 0.95, 0.9, response_rate=0.99).reachable


def test_every_degenerate_plan_has_a_named_answer() -> None:
    assert answers_to_show(500, 0.9, 0.9) == planning.Size(500, 500, None, 500, reachable=True, basis=planning.ONLY_EVERYONE)
    assert answers_to_show(math.inf, 0.9, 0.9) == planning.Size(None, None, None, None, reachable=False, basis=planning.ONLY_EVERYONE)
    assert answers_to_show(math.inf, 0.90001, 0.9).basis == planning.NOT_BY_ASKING
    assert answers_to_show(0, 0.95, 0.9) == planning.Size(0, 0, 0, 0, reachable=True, basis=planning.NOBODY)
    assert answers_to_show(25, 0.99, 0.9).basis == planning.POPULATION_TOO_SMALL
    assert (answers_to_show(500, 0.4, 0.0).basis, answers_to_show(500, 0.4, 0.0).answers) == (planning.ALWAYS, 30)
    assert answers_to_show(500, 1.0, 1.0).basis == planning.ONLY_EVERYONE
    assert answers_for_margin(0, 0.9, 0.05).basis == planning.NOBODY
    unanimous = answers_for_margin(math.inf, 1.0, 0.05)
    assert (unanimous.basis, unanimous.answers) == (planning.UNANIMOUS, 72)
    assert 1 - 0.025 ** (1 / 72) <= 0.05 < 1 - 0.025 ** (1 / 71)
    assert answers_for_margin(1, 0.5, 0.05).answers == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"expected": 93}, "expected is a share from 0 to 1"),
        ({"population": -1}, "population is a number of dossiers"),
        ({"population": math.nan}, "population is a number of dossiers"),
        ({"deff": 0}, "deff is a design effect above 0"),
        ({"response_rate": 0}, "response rate lies above 0"),
        ({"alpha": 1}, "alpha lies between 0 and 1"),
        ({"margin": 3}, "a margin lies between 0 and 1"),
    ],
)
def test_a_number_outside_its_range_is_named(options: dict[str, float], says: str) -> None:
    asked = {"population": 500.0, "expected": 0.9, "margin": 0.05} | options
    with pytest.raises(BadPlanError, match=says):
        answers_for_margin(**asked)


def test_targets_and_powers_are_shares() -> None:
    with pytest.raises(BadPlanError, match="a target lies between 0 and 1"):
        answers_to_show(500, 0.9, 90)
    with pytest.raises(BadPlanError, match="a power lies between 0 and 1"):
        answers_to_show(500, 0.95, 0.9, power=80)


def test_allocations_agree_with_r() -> None:
    for kind, inputs, value in figures("allocation"):
        population, expected = np.array(inputs["population"], np.int64), np.array(inputs["expected"])
        spread = None if kind == PROPORTIONAL else spread_of(expected)
        found = allocate(population, inputs["total"], spread=spread, floor=inputs["floor"])
        assert found.sizes.tolist() == value
    for _, inputs, value in figures("planned"):
        population, sizes = (np.array(inputs[name], np.int64) for name in ("population", "sizes"))
        assert planned_margin(sizes, population, np.array(inputs["expected"]), deff=1.3) == pytest.approx(value, rel=1e-12)


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.floats(0, 1)), min_size=1, max_size=20),
    st.integers(0, 20000),
    st.sampled_from([0, 1, 5, 10]),
    st.booleans(),
)
@settings(max_examples=50, deadline=None)
def test_an_allocation_keeps_floors_populations_and_its_total(
    strata: list[tuple[int, float]],
    total: int,
    floor: int,
    neyman: bool,  # noqa: FBT001 -- drawn
) -> None:
    population, expected = np.array([one[0] for one in strata]), np.array([one[1] for one in strata])
    found = allocate(population, total, spread=spread_of(expected) if neyman else None, floor=floor)
    assert np.all(found.sizes >= np.minimum(floor, population))
    assert np.all(found.sizes <= population)
    assert found.total == found.sizes.sum() == min(max(total, np.minimum(floor, population).sum()), population.sum())


def test_neyman_adds_little_for_shares_near_nine_tenths() -> None:
    population, expected = np.array([4000, 900, 300, 120]), np.array([0.95, 0.88, 0.92, 0.86])
    plain, neyman = (
        planned_margin(allocate(population, 600, spread=spread, floor=10).sizes, population, expected)
        for spread in (None, spread_of(expected))
    )
    assert 0.96 * plain < neyman < plain


def test_a_stratum_of_which_all_agree_gets_its_floor_and_what_others_cannot_take() -> None:
    population, spread = np.array([100, 50, 40]), spread_of(np.array([1.0, 0.9, 1.0]))
    assert allocate(population, 40, spread=spread).sizes.tolist() == [5, 30, 5]
    assert allocate(population, 100, spread=spread).sizes.tolist() == [36, 50, 14]
    assert 0 < planned_margin(np.array([20]), population[:1], np.array([1.0])) < 0.1  # and never a margin of nothing
    assert planned_margin(population, population, np.array([1.0, 0.9, 1.0])) == 0
    assert allocate(population, 8).outcome == "raised_to_floor"
    assert allocate(population, 500).outcome == "everyone"


def test_bad_strata_are_named() -> None:
    with pytest.raises(BadPlanError, match="the spread of stratum 2 is 0 or more"):
        allocate(np.array([10, 10]), 10, spread=np.array([0.3, np.nan]))
    with pytest.raises(BadPlanError, match="the population of stratum 1 is 0 or more"):
        allocate(np.array([-10, 10]), 10)
    with pytest.raises(BadPlanError, match="stratum 2 has dossiers and gets no answer"):
        planned_margin(np.array([10, 0]), np.array([100, 10]), np.array([0.9, 0.9]))


def test_a_binomial_agrees_at_sizes_that_were_not_in_r() -> None:
    n = np.array([77.0, 1001.0, 25000.0])
    critical = [next(x for x in range(int(0.9 * k), int(k) + 1) if binom.sf(x - 1, k, 0.9) <= 0.025) for k in n]
    assert power_to_show(n, 0.93, 0.9) == pytest.approx(binom.sf(np.array(critical) - 1, n, 0.93), rel=1e-9)


def test_a_plan_says_what_its_reader_must_know() -> None:
    wish = Wish(margin=0.03, target=0.9, response_rate=0.4)
    plan = plan_survey(2500, 0.93, wish)
    assert plan.answers == 742
    assert plan.notes == (fieldwork.NO_FINITE_POPULATION,)
    assert plan_survey(2500, 0.93, Wish(margin=0.03)).notes == ()
    assert plan_survey(2500, 0.999, Wish(margin=0.03)).notes == (fieldwork.FEW_RARE,)
    assert plan_survey(300, 0.95, wish).notes == (fieldwork.NOT_REACHABLE, fieldwork.NO_FINITE_POPULATION)
    assert plan_survey(math.inf, 0.9, Wish(target=0.9)).answers is None
    with pytest.raises(BadPlanError, match="say what is wanted"):
        plan_survey(2500, 0.93, Wish())


def test_a_plan_of_strata_spreads_what_the_whole_needs() -> None:
    wish = Wish(margin=0.03, floor=10)
    plan = plan_strata(np.array([2400, 310, 5800, 12, 0]), np.array([0.91, 0.95, 0.96, 1.0, 0.5]), wish)
    assert plan.proportional.sizes.tolist()[3:] == [10, 0]
    assert plan.neyman_margin < plan.proportional_margin <= 0.03
    assert plan.proportional.total == plan.neyman.total > plan.whole.answers  # floors in small strata cost the whole some answers
    assert [one.population for one in plan.alone] == [2400, 310, 5800, 12, 0]
    empty = plan_strata(np.array([0, 0]), np.array([0.9, 0.8]), wish)
    assert (empty.whole.answers, empty.proportional_margin) == (0, 0)
    assert plan_strata(np.array([50, 40]), np.array([0.9, 0.9]), Wish(target=0.9)).proportional.outcome == "everyone"
    with pytest.raises(BadPlanError, match="stratum 2: expected is a share"):
        plan_strata(np.array([50, 40]), np.array([0.9, 90]), wish)
    with pytest.raises(BadPlanError, match="strata have a population"):
        plan_strata(np.array([], np.int64), np.array([]), wish)


@pytest.mark.parametrize(
    ("expected", "target"), [(0.95, 0.9), (0.93, 0.9), (0.97, 0.9), (0.9, 0.85), (0.95, 0.85), (0.8, 0.9), (0.87, 0.9)]
)
def test_the_verdict_itself_reaches_its_chance_at_the_planned_number(expected: float, target: float) -> None:
    n = effective_to_show(expected, target)
    assert n is not None
    satisfied = np.arange(n + 1.0)
    share, ones = satisfied / n, np.ones(n + 1)
    sample = Shares(share, share * (1 - share) / (n - 1), n * ones, satisfied, n - satisfied, n * ones, (n - 1) * ones, np.nan * ones)
    limits = kg20(sample, ones)
    shown = limits.low >= target if expected > target else limits.high < target
    assert binom.pmf(satisfied, n, expected)[shown].sum() >= 0.8
