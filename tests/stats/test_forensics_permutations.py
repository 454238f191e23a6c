"""Permutations stay honest however early they stop, deal rows out fairly, and tails are exact wherever they matter."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
from numpy.typing import NDArray

from sipas.stats.forensics import screen
from sipas.stats.forensics.patterns import Rows, patterns
from sipas.stats.forensics.permuting import looks_until, rank_by_looks, shuffled
from sipas.stats.forensics.scene import Ground, Scene
from sipas.stats.forensics.screening import _ranked
from sipas.stats.forensics.signals import SIGNALS
from sipas.stats.forensics.tails import beta_binomial_tail, least_tails, sign_tail
from tests.stats.forensic_sets import WEEKS, cheat, honest

Floats = NDArray[np.float64]


def scene_of(rows: Rows, *, deadline: int | None = WEEKS // 2) -> Scene:
    ground = Ground(rows, patterns(rows), int(rows.unit.max()) + 1, WEEKS // 2, deadline)
    return Scene(ground, rows.unit)


def least(scene: Scene) -> Floats:
    return np.column_stack([signal(scene).p for signal in SIGNALS.values()]).min(axis=1)


def uniforms(rng: np.random.Generator, counted: list[int]) -> Iterator[Floats]:
    while True:
        counted.append(1)
        yield rng.random(1)


LOOKS = (4, 9, 19, 39, 79)


def one_that_stops_when_it_likes_what_it_sees(rng: np.random.Generator, bar: float, *, price: int) -> float:
    """``price`` 1: looks are paid for, as they should be; the number of looks: they cost nothing."""
    rank = rank_by_looks(rng.random(1), uniforms(rng, []), LOOKS, lambda rank, _: bool(rank[0] <= bar * price))
    return float(rank[0]) / price


@pytest.mark.parametrize("bar", [0.05, 0.1, 0.2])
def test_under_the_null_a_chance_is_below_any_bar_no_more_often_than_it_says_even_when_one_stops_at_will(bar: float) -> None:
    rng = np.random.default_rng(8)
    chances = np.array([one_that_stops_when_it_likes_what_it_sees(rng, bar, price=1) for _ in range(2000)])
    assert np.mean(chances <= bar) <= bar + 3 * np.sqrt(bar / 2000)


def test_looks_that_cost_nothing_would_lie_and_the_test_above_would_see_it() -> None:
    rng = np.random.default_rng(8)
    chances = np.array([one_that_stops_when_it_likes_what_it_sees(rng, 0.2, price=len(LOOKS)) for _ in range(2000)])
    assert np.mean(chances <= 0.2) > 0.2 + 3 * np.sqrt(0.2 / 2000)


def test_where_units_differ_by_chance_alone_their_ranks_are_chances() -> None:
    below, units = 0, 0
    for seed in range(24):
        rows = honest(seed, units=12)
        rng = np.random.default_rng(seed)
        dealt = next(shuffled(scene_of(rows), rng))  # no unit has a level, a speed or a habit of its own
        drawn = (least(made) for made in shuffled(dealt, rng))
        ranks = rank_by_looks(least(dealt), drawn, (19,), lambda *_: False)
        below, units = below + int(np.sum(ranks <= 0.05)), units + len(ranks)
    assert below / units <= 0.05 + 3 * np.sqrt(0.05 / units)
    assert below > 0


def test_a_deal_leaves_every_week_and_form_of_every_unit_as_large_as_it_was() -> None:
    rows = honest(2, units=6)
    for made in islice(shuffled(scene_of(rows), np.random.default_rng(1)), 3):
        for column in (rows.week, rows.form):
            true, dealt = (np.bincount(unit * WEEKS + column) for unit in (rows.unit, made.unit))
            assert np.array_equal(true, dealt)
        assert not np.array_equal(made.unit, rows.unit)


def test_the_same_seed_deals_the_same() -> None:
    scene = scene_of(honest(2, units=6))
    one, two = ([made.unit.tolist() for made in islice(shuffled(scene, np.random.default_rng(5)), 2)] for _ in range(2))
    assert one == two


def test_it_stops_at_the_first_look_where_all_is_plain_and_goes_to_the_end_where_it_is_not() -> None:
    rows = cheat(honest(11, units=20), 7, "straight")
    scene = scene_of(rows, deadline=None)
    p = least(scene)
    formula = np.minimum(1.0, len(SIGNALS) * p)
    rank = _ranked(scene, p, (formula, np.ones(20, bool), 0.05), np.random.default_rng(1), 999)
    assert rank[7] == pytest.approx(3 / (1 + 20 * 99))
    counted: list[int] = []
    rank_by_looks(np.array([0.01]), uniforms(np.random.default_rng(1), counted), looks_until(999), lambda *_: False)
    assert len(counted) == 999


def test_looks_grow_to_the_number_that_was_asked_for() -> None:
    assert looks_until(999) == (99, 299, 999)
    assert looks_until(120) == (99, 120)
    assert looks_until(19) == (19,)


def test_a_value_smaller_than_all_drawn_has_the_least_rank_there_is() -> None:
    rank = rank_by_looks(np.array([-1.0, 2.0]), uniforms(np.random.default_rng(1), []), (9,), lambda *_: False)
    assert rank.tolist() == [pytest.approx(1 / 10), 1.0]


def test_where_a_chance_is_rough_it_is_no_sign_and_elsewhere_exact() -> None:
    for n in (1, 2, 3, 5, 10, 30, 70, 600):
        count, total = np.arange(1.0, n + 1), np.full(n, float(n))
        for p in (0.0005, 0.01, 0.06, 0.2, 0.5, 0.9):
            for rho in (0.01, 0.03, 0.2, 0.6):
                rough, exact = (tail(count, total, np.full(n, p), rho) for tail in (sign_tail, beta_binomial_tail))
                apart = rough != exact
                assert exact[apart].min(initial=1.0) > 0.05
                assert rough[apart] == pytest.approx(exact[apart], rel=0.75)


def test_two_wide_forms_of_the_same_answers_have_one_number_and_any_other_has_its_own() -> None:
    answers = np.random.default_rng(4).integers(-1, 6, (60, 41)).astype(np.int8)
    answers[40:] = answers[:20]
    answers[1] = answers[0]
    answers[1, 40] = (answers[0, 40] + 2) % 6
    nothing = np.zeros(60, np.int64)
    form = (np.arange(60) == 59).astype(np.int64)
    rows = Rows(nothing, nothing, form, nothing, nothing, nothing, answers, nothing, *[nothing.astype(bool)] * 3)
    vector = patterns(rows).vector
    assert vector[40:41] == vector[0] and vector[58] == vector[18]
    assert vector[59] != vector[19], "another form is another vector"
    assert len(np.unique(vector)) == len({(int(f), *row) for f, row in zip(form, answers.tolist(), strict=True)})


def test_the_same_seed_screens_the_same() -> None:
    rows = cheat(honest(3, units=20), 7, "pattern")
    one, two = (screen(rows, since=WEEKS // 2, rng=np.random.default_rng(1)).unit_p for _ in range(2))
    assert np.array_equal(one, two)


def test_the_least_tail_of_each_owner_is_the_least_of_all_its_tails() -> None:
    rng = np.random.default_rng(6)
    owner, total, rate = rng.integers(0, 9, 400), rng.integers(5, 300, 400).astype(float), rng.random(400) * 0.1
    count = np.clip(rng.binomial(total.astype(int), rate * 1.5), 1, total).astype(float)
    for rho in (0.01, 0.2):
        least, which = least_tails(owner, count, total, rate, rho)
        tails = beta_binomial_tail(count, total, rate, rho)
        assert least.tolist() == [tails[owner == one].min() for one in range(9)]
        assert np.array_equal(tails[which], least[owner[which]])
        assert set(owner[which]) == set(range(9))
