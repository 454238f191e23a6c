"""From respondents to the design's counts: rows are summed to clusters, clusters to groups, all in whole numbers.

What must be kept, and that it suffices: statistics page section 12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sipas.stats.design import LEVELS, Groups, Products, Rows, sort_order, starts
from sipas.stats.intervals import Bools
from sipas.stats.weights import Ints

EXACT = 1 << 24
STACK = 512  # groups multiplied out at once: what bounds the memory


@dataclass(frozen=True, slots=True)
class Columns:
    """What is summed: the columns u, and who is a member of each indicator.

    Attributes
    ----------
    u : (n, W) int
        Whole numbers.
    member : (n, I) bool
        Whether a respondent belongs to indicator i.
    told : (n, B) int
        Answers of each told item, as levels from 1 to ``LEVELS``; other numbers are no level. They are counted, not estimated.
    """

    u: NDArray[Any]
    member: Bools
    told: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Tally:
    """Totals of clusters, each within one part: sorted by (part, month, cluster).

    Attributes
    ----------
    part, stratum, month, cluster : (J,) int
    columns : (J, W) int
        Sums over the respondents of the cluster in that part.
    """

    part: Ints
    stratum: Ints
    month: Ints
    cluster: Ints
    columns: NDArray[Any]


def tally(rows: Rows, columns: NDArray[Any]) -> Tally:
    """Sum rows to clusters.

    Parameters
    ----------
    rows : Rows
        Of n respondents, in any order.
    columns : (n, W) int
        Not negative.

    Returns
    -------
    Tally
    """
    order = sort_order(rows.part, rows.month, rows.cluster)
    part, month, cluster = rows.part[order], rows.month[order], rows.cluster[order]
    piece = starts(part, month, cluster)
    return Tally(part[piece], rows.stratum[order][piece], month[piece], cluster[piece], lane_sums(columns[order], piece))


def lane_sums(columns: NDArray[Any], begin: Ints) -> NDArray[Any]:
    """Sums of runs of rows of whole numbers, several columns in one addition.

    Eight columns of a byte, or four of two, are added as one 64-bit number, if no sum can outgrow its lane: an eighth of the additions
    and none of the widening that sums of bytes else need.

    Parameters
    ----------
    columns : (n, W) int or bool
        Not negative.
    begin : (runs,) int
        Positions, rising, the first 0.

    Returns
    -------
    (runs, W) int
        In the smallest kind that no sum can outgrow.
    """
    rows, width = columns.shape
    if not rows or not width:
        return np.zeros((len(begin), width), np.int64)
    lane = _holding(int(np.diff(np.append(begin, rows)).max()) * int(columns.max()))
    if len(begin) == rows:
        return columns.astype(lane)
    lanes = 8 // np.dtype(lane).itemsize
    wide = np.zeros((rows, -(-width // lanes) * lanes), lane)
    wide[:, :width] = columns
    summed = np.add.reduceat(wide.view(np.uint64), begin, axis=0)
    return np.ascontiguousarray(summed.view(lane)[:, :width])


def _holding(most: int) -> Any:
    """The smallest kind of whole number that holds ``most``."""
    return next(kind for kind in (np.uint8, np.uint16, np.uint32, np.int64) if most <= np.iinfo(kind).max)


def add_tallies(tallies: Sequence[Tally]) -> Tally:
    """Tallies of several sets of respondents as one: a cluster that lies in two of them is one cluster.

    Parameters
    ----------
    tallies : sequence of Tally
        At least one; of the same columns and numbering.

    Returns
    -------
    Tally
    """
    if len(tallies) == 1:
        return tallies[0]
    joined = {field.name: np.concatenate([getattr(one, field.name) for one in tallies]) for field in fields(Tally)}
    order = sort_order(joined["part"], joined["month"], joined["cluster"])
    part, month, cluster = (joined[name][order] for name in ("part", "month", "cluster"))
    begin = starts(part, month, cluster)
    columns = lane_sums(joined["columns"][order], begin)
    return Tally(part[begin], joined["stratum"][order][begin], month[begin], cluster[begin], columns)


def group(totals: Tally, u: NDArray[Any], member: NDArray[Any], pairs: Products, sizes: Ints) -> Groups:
    """Sum clusters to groups.

    Parameters
    ----------
    totals : Tally
        Where each cluster lies.
    u : (J, W) int
        Cluster totals of the columns.
    member : (J, I) int
        Members of each indicator.
    pairs : Products
        Of the columns of ``u``.
    sizes : (clusters,) int
        Respondents of each cluster in the whole design, of which the tally may hold a part.

    Returns
    -------
    Groups
        Without levels: (G, 0).
    """
    begin = starts(totals.part, totals.month)
    size = sizes[totals.cluster]
    most = int(size.max(initial=0)) * int(u.max(initial=0))
    return Groups(
        part=totals.part[begin],
        stratum=totals.stratum[begin],
        month=totals.month[begin],
        total=lane_sums(u, begin),
        with_size=lane_sums(np.multiply(u, size[:, None], dtype=_holding(most), casting="unsafe"), begin),
        product=_products(u, begin, pairs),
        levels=np.zeros((len(begin), 0), np.int64),
        members=lane_sums(member, begin),
        clusters=lane_sums(member > 0, begin),
    )


def select(groups: Groups, columns: Ints, members: Ints, products: Ints) -> Groups:
    """Groups of the same clusters that tell some columns, indicators and products of others.

    Parameters
    ----------
    groups : Groups
        Without levels.
    columns, members, products : (·,) int
        Places among its columns, its indicators and its products.

    Returns
    -------
    Groups
    """
    return replace(
        groups,
        total=groups.total[:, columns],
        with_size=groups.with_size[:, columns],
        product=groups.product[:, products],
        members=groups.members[:, members],
        clusters=groups.clusters[:, members],
    )


def count_levels(rows: Rows, told: Sequence[NDArray[Any]]) -> Ints:
    """How many respondents of each (part, month) answered each level of each item.

    Parameters
    ----------
    rows : Rows
        Of n respondents, in any order.
    told : sequence of (n,) int
        Answers of each item as levels from 1 to ``LEVELS``; other numbers are no level.

    Returns
    -------
    (G, items · LEVELS) int
        Groups as ``group`` has them, item after item.
    """
    order = sort_order(rows.part, rows.month)
    begin = starts(rows.part[order], rows.month[order])
    out = np.zeros((len(begin), len(told), LEVELS), np.int64)
    longest = int(np.diff(np.append(begin, len(rows.part))).max(initial=0))
    for item, answers in enumerate(told):
        out[:, item] = (_in_lanes if longest >> LANE == 0 else _in_bins)(answers[order], begin)
    return out.reshape(len(begin), len(told) * LEVELS)


LANE = 12  # bits: five levels of runs of up to 4095 answers are counted in one 64-bit number
ONE_OF = np.array([1 << LANE * (code - 1) if 1 <= code <= LEVELS else 0 for code in range(256)], np.uint64)  # a byte's level in its lane


def _in_lanes(codes: NDArray[Any], begin: Ints) -> Ints:
    """The levels of each run of answers: all levels in one addition."""
    if not len(begin):
        return np.zeros((0, LEVELS), np.int64)
    bytes_ = codes.view(np.uint8) if codes.dtype == np.int8 else np.where((codes >= 0) & (codes <= LEVELS), codes, 0).astype(np.uint8)
    counts = np.add.reduceat(ONE_OF[bytes_], begin)
    lanes: NDArray[Any] = counts[:, None] >> np.arange(0, LANE * LEVELS, LANE).astype(np.uint64)
    return np.asarray(lanes & np.uint64((1 << LANE) - 1), np.int64)


def _in_bins(codes: NDArray[Any], begin: Ints) -> Ints:
    """The same for runs of any length."""
    run = np.repeat(np.arange(len(begin)) * (LEVELS + 1), np.diff(np.append(begin, len(codes))))
    level = np.where((codes >= 1) & (codes <= LEVELS), codes, 0)
    return np.bincount(run + level, minlength=len(begin) * (LEVELS + 1)).reshape(-1, LEVELS + 1)[:, 1:]


def gather(rows: Rows, columns: Columns, pairs: Products, sizes: Ints) -> Groups:
    """Sum rows to clusters and clusters to groups, in one step.

    Parameters
    ----------
    rows : Rows
        Of n respondents, in any order.
    columns : Columns
        Of the same n; ``u`` not negative.
    pairs : Products
        Of the columns.
    sizes : (clusters,) int
        Respondents of each cluster in the whole design, of which ``rows`` may be a part.

    Returns
    -------
    Groups
    """
    width = columns.u.shape[1]
    totals = tally(rows, np.hstack((columns.u, columns.member)))
    made = group(totals, totals.columns[:, :width], totals.columns[:, width:], pairs, sizes)
    return replace(made, levels=count_levels(rows, list(columns.told.T)))


def _products(u: Ints, begin: Ints, pairs: Products) -> Ints:
    """Σ over the clusters of each group of products of two columns.

    Few products are multiplied out; many are taken from one matrix product a group. Both are exact: below 2²⁴ a float32 holds
    every whole number, below 2⁵³ a float64.
    """
    first, second = pairs.first, pairs.second
    if len(first) <= 3 * u.shape[1] or not len(u):
        kind = _holding(int(u.max(initial=0)) ** 2)
        return lane_sums(np.multiply(u[:, first], u[:, second], dtype=kind, casting="unsafe"), begin)
    sizes = np.diff(np.append(begin, len(u)))
    flat = first * u.shape[1] + second
    most = int(sizes.max()) * int(u.max()) ** 2
    out = np.empty((len(begin), len(first)), _holding(most))
    real: NDArray[Any] = u.astype(np.float32 if most < EXACT else np.float64)
    for size in np.unique(sizes):  # groups of one size lie side by side in one stack
        some = np.flatnonzero(sizes == size)
        for of in range(0, len(some), STACK):
            at = some[of : of + STACK]
            stack = real[begin[at][:, None] + np.arange(size)]
            out[at] = (stack.transpose(0, 2, 1) @ stack).reshape(len(at), -1)[:, flat]
    return out
