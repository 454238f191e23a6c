"""What sums that turn in a circle tell of small groups, beyond what each sum tells: linear programmes over one table of details."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sipas.stats.disclosure.bounds import SLACK
from sipas.stats.disclosure.programs import as_far_as_lacks, components, possible, reasons, worths
from sipas.stats.disclosure.remainders import Rules, Sums, cheapest, leave_none_small
from sipas.stats.disclosure.tables import Ints, Unknown
from sipas.stats.intervals import Bools

WORTH, PATIENCE = 0.15, 2  # of the open groups; so many programmes that together settle fewer were the last
TURNS = 40  # shared programmes, at most


@dataclass(frozen=True, slots=True)
class Circle:
    """A small group of which a reader knows that it is small.

    Attributes
    ----------
    most : float
        Answers that it can have at most.
    behind : (c,) int
        Told cells from which that follows; were one of them not told, it would not follow from the others.
    """

    most: float
    behind: Ints


def leave_no_circle(counts: Ints, told: Bools, sums: Sums, rules: Rules) -> Bools:
    """What remains told of one table when sums in a circle leave nobody small, either: the closed form first, then programmes.

    Parameters
    ----------
    counts : (m,) int
        Answers of every cell.
    told : (m,) bool
        What the closed form leaves told.
    sums : Sums
        Every sum.
    rules : Rules
        What is small, and what may be hidden.

    Returns
    -------
    (m,) bool
        Some of ``told``. Where everything behind a circle was told before, the circle stays.

    Raises
    ------
    AuditError
        The solver gave up.

    References
    ----------
    Statistics page section 11; Fischetti & Salazar (2001), Management Science 47, 1008-1027 (programmes over all sums).
    """
    kept = told
    while (circle := _narrowest(counts, kept, sums, rules)) is not None:
        fewer = kept.copy()
        fewer[cheapest(circle.behind, counts, kept, rules)] = False
        kept = leave_none_small(counts[:, None], fewer[:, None], sums, rules)[:, 0]
    return kept


def _narrowest(counts: Ints, told: Bools, sums: Sums, rules: Rules) -> Circle | None:
    """The circle that leaves the fewest, of those behind which something may still be hidden."""
    found = (one for one in list_circles(counts, told, sums, rules.least) if cheapest(one.behind, counts, told, rules) >= 0)
    return min(found, key=lambda one: one.most, default=None)


def list_circles(counts: Ints, told: Bools, sums: Sums, least: int, *, shown: Ints | None = None) -> tuple[Circle, ...]:
    """The small groups that all sums together give away: untold cells, and what sums leave over.

    What was shown of a table holds for every table that has grown out of it: whatever counts were possible then are possible now with
    the newer answers added, in every cell and every sum. Only groups that had no answer then are looked at.

    Parameters
    ----------
    counts : (m,) int
        Answers of every cell.
    told : (m,) bool
        Cells whose count a reader has.
    sums : Sums
        Every sum.
    least : int
        Answers; a group with fewer must be able to have as many, as far as a reader knows.
    shown : (m,) int, optional
        Counts with which no circle was left though at least as much was told; no cell had more then, and no sum left more over.

    Returns
    -------
    tuple of Circle

    Raises
    ------
    AuditError
        The solver gave up.

    References
    ----------
    Statistics page section 11.
    """
    system, rows = _unknown(counts, told, sums)
    small = system.truth < least
    if shown is not None:
        small &= np.concatenate([shown, sums.left_over(shown)])[system.cells] == 0
    found: list[Circle] = []
    for position, part in components(system, small):
        if len(part.column) < len(position) + part.rows:  # no cycle: the closed form was exact
            continue
        for at, most in _settled(part, small[position], float(least)):
            inside = np.unique(system.row[np.isin(system.column, position)])  # the component's rows, in the order that it numbers them by
            prices = reasons(part, (np.arange(len(position)) == at).astype(np.float64))
            found.append(Circle(most, _told_in(sums, rows[inside[prices]], told & (counts > 0))))
    return tuple(found)


def _unknown(counts: Ints, told: Bools, sums: Sums) -> tuple[Unknown, Ints]:
    """What a reader does not know, and the number of each sum in it. What a sum leaves over is a group of its own."""
    n = counts.astype(np.float64)
    hidden = (counts > 0) & ~told  # a cell without answers is known to have none
    rest = sums.left_over(counts)
    open_ = hidden[sums.total] | (np.bincount(sums.row, hidden[sums.part], len(sums.total)) > 0)
    names, left = np.flatnonzero(hidden), np.flatnonzero(open_ & (rest > 0))
    place = np.full(len(counts), -1, np.int64)
    place[names] = np.arange(len(names))
    column = np.concatenate([place[sums.part], place[sums.total], len(names) + np.arange(len(left))])
    row = np.concatenate([sums.row, np.arange(len(sums.total)), left])
    sign = np.concatenate([np.ones(len(sums.part)), -np.ones(len(sums.total)), np.ones(len(left))])
    entry = np.flatnonzero(column >= 0)
    entry = entry[np.argsort(row[entry], kind="stable")]
    rows, number = np.unique(row[entry], return_inverse=True)
    truth = np.concatenate([n[names], rest[left]])
    known = np.bincount(number, sign[entry] * truth[column[entry]], len(rows)).astype(np.float64)
    cells, nothing = np.concatenate([names, len(counts) + left]), np.zeros(len(truth))  # a rest's number follows the cells'
    endless = np.full(len(truth), np.inf)
    return Unknown(cells, truth, nothing, endless, column[entry], number.astype(np.int64), sign[entry], len(rows), known), rows


def _settled(part: Unknown, small: Bools, least: float) -> Iterator[tuple[int, float]]:
    """Small groups that cannot have ``least`` answers, and how many they can have.

    Programmes that all open groups share first: each solution counts for every group. Those that are left are asked one by one.
    """
    high, enough = part.truth.copy(), least - SLACK
    knee, rising = np.full(len(high), least + SLACK), np.ones(len(high), np.bool_)
    left = [int(np.sum(small))]
    while left[-1] and len(left) <= TURNS:
        open_ = small & (high < enough)
        np.maximum(high, as_far_as_lacks(part, worths(part, open_, len(left)), rising, knee), out=high)
        left.append(int(np.sum(small & (high < enough))))
        if len(left) > PATIENCE and left[-1] > (1 - WORTH) * left[-1 - PATIENCE]:
            break
    for at in np.flatnonzero(small & (high < enough)).tolist():
        if high[at] < enough:
            np.maximum(high, possible(part, (np.arange(len(high)) == at).astype(np.float64)), out=high)
        if high[at] < enough:
            yield at, float(high[at])


def _told_in(sums: Sums, rows: Ints, told: Bools) -> Ints:
    """The told cells of some sums."""
    inside = np.isin(sums.row, rows)
    cells = np.unique(np.concatenate([sums.part[inside], sums.total[rows]]))
    return np.asarray(cells[told[cells]], np.int64)
