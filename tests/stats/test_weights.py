"""Weights by stratum and month, merged where there is too little."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipas.stats.weights import equal, merge_months, weigh


def merged(answers: list[int], population: list[int], clusters: list[int] | None = None) -> list[int]:
    return merge_months(np.array(answers), np.array(population), np.array(clusters or answers)).tolist()


def test_months_with_enough_stand_alone() -> None:
    assert merged([5, 6, 7], [50, 50, 50]) == [0, 1, 2]


def test_a_thin_month_joins_the_next_and_a_thin_end_the_one_before() -> None:
    assert merged([3, 6, 7, 1], [50, 50, 50, 50]) == [0, 0, 1, 1]


def test_one_cluster_is_too_few() -> None:
    assert merged([8, 8, 8], [50, 50, 50], [1, 3, 2]) == [0, 0, 1]


def test_answers_without_dossiers_join_those_that_have_some() -> None:
    assert merged([6, 6], [0, 40]) == [0, 0]


def test_empty_months_join_the_cell_before() -> None:
    assert merged([6, 0, 6], [50, 0, 50]) == [0, 0, 1]


def weights(answers: list[list[int]], population: list[list[int]], *, by_month: bool = True, verified: bool = False):
    a = np.array(answers)
    return weigh(a, np.array(population), a, by_month=by_month, verified=np.full(len(a), verified))


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 300)), min_size=1, max_size=12))
def test_weights_add_up_to_the_population(months: list[tuple[int, int]]) -> None:
    answers, population = [a for a, _ in months], [p for _, p in months]
    made = weights([answers], [population])
    total = sum(a * made.weight[cell] for a, cell in zip(answers, made.cell[0], strict=True))
    if sum(answers) > sum(population):
        assert made.over_frame[0]
        assert total == sum(answers)
    elif sum(answers):
        assert total == pytest.approx(sum(population))


def test_without_months_in_the_recipe_a_stratum_is_one_cell() -> None:
    made = weights([[5, 10]], [[100, 200]], by_month=False)
    assert (made.weight.tolist(), made.calibrated.tolist()) == ([20.0], [False])


def test_finite_population_wants_proof_and_response() -> None:
    assert weights([[60]], [[100]]).fraction[0] == 0
    assert weights([[60]], [[100]], verified=True).fraction[0] == 0.6
    assert weights([[59]], [[100]], verified=True).fraction[0] == 0


def test_unweighted_is_one_for_everybody() -> None:
    assert equal(np.array([[3, 4], [5, 6]])).weight.tolist() == [1, 1]
