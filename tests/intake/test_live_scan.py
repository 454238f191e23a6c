"""The live scan for bursts: more than five answers in any five minutes at one counter, in memory, under the day's opaque label."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.intake import BURST, BURST_SECONDS, Recent

ONE, OTHER = b"1" * 16, b"2" * 16


def flags(moments: list[float], label: bytes = ONE, recent: Recent | None = None) -> list[bool]:
    scan = recent or Recent()
    return [scan.is_burst(label, moment) for moment in moments]


def test_the_sixth_answer_in_five_minutes_is_the_first_of_a_burst() -> None:
    assert flags([0, 60, 120, 180, 240, 300, 601]) == [False] * 5 + [True, False]


def test_five_in_five_minutes_are_nothing_unusual_however_long_they_go_on() -> None:
    assert not any(flags([number * 61.0 for number in range(200)]))


def test_two_counters_are_scanned_apart() -> None:
    scan = Recent()
    assert not any(flags([float(number)], (ONE, OTHER)[number % 2], scan)[0] for number in range(10))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 4000), min_size=1, max_size=60))
def test_an_answer_is_flagged_where_some_window_that_ends_with_it_holds_more_than_five(moments: list[int]) -> None:
    told = sorted(float(moment) for moment in moments)
    expected = [sum(told[place] - BURST_SECONDS <= other for other in told[: place + 1]) > BURST for place in range(len(told))]
    assert flags(told) == expected


def test_memory_is_bounded_and_the_counters_seen_last_are_kept() -> None:
    scan, rng = Recent(most=50), Random(1)
    for number in range(5):
        flags([float(number)], ONE, scan)
    for _ in range(49):
        flags([5.0], rng.randbytes(16), scan)
    assert flags([6.0], ONE, scan) == [True]
    for _ in range(50):
        flags([7.0], rng.randbytes(16), scan)
    assert flags([8.0], ONE, scan) == [False]
    assert len(scan._moments) == 50


def test_a_clock_that_goes_back_makes_no_burst() -> None:
    told = [1000.0, 1001.0, 1002.0, 1003.0, 1004.0, 10.0]
    assert all(earlier <= later for earlier, later in pairwise(told[:5]))
    assert flags(told)[-1] is False
