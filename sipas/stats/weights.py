"""Weights: what one answer stands for, from population counts by stratum and month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sipas.stats.intervals import Bools, Floats

Ints = NDArray[np.int64]

LEAST_PER_CELL = 5  # answers; a month with population and fewer merges with its neighbour
LEAST_CLUSTERS = 2  # clusters of a cell: one alone would show no spread
LEAST_RESPONSE = 0.60  # share of the population that must have answered before sampling error may shrink with it


@dataclass(frozen=True, slots=True)
class Weighting:
    """Weights by stratum and calibration cell.

    Attributes
    ----------
    cell : (H, M) int
        Calibration cell of each stratum and month; numbered over all strata, in order. Every month belongs to a cell.
    weight : (C,) float
        Dossiers one answer of the cell stands for; 0 in a cell without answers.
    stratum : (C,) int
        The stratum of each cell.
    calibrated : (H,) bool
        Whether weights were brought to month totals in this stratum.
    over_frame : (H,) bool
        More answers than dossiers: weight 1.
    fraction : (H,) float
        n_h/N_h where the finite-population rule applies, else 0.
    """

    cell: Ints
    weight: Floats
    stratum: Ints
    calibrated: Bools
    over_frame: Bools
    fraction: Floats


def merge_months(answers: Ints, population: Ints, clusters: Ints) -> Ints:
    """Cells of adjacent months of one stratum, so that each one can be weighted.

    From the first month on, a cell grows until it has five answers, two clusters, and no more answers than dossiers; what
    remains at the end joins the cell before it. Months with neither answers nor dossiers join the cell they follow.

    Parameters
    ----------
    answers, population, clusters : (M,) int
        Answers, dossiers and clusters by month.

    Returns
    -------
    (M,) int
        Cell numbers from 0, never falling.

    References
    ----------
    Decision 24; statistics page section 3, "existence".
    """
    cells = np.zeros(answers.shape, np.int64)
    number = n = total = groups = start = 0
    for month, (here, there, groups_here) in enumerate(zip(answers.tolist(), population.tolist(), clusters.tolist(), strict=True)):
        if _full(n, total, groups) and (here or there):
            number, n, total, groups, start = number + 1, 0, 0, 0, month
        n, total, groups = n + here, total + there, groups + groups_here
        cells[month] = number
    if number and not _full(n, total, groups):
        cells[start:] = number - 1
    return cells


def _full(n: int, total: int, groups: int) -> bool:
    return n >= LEAST_PER_CELL and total >= n and groups >= LEAST_CLUSTERS


def weigh(answers: Ints, population: Ints, clusters: Ints, *, by_month: bool, verified: Bools) -> Weighting:
    """Post-stratified weights N/n of every stratum and month cell.

    Parameters
    ----------
    answers, population, clusters : (H, M) int
        Answers, dossiers and clusters by stratum and month.
    by_month : bool
        Whether the wave's recipe calibrates on months; else one cell a stratum.
    verified : (H,) bool
        Every answer of the stratum proves a dossier of its own, and the stratum's frame is of the same months.

    Returns
    -------
    Weighting

    References
    ----------
    Decisions 24 and 26; statistics page sections 1 and 3 (3.1). With cells inside strata the base weight cancels:
    d N_g/N̂_g = N_g/n_g.
    """
    strata, months = answers.shape
    n, total = answers.sum(axis=1), population.sum(axis=1)
    over = n > total
    calibrated = np.full(strata, by_month) & ~over
    cell = np.zeros((strata, months), np.int64)
    first = 0
    for h in range(strata):
        inner = merge_months(answers[h], population[h], clusters[h]) if calibrated[h] else np.zeros(months, np.int64)
        cell[h] = first + inner
        first += int(inner[-1]) + 1
    stratum = np.zeros(first, np.int64)
    stratum[cell.ravel()] = np.repeat(np.arange(strata), months)
    n_cell = np.bincount(cell.ravel(), answers.ravel(), first)
    n_population = np.bincount(cell.ravel(), population.ravel(), first)
    weight = np.divide(n_population, n_cell, out=np.zeros(first), where=n_cell > 0)
    weight = np.where(over[stratum], 1.0, weight)
    response = np.divide(n, total, out=np.zeros(strata), where=total > 0)
    fraction = np.where(verified & ~over & (response >= LEAST_RESPONSE), response, 0.0)
    return Weighting(cell, weight, stratum, calibrated, over, fraction)


def equal(answers: Ints) -> Weighting:
    """Weight 1 for everybody: the unweighted figures that stand beside the weighted ones.

    Parameters
    ----------
    answers : (H, M) int
        Answers by stratum and month.

    Returns
    -------
    Weighting
        One cell a stratum, nothing calibrated, no finite-population rule.
    """
    strata, months = answers.shape
    numbers = np.arange(strata, dtype=np.int64)
    cell = np.repeat(numbers[:, None], months, axis=1)
    no = np.zeros(strata, np.bool_)
    return Weighting(cell, np.ones(strata), numbers, no, no, np.zeros(strata))
