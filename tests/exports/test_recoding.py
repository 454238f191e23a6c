"""The k rule, tried on everything Hypothesis thinks of: no class below k, nothing lost silently, no step too many at the ends."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.exports.clusters import merge_clusters
from sipas.exports.recode import ANY, TOP, recode
from sipas.exports.strata import K, Layout, Stratum, place_strata
from sipas.exports.weighing import weigh
from sipas.store.microdata import Answer

LAYOUT = Layout(parents={1: None, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3}, headline=frozenset("VS"))


def answer(unit: int = 4, **given) -> Answer:
    usual = Answer(unit, None, "land", "2026-11", "V", "citizen", "on_time", "sipas", "0", "short", False, b"c", {})
    return replace(usual, **given)


answers = st.lists(
    st.builds(
        answer,
        unit=st.sampled_from([1, 2, 3, 4, 5, 6]),
        deciding_id=st.sampled_from([None, 1]),
        sector=st.sampled_from(["land", "health"]),
        month=st.sampled_from(["2026-09", "2026-10", "2026-11"]),
        channel=st.sampled_from("VSO"),
        stage=st.sampled_from(["on_time", "late"]),
        instrument=st.sampled_from(["a", "b"]),
        length=st.sampled_from(["short", "full"]),
    ),
    max_size=80,
)


@settings(deadline=None)
@given(rows=answers, k=st.integers(2, 6))
def test_every_class_has_k_and_every_answer_is_released_or_counted(rows: list[Answer], k: int) -> None:
    recoding = recode(rows, LAYOUT, k=k)
    classes = Counter(mark for mark in recoding.marks if mark is not None)
    assert not classes or min(classes.values()) >= k
    assert sum(recoding.steps.values()) + recoding.left_out == len(rows)
    left_out = Counter(row.instrument for row, mark in zip(rows, recoding.marks, strict=True) if mark is None)
    assert all(n < k for n in left_out.values())


@settings(deadline=None)
@given(rows=answers)
def test_marks_never_contradict_their_answer(rows: list[Answer]) -> None:
    for row, mark in zip(rows, recode(rows, LAYOUT).marks, strict=True):
        if mark is None:
            continue
        assert mark.period in {row.month, "2026-Q3", "2026-Q4", ANY}
        assert mark.stage in {row.stage, ANY}
        assert mark.length in {row.length, ANY}
        assert mark.instrument == row.instrument
        assert mark.unit_id is None or mark.unit_id in _above(row.unit_id)


@settings(deadline=None)
@given(rows=answers)
def test_population_is_handed_on_whole(rows: list[Answer]) -> None:
    population = {(unit, sector): 1000 for unit in range(1, 7) for sector in ("land", "health")}
    recoding = recode(rows, LAYOUT)
    weighed = weigh(recoding.homes, recoding.strata, population)
    headline = [one for one in weighed if one.stratum.channels == "headline"]
    assert sum(one.population or 0 for one in headline) == sum(population.values())
    for one in weighed:
        assert one.weight is None or one.n * one.weight == one.population or abs(one.n * one.weight - one.population) < 1e-9


def _above(unit: int) -> set[int]:
    parent = LAYOUT.parents[unit]
    return {unit} | (_above(parent) if parent else set())


def test_a_large_class_is_left_as_it_is() -> None:
    recoding = recode([answer()] * K, LAYOUT)
    assert recoding.steps == {0: K}
    assert {mark.period for mark in recoding.marks} == {"2026-11"}


def test_the_ladder_drops_stage_then_month_then_channel_then_quarter_then_length() -> None:
    others = [{"stage": "late"}, {"month": "2026-10"}, {"channel": "S"}, {"month": "2026-09"}, {"length": "full"}]
    stages, months, channels, quarters, lengths = (recode([answer()] * 3 + [answer(**one)] * 3, LAYOUT) for one in others)
    assert [set(one.steps) for one in (stages, months, channels, quarters, lengths)] == [{1}, {2}, {3}, {4}, {TOP}]
    assert {mark.period for mark in months.marks} == {"2026-Q4"}
    assert {mark.channel for mark in channels.marks} == {"headline"}


def test_a_remainder_takes_the_smallest_class_along() -> None:
    rows = [answer()] * 9 + [answer(month="2026-10")] * 6 + [answer(month="2026-09", channel="S")] * 2
    recoding = recode(rows, LAYOUT)
    assert recoding.steps == {0: 9, TOP: 8}


def test_a_small_stratum_moves_to_its_parent_and_a_hopeless_one_to_other() -> None:
    rows = [answer(4)] * 4 + [answer(5)] * 3 + [answer(6, sector="health")] * 2 + [answer(1, sector="others")] * 3
    recoding = recode(rows, LAYOUT)
    assert [mark.unit_id for mark in recoding.marks] == [2] * 7 + [None] * 5
    assert set(recoding.strata.values()) == {Stratum(2, "land", "headline")}


def test_open_answers_move_without_the_headline_ones() -> None:
    rows = [answer(4)] * 10 + [answer(4, channel="O")] * 2 + [answer(5, channel="O")] * 3
    recoding = recode(rows, LAYOUT)
    assert [mark.unit_id for mark in recoding.marks] == [4] * 10 + [2] * 5


def test_a_parent_that_stays_too_small_hands_everything_on() -> None:
    firsts = [Stratum(4, "land", "O"), Stratum(6, "land", "O")]
    placed = place_strata(firsts * 3, ["sipas"] * 6, LAYOUT)
    assert {placed[first].unit_id for first in firsts} == {1}


@settings(deadline=None)
@given(
    labels=st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([b"1", b"2", b"3", b"4", b"5", b"6"])), max_size=60),
    seed=st.integers(0, 9),
)
def test_clusters_stay_inside_their_stratum_whole_and_large_enough(labels: list[tuple[str, bytes]], seed: int) -> None:
    strata = [stratum for stratum, _ in labels]
    numbers = merge_clusters(strata, [label for _, label in labels], k=K, rng=random.Random(seed))
    assert len({(pair, number) for pair, number in zip(labels, numbers, strict=True)}) == len(set(labels))
    assert len({(stratum, number) for stratum, number in zip(strata, numbers, strict=True)}) == len(set(numbers))
    sizes, totals = Counter(numbers), Counter(strata)
    for stratum, number in zip(strata, numbers, strict=True):
        assert sizes[number] >= min(K, totals[stratum])


def test_cluster_numbers_say_nothing_about_the_order_of_arrival() -> None:
    labels = [bytes([n // K]) for n in range(200 * K)]
    numbers = merge_clusters(["a"] * len(labels), labels, k=K, rng=random.Random(1))
    first = [numbers[n] for n in range(0, len(labels), K)]
    mean = sum(first) / len(first)
    covariance = sum((place - 99.5) * (number - mean) for place, number in enumerate(first)) / len(first)
    assert abs(covariance / (len(first) ** 2 / 12)) < 0.2
