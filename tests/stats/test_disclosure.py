"""Nothing hidden can be worked out: every answer of the audit is compared with a linear programme asked cell by cell."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats.disclosure import Dimension, Margin, audit, cross, protect
from sipas.stats.disclosure.publication import primary
from sipas.stats.disclosure.tables import BadTableError

FLAT = [Margin(4, (0, 1, 2, 3))]


def filled(counts: np.ndarray, dimensions: list[Dimension]) -> np.ndarray:
    """Base counts with all sums of every dimension added, in the order in which the dimensions name them."""
    for axis, dimension in enumerate(dimensions):
        for _, parts in dimension.sums:
            counts = np.concatenate([counts, counts.take(parts, axis=axis).sum(axis=axis, keepdims=True)], axis=axis)
    return counts.ravel()


def ranges(counts: np.ndarray, margins: tuple[Margin, ...], hidden: np.ndarray, low=None, high=None) -> dict[int, tuple[float, float]]:
    """The plain attack: two linear programmes for each hidden cell over the whole table."""
    names = np.flatnonzero(hidden)
    place = {cell: at for at, cell in enumerate(names.tolist())}
    matrix, known = np.zeros((len(margins), len(names))), np.zeros(len(margins))
    for row, (total, parts) in enumerate(margins):
        for cell, sign in [(total, -1.0), *((part, 1.0) for part in parts)]:
            if cell in place:
                matrix[row, place[cell]] += sign
            else:
                known[row] -= sign * counts[cell]
    limits = [(0 if low is None else low[cell], None if high is None or np.isinf(high[cell]) else high[cell]) for cell in names]
    found = {}
    for at, cell in enumerate(names.tolist()):
        cost = np.eye(len(names))[at]
        least = scipy.optimize.linprog(cost, A_eq=matrix, b_eq=known, bounds=limits)
        most = scipy.optimize.linprog(-cost, A_eq=matrix, b_eq=known, bounds=limits)
        found[cell] = (least.fun, np.inf if most.status == 3 else -most.fun)
    return found


def leaking(counts, margins, hidden, width=10.0, low=None, high=None) -> set[int]:
    told = np.full(len(counts), np.inf) if high is None else high - (0 if low is None else low)
    return {
        cell for cell, (least, most) in ranges(counts, margins, hidden, low, high).items() if most - least < min(width, told[cell]) - 1e-6
    }


GRID = [Dimension(6, (Margin(5, (0, 1, 2, 3, 4)),)), Dimension(5, (Margin(4, (0, 1, 2, 3)),))]
DEEP = [
    Dimension(4, (Margin(3, (0, 1, 2)),)),
    Dimension(5, (Margin(3, (0, 1)), Margin(4, (2, 3)))),
    Dimension(4, (Margin(3, (0, 1, 2)),)),
]


def test_one_hidden_cell_of_a_sum_is_no_secret() -> None:
    leaks = audit([4, 20, 30, 40, 94], FLAT, np.array([True, False, False, False, False]))
    assert [(leak.cell, leak.low, leak.high) for leak in leaks] == [(0, 4.0, 4.0)]


def test_two_small_cells_bound_one_another() -> None:
    leaks = audit([4, 3, 30, 40, 77], FLAT, np.array([True, True, False, False, False]))
    assert [(leak.cell, leak.low, leak.high) for leak in leaks] == [(0, 0.0, 7.0), (1, 0.0, 7.0)]


def test_a_total_hidden_with_a_part_says_nothing_of_either() -> None:
    assert audit([4, 20, 30, 40, 94], FLAT, np.array([True, False, False, False, True])) == ()


def test_without_sums_nothing_leaks() -> None:
    assert audit([4, 3], [], np.array([True, True])) == ()


def test_a_square_of_hidden_cells_hides_as_much_as_its_smallest_corners() -> None:
    square = [Dimension(4, (Margin(3, (0, 1, 2)),))] * 2
    counts = filled(np.array([[3, 9, 30], [12, 4, 40], [20, 20, 20]]), square)
    hidden = np.zeros(16, bool)
    hidden[[0, 1, 4, 5]] = True
    assert audit(counts, cross(square), hidden, width=12) == ()
    leaks = audit(counts, cross(square), hidden, width=13)
    assert [(leak.cell, round(leak.low, 6), round(leak.high, 6)) for leak in leaks] == [(0, 0, 12), (1, 0, 12), (4, 3, 15), (5, 1, 13)]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["grid", "deep"]), st.floats(0.1, 0.6))
def test_the_audit_finds_what_cell_by_cell_programmes_find(seed: int, kind: str, share: float) -> None:
    rng = np.random.default_rng(seed)
    dimensions = GRID if kind == "grid" else DEEP
    base = rng.poisson(rng.gamma(1.0, 12.0, [d.size - len(d.sums) for d in dimensions]))
    counts, margins = filled(base, dimensions), cross(dimensions)
    hidden = (counts < 10) | (rng.random(len(counts)) < share)
    leaks = audit(counts, margins, hidden)
    assert {leak.cell for leak in leaks} == leaking(counts, margins, hidden)
    assert all(leak.low - 1e-6 <= counts[leak.cell] <= leak.high + 1e-6 for leak in leaks)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["grid", "deep"]))
def test_what_is_protected_withstands_the_plain_attack(seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    dimensions = GRID if kind == "grid" else DEEP
    counts = filled(rng.poisson(rng.gamma(1.0, 25.0, [d.size - len(d.sums) for d in dimensions])), dimensions)
    margins, small = cross(dimensions), primary(counts)
    made = protect(counts, margins, small)
    assert leaking(counts, margins, made.hidden) == {leak.cell for leak in made.unprotected}
    assert np.all(made.hidden[small]) and not np.any(made.added & small)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_a_page_that_says_fewer_than_ten_gives_no_more_than_that_away(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = filled(rng.poisson(rng.gamma(1.0, 40.0, (5, 4))), GRID)
    margins, small = cross(GRID), primary(counts)
    made = protect(counts, margins, small, told_apart=10)
    high = np.where(small, 9.0, np.inf)
    low = np.where(small, 0.0, 10.0)
    assert leaking(counts, margins, made.hidden, 10.0, np.minimum(low, counts), high) == {leak.cell for leak in made.unprotected}
    assert {leak.cell for leak in audit(counts, margins, made.hidden, low=np.minimum(low, counts), high=high)} == {
        leak.cell for leak in made.unprotected
    }


def test_a_broken_protection_is_caught() -> None:
    rng = np.random.default_rng(4)
    counts = filled(rng.poisson(rng.gamma(1.0, 25.0, (5, 4))), GRID)
    made = protect(counts, cross(GRID), primary(counts))
    assert not made.unprotected and audit(counts, cross(GRID), made.hidden) == ()
    caught = 0
    for cell in np.flatnonzero(made.added).tolist():
        broken = made.hidden.copy()
        broken[cell] = False
        caught += bool(audit(counts, cross(GRID), broken))
    assert caught > 0


def test_the_smallest_cell_that_suffices_is_taken() -> None:
    made = protect([4, 30, 12, 40, 86], FLAT, np.array([True, False, False, False, False]))
    assert np.flatnonzero(made.added).tolist() == [2]


def test_what_no_hiding_protects_is_said() -> None:
    made = protect([2, 3, 5], [Margin(2, (0, 1))], np.array([True, True, False]), width=10)
    assert made.hidden.all() and made.unprotected == ()
    alone = protect([2, 0, 2], [Margin(2, (0, 1))], np.array([True, False, False]), told_apart=3, width=10)
    assert alone.hidden[[0, 2]].any()


def test_months_quarter_and_year_to_date_are_one_system() -> None:
    months = Dimension(6, (Margin(3, (0, 1, 2)), Margin(4, (0, 1)), Margin(5, (4, 2))))
    counts = [20, 6, 30, 56, 26, 56]
    hidden = np.array([False, True, False, False, False, False])
    assert [leak.low for leak in audit(counts, cross([months]), hidden)] == [6.0]
    made = protect(counts, cross([months]), hidden)
    assert audit(counts, cross([months]), made.hidden) == ()


def test_sums_that_do_not_add_up_are_refused_by_name() -> None:
    with pytest.raises(BadTableError, match="cell 4 holds 90, its parts add up to 94"):
        audit([4, 20, 30, 40, 90], FLAT, np.zeros(5, bool))
    with pytest.raises(BadTableError, match="names a cell outside"):
        audit([1, 1], [Margin(2, (0, 1))], np.zeros(2, bool))
    with pytest.raises(BadTableError, match="names a cell twice"):
        audit([0, 1], [Margin(1, (0, 0))], np.zeros(2, bool))
    with pytest.raises(BadTableError, match="cannot be negative"):
        audit([-1, -1], [Margin(1, (0,))], np.zeros(2, bool))


def test_order_of_cells_changes_nothing() -> None:
    rng = np.random.default_rng(9)
    counts = filled(rng.poisson(rng.gamma(1.0, 20.0, (5, 4))), GRID)
    hidden, order = counts < 15, rng.permutation(len(counts))
    back = np.argsort(order)
    moved = [Margin(int(back[total]), tuple(int(back[part]) for part in parts)) for total, parts in cross(GRID)]
    one = {leak.cell for leak in audit(counts, cross(GRID), hidden)}
    assert {int(order[leak.cell]) for leak in audit(counts[order], moved, hidden[order])} == one
