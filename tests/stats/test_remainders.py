"""Of many tables over the same sums so much is told that no subtraction leaves a small group."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from sipas.stats.disclosure import Margin, Rules, Sums, audit, leave_none_small

# 0 the year, 1 to 4 its quarters; 5 the first quarter's months are 5, 6 and 7.
YEAR = (Margin(0, (1, 2, 3, 4)), Margin(1, (5, 6, 7)))


def sums_of(margins: tuple[Margin, ...], cells: int) -> Sums:
    rows = np.repeat(np.arange(len(margins)), [len(margin.parts) for margin in margins])
    parts = np.array([part for margin in margins for part in margin.parts], np.int64)
    return Sums(np.array([margin.total for margin in margins], np.int64), rows, parts, cells)


def rules(cells: int, *, fixed: tuple[int, ...] = (), worth: dict[int, int] | None = None) -> Rules:
    held, worths = np.zeros(cells, bool), np.zeros(cells, np.int64)
    held[list(fixed)] = True
    for cell, one in (worth or {}).items():
        worths[cell] = one
    return Rules(10, held, worths)


def settled(counts: list[int], told: list[int], margins: tuple[Margin, ...] = YEAR, **how: object) -> list[int]:
    wanted = np.zeros((len(counts), 1), bool)
    wanted[told] = True
    given = rules(len(counts), **how)  # type: ignore[arg-type]  # the keywords of rules()
    kept = leave_none_small(np.array([counts]).T, wanted, sums_of(margins, len(counts)), given)
    assert not (kept & ~wanted).any()
    return np.flatnonzero(kept[:, 0]).tolist()


def test_a_quarter_that_would_be_left_over_takes_the_smallest_other_along() -> None:
    assert settled([60, 3, 15, 20, 22, 1, 1, 1], [0, 2, 3, 4]) == [0, 3, 4]


def test_what_is_left_over_and_large_stays_open() -> None:
    """Twelve answered in the first quarter, and its page is silent for another reason: whoever subtracts learns nothing small."""
    assert settled([69, 12, 15, 20, 22, 4, 4, 4], [0, 2, 3, 4]) == [0, 2, 3, 4]


def test_two_small_ones_that_are_left_over_together_are_few_too() -> None:
    assert settled([46, 3, 4, 17, 22, 1, 1, 1], [0, 3, 4]) == [0, 4]


def test_what_follows_from_what_follows_is_found() -> None:
    """The year less three quarters is the first quarter, and less two of its months the third."""
    assert settled([95, 38, 15, 20, 22, 15, 17, 6], [0, 2, 3, 4, 5, 6]) == [0, 2, 3, 4, 6]


def test_a_sum_that_leaves_people_over_who_are_no_domain_is_looked_at() -> None:
    """A unit with answers of its own beside those of the units below it."""
    assert settled([50, 20, 26], [0, 1, 2], (Margin(0, (1, 2)),)) == [0, 2]
    assert settled([56, 20, 26], [0, 1, 2], (Margin(0, (1, 2)),)) == [0, 1, 2]


def test_what_was_told_before_stays_and_what_is_worth_less_goes() -> None:
    assert settled([60, 3, 15, 20, 22, 1, 1, 1], [0, 2, 3, 4], fixed=(2,)) == [0, 2, 4]
    assert settled([60, 3, 15, 20, 22, 1, 1, 1], [0, 2, 3, 4], worth={2: 1, 3: 1}) == [0, 2, 3]
    assert settled([60, 3, 15, 20, 22, 1, 1, 1], [0, 2, 3, 4], fixed=(0, 2, 3, 4)) == [0, 2, 3, 4], "the audit names it"


def test_tables_do_not_touch_one_another_and_one_without_small_cells_is_left_alone() -> None:
    counts = np.array([[60, 3, 15, 20, 22, 1, 1, 1], [80, 20, 20, 20, 20, 10, 10, 0]]).T
    told = np.zeros((8, 2), bool)
    told[[0, 2, 3, 4]] = True
    kept = leave_none_small(counts, told, sums_of(YEAR, 8), rules(8))
    assert kept[:, 0].sum() == 3
    assert (kept[:, 1] == told[:, 1]).all()


@pytest.mark.parametrize("seed", range(12))
def test_in_a_tree_of_sums_an_audit_finds_nothing_left(seed: int) -> None:
    """Units by periods have cycles; periods alone have none, and there the rule is exact."""
    rng = np.random.default_rng(seed)
    leaves = rng.integers(0, 16, 12)
    quarters = leaves.reshape(4, 3).sum(axis=1)
    counts = np.array([quarters.sum(), *quarters, *leaves])
    margins = (Margin(0, (1, 2, 3, 4)), *(Margin(1 + q, tuple(range(5 + 3 * q, 8 + 3 * q))) for q in range(4)))
    wanted = (counts >= 10)[:, None]
    kept = leave_none_small(counts[:, None], wanted, sums_of(margins, len(counts)), rules(len(counts)))[:, 0]
    hidden = ~kept & (counts > 0)
    few = np.where(counts < 10, 10.0, 0.0)
    bare = tuple(Margin(total, tuple(part for part in parts if counts[part])) for total, parts in margins if counts[total])
    assert [leak for leak in audit(counts, bare, hidden, width=few) if leak.high < 10] == []
    for total, parts in margins:
        for some in (one for size in (1, 2, 3, 4) for one in combinations(parts, size) if kept[total] and kept[list(one)].all()):
            assert not 0 < counts[total] - counts[list(some)].sum() < 10
