"""Small groups that only sums in a circle give away are found, as one programme for each cell finds them; and none is left."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from sipas.stats.disclosure import Rules, Sums, leave_no_circle, leave_none_small, list_circles
from sipas.stats.disclosure.tables import Ints
from sipas.stats.intervals import Bools, Floats

SIDE = 3  # a cube of 3 by 3 by 3 with its margins
LEAST = 10
TURNING = (37, 48, 149, 497, 562)  # cubes of which the closed form lets a circle stand; about one in thirty


def cube(rng: np.random.Generator) -> tuple[Ints, Sums]:
    """Counts with margins, the whole first of each line, and every sum."""
    inner = rng.choice([0, 2, 4, 7, 12, 30], size=(SIDE, SIDE, SIDE), p=[0.1, 0.2, 0.2, 0.2, 0.2, 0.1])
    table = np.zeros((SIDE + 1, SIDE + 1, SIDE + 1), np.int64)
    table[1:, 1:, 1:] = inner
    table[0] = table.sum(axis=0)
    table[:, 0] = table.sum(axis=1)
    table[:, :, 0] = table.sum(axis=2)
    number = np.arange(table.size).reshape(table.shape)
    sums = [(line[0], line[1:]) for axis in range(3) for line in np.moveaxis(number, axis, -1).reshape(-1, SIDE + 1)]
    total = np.array([whole for whole, _ in sums], np.int64)
    part = np.concatenate([parts for _, parts in sums])
    return table.ravel(), Sums(total, np.repeat(np.arange(len(sums)), SIDE), part, table.size)


def most(counts: Ints, told: Bools, sums: Sums, cell: int) -> float:
    """The most that a cell can hold: every cell a column, every sum and every told cell a row."""
    rows: list[Floats] = []
    for one, whole in enumerate(sums.total.tolist()):
        row = np.zeros(len(counts))
        row[sums.inside(one)], row[whole] = 1.0, -1.0
        rows.append(row)
    known = np.flatnonzero(told | (counts == 0))
    matrix = np.vstack([*rows, np.eye(len(counts))[known]])
    right = np.concatenate([np.zeros(len(rows)), counts[known].astype(np.float64)])
    gain = -(np.arange(len(counts)) == cell).astype(np.float64)
    found = linprog(gain, A_eq=matrix, b_eq=right, bounds=(0, None))
    return np.inf if found.fun is None else -float(found.fun)  # nothing limits it


def given_away(counts: Ints, told: Bools, sums: Sums) -> list[int]:
    small = np.flatnonzero((counts > 0) & (counts < LEAST) & ~told).tolist()
    return [cell for cell in small if most(counts, told, sums, cell) < LEAST - 1e-6]


def rules(size: int) -> Rules:
    return Rules(LEAST, np.zeros(size, np.bool_), np.zeros(size, np.int64))


def closed_form(seed: int) -> tuple[Ints, Bools, Sums]:
    counts, sums = cube(np.random.default_rng(seed))
    return counts, leave_none_small(counts[:, None], (counts >= LEAST)[:, None], sums, rules(len(counts)))[:, 0], sums


@pytest.mark.parametrize("seed", [*TURNING, *range(6)])
def test_programmes_that_groups_share_find_what_one_for_each_finds(seed: int) -> None:
    counts, closed, sums = closed_form(seed)
    exact = [most(counts, closed, sums, cell) for cell in given_away(counts, closed, sums)]
    assert bool(exact) == (seed in TURNING)
    assert sorted(one.most for one in list_circles(counts, closed, sums, LEAST)) == pytest.approx(sorted(exact))


@pytest.mark.parametrize("seed", TURNING)
def test_none_is_left_and_little_is_lost(seed: int) -> None:
    counts, closed, sums = closed_form(seed)
    kept = leave_no_circle(counts, closed, sums, rules(len(counts)))
    assert given_away(counts, kept, sums) == []
    assert not (kept & ~closed).any()
    assert 1 <= (closed & ~kept).sum() <= 3


@pytest.mark.parametrize("seed", TURNING)
def test_behind_a_circle_stand_told_cells_without_which_nobody_knows(seed: int) -> None:
    counts, closed, sums = closed_form(seed)
    for circle in list_circles(counts, closed, sums, LEAST):
        assert closed[circle.behind].all()
        fewer = closed.copy()
        fewer[circle.behind] = False
        wider = [most(counts, fewer, sums, cell) > circle.most + 1e-6 for cell in given_away(counts, closed, sums)]
        assert any(wider)


@pytest.mark.parametrize("seed", TURNING)
def test_what_was_told_before_stays_and_the_search_ends(seed: int) -> None:
    counts, closed, sums = closed_form(seed)
    fixed = Rules(LEAST, closed, np.zeros(len(counts), np.int64))
    assert (leave_no_circle(counts, closed, sums, fixed) == closed).all()


def grown(counts: Ints, rng: np.random.Generator) -> Ints:
    """The same cube with a few more answers, some where there were none."""
    more = np.zeros((SIDE + 1,) * 3, np.int64)
    np.add.at(more, tuple(rng.integers(1, SIDE + 1, size=(3, 6))), rng.integers(1, 4, size=6))
    more[0] = more.sum(axis=0)
    more[:, 0] = more.sum(axis=1)
    more[:, :, 0] = more.sum(axis=2)
    return np.asarray(counts + more.ravel(), np.int64)


def test_what_was_shown_holds_for_what_has_grown_out_of_it() -> None:
    new = 0
    for seed in range(80):
        counts, closed, sums = closed_form(seed)
        told = leave_no_circle(counts, closed, sums, rules(len(counts)))
        later = grown(counts, np.random.default_rng(seed))
        exact = given_away(later, told, sums)
        assert all(counts[cell] == 0 for cell in exact)  # a group that had an answer is as safe as it was
        found = list_circles(later, told, sums, LEAST, shown=counts)
        assert sorted(one.most for one in found) == pytest.approx(sorted(most(later, told, sums, cell) for cell in exact))
        new += len(exact)
    assert new > 5
