"""The design as sufficient statistics: integer moments of clusters, from which any domain's figure and variance follow.

Every indicator is a composite θ = Σ_k a_k Y_k/X_k of ratios of weighted totals (one ratio for a share). Its linearised value
is linear in the columns u = (y, x), so its variance is a quadratic form in cross-products of cluster totals. Those are integers:
their sums do not depend on the order of rows, to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sipas.stats.intervals import Bools, Floats
from sipas.stats.weights import Ints, Weighting

LEVELS = 5
SUMMED = ("total", "with_size", "product", "levels", "members", "clusters")  # of Groups


@dataclass(frozen=True, slots=True)
class Rows:
    """Respondents, by where they stand in the design.

    Attributes
    ----------
    stratum, month : (n,) int
        Numbers from 0.
    cluster : (n,) int
        Cluster number; a cluster lies in one stratum and one month.
    part : (n,) int
        The piece of a stratum that domains are made of: the stratum itself, or stratum × deciding unit.
    """

    stratum: Ints
    month: Ints
    cluster: Ints
    part: Ints


@dataclass(frozen=True, slots=True)
class Products:
    """The pairs of columns whose products variances need: ``first`` and ``second``, (L,) int each."""

    first: Ints
    second: Ints


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many answered, and in what clusters, by stratum and month: all that weights and constants need.

    Attributes
    ----------
    answers, clusters, squares : (H, M) int
        Respondents, clusters, and Σ n_j² over clusters.
    """

    answers: Ints
    clusters: Ints
    squares: Ints


@dataclass(frozen=True, slots=True)
class Groups:
    """Moments by part and month, sorted by (part, month): whole numbers, so that groups of more answers add up to the last bit.

    Attributes
    ----------
    part, stratum, month : (G,) int
    total : (G, W) int
        Σ u.
    with_size : (G, W) int
        Σ over clusters of u_j n_j, n_j the size of the whole cluster.
    product : (G, L) int
        Σ over clusters of u_j,first u_j,second.
    levels : (G, B · LEVELS) int
        How many answered each level, item after item.
    members, clusters : (G, I) int
        Members, and clusters that have one.
    """

    part: Ints
    stratum: Ints
    month: Ints
    total: Ints
    with_size: Ints
    product: Ints
    levels: Ints
    members: Ints
    clusters: Ints


@dataclass(frozen=True, slots=True)
class Cells:
    """Constants of each calibration cell (C) and stratum (H), all channels' rows of the design counted.

    A domain's variance is Σ_c omega [P − beta (u s' + s u') + gamma u u'], where u, s and P are the domain's total, with_size
    and product in the cell.
    """

    stratum: Ints  # (C,)
    n: Floats  # (C,) respondents
    squares: Floats  # (C,) Σ n_j²
    weight: Floats  # (C,)
    omega: Floats  # (C,)
    beta: Floats  # (C,)
    gamma: Floats  # (C,)
    clusters: Floats  # (H,)
    fraction: Floats  # (H,)
    over_frame: Bools  # (H,)


def count_sizes(rows: Rows, strata: int, months: int) -> Sizes:
    """Respondents, clusters and their squared sizes by stratum and month.

    Parameters
    ----------
    rows : Rows
        Every respondent of the design.
    strata, months : int
        How many there are.

    Returns
    -------
    Sizes
    """
    found, first, size = np.unique(rows.cluster, return_index=True, return_counts=True)
    at = rows.stratum[first] * months + rows.month[first]
    shape = (strata, months)

    def added(where: Ints, values: Ints) -> Ints:
        return np.bincount(where, values, strata * months).astype(np.int64).reshape(shape)

    ones = np.ones(len(rows.stratum), np.int64)
    return Sizes(
        added(rows.stratum * months + rows.month, ones), added(at, np.ones(len(found), np.int64)), added(at, size.astype(np.int64) ** 2)
    )


def merge(groups: Sequence[Groups]) -> Groups:
    """Groups of several sets of respondents as those of them together; no cluster may lie in two of them.

    Parameters
    ----------
    groups : sequence of Groups
        At least one; of the same columns, in the same numbering.

    Returns
    -------
    Groups
    """
    if len(groups) == 1:
        return groups[0]
    part, month, stratum = (np.concatenate([getattr(one, name) for one in groups]) for name in ("part", "month", "stratum"))
    order = np.lexsort((month, part))
    begin = starts(part[order], month[order])
    place = np.empty(len(order), np.int64)  # of each row among the sums
    place[order] = np.repeat(np.arange(len(begin)), np.diff(np.append(begin, len(order))))
    sums = {name: _added([getattr(one, name) for one in groups], place, len(begin)) for name in SUMMED}
    return Groups(part=part[order][begin], stratum=stratum[order][begin], month=month[order][begin], **sums)


def _added(tables: Sequence[NDArray[Any]], place: Ints, rows: int) -> NDArray[Any]:
    """Tables added up row by row, one after the other; none of them holds a place twice."""
    most = sum(int(table.max(initial=0)) for table in tables)
    out = np.zeros((rows, tables[0].shape[1]), np.uint32 if most <= np.iinfo(np.uint32).max else np.int64)
    first = 0
    for table in tables:
        out[place[first : first + len(table)]] += table.astype(out.dtype, copy=False)
        first += len(table)
    return out


def constants(sizes: Sizes, weighting: Weighting) -> Cells:
    """The constants of every cell, from all rows of the design.

    In a calibrated stratum the spread is that of cluster totals of residuals within each cell, with a/(a − 1) of the cell's
    own clusters: conditional on how many answers each month brought. R's ``postStratify`` on strata takes a/(a − 1) of the whole
    stratum, which is too small by a third where a cell holds three clusters; on a design whose strata are the cells it gives
    this variance.

    A lonely stratum (one cluster, not a census) is neither centred nor calibrated: its whole total counts as if it could have
    been nothing. R's ``adjust`` does the same before calibration; after it R would let the stratum add 0.

    Parameters
    ----------
    sizes : Sizes
        Of every respondent of the channel set.
    weighting : Weighting
        Of the same strata and months.

    Returns
    -------
    Cells

    References
    ----------
    Statistics page (1.4), (3.1) and "Lonely strata"; Holt & Smith (1979), JRSS-A 142, 33-46 for conditioning on the counts.
    """
    cell, count = weighting.cell.ravel(), len(weighting.weight)
    tables = (sizes.answers, sizes.squares, sizes.clusters)
    n, squares, in_cell = (np.bincount(cell, table.ravel(), count).astype(np.float64) for table in tables)
    clusters = sizes.clusters.sum(axis=1).astype(np.float64)
    a = clusters[weighting.stratum]
    lonely = a <= 1
    residual = weighting.calibrated[weighting.stratum] & ~lonely & (n > 0)
    groups = np.where(residual, in_cell, a)
    spread = np.where(groups > 1, groups / np.where(groups > 1, groups - 1, 1), 1.0)
    safe = np.where(n > 0, n, 1.0)
    return Cells(
        stratum=weighting.stratum,
        n=n,
        squares=squares,
        weight=weighting.weight,
        omega=(1 - weighting.fraction[weighting.stratum]) * spread * weighting.weight**2,
        beta=np.where(residual, 1 / safe, 0.0),
        gamma=np.where(residual, squares / safe**2, np.where(lonely, 0.0, -1 / np.where(lonely, 1, a))),
        clusters=clusters,
        fraction=weighting.fraction,
        over_frame=weighting.over_frame,
    )


def sort_order(*keys: Ints) -> Ints | slice:
    """The order that sorts rows by some keys, the first leading; nothing to do where they lie so already.

    Parameters
    ----------
    keys : (n,) int
        Several columns of one length.

    Returns
    -------
    (n,) int or slice
        What rows are taken by.
    """
    equal: Bools | None = None
    for key in keys:
        step = np.diff(key)
        if np.any((step < 0) if equal is None else (step < 0) & equal):
            return np.lexsort(keys[::-1])
        equal = (step == 0) if equal is None else equal & (step == 0)
    return slice(None)


def starts(*keys: NDArray[Any]) -> Ints:
    """Where a run of equal keys begins.

    Parameters
    ----------
    keys : (n,) int
        Several columns of one length.

    Returns
    -------
    (runs,) int
        Positions, rising.
    """
    fresh = np.ones(len(keys[0]), np.bool_)
    if len(fresh):
        fresh[1:] = keys[0][1:] != keys[0][:-1]
        for key in keys[1:]:
            fresh[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(fresh)


def run_sums(values: NDArray[Any], begin: Ints) -> NDArray[Any]:
    """Sums of the runs of rows that begin at ``begin``; whole numbers and truths are summed as int64, single rows stay as they are.

    Parameters
    ----------
    values : (n, ·)
        Whole numbers, truths or floats.
    begin : (runs,) int
        Positions, rising, the first 0.

    Returns
    -------
    (runs, ·) int or float
    """
    kind = np.float64 if values.dtype.kind == "f" else np.int64
    if len(begin) == len(values):  # every run is one row, or there is none
        return values if values.dtype.kind in "iuf" else values.astype(kind)
    return np.add.reduceat(values, begin, axis=0, dtype=kind)
