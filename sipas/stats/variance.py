"""Variance of linearised estimates over the whole design: strata, clusters, finite populations, two stages, lonely strata."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sipas.stats.intervals import Floats
from sipas.stats.sampling import BadDesignError, SampleDesign
from sipas.stats.sums import group_sums
from sipas.stats.weights import Ints

BLOCK = 4_000_000  # numbers held at once while residuals are taken
CENTRES = ("mean", "zero")
NOISE = 1e-12  # a residual this small beside its variable is rounding: the margins explain it wholly


@dataclass(frozen=True, slots=True)
class Scores:
    """Linearised values of k estimates, one entry for each row that is a member of an estimate's domain.

    Attributes
    ----------
    row, column : (m,) int
        Row of the design, and estimate; a pair occurs once.
    z : (m,) float
        In units of the estimate per unit of weight.
    k : int
        Estimates.
    """

    row: Ints
    column: Ints
    z: Floats
    k: int


def dense(z: Floats) -> Scores:
    """Scores of a full matrix.

    Parameters
    ----------
    z : (n, k) float
        A linearised value for each row and estimate; 0 outside an estimate's domain.

    Returns
    -------
    Scores

    References
    ----------
    Statistics page (1.3).
    """
    n, k = z.shape
    row, column = np.tile(np.arange(n, dtype=np.int64), k), np.repeat(np.arange(k, dtype=np.int64), n)
    return Scores(row, column, np.asarray(z, np.float64).T.ravel(), k)


def covariance(design: SampleDesign, z: Floats | Scores, *, centre: str = "mean") -> Floats:
    """Covariance matrix of k weighted totals Σ w z.

    Parameters
    ----------
    design : SampleDesign
        Of n rows; with a calibration, its residuals take the place of z.
    z : (n, k) float, or Scores of k estimates
        Linearised values.
    centre : str
        Where a lonely stratum's total is measured from under ``adjust``: ``mean`` of all cluster totals, or ``zero``, as R's survey
        did before 4.4.

    Returns
    -------
    (k, k) float
        Symmetric; exact zeros where every cluster agrees.

    Raises
    ------
    BadDesignError
        The lonely rule is ``fail`` and a stratum is lonely; or ``centre`` is unknown; or z has another number of rows.

    References
    ----------
    Statistics page (1.4)-(1.6), (3.5), "Lonely strata"; Cochran (1977), ch. 5, 9A, 11; Särndal, Swensson & Wretman (1992),
    result 3.7.2 and 4.3.1; Binder (1983), Int. Stat. Rev. 51, 279-292; Deville & Särndal (1992), JASA 87, 376-382.
    """
    if centre not in CENTRES:
        raise BadDesignError(f"centre: {centre!r} is unknown; choose from {', '.join(CENTRES)}")
    scores = z if isinstance(z, Scores) else dense(_rows_of(design, z))
    lonely = design.lonely_strata
    if design.lonely == "fail" and len(lonely):
        raise BadDesignError(f"stratum {lonely[0]} has one cluster, and the lonely rule is 'fail'; collapse it or choose another rule")
    parent = design.stratum_of_cluster
    totals = cluster_totals(design, scores, design.cluster, design.clusters)
    first = _stage(totals, parent, design.clusters_in_population, np.ones(design.strata), design.lonely, centre)
    if design.second is None:
        return first
    unit, sizes = design.second.unit, design.second.units_in_population
    units = int(unit.max()) + 1 if len(unit) else 0
    inside = np.zeros(units, np.int64)
    inside[unit] = design.cluster
    drawn = design.clusters_in_stratum
    fraction = np.divide(drawn, design.clusters_in_population, out=np.zeros(design.strata), where=drawn > 0)
    within = cluster_totals(design, scores, unit, units)
    return first + _stage(within, inside, sizes, fraction[parent], design.lonely, centre)


def cluster_totals(design: SampleDesign, scores: Scores, cluster: Ints, count: int) -> Floats:
    """Weighted totals of linearised values, or of their calibration residuals, by cluster.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    scores : Scores
        Of k estimates.
    cluster : (n,) int
        Group of each row, from 0.
    count : int
        Groups.

    Returns
    -------
    (count, k) float

    References
    ----------
    Statistics page (1.4) and (3.5).
    """
    if design.calibration is None:
        weighted = design.weight[scores.row] * scores.z
        return group_sums(weighted, scores.column * count + cluster[scores.row], scores.k * count).reshape(scores.k, count).T
    totals = np.zeros((count, scores.k))
    width = max(1, BLOCK // max(design.n, 1))
    order = np.argsort(scores.column, kind="stable")
    edges = np.searchsorted(scores.column[order], np.arange(scores.k + 1))
    for start in range(0, scores.k, width):
        stop = min(start + width, scores.k)
        mine = order[edges[start] : edges[stop]]
        block = np.zeros((design.n, stop - start))
        block[scores.row[mine], scores.column[mine] - start] = scores.z[mine]
        left = design.calibration.residual(block)
        explained = np.abs(left).max(axis=0, initial=0) <= NOISE * np.abs(block).max(axis=0, initial=0)
        left = design.weight[:, None] * np.where(explained, 0.0, left)
        for k in range(start, stop):
            totals[:, k] = group_sums(left[:, k - start], cluster, count)
    return totals


def _stage(totals: Floats, parent: Ints, sizes: Floats, factor: Floats, lonely: str, centre: str) -> Floats:
    """Σ over parents of (1 − f) n/(n − 1) Σ (t − t̄)(t − t̄)', each parent's part times its ``factor``."""
    count = np.bincount(parent, minlength=len(sizes)).astype(np.float64)
    alone = (count == 1) & (sizes > 1)
    order = _own_order(totals, parent)
    totals, parent = totals[order], parent[order]
    edge = np.flatnonzero(np.concatenate((np.ones(len(parent[:1]), np.bool_), parent[1:] != parent[:-1])))
    # Measured from the first child of each parent: children that agree leave no rounding noise.
    start, mean = np.zeros((2, len(sizes), totals.shape[1]))
    start[parent[edge]] = totals[edge]
    moved = totals - start[parent]
    if len(edge):
        mean[parent[edge]] = np.add.reduceat(moved, edge, axis=0) / count[parent[edge], None]
    fraction = np.divide(count, sizes, out=np.zeros(len(sizes)), where=count > 0)
    scale = (1 - fraction) * count / np.maximum(count - 1, 1.0)
    if lonely == "adjust" and alone.any():
        by_value = totals[_own_order(totals, np.zeros(len(parent), np.int64))]
        mean[alone] = (by_value.mean(axis=0) if centre == "mean" else 0.0) - start[alone]
    elif lonely == "average":
        good = np.count_nonzero(count > 0) - np.count_nonzero(alone)
        scale *= np.count_nonzero(count > 0) / good if good else 1.0
    spread = (moved - mean[parent]) * np.sqrt(factor * scale)[parent, None]
    spread = spread[_own_order(spread, np.zeros(len(parent), np.int64))]
    return np.asarray(spread.T @ spread, np.float64)


def _own_order(values: Floats, group: Ints) -> Ints:
    """An order of rows by group and by what they hold, whatever order they came in: clusters may be numbered by the order of a file."""
    mixed = np.zeros(len(values))
    for k in range(values.shape[1]):
        mixed += values[:, k] * np.sin(k + 1.0)  # factors without a common measure: rows that differ hardly ever mix alike
    return np.lexsort((mixed, group)).astype(np.int64)


def _rows_of(design: SampleDesign, z: Floats) -> Floats:
    values = np.asarray(z, np.float64)
    values = values[:, None] if values.ndim == 1 else values
    if len(values) != design.n:
        raise BadDesignError(f"z: {len(values)} rows, and the design has {design.n}")
    return values
