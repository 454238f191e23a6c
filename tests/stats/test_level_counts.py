"""Levels are counted exactly, in runs of any length and whatever kind of number the codes are."""

from __future__ import annotations

import numpy as np
import pytest

from sipas.stats.counts import LANE, count_levels
from sipas.stats.design import LEVELS, Rows


@pytest.mark.parametrize("longest", [3, (1 << LANE) - 1, 1 << LANE])
@pytest.mark.parametrize("kind", [np.int8, np.int64])
def test_each_level_of_each_item_is_counted_by_part_and_month(longest: int, kind: type):
    rng = np.random.default_rng(20261122)
    part = np.concatenate([np.zeros(longest, np.int64), np.repeat(np.arange(1, 40), rng.integers(1, 4, 39))])
    month = rng.integers(0, 2, len(part)) * (part > 0)
    mixed = rng.permutation(len(part))
    codes = rng.integers(-2, 7, (2, len(part))).astype(kind)  # blank, not met, not shown, five levels, and one that is no level
    codes[0, part == 0] = LEVELS  # a lane filled to its brim, or one beyond
    rows = Rows(part[mixed], month[mixed], np.arange(len(part)), part[mixed])
    found = count_levels(rows, [answers[mixed] for answers in codes])
    keys = sorted(set(zip(part.tolist(), month.tolist(), strict=True)))
    wanted = [
        [int(((part == p) & (month == m) & (answers == level)).sum()) for answers in codes for level in range(1, LEVELS + 1)]
        for p, m in keys
    ]
    assert found.tolist() == wanted


def test_nobody_has_no_levels():
    none = np.zeros(0, np.int64)
    assert count_levels(Rows(none, none, none, none), [none]).shape == (0, LEVELS)
