"""Ordinal logit: the highest likelihood and the design's variance as R has them, and what is said where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats.item_moments import BadItemsError
from sipas.stats.ordinal import ordinal_logit
from sipas.stats.sampling import design
from tests.stats.composite_rows import CLUSTER, DOMAINS, ITEMS, ROWS, STRATUM, WEIGHT, designs, of

USED = ITEMS[:, [0, 2, 5]]
OUTCOME = ROWS["overall"]


@pytest.mark.parametrize("name", ["simple", "clustered", "post"])
def test_coefficients_and_covariances_agree_with_r(name: str) -> None:
    golden = [(key.split("/"), value) for key, value in of("ordinal") if key.split("/")[1] == name]
    assert len(golden) == 36
    fits = {domain: ordinal_logit(designs()[name], USED, OUTCOME, member=member) for domain, member in DOMAINS.items()}
    for (_, _, domain, kind, *places), value in golden:
        at = tuple(int(place) - 1 for place in places)
        found = fits[domain].coefficient[at] if kind == "coefficient" else fits[domain].covariance[at]
        assert found == pytest.approx(value, rel=1e-8), (domain, kind, places)


def test_two_levels_are_a_binary_logit() -> None:
    item, outcome = np.repeat([1.0, 2.0], [50, 80]), np.concatenate([np.repeat([0.0, 1.0], [30, 20]), np.repeat([0.0, 1.0], [16, 64])])
    found = ordinal_logit(design(None, weight=np.ones(130)), item[:, None], outcome)
    assert found.coefficient[0] == pytest.approx(np.log(64 / 16 / (20 / 30)), rel=1e-12)
    assert found.se[0] == pytest.approx(np.sqrt((1 / 30 + 1 / 20 + 1 / 16 + 1 / 64) * 130 / 129), rel=1e-10)
    assert found.threshold[0] == pytest.approx(np.log(30 / 20) + found.coefficient[0], rel=1e-12)


def test_reversing_the_outcome_turns_every_sign() -> None:
    first, second = (ordinal_logit(designs()["clustered"], USED, answers) for answers in (OUTCOME, 6 - OUTCOME))
    assert second.coefficient == pytest.approx(-first.coefficient, rel=1e-9)
    assert second.covariance == pytest.approx(first.covariance, rel=1e-9)
    assert second.threshold == pytest.approx(-first.threshold[::-1], rel=1e-9)


def test_another_scale_of_an_item_scales_its_coefficient_alone() -> None:
    sample, scale = designs()["clustered"], np.array([1.0, 25.0, 1.0])
    first, second = ordinal_logit(sample, USED, OUTCOME), ordinal_logit(sample, 25 * (USED - 1) / 25 * scale, OUTCOME)
    assert second.coefficient * scale == pytest.approx(first.coefficient, rel=1e-9)
    assert (first.df, second.df) == (33, 33)


def test_the_order_of_rows_changes_no_bit_of_the_fit() -> None:
    order = np.random.default_rng(3).permutation(len(USED))
    first = ordinal_logit(design(STRATUM, CLUSTER, weight=WEIGHT), USED, OUTCOME)
    second = ordinal_logit(design(STRATUM[order], CLUSTER[order], weight=WEIGHT[order]), USED[order], OUTCOME[order])
    assert np.array_equal(first.coefficient, second.coefficient)
    assert np.array_equal(first.covariance, second.covariance)


RAMP = np.arange(20.0)


@pytest.mark.parametrize(
    ("items", "outcome", "reason"),
    [
        (RAMP[:, None] % 5, np.full(20, 5.0), "outcome_without_variance"),
        (np.full((20, 1), 4.0), RAMP % 3, "collinear_items"),
        (np.column_stack([RAMP % 5, 2 * (RAMP % 5) + 1]), RAMP % 3, "collinear_items"),
        (RAMP[:, None], np.where(RAMP < 10, 1.0, 5.0), "separated"),
        (RAMP[:, None] // 4, RAMP // 4, "separated"),
        (np.full((20, 2), np.nan), RAMP % 3, "outcome_without_variance"),
    ],
)
def test_where_there_is_no_solution_the_reason_is_given(items: np.ndarray, outcome: np.ndarray, reason: str) -> None:
    found = ordinal_logit(design(None, weight=np.ones(20)), items, outcome)
    assert (found.known, found.reason) == (False, reason)
    assert not found.coefficient.any()
    assert not found.se.any()


def test_tables_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BadItemsError, match="give the same n"):
        ordinal_logit(design(None, weight=np.ones(4)), np.ones((4, 2)), np.ones(5))
    with pytest.raises(BadItemsError, match="21 levels"):
        ordinal_logit(design(None, weight=np.ones(21)), np.ones((21, 1)), np.arange(21.0))


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 40), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_figures_are_numbers_or_a_reason(n: int, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    items, outcome = rng.integers(1, 6, (n, count)).astype(float), rng.integers(3, 6, n).astype(float)
    found = ordinal_logit(design(None, weight=10 ** rng.uniform(-3, 3, n)), items, outcome)
    assert found.known == (found.reason == "")
    assert np.isfinite(found.coefficient).all()
    assert np.isfinite(found.covariance).all()
    assert np.all(np.diff(found.threshold) > 0) or not found.known
