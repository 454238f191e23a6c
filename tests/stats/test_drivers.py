"""Shares of R²: R's brute force over all orders, exact properties, and limits by whole clusters."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats.drivers import CAVEATS, bootstrap, drivers
from sipas.stats.item_moments import BadItemsError, moments
from sipas.stats.sampling import design
from sipas.stats.shapley import TooManyDriversError, explained, shapley
from tests.stats.composite_rows import CLUSTER, DOMAINS, FIGURES, ITEMS, ROWS, STRATUM, WEIGHT


@pytest.mark.parametrize("columns", ["1", "13", "125", "1235", "123456"])
@pytest.mark.parametrize("kind", ["plain", "weighted"])
@pytest.mark.parametrize("domain", DOMAINS)
def test_shares_of_r_squared_agree_with_every_order_of_lm(domain: str, kind: str, columns: str) -> None:
    chosen = ITEMS[:, [int(k) - 1 for k in columns]]
    found = drivers(chosen, ROWS["overall"], weight=WEIGHT if kind == "weighted" else None, member=DOMAINS[domain])
    place = f"{kind}/{domain}/{columns}"
    assert found.contribution == pytest.approx([FIGURES[f"shapley/{place}/{k}"] for k in columns], rel=1e-9)
    assert found.importance == pytest.approx([FIGURES[f"importance/{place}/{k}"] for k in columns], rel=1e-9)
    assert found.r_squared == pytest.approx(FIGURES[f"r_squared/{place}"], rel=1e-9)


def test_performance_is_the_weighted_share_of_all_who_answered() -> None:
    found = drivers(ITEMS, ROWS["overall"], weight=WEIGHT)
    answered = ~np.isnan(ITEMS[:, 3])
    assert found.answers[3] == answered.sum() > found.n
    assert found.performance[3] == pytest.approx((WEIGHT * (ITEMS[:, 3] >= 4))[answered].sum() / WEIGHT[answered].sum(), rel=1e-14)
    assert found.performance_line == pytest.approx(np.median(found.performance))
    assert found.caveats == CAVEATS


def test_an_important_item_below_the_median_comes_first() -> None:
    rng = np.random.default_rng(4)
    items = rng.integers(1, 6, (400, 3)).astype(float)
    items[:, 1:] = np.maximum(items[:, 1:], 4)
    outcome = items[:, 0] + 0.2 * items[:, 1]
    assert drivers(items, outcome).quadrant[0] == "improve_first"


@settings(max_examples=50, deadline=None)
@given(count=st.integers(1, 4), seed=st.integers(0, 2**32 - 1), twins=st.booleans())
def test_shares_are_the_mean_over_orders_also_for_twins(count: int, seed: int, *, twins: bool) -> None:
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(30, count + 1)) + rng.normal(size=(30, 1))
    if twins and count > 1:
        table[:, 1] = 3 * table[:, 0] + 2
    matrix = np.cov(table, rowvar=False)
    explained_by = explained(matrix)
    parts = np.zeros(count)
    orders = list(permutations(range(count)))
    for order in orders:
        entered = [0] * count
        for k in order:
            before = explained_by[tuple(entered)]
            entered[k] = 1
            parts[k] += explained_by[tuple(entered)] - before
    assert shapley(matrix) == pytest.approx(parts / len(orders), abs=1e-12)
    assert shapley(matrix).sum() == pytest.approx(explained_by[(1,) * count], abs=1e-12)
    if twins and count > 1:
        assert shapley(matrix)[0] == pytest.approx(shapley(matrix)[1], abs=1e-9)


def test_an_item_that_others_determine_adds_nothing() -> None:
    table = np.random.default_rng(8).normal(size=(40, 4))
    table[:, 2] = 0.7 * table[:, 0] - 0.3 * table[:, 1]
    matrix = np.cov(table, rowvar=False)
    found = explained(matrix)
    assert found[1, 1, 1] == found[1, 1, 0] == pytest.approx(found[0, 1, 1], rel=1e-9)
    twin = shapley(matrix[np.ix_([0, 0, 1, 3], [0, 0, 1, 3])] * np.outer([1, 0.1, 1, 1], [1, 0.1, 1, 1]))
    assert twin[0] == pytest.approx(twin[1], rel=1e-9)
    table[:, 1] = table[:, 0] + 1e-6 * table[:, 1]
    assert explained(np.cov(table, rowvar=False))[1, 1, 0] == explained(np.cov(table, rowvar=False))[1, 0, 0]


def test_many_matrices_at_once_are_each_alone() -> None:
    rng = np.random.default_rng(1)
    many = np.stack([np.cov(rng.normal(size=(20, 5)), rowvar=False) for _ in range(3)])
    assert np.array_equal(shapley(many), np.stack([shapley(one) for one in many]))


def test_items_that_do_not_matter_and_outcomes_that_do_not_vary_get_nothing() -> None:
    items = np.column_stack([np.arange(20.0) % 5, np.full(20, 3.0)])
    found = drivers(items, items[:, 0])
    assert found.share.tolist() == [1.0, 0.0]
    assert found.importance.tolist() == [pytest.approx(1.0), 0.0]
    still = drivers(items, np.full(20, 5.0))
    assert (still.r_squared, still.share.tolist(), still.importance.tolist()) == (0.0, [0.0, 0.0], [0.0, 0.0])


def test_nobody_and_one_respondent_are_answered() -> None:
    for rows in (0, 1):
        found = drivers(np.full((rows, 2), 4.0), np.full(rows, 5.0))
        assert (found.n, found.r_squared, found.performance.tolist()) == (rows, 0.0, [float(rows)] * 2)
        limits = bootstrap(
            design(np.zeros(rows, np.int64)), np.full((rows, 2), 4.0), np.full(rows, 5.0), rng=np.random.default_rng(1), replicates=3
        )
        assert not limits.share.any()


def test_the_order_of_rows_changes_no_bit() -> None:
    order = np.random.default_rng(3).permutation(len(ITEMS))
    first, second = drivers(ITEMS, ROWS["overall"], weight=WEIGHT), drivers(ITEMS[order], ROWS["overall"][order], weight=WEIGHT[order])
    assert np.array_equal(first.contribution, second.contribution)
    assert np.array_equal(first.performance, second.performance)


def test_thirteen_items_are_refused_with_the_cure() -> None:
    with pytest.raises(TooManyDriversError, match=r"13 items.*at most 12; choose fewer items, or take each factor's mean"):
        drivers(np.zeros((5, 13)), np.zeros(5))


def test_tables_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BadItemsError, match="same n"):
        drivers(np.zeros((5, 2)), np.zeros(4))
    with pytest.raises(BadItemsError, match="no item"):
        drivers(np.zeros((5, 0)), np.zeros(5))
    with pytest.raises(BadItemsError, match="1 replicates"):
        bootstrap(design(np.zeros(5, np.int64)), np.zeros((5, 1)), np.zeros(5), rng=np.random.default_rng(1), replicates=1)


def test_bootstrap_spread_is_that_of_the_delete_one_cluster_jackknife() -> None:
    sample = design(STRATUM, CLUSTER, weight=WEIGHT)
    items, outcome = ITEMS[:, [0, 1, 2]], ROWS["overall"]
    limits = bootstrap(sample, items, outcome, rng=np.random.default_rng(20261122), replicates=2000)
    whole, squares = drivers(items, outcome, weight=WEIGHT).importance, np.zeros(3)
    for cluster in range(sample.clusters):
        count = sample.clusters_in_stratum[sample.stratum_of_cluster[cluster]]
        if count > 1:
            times = np.where(sample.stratum_of_cluster[cluster] == STRATUM, count / (count - 1), 1.0) * (cluster != CLUSTER)
            squares += (count - 1) / count * (drivers(items, outcome, weight=WEIGHT * times).importance - whole) ** 2
    assert limits.se_importance == pytest.approx(np.sqrt(squares), rel=0.12)
    assert limits.lonely == 1
    assert np.all((limits.importance[0] < whole) & (whole < limits.importance[1]))


def test_replicates_draw_one_cluster_less_and_give_each_its_weight_back() -> None:
    """Two clusters and three: twelve different replicates, each with a chance of 1/18 or more, so the limits are their extremes."""
    rng = np.random.default_rng(2)
    cluster = np.repeat(np.arange(5), 8)
    sample = design((cluster > 1).astype(np.int64), cluster, weight=np.where(cluster > 1, 3.0, 1.0))
    items = rng.normal(size=(40, 2)) + rng.normal(size=(5, 1))[cluster]
    outcome = items @ [1.0, 0.5] + rng.normal(size=40)
    made = []
    for first in ([2, 0], [0, 2]):
        for second in ([3, 0, 0], [0, 3, 0], [0, 0, 3], [1.5, 1.5, 0], [1.5, 0, 1.5], [0, 1.5, 1.5]):
            times = np.array([*first, *second])[cluster]
            made.append(drivers(items, outcome, weight=sample.weight * times).contribution)
    limits = bootstrap(sample, items, outcome, rng=rng, replicates=3000)
    assert limits.contribution == pytest.approx(np.array([np.min(made, axis=0), np.max(made, axis=0)]), rel=1e-9)


def test_limits_hold_shares_and_the_same_chance_gives_the_same_limits() -> None:
    sample = design(STRATUM, CLUSTER, weight=WEIGHT)
    made = [bootstrap(sample, ITEMS, ROWS["overall"], rng=np.random.default_rng(7), replicates=200) for _ in range(2)]
    found = drivers(ITEMS, ROWS["overall"], weight=WEIGHT)
    assert np.array_equal(made[0].share, made[1].share)
    assert np.all((made[0].share[0] >= 0) & (made[0].share[0] < found.share) & (found.share < made[0].share[1]) & (made[0].share[1] <= 1))


def test_a_domain_is_never_a_filtered_file() -> None:
    """Clusters without members of the domain are drawn too: the spread of the domain's size counts."""
    sample, one = design(STRATUM, CLUSTER, weight=WEIGHT), DOMAINS["two"] & (STRATUM == 0)
    limits = bootstrap(sample, ITEMS[:, :2], ROWS["overall"], rng=np.random.default_rng(7), replicates=100, member=one)
    blanked = np.where(one[:, None], ITEMS[:, :2], np.nan)
    assert np.array_equal(limits.share, bootstrap(sample, blanked, ROWS["overall"], rng=np.random.default_rng(7), replicates=100).share)
    assert moments(blanked, weight=WEIGHT).n < one.sum() + 1
