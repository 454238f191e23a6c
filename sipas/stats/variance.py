"""Variance of linearised estimates over the whole design: strata, clusters, finite populations, two stages, lonely strata."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sipas.stats.intervals import Bools, Floats
from sipas.stats.order_free import order_free_sums
from sipas.stats.sampling import BadDesignError, Calibrated, SampleDesign
from sipas.stats.sums import group_sums
from sipas.stats.weights import Ints

BLOCK = 4_000_000  # totals or residuals held at once
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
    clusters = _Stage(
        design.cluster, design.stratum_of_cluster, design.clusters_in_population, np.ones(design.strata), np.arange(design.strata)
    )
    first = _of_stage(design, scores, clusters, centre)
    if design.second is None:
        return first
    unit = design.second.unit
    inside = np.zeros(int(unit.max()) + 1 if len(unit) else 0, np.int64)
    inside[unit] = design.cluster
    drawn = design.clusters_in_stratum
    fraction = np.divide(drawn, design.clusters_in_population, out=np.zeros(design.strata), where=drawn > 0)
    above = design.stratum_of_cluster
    units = _Stage(unit, inside, design.second.units_in_population, fraction[above], above)
    return first + _of_stage(design, scores, units, centre)


@dataclass(frozen=True, slots=True)
class _Stage:
    """Children drawn from parents: clusters from strata, or units from clusters."""

    child: Ints  # (n,) child of each row
    parent: Ints  # (J,) parent of each child
    sizes: Floats  # (H,) children each parent holds in the population
    factor: Floats  # (H,) what the spread inside a parent is multiplied by
    stratum: Ints  # (H,) the stratum of each parent: blocks are of whole strata, whose numbers no order of rows changes

    @property
    def count(self) -> Floats:
        return np.bincount(self.parent, minlength=len(self.sizes)).astype(np.float64)

    @property
    def alone(self) -> Bools:
        return np.asarray((self.count == 1) & (self.sizes > 1))

    def scale(self, lonely: str) -> Floats:
        """(1 − f) n/(n − 1) of each parent, times its factor."""
        count = self.count
        fraction = np.divide(count, self.sizes, out=np.zeros(len(count)), where=count > 0)
        scale = self.factor * (1 - fraction) * count / np.maximum(count - 1, 1.0)
        there, good = np.count_nonzero(count), np.count_nonzero(count) - np.count_nonzero(self.alone)
        return np.asarray(scale * (there / good) if lonely == "average" and good else scale, np.float64)


def _of_stage(design: SampleDesign, scores: Scores, stage: _Stage, centre: str) -> Floats:
    """Σ over parents of (1 − f) n/(n − 1) Σ (t − t̄)(t − t̄)', a block of strata at a time."""
    k, scale = scores.k, stage.scale(design.lonely)
    measured = design.lonely == "adjust"  # a lonely parent's totals are measured from one centre, not from themselves
    away = np.flatnonzero(stage.alone) if measured else np.zeros(0, np.int64)
    out = np.zeros((k, k))
    if design.calibration is not None:
        totals = _residual_totals(design, design.calibration, scores, stage)
        return _spread(totals, stage.parent, scale, away, _centre(totals, np.abs(totals).sum(axis=0), centre))
    weighted = design.weight[scores.row] * scores.z
    middle = np.stack([group_sums(values, scores.column, k) for values in (weighted, np.abs(weighted))])
    middle = _centre(middle[:1], middle[1], centre) / max(len(stage.parent), 1)
    for children, entries in _blocks(stage, scores):
        column = scores.column[entries]
        far = middle.any() and np.isin(stage.parent[children], away).any()
        columns = np.arange(k) if far else np.unique(column)
        place, where = np.zeros(len(stage.parent), np.int64), np.zeros(k, np.int64)
        place[children], where[columns] = np.arange(len(children)), np.arange(len(columns))
        key = where[column] * len(children) + place[stage.child[scores.row[entries]]]
        totals = group_sums(weighted[entries], key, len(columns) * len(children)).reshape(len(columns), len(children)).T
        out[np.ix_(columns, columns)] += _spread(totals, stage.parent[children], scale, away, middle[columns])
    return out


def _centre(totals: Floats, size: Floats, centre: str) -> Floats:
    """Mean of the rows of totals; 0 where that is asked for, or where the sum is rounding beside its parts."""
    whole = order_free_sums(totals, np.zeros(len(totals), np.int64), 1)[0]
    noise = (np.abs(whole) <= NOISE * size) | (centre == "zero")
    return np.asarray(np.where(noise, 0.0, whole) / max(len(totals), 1), np.float64)


def _blocks(stage: _Stage, scores: Scores) -> Iterator[tuple[Ints, Ints]]:
    """Whole strata at a time: their children, and the entries of these, so that totals of all estimates fit into memory."""
    count = np.bincount(stage.stratum, stage.count)
    block = ((np.cumsum(count) - count) // max(1, BLOCK // max(scores.k, 1))).astype(np.int64)
    of_child = block[stage.stratum[stage.parent]]
    of_entry = of_child[stage.child[scores.row]]
    children, entries = np.argsort(of_child, kind="stable"), np.argsort(of_entry, kind="stable")
    for number in np.unique(of_child):
        first, last = np.searchsorted(of_child[children], [number, number + 1])
        start, stop = np.searchsorted(of_entry[entries], [number, number + 1])
        yield children[first:last], entries[start:stop]


def _residual_totals(design: SampleDesign, calibration: Calibrated, scores: Scores, stage: _Stage) -> Floats:
    """Weighted totals by child of what a calibration leaves of the linearised values."""
    totals = np.zeros((len(stage.parent), scores.k))
    width = max(1, BLOCK // max(design.n, 1))
    order = np.argsort(scores.column, kind="stable")
    edges = np.searchsorted(scores.column[order], np.arange(scores.k + 1))
    for start in range(0, scores.k, width):
        stop = min(start + width, scores.k)
        mine = order[edges[start] : edges[stop]]
        block = np.zeros((design.n, stop - start))
        block[scores.row[mine], scores.column[mine] - start] = scores.z[mine]
        left = calibration.residual(block)
        explained = np.abs(left).max(axis=0, initial=0) <= NOISE * np.abs(block).max(axis=0, initial=0)
        left = design.weight[:, None] * np.where(explained, 0.0, left)
        totals[:, start:stop] = order_free_sums(left, stage.child, len(stage.parent))
    return totals


def _spread(totals: Floats, parent: Ints, scale: Floats, away: Ints, middle: Floats) -> Floats:
    """Σ scale (t − t̄)(t − t̄)' of some children; t̄ of a parent in ``away`` is ``middle``."""
    order = _own_order(totals, parent)
    totals, parent = totals[order], parent[order]
    edge = np.flatnonzero(np.concatenate((np.ones(len(parent[:1]), np.bool_), parent[1:] != parent[:-1])))
    if not len(edge):
        return np.zeros((totals.shape[1],) * 2)
    length = np.diff(np.append(edge, len(parent)))
    run = np.repeat(np.arange(len(edge)), length)
    # Measured from the first child of each parent: children that agree leave no rounding noise.
    moved = totals - totals[edge][run]
    mean = np.add.reduceat(moved, edge, axis=0) / length[:, None]
    lonely = np.isin(parent[edge], away)
    mean[lonely] = middle - totals[edge][lonely]
    spread = (moved - mean[run]) * np.sqrt(scale[parent])[:, None]
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
