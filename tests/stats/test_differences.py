"""Differences: R's Wald reference, MOVER by its formula, and every corner of the table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from sipas.stats.differences import (
    HIGHER,
    LOWER,
    UNDECIDED,
    BadComparisonError,
    compare,
    contrast_t,
    difference,
    direction,
    equivalent,
    mover,
    p_difference,
)
from sipas.stats.evidence import Evidence, Limits, correlation, evidence, evidence_of_facts, exactly, wilson
from sipas.stats.interval_methods import interval
from sipas.stats.intervals import Shares, n_star
from tests.stats.comparison_designs import R, api, near


def shares(p: float, n: float, *, effect: float = 1.0, df: float | None = None, population: float = np.nan) -> Shares:
    satisfied = np.floor(n * p + 0.5)
    share = satisfied / n if n else 0.0
    figures = (
        share,
        effect * share * (1 - share) / n if n else 0.0,
        n,
        satisfied,
        n - satisfied,
        n / effect,
        n - 1 if df is None else df,
        population,
    )
    return Shares(*(np.array([figure], float) for figure in figures))


def known(p: float, n: float, **options: float) -> Evidence:
    return evidence(shares(p, n, **options), np.ones(1))


def ends(made: object) -> tuple[float, float]:
    return float(made.low[0]), float(made.high[0])


@pytest.mark.parametrize("name", ["strat", "clus1"])
@pytest.mark.parametrize("item", ["award", "api00", "growth", "meals"])
def test_wald_differences_and_their_covariance_agree_with_r(name: str, item: str) -> None:  # golden/comparisons.R, svycontrast
    columns, domains, sample = api(name)
    value, covariance = sample.means(columns[item], domains)
    whole = next(row for row in R["covariances"] if (row["design"], row["item"]) == ([name], [item]))
    near(value, whole["value"])
    near(covariance, whole["covariance"], floor=1e-10 * np.max(np.diagonal(covariance)))
    rows = [row for row in R["differences"] if (row["design"], row["item"]) == ([name], [item])]
    made = contrast_t(value, covariance, np.array([row["coefficients"] for row in rows]), whole["df"][0])
    for field in ("value", "se", "t", "p"):
        near(getattr(made, field), [row[field][0] for row in rows])
    near(np.stack([made.low, made.high], 1), [row["limits"] for row in rows])


@pytest.mark.parametrize("case", range(40))
def test_mover_agrees_with_its_formula_in_r(case: int) -> None:  # golden/comparisons.R
    row = R["movers"][case]
    alpha, rho = row["alpha"][0], row["rho"][0]
    none = np.zeros(1)
    sides = [
        Evidence(*(np.array([x], float) for x in (p, p * (1 - p) / n, n, df, n)), none == 0, none, none + 1)
        for p, n, df in zip(row["p"], row["n"], row["df"], strict=True)
    ]
    for side, expected in zip(sides, (row["first"], row["second"]), strict=True):
        near(ends(wilson(side, alpha=alpha)), expected, rel=1e-11)
    made = difference(wilson(sides[0], alpha=alpha), wilson(sides[1], alpha=alpha), rho, alpha=alpha)
    near(ends(made), [row["low"][0], row["high"][0]], rel=1e-10)
    s = [float(np.sqrt(side.variance[0])) for side in sides]
    near(ends(compare(*sides, rho * s[0] * s[1], alpha=alpha)), [row["low"][0], row["high"][0]], rel=1e-10)


def test_limits_of_each_side_are_the_guarded_wilson_of_the_registry() -> None:
    rng = np.random.default_rng(5)
    n = rng.integers(0, 300, 400).astype(float)
    satisfied = np.floor(n * rng.choice([0, 0.5, 0.95, 1], 400))
    p, effect = np.where(n > 0, satisfied / np.maximum(n, 1), 0.0), rng.uniform(0.5, 3, 400)
    population = np.where(rng.random(400) < 0.5, np.nan, np.floor(n * rng.uniform(1, 2, 400)))
    df = np.minimum(rng.integers(0, 40, 400), np.maximum(n - 1, 0)).astype(float)
    some = Shares(p, effect * p * (1 - p) / np.maximum(n, 1), n, satisfied, n - satisfied, n / np.maximum(effect, 1), df, population)
    registry, own = interval("wilson20", some, d_pool=np.full(400, 1.4)), wilson(evidence(some, np.full(400, 1.4)))
    near(own.low, registry.low, rel=1e-11)
    near(own.high, registry.high, rel=1e-11)


def test_stored_facts_prove_the_same_as_the_design_they_came_from() -> None:
    many = [shares(0.9, 400, effect=1.7, df=60), shares(0.98, 80, effect=1.2, df=25), shares(1.0, 30), shares(0.7, 12, df=3)]
    for one in many:
        told = {"value": one.value, "se": np.sqrt(one.variance), "df": one.df, "n": one.n}
        rarer = np.minimum(one.n_satisfied, one.n_unsatisfied)
        from_fact = evidence_of_facts(**told, star=n_star(one, np.full(1, 1.3)), rarer=rarer)
        direct = evidence(one, np.full(1, 1.3))
        near(ends(wilson(from_fact)), ends(wilson(direct)), rel=1e-12)
        assert from_fact.trusted == direct.trusted


@pytest.mark.parametrize("n", [20, 60, 150])
@pytest.mark.parametrize("p", [0.9, 0.95, 0.99])
def test_mover_covers_where_wald_collapses(n: int, p: float) -> None:
    """Exact, by every pair of counts: two units whose shares are p and p − 0.02."""
    k = np.arange(n + 1)
    i, j = (grid.ravel() for grid in np.meshgrid(k, k, indexing="ij"))
    weight = binom.pmf(i, n, p) * binom.pmf(j, n, p - 0.02)
    count, none = np.full(len(i), float(n)), np.full(len(i), np.nan)

    def side(satisfied: np.ndarray) -> Evidence:
        q = satisfied / n
        return evidence(
            Shares(q, q * (1 - q) / (n - 1), count, satisfied * 1.0, n - satisfied * 1.0, count, count - 1, none), np.ones(len(i))
        )

    first, second = side(i), side(j)
    made = compare(first, second)
    covered = float(weight[(made.low <= 0.02) & (made.high >= 0.02)].sum())
    half = 1.96 * np.sqrt(first.variance + second.variance)
    wald = float(weight[np.abs(made.value - 0.02) <= half].sum())
    assert covered >= 0.935
    assert covered >= wald - 0.01
    if n * (1 - p) < 1:
        assert wald < 0.90
        assert covered > 0.95


def test_all_satisfied_on_both_sides_is_never_plus_minus_zero() -> None:
    made = compare(known(1.0, 40), known(1.0, 60))
    low, high = ends(made)
    assert made.value[0] == 0
    assert -0.2 < low < 0 < high < 0.2
    assert direction(made)[0] == UNDECIDED
    assert p_difference(known(1.0, 40), known(1.0, 60))[0] == 1


def test_nobody_answered_leaves_what_the_other_side_allows() -> None:
    made = compare(known(0.9, 100), known(0.0, 0))
    side = wilson(known(0.9, 100))
    assert np.isnan(made.value[0])
    assert ends(made) == (side.low[0] - 1, side.high[0])
    assert made.withheld[0]
    nothing = compare(known(0.0, 0), known(0.0, 0))
    assert ends(nothing) == (-1.0, 1.0)
    assert p_difference(known(0.9, 100), known(0.0, 0))[0] == 1


def test_one_answer_gives_limits_and_no_verdict() -> None:
    alone = known(1.0, 1)
    assert ends(wilson(alone)) == (0.025, 1.0)
    made = compare(alone, known(0.02, 400))
    assert made.low[0] < made.value[0] < made.high[0] <= 1
    assert made.withheld[0]
    assert direction(made)[0] == UNDECIDED


@pytest.mark.parametrize("rho", [-1.0, 0.0, 1.0])
def test_any_correlation_is_answered(rho: float) -> None:
    first, second = wilson(known(0.9, 100)), wilson(known(0.7, 300))
    low, high = ends(difference(first, second, rho))
    assert first.low[0] - second.high[0] <= low <= 0.2 <= high <= first.high[0] - second.low[0]
    if rho == -1:
        assert (low, high) == pytest.approx((first.low[0] - second.high[0], first.high[0] - second.low[0]), abs=1e-15)


def test_everybody_counted_on_both_sides_is_known_exactly() -> None:
    all_of_them = known(0.8, 50, population=50), known(0.6, 40, population=40)
    made = compare(*all_of_them)
    assert ends(made) == pytest.approx((0.2, 0.2))
    assert (direction(made)[0], p_difference(*all_of_them)[0]) == (HIGHER, 0)
    above_target = compare(known(0.95, 800), exactly(np.array([0.90])))
    assert ends(above_target) == pytest.approx([limit - 0.9 for limit in ends(wilson(known(0.95, 800)))])


def test_a_positive_covariance_narrows_only_where_the_guard_believes_it() -> None:
    many, few = known(0.8, 500), known(0.99, 500)
    c = 0.5 * np.sqrt(many.variance * many.variance)
    assert correlation(many, many, c)[0] == pytest.approx(0.5)
    assert correlation(many, few, 1e-5)[0] == 0
    assert correlation(many, few, -1e-5)[0] < 0
    assert correlation(many, known(1.0, 50), 1e-5)[0] == 0
    narrow, wide = ends(compare(many, many, c)), ends(compare(many, many))
    assert narrow[1] - narrow[0] < 0.8 * (wide[1] - wide[0])


def test_no_material_change_is_read_from_the_90_percent_interval_alone() -> None:
    sure, unsure = (known(0.9, 20_000), known(0.905, 20_000)), (known(0.9, 200), known(0.9, 200))
    assert equivalent(compare(*sure, alpha=0.10))[0]
    assert direction(compare(*unsure))[0] == UNDECIDED
    assert not equivalent(compare(*unsure, alpha=0.10))[0]
    assert not equivalent(compare(known(1.0, 1), known(1.0, 1), alpha=0.10), margin=2.0)[0]
    with pytest.raises(BadComparisonError, match="90 %"):
        equivalent(compare(*sure))
    with pytest.raises(BadComparisonError, match="positive"):
        equivalent(compare(*sure, alpha=0.10), margin=0.0)


CORNER = st.tuples(st.integers(0, 300), st.sampled_from([0.0, 0.5, 0.9, 0.97, 1.0]), st.floats(0.4, 4), st.integers(0, 100))


@settings(max_examples=50, deadline=None)
@given(CORNER, CORNER, st.floats(-1, 1), st.sampled_from([0.001, 0.05, 0.10]))
def test_limits_hold_the_difference_mirror_and_never_leave_plus_minus_one(one: tuple, two: tuple, rho: float, alpha: float) -> None:
    first, second = (known(p, n, effect=effect, df=max(min(df, n - 1), 0)) for n, p, effect, df in (one, two))
    c = rho * np.sqrt(first.variance * second.variance)
    made, mirrored = compare(first, second, c, alpha=alpha), compare(second, first, c, alpha=alpha)
    assert -1 <= made.low[0] <= made.high[0] <= 1
    assert made.withheld[0] or made.low[0] <= made.value[0] <= made.high[0]
    assert ends(mirrored) == pytest.approx((-made.high[0], -made.low[0]), abs=1e-14)
    p = p_difference(first, second, c)[0]
    said = direction(made)[0] != UNDECIDED
    assert 0 <= p <= 1
    assert said == (p < alpha) or abs(p - alpha) < 1e-9


def test_wald_without_variance_or_degrees_of_freedom_claims_nothing() -> None:
    for covariance, df in ((np.zeros((2, 2)), 30.0), (np.eye(2) * 0.01, 0.0)):
        made = contrast_t(np.array([1.0, 0.9]), covariance, np.array([1.0, -1.0]), df)
        assert (made.t[0], made.p[0], made.low[0], made.high[0]) == (0.0, 1.0, -np.inf, np.inf)
    same = np.full((2, 2), 0.01) * (1 + 1e-15 * np.eye(2))
    assert contrast_t(np.array([1.0, 0.9]), same, np.array([1.0, -1.0]), 30.0).se[0] == 0


def test_mover_of_two_terms_is_the_difference() -> None:
    first, second = wilson(known(0.9, 100)), wilson(known(0.7, 300))
    both = Limits(*(np.concatenate([getattr(first, name), getattr(second, name)]) for name in Limits.__slots__))
    made, same = mover(np.array([1.0, -1.0]), both, np.array([[1, 0.4], [0.4, 1]])), difference(first, second, 0.4)
    assert (float(made.low), float(made.high)) == pytest.approx(ends(same), abs=1e-14)


def test_what_cannot_be_compared_says_why() -> None:
    first = wilson(known(0.9, 100))
    with pytest.raises(BadComparisonError, match="between -1 and 1"):
        difference(first, first, 1.1)
    with pytest.raises(BadComparisonError, match="second estimate number 1 do not hold it"):
        difference(first, replace(first, low=first.high + 0.01))
    with pytest.raises(BadComparisonError, match="square covariance"):
        contrast_t(np.ones(2), np.eye(3), np.ones(2), 5)


def test_lower_is_said_too() -> None:
    assert direction(compare(known(0.6, 400), known(0.9, 400)))[0] == LOWER
