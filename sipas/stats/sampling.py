"""How the answers were drawn: strata, clusters, weights, population sizes; checked once, frozen, and never filtered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sipas.stats.intervals import Floats
from sipas.stats.sums import group_sums
from sipas.stats.weights import Ints

LONELY = ("adjust", "average", "certainty", "remove", "fail")


class BadDesignError(ValueError):
    """The design contradicts itself; the message names the place and the cure."""


class Calibrated(Protocol):
    """What a calibration must offer: its final weights, and the part of a variable its margins do not explain."""

    @property
    def weight(self) -> Floats:
        """(n,) float, final weights."""

    def residual(self, z: Floats) -> Floats:
        """(n, k) in, (n, k) out: z − x B̂ with base weights."""


@dataclass(frozen=True, slots=True)
class SecondStage:
    """Units drawn inside the clusters.

    Attributes
    ----------
    unit : (n,) int
        Number of the second-stage unit of each row, from 0, unique over clusters.
    units_in_population : (J,) float
        Units each cluster holds; infinite where the second stage has no finite-population rule.
    """

    unit: Ints
    units_in_population: Floats


@dataclass(frozen=True, slots=True)
class SampleDesign:
    """A stratified, clustered, weighted sample. Made by ``design``, which checks it.

    Attributes
    ----------
    stratum : (n,) int
        From 0; a number without rows is a stratum nobody was drawn from.
    cluster : (n,) int
        From 0 without gaps; a cluster lies in one stratum.
    weight : (n,) float
        Final weights, all positive.
    clusters_in_population : (H,) float
        N_h counted in clusters; infinite: no finite-population rule.
    second : SecondStage or None
        None: one stage, or the ultimate-cluster variance.
    calibration : Calibrated or None
        Where weights were calibrated, variances are of its residuals.
    lonely : str
        One of ``LONELY``: what a stratum with a single cluster adds to variances.
    """

    stratum: Ints
    cluster: Ints
    weight: Floats
    clusters_in_population: Floats
    second: SecondStage | None = None
    calibration: Calibrated | None = None
    lonely: str = "adjust"

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.stratum)

    @property
    def strata(self) -> int:
        """Strata, those without rows included."""
        return len(self.clusters_in_population)

    @property
    def clusters(self) -> int:
        """Clusters in the sample."""
        return int(self.cluster.max()) + 1 if self.n else 0

    @property
    def stratum_of_cluster(self) -> Ints:
        """(J,) int, the stratum each cluster lies in."""
        where = np.zeros(self.clusters, np.int64)
        where[self.cluster] = self.stratum
        return where

    @property
    def clusters_in_stratum(self) -> Ints:
        """(H,) int, n_h: clusters drawn from each stratum."""
        return np.bincount(self.stratum_of_cluster, minlength=self.strata).astype(np.int64)

    @property
    def lonely_strata(self) -> Ints:
        """Numbers of the strata that have one cluster and are no census; ascending."""
        return np.flatnonzero((self.clusters_in_stratum == 1) & (self.clusters_in_population > 1)).astype(np.int64)


def design(
    stratum: ArrayLike | None,
    cluster: ArrayLike | None = None,
    *,
    weight: ArrayLike | None = None,
    population: ArrayLike | None = None,
    second: SecondStage | None = None,
    lonely: str = "adjust",
) -> SampleDesign:
    """A sample design, after every check that its parts fit together.

    Parameters
    ----------
    stratum : (n,) int or None
        Stratum of each row, from 0; None needs ``cluster`` or ``weight`` and means one stratum.
    cluster : (n,) int or None
        Cluster of each row, from 0 without gaps; None: every row is its own.
    weight : (n,) float or None
        Positive. None: the inverse of the sampling fractions where ``population`` is given, else 1.
    population : (H,) float or None
        Clusters each stratum holds in the population; infinite or None: no finite-population rule.
    second : SecondStage or None
        Units drawn inside clusters.
    lonely : str
        Rule for strata with one cluster.

    Returns
    -------
    SampleDesign

    Raises
    ------
    BadDesignError
        Lengths differ, numbers are not whole or below 0, a cluster lies in two strata, a weight is not positive, or a population
        is smaller than its sample.

    References
    ----------
    Lumley (2010), Complex Surveys, ch. 2-3; Särndal, Swensson & Wretman (1992), ch. 3-4.
    """
    if lonely not in LONELY:
        raise BadDesignError(f"lonely: {lonely!r} is not a rule; choose from {', '.join(LONELY)}")
    strata, clusters = _rows(stratum, cluster, weight)
    _one_parent(clusters, strata, "cluster", "stratum")
    count = np.bincount(_parent(clusters, strata))
    sizes = _population(population, count, "stratum", "clusters")
    stages = [(strata, count, sizes)]
    if second is not None:
        second = _second(second, clusters)
        units = np.bincount(_parent(second.unit, clusters))
        stages.append((clusters, units, second.units_in_population))
    final = _weight(weight, stages, len(strata))
    return SampleDesign(strata, clusters, final, sizes, second=second, lonely=lonely)


def calibrated(design: SampleDesign, calibration: Calibrated) -> SampleDesign:
    """The same design with calibrated weights and variances of residuals.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    calibration : Calibrated
        Of the same n rows, made from ``design.weight``.

    Returns
    -------
    SampleDesign

    Raises
    ------
    BadDesignError
        The calibration is of another number of rows.

    References
    ----------
    Deville & Särndal (1992), JASA 87, 376-382; statistics page section 3.
    """
    if len(calibration.weight) != design.n:
        raise BadDesignError(
            f"calibration: it has {len(calibration.weight)} rows and the design {design.n}; calibrate this design's weights"
        )
    return replace(design, weight=np.asarray(calibration.weight, np.float64), calibration=calibration)


def collapse(design: SampleDesign, groups: ArrayLike) -> SampleDesign:
    """Strata joined, so that none is lonely; weights stay as they were drawn.

    Parameters
    ----------
    design : SampleDesign
        Of H strata.
    groups : (H,) int
        New number of each stratum, from 0; strata with the same number become one, their populations added.

    Returns
    -------
    SampleDesign

    Raises
    ------
    BadDesignError
        ``groups`` has another length, or is not whole numbers from 0.

    References
    ----------
    Cochran (1977), Sampling Techniques, 5A.12: the variance is overstated where the joined strata differ.
    """
    new = _numbers(groups, "groups")
    if len(new) != design.strata:
        raise BadDesignError(f"groups: {len(new)} numbers for {design.strata} strata; give one for each stratum")
    sizes = np.bincount(new, design.clusters_in_population).astype(np.float64)
    return replace(design, stratum=new[design.stratum], clusters_in_population=sizes)


def nearest_groups(design: SampleDesign, unit: ArrayLike) -> Ints:
    """A proposal for ``collapse``: each lonely stratum joins the stratum of its own unit that is nearest to it in mean weight.

    Parameters
    ----------
    design : SampleDesign
        Of H strata.
    unit : (H,) int
        The public body each stratum belongs to.

    Returns
    -------
    (H,) int
        A lonely stratum without a neighbour in its unit keeps a number of its own.

    Raises
    ------
    BadDesignError
        ``unit`` has another length than the strata.

    References
    ----------
    Cochran (1977), 5A.12: choose the pairs by what was known before sampling, never by the answers.
    """
    units = _numbers(unit, "unit")
    if len(units) != design.strata:
        raise BadDesignError(f"unit: {len(units)} numbers for {design.strata} strata; give one for each stratum")
    rows = np.bincount(design.stratum, minlength=design.strata)
    mean = group_sums(design.weight, design.stratum, design.strata) / np.maximum(rows, 1)
    parent = np.arange(design.strata, dtype=np.int64)
    for h in design.lonely_strata.tolist():
        near = np.flatnonzero((units == units[h]) & (rows > 0) & (parent != parent[h]))
        if len(near) and np.count_nonzero(parent == parent[h]) == 1:
            parent[h] = parent[near[np.argmin(np.abs(mean[near] - mean[h]))]]
    return np.unique(parent, return_inverse=True)[1].astype(np.int64)


def _rows(stratum: ArrayLike | None, cluster: ArrayLike | None, weight: ArrayLike | None) -> tuple[Ints, Ints]:
    lengths = {
        name: len(np.atleast_1d(np.asarray(part)))
        for name, part in (("stratum", stratum), ("cluster", cluster), ("weight", weight))
        if part is not None
    }
    if not lengths:
        raise BadDesignError("stratum: give the stratum, the cluster or the weight of each row")
    if len(set(lengths.values())) > 1:
        raise BadDesignError("columns differ in length: " + ", ".join(f"{name} has {length} rows" for name, length in lengths.items()))
    n = next(iter(lengths.values()))
    strata = np.zeros(n, np.int64) if stratum is None else _numbers(stratum, "stratum")
    if cluster is None:
        return strata, np.arange(n, dtype=np.int64)
    clusters = _numbers(cluster, "cluster")
    _gapless(clusters, "cluster")
    return strata, clusters


def _numbers(values: ArrayLike, name: str) -> Ints:
    array = np.asarray(values)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise BadDesignError(
            f"{name}: whole numbers in one dimension are needed, not {array.dtype} of shape {array.shape}; number the labels from 0"
        )
    if array.size and array.min() < 0:
        raise BadDesignError(f"{name}: row {int(np.argmin(array)) + 1} has {array.min()}; numbers start from 0")
    return array.astype(np.int64)


def _gapless(numbers: Ints, name: str) -> None:
    empty = np.flatnonzero(np.bincount(numbers) == 0) if len(numbers) else numbers
    if len(empty):
        raise BadDesignError(f"{name}: number {empty[0]} has no row; number them from 0 without gaps")


def _parent(child: Ints, parent: Ints) -> Ints:
    where = np.zeros(int(child.max()) + 1 if len(child) else 0, np.int64)
    where[child] = parent
    return where


def _one_parent(child: Ints, parent: Ints, name: str, above: str) -> None:
    astray = np.flatnonzero(_parent(child, parent)[child] != parent)
    if len(astray):
        row = int(astray[0])
        other = _parent(child, parent)[child[row]]
        raise BadDesignError(
            f"{name}: number {child[row]} lies in {above} {parent[row]} (row {row + 1}) and in {above} {other}; number them apart in each {above}"
        )


def _population(population: ArrayLike | None, count: NDArray[np.int64], name: str, what: str) -> Floats:
    if population is None:
        return np.full(len(count), np.inf)
    sizes = np.asarray(population, np.float64)
    if sizes.ndim != 1 or len(sizes) < len(count):
        raise BadDesignError(f"population: {sizes.size} numbers, but {name} numbers go up to {len(count) - 1}; give one for each {name}")
    count = np.concatenate((count, np.zeros(len(sizes) - len(count), np.int64)))
    small = np.flatnonzero(~(sizes >= count))
    if len(small):
        h = int(small[0])
        raise BadDesignError(
            f"population: {name} {h} has {count[h]} {what} in the sample and {sizes[h]:g} in the population; correct the size"
        )
    return sizes


def _second(second: SecondStage, clusters: Ints) -> SecondStage:
    unit = _numbers(second.unit, "second-stage unit")
    if len(unit) != len(clusters):
        raise BadDesignError(f"second-stage unit: {len(unit)} rows, and the design has {len(clusters)}")
    _gapless(unit, "second-stage unit")
    _one_parent(unit, clusters, "second-stage unit", "cluster")
    count = np.bincount(_parent(unit, clusters))
    return SecondStage(unit, _population(second.units_in_population, count, "cluster", "second-stage units"))


def _weight(weight: ArrayLike | None, stages: list[tuple[Ints, NDArray[np.int64], Floats]], n: int) -> Floats:
    if weight is None:
        final = np.ones(n)
        for parent, count, sizes in stages:
            drawn = np.concatenate((count, np.zeros(len(sizes) - len(count), np.int64)))
            factor = np.where(np.isfinite(sizes) & (drawn > 0), sizes / np.maximum(drawn, 1), 1.0)
            final = final * factor[parent]
        return final
    final = np.asarray(weight, np.float64)
    wrong = np.flatnonzero(~(np.isfinite(final) & (final > 0)))
    if len(wrong):
        raise BadDesignError(f"weight: row {wrong[0] + 1} has {final[wrong[0]]:g}; weights are positive numbers")
    return final
