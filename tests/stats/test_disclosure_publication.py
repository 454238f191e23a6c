"""What one cell may say: whether at all, how exactly, with which mark; and counts that are rounded once and for all."""

from __future__ import annotations

import numpy as np
import pytest

from sipas.stats.disclosure.cellkey import cell_keys, record_keys, rounded
from sipas.stats.disclosure.publication import Shown, marks, must_coarsen, primary, shown
from sipas.stats.disclosure.tables import BadTableError

SECRET = bytes(range(32))


def test_nine_answers_are_hidden_and_ten_are_shown() -> None:
    n = np.array([0, 1, 4, 5, 9, 10])
    assert primary(n).tolist() == [True] * 5 + [False]
    assert primary(n, least=5).tolist() == [True] * 3 + [False] * 3
    assert primary(n, zeros_told=True).tolist() == [False] + [True] * 4 + [False]


def test_an_officer_must_not_meet_the_one_or_two_who_complained() -> None:
    few = np.array([0, 1, 2, 3])
    assert must_coarsen(few, identifiable=np.ones(4, bool)).tolist() == [False, True, True, False]
    assert not must_coarsen(few, identifiable=np.zeros(4, bool)).any()


@pytest.mark.parametrize(
    ("share", "n", "expected"),
    [
        (0.91237, 99, Shown("", 91.0, 0)),
        (0.91237, 100, Shown("", 91.2, 1)),
        (0.91237, 1000, Shown("", 91.2, 1)),
        (0.91237, 1001, Shown("", 91.24, 2)),
        (1.0, 99, Shown("≥", 88.0, 0)),
        (0.0, 99, Shown("≤", 98.0, 0)),
        (1.0, 100, Shown("", 100.0, 1)),
    ],
)
def test_digits_follow_the_number_of_answers(share: float, n: int, expected: Shown) -> None:
    assert shown(share, 0.8871, 0.9712, n) == expected


def test_nobody_has_no_share() -> None:
    with pytest.raises(ValueError, match="nobody answered"):
        shown(0.5, 0.0, 1.0, 0)


def test_marks_of_parker_and_others() -> None:
    value, low, high = (
        np.array([0.9, 0.9, 0.98, 0.98, 0.5]),
        np.array([0.8, 0.6, 0.95, 0.958, 0.4]),
        np.array([0.95, 0.95, 0.99, 0.999, 0.6]),
    )
    made = marks(value, low, high, np.array([40.0, 40, 40, np.nan, 29]), np.array([20.0, 7, 20, np.nan, 20]))
    assert made.wide.tolist() == [False, True, False, False, False]
    assert made.relative.tolist() == [True, True, False, False, False]
    assert made.low_df.tolist() == [False, True, False, False, False]
    assert made.unreliable.tolist() == [True, True, False, False, True]


def test_a_count_is_rounded_the_same_way_whenever_it_is_asked_for() -> None:
    ids = [bytes([a, b]) * 8 for a in range(60) for b in range(50)]
    keys = record_keys(ids, SECRET)
    cell = np.arange(3000) % 400
    once = rounded(np.bincount(cell), cell_keys(keys, cell, 400))
    mixed = np.random.default_rng(0).permutation(3000)
    again = rounded(np.bincount(cell), cell_keys(record_keys([ids[i] for i in mixed], SECRET), cell[mixed], 400))
    assert np.array_equal(once, again)
    assert set((once % 5).tolist()) == {0} and np.all(np.abs(once - np.bincount(cell)) < 5)


def test_rounding_is_unbiased_and_a_multiple_stays() -> None:
    keys = record_keys([number.to_bytes(16, "big") for number in range(40_000)], SECRET)
    for count in range(11):
        made = rounded(np.full(40_000, count), keys)
        assert made.mean() == pytest.approx(count, abs=0.06)
        assert count % 5 or set(made.tolist()) == {count}


def test_another_secret_rounds_otherwise() -> None:
    ids = [number.to_bytes(16, "big") for number in range(1000)]
    counts = np.full(1000, 7)
    assert not np.array_equal(rounded(counts, record_keys(ids, SECRET)), rounded(counts, record_keys(ids, SECRET[::-1])))


def test_bad_secrets_and_bases_are_refused() -> None:
    with pytest.raises(ValueError, match="secret: 3 bytes"):
        record_keys([], b"abc")
    with pytest.raises(BadTableError, match="base 1"):
        rounded(np.array([3]), np.zeros(1, np.uint64), base=1)
