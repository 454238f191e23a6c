"""Units that stand out are found, honest ones are left alone, and no rule knows which end of a scale is the good one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats.forensics import RULES_VERSION, Rows, Screen, rows_of, screen
from sipas.stats.forensics.baseline import BadCountsError, excess, standing_out
from sipas.stats.forensics.foreign import busiest_window, linked_citizens, same_device
from sipas.stats.forensics.patterns import patterns, reversed_scales
from sipas.stats.forensics.screening import expected_false_alarms
from sipas.stats.forensics.signals import SIGNALS
from sipas.stats.forensics.tails import beta_binomial_tail, negative_binomial_tail
from tests.stats.forensic_sets import CHEATS, WEEKS, cheat, honest

CHEATERS = (3, 14, 25, 36, 47)


def found(result: Screen) -> set[int]:
    return {flag.unit for flag in result.flags}


@pytest.fixture(scope="module")
def planted() -> Screen:
    rows = honest(100)
    for unit, kind in zip(CHEATERS, CHEATS, strict=True):
        rows = cheat(rows, unit, kind)
    return screen(rows, since=WEEKS // 2, deadline=WEEKS // 2)


def test_ten_clean_sets_give_no_more_than_the_expected_false_alarms() -> None:
    results = [screen(honest(seed), since=WEEKS // 2, deadline=WEEKS // 2) for seed in range(10)]
    assert sum(len(found(result)) for result in results) <= sum(result.expected_if_clean for result in results)


def test_five_planted_kinds_are_found_and_nobody_else(planted: Screen) -> None:
    assert found(planted) == set(CHEATERS)


@pytest.mark.parametrize(("unit", "kind"), list(zip(CHEATERS, CHEATS, strict=True)))
def test_each_planted_kind_is_called_by_its_name(planted: Screen, unit: int, kind: str) -> None:
    assert kind in {flag.reason for flag in planted.flags if flag.unit == unit}


def test_a_kind_planted_alone_is_found_too() -> None:
    for kind in CHEATS[:4]:
        assert found(screen(cheat(honest(11), 20, kind), since=WEEKS // 2)) == {20}, kind


def test_every_flag_says_why_and_by_which_rules(planted: Screen) -> None:
    for flag in planted.flags:
        assert flag.reason in SIGNALS
        assert flag.rules == planted.rules == RULES_VERSION
        assert min(other.p for other in planted.flags if other.unit == flag.unit) <= flag.unit_p
    assert planted.expected_false == pytest.approx(0.05 * len(found(planted)))


def test_flagged_rows_are_those_the_reason_speaks_of() -> None:
    rows = cheat(honest(11), 20, "fast")
    flag = next(flag for flag in screen(rows, since=WEEKS // 2).flags if flag.reason == "fast")
    assert flag.rows.tolist() == np.flatnonzero(rows.fast & (rows.unit == 20) & (rows.week >= WEEKS // 2)).tolist()
    assert len(flag.rows) == flag.observed


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(CHEATS))
def test_reading_every_scale_from_its_other_end_flags_the_same_rows_and_units(seed: int, kind: str) -> None:
    rows = cheat(honest(seed, units=24), 5, kind)
    one = screen(rows, since=WEEKS // 2, deadline=WEEKS // 2)
    other = screen(reversed_scales(rows), since=WEEKS // 2, deadline=WEEKS // 2)
    assert [(flag.unit, flag.reason, flag.rows.tolist()) for flag in one.flags] == [
        (flag.unit, flag.reason, flag.rows.tolist()) for flag in other.flags
    ]
    assert other.p == pytest.approx(one.p, rel=1e-9)


def test_what_would_be_set_aside_is_found_again_and_is_the_same_whichever_end_of_the_scales_is_good(planted: Screen) -> None:
    rows = honest(100)
    for unit, kind in zip(CHEATERS, CHEATS, strict=True):
        rows = cheat(rows, unit, kind)
    turned = reversed_scales(rows)
    for flag in planted.flags:
        named = rows_of(rows, flag.unit, flag.reason, since=WEEKS // 2).tolist()
        assert named == flag.rows.tolist() == rows_of(turned, flag.unit, flag.reason, since=WEEKS // 2).tolist()


def test_reversing_twice_changes_nothing() -> None:
    rows = honest(3, units=5)
    twice = reversed_scales(reversed_scales(rows))
    assert np.array_equal(twice.answers, rows.answers) and np.array_equal(twice.level, rows.level)


def test_a_unit_that_disappoints_in_a_straight_line_is_flagged_as_one_that_delights() -> None:
    rows = cheat(honest(11), 20, "straight")
    worst = replace(rows, answers=np.where((rows.answers == 5) & patterns(rows).straight[:, None], 1, rows.answers).astype(np.int8))
    assert 20 in found(screen(rows, since=WEEKS // 2))
    assert 20 in found(screen(worst, since=WEEKS // 2))


def test_permutations_never_make_a_chance_smaller_and_keep_what_is_plain() -> None:
    rows = cheat(honest(11, units=20), 7, "straight")
    plain = screen(rows, since=WEEKS // 2)
    ranked = screen(rows, since=WEEKS // 2, rng=np.random.default_rng(1), permutations=99)
    assert np.all(ranked.unit_p >= plain.unit_p)
    assert found(ranked) == {7}
    again = screen(rows, since=WEEKS // 2, rng=np.random.default_rng(1), permutations=99)
    assert np.array_equal(ranked.unit_p, again.unit_p)


def test_order_of_rows_changes_no_flag() -> None:
    rows = cheat(honest(11, units=20), 7, "pattern")
    mixed = np.random.default_rng(0).permutation(len(rows.unit))
    names = [name for name in Rows.__slots__ if name != "levels"]
    other = Rows(**{name: getattr(rows, name)[mixed] for name in names})
    one, two = (screen(data, since=WEEKS // 2) for data in (rows, other))
    assert [(flag.unit, flag.reason) for flag in one.flags] == [(flag.unit, flag.reason) for flag in two.flags]
    assert sorted(mixed[two.flags[0].rows]) == sorted(one.flags[0].rows)


def test_no_rows_no_flags() -> None:
    nothing = np.zeros(0, np.int64)
    rows = Rows(*[nothing] * 6, np.zeros((0, 6), np.int8), nothing, *[np.zeros(0, bool)] * 3)
    assert screen(rows).flags == ()


def test_one_unit_alone_stands_out_from_nobody() -> None:
    assert screen(honest(1, units=1), since=4, deadline=4).flags == ()


def test_beta_binomial_tail_is_that_of_scipy() -> None:
    for n, k, p, rho in ((30, 4, 0.05, 0.1), (500, 200, 0.24, 0.01), (7, 7, 0.9, 0.3), (40, 0, 0.2, 0.2)):
        a, b = p * (1 - rho) / rho, (1 - p) * (1 - rho) / rho
        expected = scipy.stats.betabinom.sf(k - 1, n, a, b)
        assert beta_binomial_tail(np.array([k * 1.0]), np.array([n * 1.0]), np.array([p]), rho)[0] == pytest.approx(expected, rel=1e-7)


def test_without_overdispersion_it_is_the_binomial() -> None:
    tail = beta_binomial_tail(np.array([9.0]), np.array([3000.0]), np.array([0.001]), 0.0)[0]
    assert tail == pytest.approx(scipy.stats.binom.sf(8, 3000, 0.001), rel=1e-9)


def test_negative_binomial_tail_is_that_of_scipy() -> None:
    for phi in (0.2, 1.0):
        tail = negative_binomial_tail(np.array([12.0]), np.array([4.0]), phi)[0]
        assert tail == pytest.approx(scipy.stats.nbinom.sf(11, 1 / phi, 1 / (1 + 4 * phi)), rel=1e-9)
    assert negative_binomial_tail(np.array([12.0]), np.array([4.0]), 0.0)[0] == pytest.approx(scipy.stats.poisson.sf(11, 4), rel=1e-9)


def test_cheaters_do_not_set_the_norm() -> None:
    count, total = np.full((40, 1), 10.0), np.full((40, 1), 100.0)
    count[:4] = 90.0
    assert excess(count, total, floor=0.01).expected[10] == pytest.approx(10, abs=0.2)


def test_more_flagged_than_answered_is_refused_by_place() -> None:
    with pytest.raises(BadCountsError, match="unit 1, class 0: 5 flagged of 3"):
        excess(np.array([[1.0], [5.0]]), np.array([[3.0], [3.0]]), floor=0.01)


def test_a_level_outside_the_scale_is_refused() -> None:
    rows = honest(1, units=2)
    with pytest.raises(BadCountsError, match="answers: a code outside"):
        replace(rows, answers=(rows.answers + 3).astype(np.int8))


def test_standing_out_is_a_normal_deviate_where_units_differ_by_their_error_alone() -> None:
    rng = np.random.default_rng(5)
    z = standing_out(rng.normal(size=4000) * 0.2, np.full(4000, 0.04), np.ones(4000, bool))
    assert np.std(z) == pytest.approx(1, abs=0.05)


def test_expected_false_alarms_are_what_independent_chances_give() -> None:
    rng = np.random.default_rng(2)
    p = np.sort(rng.random((20_000, 60)), axis=1)
    below = p <= 0.05 * np.arange(1, 61) / 60
    rejected = np.where(below.any(axis=1), 60 - below[:, ::-1].argmax(axis=1), 0)
    assert rejected.mean() == pytest.approx(expected_false_alarms(60), abs=0.015)


def test_one_device_that_answers_for_many_stands_out_unless_it_is_registered() -> None:
    unit = np.repeat(np.arange(20), 40)
    device = np.arange(800)
    device[:35] = 0
    p, most = same_device(unit, device, np.zeros(800, bool), units=20)
    assert p[0] < 1e-6 and most[0] == 35 and p[1:].min() > 0.05
    assert same_device(unit, device, device == 0, units=20)[0].min() > 0.05


def test_citizens_who_answer_again_and_again_stand_out() -> None:
    unit, citizen = np.repeat(np.arange(20), 40), np.arange(800)
    citizen[:30] = citizen[0]
    p = linked_citizens(unit, citizen, units=20).p
    assert p[0] < 1e-6 and p[1:].min() > 0.05


def moments(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Twelve counters of 4 to 30 answers a day over 30 days, more of them in the morning."""
    usual = rng.integers(4, 30, 12)
    counter = np.repeat(np.arange(12), usual * 30)
    hour = np.clip(rng.normal(9.5, 1.8, len(counter)), 7, 17)
    return counter, rng.integers(0, 30, len(counter)) * 86_400.0 + hour * 3600


def test_answers_that_come_in_one_half_hour_stand_out_and_busy_mornings_do_not() -> None:
    found = 0
    for seed in range(20):
        counter, moment = moments(np.random.default_rng(seed))
        found += int(np.sum(busiest_window(counter, moment, counters=12)[0] < 0.05))
    assert found <= 0.05 * 240
    burst = np.full(40, 12 * 86_400.0 + 10 * 3600) + np.arange(40) * 30
    p, most = busiest_window(np.append(counter, np.full(40, 5)), np.append(moment, burst), counters=13)
    assert p[5] < 1e-4 and most[5] >= 40
    assert np.delete(p, 5).min() > 0.01
    assert (p[12], most[12]) == (1.0, 0.0)


def test_a_window_passes_midnight_and_nobody_answers_in_an_empty_file() -> None:
    nobody, never = np.zeros(0, np.int64), np.zeros(0)
    assert busiest_window(nobody, never, counters=2)[0].tolist() == [1.0, 1.0]
    night = 86_400.0 + np.arange(-300.0, 300.0, 20.0)
    assert busiest_window(np.zeros(30, np.int64), night, counters=1)[1].tolist() == [30.0]


def test_a_moment_that_is_none_is_refused_by_row() -> None:
    with pytest.raises(BadCountsError, match="moment: row 1"):
        busiest_window(np.zeros(2, np.int64), np.array([0.0, np.nan]), counters=1)
