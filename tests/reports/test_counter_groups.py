"""Counters that are told alone, together, or not: and nobody works the others out."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.reports.counter_groups import NO_COUNTER, Count, Counted, arrange_year, stands

COUNTS = st.tuples(st.integers(0, 40), st.sampled_from((0, 0, 1, 2, 3, 8))).map(lambda pair: Count(pair[0], min(pair)))
QUARTERS = st.lists(st.dictionaries(st.integers(NO_COUNTER, 5), COUNTS, min_size=1), min_size=1, max_size=4)


def test_a_counter_with_ten_answers_and_three_dissatisfied_stands_alone() -> None:
    assert [stands(Count(*one)) for one in ((10, 0), (10, 3), (9, 3), (50, 1), (50, 2))] == [True, True, False, False, False]


def test_counters_with_one_or_two_dissatisfied_are_told_together() -> None:
    (quarter,), _ = arrange_year([{1: Count(30, 1), 2: Count(40, 2), 3: Count(25, 0), 4: Count(50, 6)}])
    assert (quarter.alone, quarter.together) == ({3, 4}, (1, 2))


def test_one_that_needs_company_takes_the_smallest_of_the_others() -> None:
    (quarter,), _ = arrange_year([{1: Count(30, 1), 2: Count(40, 5), 3: Count(25, 4)}])
    assert (quarter.alone, quarter.together) == ({2}, (1, 3))


def test_a_small_counter_is_hidden_and_so_is_what_would_tell_it() -> None:
    (quarter,), _ = arrange_year([{1: Count(9, 4), 2: Count(40, 5), 3: Count(25, 4)}])
    assert (quarter.alone, quarter.small, quarter.protecting) == ({2}, {1}, {3})


def test_two_small_ones_of_ten_answers_hide_one_another() -> None:
    (quarter,), _ = arrange_year([{1: Count(6, 3), 2: Count(5, 3), 3: Count(25, 4)}])
    assert (quarter.alone, quarter.small, quarter.protecting) == ({3}, {1, 2}, set())


def test_a_year_does_not_tell_the_quarter_that_was_kept() -> None:
    quarters = [{1: Count(30, 4), 2: Count(30, 4)}, {1: Count(30, 1), 2: Count(30, 4)}]
    (_, second), year = arrange_year(quarters)
    assert second.together == (1, 2)
    assert 1 not in year.alone


def test_a_small_counter_is_told_by_half_a_year_not_by_its_third_quarter_and_by_the_year_again() -> None:
    quarters = [{1: Count(8, 2), 2: Count(7, 2), 3: Count(40, 5)}] * 4
    assert [{1, 2} <= arrange_year(quarters[:until])[1].alone for until in (1, 2, 3, 4)] == [False, True, False, True]


@settings(max_examples=50, deadline=None)
@given(QUARTERS)
def test_what_was_told_of_a_quarter_stays_when_later_ones_come(quarters: list[dict[int, Count]]) -> None:
    whole, _ = arrange_year(quarters)
    assert all(arrange_year(quarters[:until])[0] == whole[:until] for until in range(1, len(quarters)))


@settings(max_examples=50, deadline=None)
@given(QUARTERS)
def test_no_small_counter_follows_from_all_that_was_ever_told(quarters: list[dict[int, Count]]) -> None:
    told = disclosed(quarters)
    rank = np.linalg.matrix_rank(told) if len(told) else 0
    for quarter, one in enumerate(quarters):
        for counter, count in one.items():
            if counter == NO_COUNTER or count.n == 0 or stands(count) or sum(other.n > 0 for other in one.values()) == 1:
                continue  # the only counter is its unit, which is told by itself
            secret = row(quarters, [counter], [quarter])
            assert np.linalg.matrix_rank(np.vstack((told, secret))) == rank + 1, (counter, quarter)


def disclosed(quarters: list[dict[int, Count]]) -> np.ndarray:
    """Every sum that a reader saw in the course of the year, who also knows which counters were closed."""
    rows = [row(quarters, one, [quarter]) for quarter, one in enumerate(quarters)]
    for until in range(1, len(quarters) + 1):
        single, whole = arrange_year(quarters[:until])
        for arranged, when in [(single[-1], [until - 1]), (whole, list(range(until)))]:
            rows += [row(quarters, [counter], when) for counter in arranged.alone]
            rows += [row(quarters, arranged.together, when)] if arranged.together else []
    return np.array(rows)


def row(quarters: list[dict[int, Count]], counters: Counted | list[int] | tuple[int, ...], when: list[int]) -> np.ndarray:
    """A sum over the cells that have answers."""
    cells = [(counter, quarter) for quarter, one in enumerate(quarters) for counter in sorted(one) if one[counter].n]
    return np.array([float(counter in counters and quarter in when) for counter, quarter in cells])
