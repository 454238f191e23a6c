"""The design as sufficient statistics: integer moments of clusters, from which any domain's figure and variance follow.

Every indicator is a composite θ = Σ_k a_k Y_k/X_k of ratios of weighted totals (one ratio for a share). Its linearised value
is linear in the columns u = (y, x), so its variance is a quadratic form in cross-products of cluster totals. Those are integers:
their sums do not depend on the order of rows, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sipas.stats.intervals import Bools, Floats
from sipas.stats.weights import Ints, Weighting


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
class Columns:
    """What is summed: the columns u, the products of them that variances need, and who is a member of each indicator.

    Attributes
    ----------
    u : (n, W) float
        Whole numbers.
    first, second : (L,) int
        Columns of each product.
    member : (n, I) bool
        Whether a respondent belongs to indicator i.
    """

    u: Floats
    first: Ints
    second: Ints
    member: Bools


@dataclass(frozen=True, slots=True)
class Groups:
    """Moments by part and month, rows sorted by (part, month).

    Attributes
    ----------
    part, stratum, month : (G,) int
    total : (G, W) float
        Σ u.
    with_size : (G, W) float
        Σ over clusters of u_j n_j, n_j the size of the whole cluster.
    product : (G, L) float
        Σ over clusters of u_j,first u_j,second.
    members, clusters : (G, I) float
        Members, and clusters that have one.
    """

    part: Ints
    stratum: Ints
    month: Ints
    total: Floats
    with_size: Floats
    product: Floats
    members: Floats
    clusters: Floats


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


def gather(rows: Rows, columns: Columns, sizes: Floats) -> Groups:
    """Sum rows to clusters and clusters to groups.

    Parameters
    ----------
    rows : Rows
        Of n respondents.
    columns : Columns
        Of the same n.
    sizes : (clusters,) float
        Respondents of each cluster in the whole design, of which ``rows`` may be a part.

    Returns
    -------
    Groups
    """
    order = np.lexsort((rows.cluster, rows.month, rows.part))
    part, month, cluster = rows.part[order], rows.month[order], rows.cluster[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (part[1:] != part[:-1]) | (cluster[1:] != cluster[:-1]) | (month[1:] != month[:-1])
    piece = np.flatnonzero(new)
    u = run_sums(columns.u[order], piece)
    member = run_sums(columns.member[order].astype(np.float64), piece)
    size = sizes[cluster[piece]]
    p_part, p_month = part[piece], month[piece]
    fresh = np.ones(len(piece), np.bool_)
    fresh[1:] = (p_part[1:] != p_part[:-1]) | (p_month[1:] != p_month[:-1])
    group = np.flatnonzero(fresh)
    return Groups(
        part=p_part[group],
        stratum=rows.stratum[order][piece][group],
        month=p_month[group],
        total=run_sums(u, group),
        with_size=run_sums(u * size[:, None], group),
        product=run_sums(u[:, columns.first] * u[:, columns.second], group),
        members=run_sums(member, group),
        clusters=run_sums((member > 0).astype(np.float64), group),
    )


def constants(rows: Rows, weighting: Weighting) -> Cells:
    """The constants of every cell, from all rows of the design.

    In a calibrated stratum the spread is that of cluster totals of residuals within each cell, with a/(a − 1) of the cell's
    own clusters: conditional on how many answers each month brought. R's ``postStratify`` on strata takes a/(a − 1) of the whole
    stratum, which is too small by a third where a cell holds three clusters; on a design whose strata are the cells it gives
    this variance.

    A lonely stratum (one cluster, not a census) is neither centred nor calibrated: its whole total counts as if it could have
    been nothing. R's ``adjust`` does the same before calibration; after it R would let the stratum add 0.

    Parameters
    ----------
    rows : Rows
        Every respondent of the channel set.
    weighting : Weighting
        Of the same strata and months.

    Returns
    -------
    Cells

    References
    ----------
    Statistics page (1.4), (3.1) and "Lonely strata"; Holt & Smith (1979), JRSS-A 142, 33-46 for conditioning on the counts.
    """
    strata = len(weighting.fraction)
    cell = weighting.cell[rows.stratum, rows.month]
    _, first = np.unique(rows.cluster, return_index=True)
    sizes = np.bincount(rows.cluster)[rows.cluster[first]].astype(np.float64)
    clusters = np.bincount(rows.stratum[first], minlength=strata).astype(np.float64)
    count = len(weighting.weight)
    n = np.bincount(cell, minlength=count).astype(np.float64)
    squares = np.bincount(cell[first], sizes**2, count).astype(np.float64)
    a = clusters[weighting.stratum]
    lonely = a <= 1
    residual = weighting.calibrated[weighting.stratum] & ~lonely & (n > 0)
    groups = np.where(residual, np.bincount(cell[first], minlength=count), a)
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


def starts(*keys: Ints) -> Ints:
    """Where a run of equal keys begins."""
    new = np.ones(len(keys[0]), np.bool_)
    if len(new):
        new[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    return np.flatnonzero(new)


def run_sums(values: Floats, starts: Ints) -> Floats:
    """Sums of the runs that begin at ``starts``; nothing in, nothing out."""
    return np.add.reduceat(values, starts, axis=0) if len(starts) else np.zeros((0, *values.shape[1:]))
