"""Rank sets hold all ranks at once; three groups stand beside a mean that has an error of its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats.differences import compare
from sipas.stats.evidence import Evidence, evidence, exactly
from sipas.stats.intervals import Floats, Shares, kg20
from sipas.stats.multiplicity import simultaneous_alpha
from sipas.stats.ranking import (
    ABOVE,
    BELOW,
    INSEPARABLE,
    BadComparisonError,
    RankSets,
    beside,
    covariance_with_whole,
    groups,
    joint_rank_sets,
    pairwise_rank_sets,
    rank_sets,
)
from tests.stats.comparison_designs import R

TRUTH = np.array([0.97, 0.95, 0.95, 0.93, 0.92, 0.90, 0.90, 0.90, 0.86, 0.80])  # ties are the hard case
SIZES = np.array([30, 60, 400, 120, 1500, 200, 45, 800, 90, 300])


def counts(satisfied: Floats, n: Floats) -> Shares:
    p = np.where(n > 0, satisfied / np.maximum(n, 1), 0.0)
    variance = p * (1 - p) / np.maximum(n - 1, 1)
    return Shares(p, variance, n, satisfied, n - satisfied, n, np.maximum(n - 1, 0), np.full(len(n), np.nan))


def whole(satisfied: Floats, n: Floats) -> Evidence:
    return evidence(counts(satisfied, n), np.ones(len(n)))


def true_ranks(p: Floats) -> tuple[Floats, Floats]:
    return 1 + (p[None, :] > p[:, None]).sum(1), len(p) - (p[None, :] < p[:, None]).sum(1)


def held(sets: RankSets, first: Floats, last: Floats) -> bool:
    return bool(np.all(sets.best <= first) and np.all(sets.worst >= last))


@pytest.mark.parametrize("case", range(3))
def test_rank_sets_are_those_of_the_definition(case: int) -> None:  # golden/comparisons.R, counted pair by pair
    row = {name: np.array(values) for name, values in R["ranks"][case].items()}
    sets = rank_sets(row["low"], row["high"])
    assert sets.best.tolist() == row["best"].tolist()
    assert sets.worst.tolist() == row["worst"].tolist()


def test_joint_rank_sets_hold_every_rank_in_95_of_100_surveys() -> None:
    """One thousand surveys of ten units, three of them equal: each set of the table must hold its unit's rank."""
    rng = np.random.default_rng(20261122)
    surveys = 1000
    n = np.tile(SIZES, surveys).astype(float)
    found = kg20(
        counts(rng.binomial(n.astype(int), np.tile(TRUTH, surveys)).astype(float), n), np.ones(len(n)), simultaneous_alpha(len(TRUTH))
    )
    low, high = found.low.reshape(surveys, -1), found.high.reshape(surveys, -1)
    first, last = true_ranks(TRUTH)
    right = np.mean([held(rank_sets(*limits), first, last) for limits in zip(low, high, strict=True)])
    plain = kg20(counts(rng.binomial(n.astype(int), np.tile(TRUTH, surveys)).astype(float), n), np.ones(len(n)), 0.6)
    careless = np.mean(
        [
            held(rank_sets(*limits), first, last)
            for limits in zip(plain.low.reshape(surveys, -1), plain.high.reshape(surveys, -1), strict=True)
        ]
    )
    assert right >= 0.95
    assert careless < 0.95  # the same simulation finds intervals that are too narrow


def test_pairwise_sets_and_groups_hold_jointly_too() -> None:
    rng = np.random.default_rng(7)
    first, last = true_ranks(TRUTH)
    share = SIZES / SIZES.sum()
    mean = float(share @ TRUTH)
    true_word = np.where(mean + 1e-9 < TRUTH, ABOVE, np.where(mean - 1e-9 > TRUTH, BELOW, INSEPARABLE))
    pairs_right = groups_right = told = 0
    for _ in range(200):
        satisfied = rng.binomial(SIZES, TRUTH).astype(float)
        units, all_units = whole(satisfied, SIZES * 1.0), whole(satisfied.sum(keepdims=True), np.array([SIZES.sum() * 1.0]))
        pairs_right += held(pairwise_rank_sets(units), first, last)
        word = groups(units, all_units, covariance_with_whole(units.variance, share)).word
        groups_right += bool(np.all((word == INSEPARABLE) | (word == true_word)))
        told += int(np.sum(word != INSEPARABLE))
    assert pairs_right >= 190
    assert groups_right >= 190
    assert told > 200  # and they do say something


def test_pairs_tell_more_than_joint_intervals_where_answers_abound() -> None:
    p = np.linspace(0.80, 0.95, 16)
    n = np.full(16, 1200.0)
    shares = counts(np.floor(n * p), n)
    joint, pairs = joint_rank_sets(shares, np.ones(16)), pairwise_rank_sets(evidence(shares, np.ones(16)))
    assert np.sum(pairs.worst - pairs.best) < np.sum(joint.worst - joint.best)
    assert np.all(joint.best <= pairs.best)
    assert np.all(joint.worst >= pairs.worst)


def test_a_unit_nobody_answered_for_may_have_any_rank() -> None:
    n = np.array([2000.0, 0.0, 2000.0, 1.0])
    satisfied = np.array([1900.0, 0.0, 1200.0, 1.0])
    for sets in (joint_rank_sets(counts(satisfied, n), np.ones(4)), pairwise_rank_sets(whole(satisfied, n))):
        assert (sets.best[1], sets.worst[1]) == (1, 4)
        assert (sets.best[3], sets.worst[3]) == (1, 4)
        assert (sets.worst[0], sets.best[2]) == (3, 2)
    assert joint_rank_sets(counts(n[:0], n[:0]), np.ones(0)).best.shape == (0,)
    assert pairwise_rank_sets(whole(satisfied[:1], n[:1])).worst.tolist() == [1]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_rank_sets_hold_the_rank_of_every_point_inside_and_follow_their_units(ends: list[tuple[float, float]], chance: object) -> None:
    low, high = (np.array(side) for side in zip(*(sorted(pair) for pair in ends), strict=True))
    sets = rank_sets(low, high)
    inside = low + (high - low) * np.array([chance.random() for _ in low])
    assert held(sets, *true_ranks(inside))
    order = np.array(chance.sample(range(len(low)), len(low)))
    assert np.array_equal(rank_sets(low[order], high[order]).best, sets.best[order])
    assert np.array_equal(rank_sets(-high, -low).best, len(low) + 1 - sets.worst)


def test_reference_lends_its_error_and_a_part_its_covariance() -> None:
    n = np.array([4000.0, 1000.0])
    satisfied = np.array([3640.0, 880.0])
    units, mean = whole(satisfied, n), whole(satisfied.sum(keepdims=True), n.sum(keepdims=True))
    part = covariance_with_whole(units.variance, n / n.sum())
    without, with_it = (groups(units, mean, c) for c in (0.0, part))
    exact = groups(units, exactly(mean.value))
    width = [made.difference.high - made.difference.low for made in (without, with_it, exact)]
    assert np.all(width[1] < width[0])
    assert np.all(width[2] < width[0])
    assert width[1][0] < width[2][0]  # four fifths of the whole cannot differ much from it
    v = units.variance + mean.variance - 2 * part
    assert v[0] == pytest.approx((1 / 5) ** 2 * (units.variance[0] + units.variance[1]), rel=0.02)  # as against the other fifth
    assert with_it.difference.alpha == pytest.approx(1 - 0.95**0.5)


def test_the_only_unit_is_its_own_mean() -> None:
    alone = whole(np.array([90.0]), np.array([120.0]))
    made = groups(alone, alone, alone.variance)
    assert made.word.tolist() == [INSEPARABLE]
    assert made.difference.low[0] <= 0 <= made.difference.high[0]


def test_three_groups_are_told_apart() -> None:
    n = np.full(3, 900.0)
    units = whole(np.array([880.0, 810.0, 700.0]), n)
    made = groups(units, exactly(np.array([0.9])))
    assert made.word.tolist() == [ABOVE, INSEPARABLE, BELOW]
    close = groups(whole(np.array([835.0]), n[:1]), exactly(np.array([0.9])))
    among_many = groups(whole(np.array([835.0]), n[:1]), exactly(np.array([0.9])), family=500)
    assert (close.word[0], among_many.word[0]) == (ABOVE, INSEPARABLE)
    again = compare(units, exactly(np.array([0.9])), alpha=simultaneous_alpha(3))
    assert np.array_equal(again.low, made.difference.low)
    assert beside(again).tolist() == made.word.tolist()


def test_what_cannot_be_ranked_is_named() -> None:
    with pytest.raises(BadComparisonError, match="unit number 2 has no interval"):
        rank_sets(np.array([0.1, np.nan]), np.array([0.2, 1.0]))
    one = whole(np.array([9.0, 8.0]), np.array([10.0, 10.0]))
    with pytest.raises(BadComparisonError, match="a family of 1 cannot hold 2"):
        groups(one, exactly(np.array([0.5])), family=1)
    with pytest.raises(BadComparisonError, match="joint level"):
        pairwise_rank_sets(one, level=95.0)
