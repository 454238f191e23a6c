"""Polychoric correlations: R's numerical integration, the scale behind the answers, tables with nothing to tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats.item_moments import BadItemsError
from sipas.stats.polychoric import normal_below, polychoric, polychoric_pair, skewness
from sipas.stats.reliability import omega
from tests.stats.composite_rows import DOMAINS, FIGURES, ITEMS, WEIGHT


@pytest.mark.parametrize("domain", DOMAINS)
def test_correlations_and_omega_agree_with_r(domain: str) -> None:
    found = polychoric(ITEMS, member=DOMAINS[domain])
    for i in range(6):
        for j in range(i):
            assert found[i, j] == found[j, i] == pytest.approx(FIGURES[f"polychoric/{domain}/{j + 1}{i + 1}"], rel=1e-11)
    value = omega(ITEMS, member=DOMAINS[domain], correlations="polychoric")
    assert (value.coefficient, value.value) == ("omega_polychoric", pytest.approx(FIGURES[f"omega_polychoric/{domain}"], rel=1e-10))


@pytest.mark.parametrize("rho", [-0.99, -0.5, 0.0, 0.7, 0.9999])
def test_the_normal_quadrant_has_its_closed_form(rho: float) -> None:
    assert normal_below(np.zeros(1), np.zeros(1), rho)[0, 0] == pytest.approx(0.25 + np.arcsin(rho) / (2 * np.pi), abs=1e-15)
    edge = normal_below(np.array([-np.inf, 1.0, np.inf]), np.array([-np.inf, np.inf]), rho)
    assert edge == pytest.approx(np.array([[0, 0], [0, 0.8413447460685429], [0, 1]]), abs=1e-15)


def test_two_levels_at_the_median_give_the_sine() -> None:
    assert polychoric_pair(np.array([[40.0, 10.0], [10.0, 40.0]])) == pytest.approx(np.sin(2 * np.pi * (0.4 - 0.25)), rel=1e-13)


def test_a_ceiling_hides_less_than_from_pearson() -> None:
    rng = np.random.default_rng(6)
    behind = rng.multivariate_normal([0, 0, 0], [[1, 0.6, 0.6], [0.6, 1, 0.6], [0.6, 0.6, 1]], 4000)
    answers = 1.0 + np.digitize(behind, [-2.2, -1.8, -1.4, -0.6])
    assert polychoric(answers)[0, 1] == pytest.approx(0.6, abs=0.04)
    assert np.corrcoef(answers.T)[0, 1] < 0.55
    assert np.all(skewness(answers) < -1)
    assert omega(answers, correlations="by_skewness") == omega(answers, correlations="polychoric")
    assert omega(answers, correlations="by_skewness").value > omega(answers).value + 0.04
    even = 1.0 + np.digitize(behind, [-1.5, -0.5, 0.5, 1.5])
    assert omega(even, correlations="by_skewness") == omega(even)


def test_tables_with_nothing_to_tell_are_answered() -> None:
    assert polychoric_pair(np.array([[5.0, 0.0], [0.0, 0.0]])) is None
    assert polychoric_pair(np.diag([10.0, 20.0, 30.0])) == pytest.approx(0.9999, abs=1e-4)
    assert polychoric_pair(np.diag([10.0, 20.0, 30.0])[:, ::-1]) == pytest.approx(-0.9999, abs=1e-4)
    assert polychoric_pair(np.array([[1.0, 0.0], [0.0, 1e12]])) <= 1
    assert polychoric(np.full((4, 2), np.nan)) is None
    assert polychoric(np.full((4, 2), 5.0)) is None
    assert skewness(np.full((4, 2), np.nan)).tolist() == skewness(np.full((4, 2), 5.0)).tolist() == [0, 0]
    assert omega(np.full((4, 3), 5.0), correlations="polychoric").reason == "item_without_variance"


def test_unknown_correlations_and_too_many_levels_are_refused() -> None:
    with pytest.raises(BadItemsError, match="correlations 'spearman' are unknown; choose from pearson"):
        omega(ITEMS, correlations="spearman")
    with pytest.raises(BadItemsError, match="item 2 has 21 levels"):
        polychoric(np.column_stack([np.arange(21) % 3, np.arange(21)]).astype(float))


def test_the_order_of_rows_changes_no_bit() -> None:
    order = np.random.default_rng(3).permutation(len(ITEMS))
    assert np.array_equal(polychoric(ITEMS, weight=WEIGHT), polychoric(ITEMS[order], weight=WEIGHT[order]))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=2, max_size=4))
def test_any_table_has_a_correlation_and_its_mirror_the_opposite(rows: list[list[int]]) -> None:
    table = np.array(rows, float)
    found, mirrored = polychoric_pair(table), polychoric_pair(table[::-1])
    assert (found is None) == (mirrored is None)
    if found is not None:
        assert -1 < found < 1
        assert mirrored == pytest.approx(-found, abs=1e-6)
        assert polychoric_pair(7 * table) == pytest.approx(found, abs=1e-9)
