"""Adjusted p-values as R gives them, and families that are fixed beforehand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats.multiplicity import (
    ADJUSTMENTS,
    BadComparisonError,
    all_hold,
    benjamini_hochberg,
    bonferroni,
    hochberg,
    holm,
    simultaneous_alpha,
    simultaneous_level,
)
from tests.stats.comparison_designs import R

P_VALUES = st.lists(st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1.0, 0.05])), min_size=1, max_size=30)


@pytest.mark.parametrize("name", sorted(ADJUSTMENTS))
@pytest.mark.parametrize("case", range(len(R["adjusted"])))
def test_adjusted_p_values_agree_with_r(name: str, case: int) -> None:  # golden/comparisons.R, p.adjust
    given_ = R["adjusted"][case]
    family = given_["family"][0]
    got = ADJUSTMENTS[name](np.array(given_["p"], float), family=None if family is None else int(family))
    np.testing.assert_allclose(got, np.array(given_[name], float), rtol=1e-15)


def test_a_test_that_was_not_made_stays_out_and_is_not_counted() -> None:
    got = holm(np.array([np.nan, 0.02, 0.04]))
    assert np.isnan(got[0])
    assert got[1:].tolist() == [0.04, 0.04]
    assert holm(np.array([np.nan, 0.02, 0.04]), family=3)[1] == pytest.approx(0.06)
    assert holm(np.array([])).shape == (0,)


@settings(max_examples=50, deadline=None)
@given(P_VALUES)
def test_adjusted_values_keep_their_order_and_their_rank_of_caution(listed: list[float]) -> None:
    p = np.array(listed)
    order = np.argsort(p, kind="stable")
    results = [bonferroni(p), holm(p), hochberg(p), benjamini_hochberg(p), p]
    for strict, loose in pairwise(results):
        assert np.all(strict >= loose - 1e-15)
        assert np.all(np.diff(strict[order]) >= 0)
        assert strict.max() <= 1


@settings(max_examples=50, deadline=None)
@given(P_VALUES, st.randoms(use_true_random=False))
def test_the_order_of_units_changes_no_bit(listed: list[float], chance: object) -> None:
    p = np.array(listed)
    order = np.array(chance.sample(range(len(p)), len(p)))
    for adjust in ADJUSTMENTS.values():
        assert np.array_equal(adjust(p)[order], adjust(p[order]))


def test_all_of_these_hold_is_another_claim_than_each_of_these() -> None:
    p = np.array([0.001, 0.03, 0.04])
    each, every = all_hold(p)
    assert each.tolist() == [True, False, False]
    assert every
    assert not all_hold(np.array([0.001, np.nan]))[1]
    assert all_hold(np.array([]))[1] is False


def test_a_wrong_p_value_is_named_by_its_place() -> None:
    with pytest.raises(BadComparisonError, match=r"number 2 is 1\.2"):
        holm(np.array([0.1, 1.2]))
    with pytest.raises(BadComparisonError, match="a family of 1 cannot hold 2"):
        holm(np.array([0.1, 0.2]), family=1)
    with pytest.raises(BadComparisonError, match="flatten"):
        holm(np.ones((2, 2)))


def test_simultaneous_level_joins_to_95() -> None:
    assert simultaneous_level(20) ** 20 == pytest.approx(0.95, rel=1e-13)
    assert simultaneous_level(1) == simultaneous_level(0) == pytest.approx(0.95)
    assert simultaneous_alpha(10_000) == pytest.approx(5.1293161e-6, rel=1e-7)
    with pytest.raises(BadComparisonError, match="joint level"):
        simultaneous_alpha(3, level=1.0)
