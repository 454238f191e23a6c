"""The jackknife by groups: exact for totals where every cluster is its own group, and beside the bootstrap for Shapley's shares."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats.drivers import bootstrap, covariances_of
from sipas.stats.group_jackknife import half_width, replicates
from sipas.stats.shapley import shapley

GROUPS = 30


def laid_out(rng: np.random.Generator, sizes: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """One total a cluster, each cluster in a group of its own."""
    sums, clusters = np.zeros((len(sizes), GROUPS, 1)), np.zeros((len(sizes), GROUPS), np.int64)
    for h, size in enumerate(sizes):
        groups = rng.permutation(GROUPS)[:size]
        sums[h, groups, 0], clusters[h, groups] = rng.normal(10, 3, size), 1
    return sums, clusters


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(2, GROUPS), min_size=1, max_size=6), st.integers(0, 10**6))
def test_variance_of_a_total_is_that_of_the_stratified_formula(sizes: list[int], seed: int) -> None:
    sums, clusters = laid_out(np.random.default_rng(seed), sizes)
    made = replicates(sums, clusters)
    found = (GROUPS - 1) / GROUPS * np.sum((made[1:, 0] - made[0, 0]) ** 2)
    if len(sizes) == 1:  # groups of two strata are left out together: exact on average, not in one sample
        t = sums[0, clusters[0] > 0, 0]
        assert found == pytest.approx(len(t) / (len(t) - 1) * np.sum((t - t.mean()) ** 2))
    assert made[0, 0] == pytest.approx(sums.sum())


def test_strata_are_right_on_average() -> None:
    rng = np.random.default_rng(3)
    ratios = []
    for _ in range(400):
        sums, clusters = laid_out(rng, [4, 9, 30])
        made = replicates(sums, clusters)
        right = sum(
            len(t) / (len(t) - 1) * np.sum((t - t.mean()) ** 2) for t in (one[of > 0, 0] for one, of in zip(sums, clusters, strict=True))
        )
        ratios.append((GROUPS - 1) / GROUPS * np.sum((made[1:, 0] - made[0, 0]) ** 2) / right)
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.06)


def test_a_stratum_in_a_single_group_is_kept_as_it_is() -> None:
    sums, clusters = np.zeros((1, GROUPS, 1)), np.zeros((1, GROUPS), np.int64)
    sums[0, 4, 0], clusters[0, 4] = 12.0, 3
    assert replicates(sums, clusters)[:, 0].tolist() == [12.0] * (GROUPS + 1)


def test_without_a_degree_of_freedom_nothing_is_known() -> None:
    assert half_width(np.ones((GROUPS + 1, 2)), 0).tolist() == [np.inf, np.inf]


def test_shapley_shares_vary_as_much_as_under_the_bootstrap() -> None:
    rng = np.random.default_rng(11)
    n, strata = 1500, 6
    liking = rng.normal(size=(n, 1))
    items = np.clip(np.round(4 + liking + rng.normal(size=(n, 4))), 1, 5)
    outcome = np.clip(np.round(items @ [0.5, 0.2, 0.2, 0.1] + 0.5 * rng.normal(size=n)), 1, 5)
    stratum, cluster = np.sort(rng.integers(0, strata, n)), np.arange(n) // 3
    stratum = stratum[3 * cluster]  # whole clusters
    design = SimpleNamespace(stratum=stratum, cluster=cluster, weight=np.ones(n))
    spread = bootstrap(design, items, outcome, rng=rng, replicates=600)
    x = np.column_stack([np.ones(n), items, outcome])
    rows = np.column_stack([x, (x[:, 1:, None] * x[:, None, 1:]).reshape(n, -1)])
    sums, clusters = np.zeros((strata, GROUPS, rows.shape[1])), np.zeros((strata, GROUPS), np.int64)
    group = rng.integers(0, GROUPS, cluster.max() + 1)
    np.add.at(sums, (stratum, group[cluster]), rows)
    np.add.at(clusters, (stratum[::3], group[cluster[::3]]), 1)
    parts = shapley(covariances_of(replicates(sums, clusters), 5))
    share = parts / parts.sum(axis=1, keepdims=True)
    se = np.sqrt((GROUPS - 1) / GROUPS * ((share[1:] - share[0]) ** 2).sum(axis=0))
    assert se == pytest.approx(spread.se_share, rel=0.45)  # a variance from thirty groups is itself known to a quarter or so
