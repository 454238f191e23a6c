"""Composites by three estimands: R's figures, exact weights, perfect sheets, limits in every corner."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats.composites import SCALES, composite, item_response, limits
from sipas.stats.estimands import ESTIMANDS, BadScoresError
from sipas.stats.item_weights import BadWeightsError, ItemWeights, equal_weights, factor_weights, item_weights
from sipas.stats.sampling import design
from tests.stats.composite_rows import CLUSTER, DOMAINS, ITEMS, STRATUM, WEIGHT, designs, of

A = factor_weights([0.6, 0.4], [3, 3])
NAMES = list(DOMAINS)


@pytest.mark.parametrize("estimand", ESTIMANDS)
@pytest.mark.parametrize("kind", ["share", "mean"])
@pytest.mark.parametrize("name", ["simple", "clustered", "finite", "post"])
def test_values_and_covariances_agree_with_r(name: str, kind: str, estimand: str) -> None:
    scores = np.where(np.isnan(ITEMS), np.nan, ITEMS >= 4) if kind == "share" else ITEMS
    found = composite(designs()[name], scores, A, DOMAINS, estimand=estimand, scale=kind)
    golden = [(key.split("/"), value) for key, value in of(estimand) if key.split("/")[1:3] == [name, kind]]
    assert len(golden) == (8 if estimand == "complete_case" else 14)
    for (*_, what, first), value in (row for row in golden if row[0][3] == "value"):
        assert found.value[NAMES.index(first)] == pytest.approx(value, rel=1e-10), (what, first)
    for (*_, first, second), value in (row for row in golden if row[0][3] == "covariance"):
        assert found.covariance[NAMES.index(first), NAMES.index(second)] == pytest.approx(value, rel=1e-9), (first, second)


def test_the_three_estimands_differ_and_name_themselves() -> None:
    sample = designs()["clustered"]
    made = [composite(sample, ITEMS, A, estimand=name, scale="mean") for name in ESTIMANDS]
    assert len({round(one.value[0], 6) for one in made}) == 3
    assert [one.estimates.kinds[0] for one in made] == list(ESTIMANDS)
    assert made[1].estimates.n[0] < made[2].estimates.n[0] == made[0].estimates.n[0] == len(ITEMS)


def test_items_of_one_respondent_are_never_taken_as_independent() -> None:
    sample = designs()["clustered"]
    joint = composite(sample, ITEMS, A, scale="mean")
    each = [composite(sample, ITEMS[:, [k]], None, scale="mean").covariance[0, 0] for k in range(6)]
    assert joint.se[0] > 1.5 * np.sqrt(np.sum(A.floats**2 * each))


def test_without_missing_answers_all_estimands_are_one() -> None:
    whole = ITEMS[~np.isnan(ITEMS).any(axis=1)]
    sample = design(None, weight=np.linspace(1, 3, len(whole)))
    made = [composite(sample, whole, A, estimand=name, scale="20x") for name in ESTIMANDS]
    for one in made[1:]:
        assert one.value == pytest.approx(made[0].value, rel=1e-13)
        assert one.covariance == pytest.approx(made[0].covariance, rel=1e-10)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("estimand", ESTIMANDS)
@pytest.mark.parametrize("weights", [None, [1 / 9] * 9, ["1/9"] * 9, [0.1111111111] * 9, [0.12, *[0.11] * 8], [0.3, *["7/80"] * 8]])
def test_a_perfect_sheet_scores_exactly_the_top(scale: str, estimand: str, weights: list[float] | None) -> None:
    scores = np.full((37, 9), float(SCALES[scale].most))
    scores[3, 4] = scores[11, :3] = np.nan
    sample = design(np.arange(37) % 3, weight=np.random.default_rng(5).uniform(0.1, 7.3, 37))
    found = composite(sample, scores, weights, estimand=estimand, scale=scale)
    assert found.value[0] == SCALES[scale].top
    assert found.covariance[0, 0] == 0
    shown = limits(found)
    assert shown.low[0] < shown.high[0] == SCALES[scale].top


def test_the_tops_of_the_scales_are_round() -> None:
    assert [SCALES[name].top for name in ("share", "share_pct", "mean", "20x", "25(x-1)", "25x")] == [1, 100, 5, 100, 100, 100]
    assert [SCALES[name].bottom for name in ("20x", "25(x-1)", "25x")] == [20, 0, 25]


def test_the_indonesian_trap_is_refused_with_the_fraction_meant() -> None:
    with pytest.raises(BadWeightsError, match=r'add up to 0\.99, not to 1: 0\.11 looks like 1/9; write fractions as text, "1/9"'):
        composite(design(None, weight=np.ones(4)), np.full((4, 9), 4.0), [0.11] * 9, scale="25x")


@pytest.mark.parametrize(
    ("given_weights", "complaint"),
    [
        ([0.1111] * 9, "0.1111 looks like 1/9"),
        ([0.33] * 3, "0.33 looks like 1/3"),
        ([0.67, 0.11, 0.11], "0.67 looks like 2/3, 0.11 looks like 1/9"),
        ([0.25] * 3, "add up to 0.75, not to 1: give weights that do"),
        ([60, 41], 'write each as a fraction of 101, "60/101"'),
        (["1/2", "half"], "weight 2 is 'half': write a number above 0"),
        (["1/2", "1/0"], "weight 2 is '1/0'"),
        ([0.5, float("nan")], "weight 2 is nan"),
        ([1.5, -0.5], "weight 2 is -0.5: weights are above 0"),
        ([1, True], "weight 2 is True"),
        ([], "no weight given"),
    ],
)
def test_weights_that_do_not_add_up_are_refused(given_weights: list[object], complaint: str) -> None:
    with pytest.raises(BadWeightsError) as refused:
        item_weights(given_weights)
    assert complaint in str(refused.value)


def test_weights_are_exact_fractions() -> None:
    ninth = Fraction(1, 9)
    assert item_weights([1 / 9] * 9) == item_weights(np.full(9, 1 / 9)) == item_weights(["1/9"] * 9) == equal_weights(9)
    assert equal_weights(9) == ItemWeights((ninth,) * 9)
    assert item_weights([0.1111111111] * 9).fractions == (ninth,) * 9
    assert item_weights(["0.12", *["0.11"] * 8]).fractions[1] == Fraction(11, 100)
    assert sum(item_weights([0.123456789012345, 0.876543210987655]).fractions) == 1
    assert factor_weights(["1/3", "2/3"], [2, 1]).fractions == (Fraction(1, 6), Fraction(1, 6), Fraction(2, 3))


def test_factors_need_items_and_weights() -> None:
    with pytest.raises(BadWeightsError, match="2 factor weights for 3 factors"):
        factor_weights([0.5, 0.5], [1, 1, 1])
    with pytest.raises(BadWeightsError, match="factor 2 has no item"):
        factor_weights([0.5, 0.5], [1, 0])
    with pytest.raises(BadWeightsError, match="no weight given"):
        equal_weights(0)


def test_an_item_nobody_answered_leaves_its_weight_to_the_others_and_says_so() -> None:
    scores = np.where(np.arange(2) == 1, np.nan, np.arange(10.0)[:, None] % 5 + 1)
    found = composite(design(None, weight=np.ones(10)), np.column_stack([scores, scores[:, :1]]), ["1/2", "1/4", "1/4"], scale="mean")
    assert found.value[0] == 3
    assert found.estimates.warnings == ("available_case: no answer to item 2; the other items take the weight.",)
    rest = composite(design(None, weight=np.ones(10)), np.column_stack([scores[:, :1]] * 2), ["2/3", "1/3"], scale="mean")
    assert found.covariance == pytest.approx(rest.covariance, rel=1e-13)


def test_nobody_one_and_all_who_agree_are_answered() -> None:
    nobody = limits(composite(design(np.zeros(0, np.int64)), np.zeros((0, 3))))
    assert (nobody.low.tolist(), nobody.high.tolist()) == ([0], [1])
    silent = composite(design(None, weight=np.ones(4)), np.full((4, 3), np.nan), scale="25(x-1)")
    assert (silent.value[0], silent.estimates.known[0], limits(silent).low[0], limits(silent).high[0]) == (0, False, 0, 100)
    one = limits(composite(design(None, weight=np.ones(1)), np.ones((1, 3))))
    assert (one.low[0], one.high[0]) == (pytest.approx(0.025), 1)
    agree = composite(design(None, weight=np.ones(30)), np.ones((30, 3)))
    assert limits(agree).low[0] == pytest.approx(0.025 ** (1 / 30))
    assert limits(agree, d_pool=1.5).low[0] == pytest.approx(0.025 ** (1 / 20))
    assert limits(agree, population=np.array([30.0])).low[0] == 1
    assert limits(agree, population=np.array([np.nan])).low[0] < 1


def test_limits_of_shares_are_those_of_the_logit() -> None:
    found = composite(designs()["clustered"], np.where(np.isnan(ITEMS), np.nan, ITEMS >= 4), A, scale="share_pct")
    shown, p, df = limits(found), found.value[0] / 100, found.estimates.df[0]
    half = 2.0345152974493383 * found.se[0] / 100 / (p * (1 - p))  # qt(0.975, 33)
    assert df == 33
    assert shown.low[0] == pytest.approx(100 / (1 + np.exp(-(np.log(p / (1 - p)) - half))), rel=1e-12)


def test_limits_of_means_are_those_of_t_on_every_scale() -> None:
    for name in ("mean", "20x", "25(x-1)"):
        found = composite(designs()["clustered"], ITEMS, A, scale=name)
        half = 2.0345152974493383 * found.se[0]
        shown = limits(found)
        assert (shown.low[0], shown.high[0]) == pytest.approx((found.value[0] - half, found.value[0] + half), rel=1e-12)


def test_who_answered_is_counted_apart_from_whom_it_did_not_concern() -> None:
    scores = np.array([[5, np.nan], [4, np.nan], [np.nan, np.nan], [3, 2.0]])
    outside = np.array([[0, 1], [0, 1], [0, 0], [0, 0]], np.bool_)
    found = item_response(design(None, weight=np.ones(4)), scores, outside, np.array([0, 0, 0, 1]))
    assert found.answered.tolist() == [[2, 0], [1, 1]]
    assert found.not_applicable.tolist() == [[0, 2], [0, 0]]
    assert found.silent.tolist() == [[1, 1], [0, 0]]
    assert found.silent_share.tolist() == [[pytest.approx(1 / 3), 1], [0, 0]]
    assert found.flagged.tolist() == [[True, True], [False, False]]


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda d: composite(d, np.ones((4, 2)), estimand="mean"), "estimand 'mean' is unknown; choose from available_case"),
        (lambda d: composite(d, np.ones((4, 2)), scale="percent"), "scale 'percent' is unknown; choose from share"),
        (lambda d: composite(d, np.array([[1, 5], [2, 6.0]] * 2), scale="20x"), "row 2, item 2: 6 is outside 1-5 of scale '20x'"),
        (lambda d: composite(d, np.ones((3, 2))), "the design has 4 rows and there are 2 item weights"),
        (lambda d: composite(d, np.ones((4, 2)), ["1/3"] * 3), "there are 3 item weights"),
        (lambda d: limits(composite(d, np.ones((4, 2))), d_pool=0.9), "d_pool"),
        (lambda d: item_response(d, np.ones(4)), "scores have shape"),
        (lambda d: item_response(d, np.ones((4, 2)), np.ones((4, 1))), "one mark for each score"),
        (lambda d: item_response(d, np.ones((4, 2)), np.ones((4, 2))), "row 1, item 1: answered, and marked"),
    ],
)
def test_what_does_not_fit_is_refused_by_place_and_cure(call, complaint: str) -> None:
    with pytest.raises(BadScoresError) as refused:
        call(design(None, weight=np.ones(4)))
    assert complaint in str(refused.value)


SCORE = st.sampled_from([1.0, 2.0, 3.0, 4.0, 4.0, 5.0, 5.0, 5.0, float("nan")])
tables = st.integers(1, 4).flatmap(lambda k: st.lists(st.tuples(*[SCORE] * k), min_size=1, max_size=25))


@settings(max_examples=50, deadline=None)
@given(tables, st.integers(0, 2**32 - 1), st.sampled_from(sorted(ESTIMANDS)))
def test_the_order_of_rows_changes_no_bit(table: list[tuple[float, ...]], seed: int, estimand: str) -> None:
    rng = np.random.default_rng(seed)
    scores, weight, stratum = np.array(table), rng.uniform(0.5, 9.0, len(table)), rng.integers(0, 3, len(table))
    order = rng.permutation(len(table))
    first = composite(design(stratum, weight=weight), scores, estimand=estimand, scale="20x")
    second = composite(design(stratum[order], weight=weight[order]), scores[order], estimand=estimand, scale="20x")
    assert first.value.tolist() == second.value.tolist()
    assert first.covariance == pytest.approx(second.covariance, rel=1e-12, abs=1e-18)


@settings(max_examples=50, deadline=None)
@given(tables, st.integers(0, 2**32 - 1), st.sampled_from(sorted(ESTIMANDS)), st.sampled_from(["mean", "20x", "25(x-1)", "share_pct"]))
def test_limits_hold_the_value_inside_the_scale_and_reversed_scales_mirror(
    table: list[tuple[float, ...]], seed: int, estimand: str, scale: str
) -> None:
    rng = np.random.default_rng(seed)
    scores = np.array(table) if scale != "share_pct" else np.where(np.isnan(table), np.nan, np.array(table) >= 4)
    bounds = SCALES[scale]
    sample = design(None, rng.permutation(len(table)), weight=10 ** rng.uniform(-6, 6, len(table)))
    made = composite(sample, scores, estimand=estimand, scale=scale)
    shown = limits(made, d_pool=1.2)
    assert bounds.bottom <= shown.low[0] <= made.value[0] <= shown.high[0] <= bounds.top or not made.estimates.known[0]
    doubled = composite(design(None, sample.cluster, weight=2 * sample.weight), scores, estimand=estimand, scale=scale)
    assert doubled.value == pytest.approx(made.value, rel=1e-12)
    mirrored = composite(sample, bounds.least + bounds.most - scores, estimand=estimand, scale=scale)
    if made.estimates.known[0]:
        assert mirrored.value[0] == pytest.approx(bounds.top + bounds.bottom - made.value[0], rel=1e-12, abs=1e-9)
        assert mirrored.covariance == pytest.approx(made.covariance, rel=1e-6, abs=1e-12)


def test_a_domain_is_never_a_filtered_file() -> None:
    """Its variance sees the clusters of its strata that have no member."""
    member = DOMAINS["two"] & (CLUSTER % 3 == 0) & (STRATUM < 3)
    whole = composite(design(STRATUM, CLUSTER, weight=WEIGHT), ITEMS, A, {"part": member}, scale="mean")
    _, cluster = np.unique(CLUSTER[member], return_inverse=True)
    _, stratum = np.unique(STRATUM[member], return_inverse=True)
    filtered = composite(design(stratum, cluster, weight=WEIGHT[member]), ITEMS[member], A, scale="mean")
    assert whole.value == pytest.approx(filtered.value, rel=1e-14)
    assert abs(whole.se[0] / filtered.se[0] - 1) > 0.005
