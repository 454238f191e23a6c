"""α, ω and Spearman-Brown: R's figures, and what is said where there is no figure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats.item_moments import BadItemsError, moments
from sipas.stats.one_factor import one_factor
from sipas.stats.reliability import (
    COEFFICIENTS,
    alpha,
    alpha_linearised,
    omega,
    omega_of,
    spearman_brown,
)
from sipas.stats.variance import covariance
from tests.stats.composite_rows import DOMAINS, ITEMS, WEIGHT, designs, of


def chosen(columns: str) -> np.ndarray:
    return ITEMS[:, [int(k) - 1 for k in columns]]


@pytest.mark.parametrize(("key", "value"), of("alpha", "spearman_brown", "omega"), ids=str)
def test_coefficients_agree_with_r(key: str, value: float) -> None:
    name, kind, domain, columns = key.split("/")
    found = COEFFICIENTS[name](chosen(columns), weight=WEIGHT if kind == "weighted" else None, member=DOMAINS[domain])
    assert found.value == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("name", ["simple", "clustered", "finite", "post"])
def test_the_variance_of_alpha_agrees_with_r(name: str) -> None:
    sample = designs()[name]
    golden = [(key, value) for key, value in of("alpha_variance") if key.split("/")[1] == name]
    assert len(golden) == 20
    for key, value in golden:
        _, _, domain, columns = key.split("/")
        z = alpha_linearised(chosen(columns), weight=sample.weight, member=DOMAINS[domain])
        assert covariance(sample, z[:, None])[0, 0] == pytest.approx(value, rel=1e-9), key


def test_the_linearised_values_of_alpha_are_its_derivatives() -> None:
    items = chosen("1236")
    z = alpha_linearised(items, weight=WEIGHT)
    for row in (0, 17, 101):
        step = np.zeros(len(WEIGHT))
        step[row] = 1e-4
        change = alpha(items, weight=WEIGHT + step).value - alpha(items, weight=WEIGHT - step).value
        assert change / 2e-4 == pytest.approx(z[row], rel=1e-5)


def test_doubling_all_weights_changes_no_coefficient() -> None:
    for name in ("alpha", "omega"):
        assert COEFFICIENTS[name](ITEMS, weight=2 * WEIGHT).value == pytest.approx(
            COEFFICIENTS[name](ITEMS, weight=WEIGHT).value, rel=1e-13
        )


def test_parallel_items_have_alpha_equal_to_omega() -> None:
    matrix = np.full((5, 5), 0.4) + 0.6 * np.eye(5)
    fit = one_factor(matrix)
    assert fit.loading == pytest.approx(np.sqrt(0.4) * np.ones(5), rel=1e-12)
    assert omega_of(fit) == pytest.approx(5 * 0.4 / (1 + 4 * 0.4), rel=1e-12)


def test_an_exact_factor_is_found_again() -> None:
    loading = np.array([0.9, 0.3, 0.7, 0.5])
    fit = one_factor(np.outer(loading, loading) + np.diag(1 - loading**2))
    assert fit.loading == pytest.approx(loading, rel=1e-7)
    assert (fit.discrepancy == pytest.approx(0, abs=1e-13), fit.heywood) == (True, False)


def test_a_heywood_case_is_said() -> None:
    matrix = np.array([[1, 0.9, 0.9], [0.9, 1, 0.7], [0.9, 0.7, 1.0]])
    fit = one_factor(matrix)
    assert fit.heywood
    assert fit.unique.min() == pytest.approx(0.005)


def test_two_items_do_not_determine_a_factor() -> None:
    with pytest.raises(ValueError, match="Spearman-Brown"):
        one_factor(np.eye(2))


SAME = np.full((10, 3), 5.0)
TWINS = np.repeat(np.arange(10.0)[:, None], 3, axis=1)
ONE_FLAT = np.column_stack([np.arange(10.0), np.arange(10.0) % 3, np.full(10, 4.0)])


@pytest.mark.parametrize(
    ("name", "items", "reason"),
    [
        ("alpha", SAME, "no_variance"),
        ("alpha", SAME[:, :1], "one_item"),
        ("alpha", SAME[:1], "too_few_rows"),
        ("alpha", SAME * np.nan, "too_few_rows"),
        ("alpha", np.column_stack([np.arange(9.0), -np.arange(9.0)]), "no_variance"),
        ("omega", SAME, "item_without_variance"),
        ("omega", ONE_FLAT, "item_without_variance"),
        ("omega", SAME[:, :1], "one_item"),
        ("omega", SAME[:, :2], "two_items"),
        ("omega", TWINS[:1], "too_few_rows"),
        ("omega", TWINS, "singular_correlations"),
        ("spearman_brown", TWINS, "not_two_items"),
        ("spearman_brown", ONE_FLAT[:, 1:], "item_without_variance"),
        ("spearman_brown", SAME[:1, :2], "too_few_rows"),
        ("spearman_brown", np.column_stack([np.arange(9.0), -np.arange(9.0)]), "negative_correlation"),
    ],
)
def test_where_there_is_no_figure_the_reason_is_given(name: str, items: np.ndarray, reason: str) -> None:
    found = COEFFICIENTS[name](items)
    assert (found.value, found.reason, found.items) == (None, reason, items.shape[1])


def test_items_that_agree_perfectly_have_reliability_one() -> None:
    assert alpha(TWINS).value == pytest.approx(1.0, rel=1e-14)
    assert spearman_brown(TWINS[:, :2]).value == pytest.approx(1.0, rel=1e-14)


def test_alpha_without_a_value_has_no_linearised_values() -> None:
    assert not alpha_linearised(SAME).any()


def test_uncorrelated_items_have_no_factor() -> None:
    fit = one_factor(np.eye(4))
    assert omega_of(fit) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("items", "weight", "member", "complaint"),
    [
        (np.zeros(3), None, None, r"shape \(3,\)"),
        (np.zeros((3, 0)), None, None, "K at least 1"),
        (np.array([[1.0, np.inf]]), None, None, "row 1, item 2: an infinite answer"),
        (np.zeros((2, 2)), np.ones(3), None, "3,. weights for 2 rows"),
        (np.zeros((2, 2)), np.array([1.0, -1.0]), None, "row 2: weight -1.0"),
        (np.zeros((2, 2)), None, np.ones(1, np.bool_), "domain of shape"),
    ],
)
def test_tables_that_do_not_fit_are_refused(
    items: np.ndarray, weight: np.ndarray | None, member: np.ndarray | None, complaint: str
) -> None:
    with pytest.raises(BadItemsError, match=complaint):
        omega(items, weight=weight, member=member)


ANSWER = st.sampled_from([1.0, 2.0, 3.0, 3.0, 4.0, 4.0, 4.0, 4.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, float("nan")])
answers = st.integers(3, 6).flatmap(lambda k: st.lists(st.tuples(*[ANSWER] * k), min_size=1, max_size=25))


@settings(max_examples=50, deadline=None)
@given(answers, st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_no_bit_and_figures_are_numbers(table: list[tuple[float, ...]], seed: int) -> None:
    items = np.array(table)
    rng = np.random.default_rng(seed)
    weight = rng.uniform(0.5, 9.0, len(items))
    order = rng.permutation(len(items))
    for coefficient in (alpha, omega):
        first, second = coefficient(items, weight=weight), coefficient(items[order], weight=weight[order])
        assert first == second
        assert first.value is None or (np.isfinite(first.value) and first.value <= 1 + 1e-12)
    assert np.array_equal(moments(items, weight=weight).covariance, moments(items[order], weight=weight[order]).covariance)


@settings(max_examples=50, deadline=None)
@given(answers)
def test_reversing_every_scale_mirrors_nothing_but_the_answers(table: list[tuple[float, ...]]) -> None:
    items = np.array(table)
    for coefficient in (alpha, omega):
        first, second = coefficient(items), coefficient(6 - items)
        assert (first.reason, first.value is None) == (second.reason, second.value is None)
        if first.value is not None:
            assert second.value == pytest.approx(first.value, rel=1e-6, abs=1e-8)
