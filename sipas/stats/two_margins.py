"""Two margins inside a stratum, months and filings: cells, weights that meet both, and the constants that variances need.

Filings come in pairs that lie side by side, 2k and 2k + 1: the two that are most alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sipas.stats.distances import RANK, TOLERANCE
from sipas.stats.intervals import Bools, Floats
from sipas.stats.margins import SWEEPS
from sipas.stats.weights import LEAST_CLUSTERS, LEAST_PER_CELL, Ints

CLUSTERS_PER_CELL = 2  # clusters beyond the month cells that each filing cell but one must have: the factor below stays under 2
MOST_UNEVEN = 5  # times a stratum's mean weight: beyond it a margin costs more than it mends


@dataclass(frozen=True, slots=True)
class Crossed:
    """Who answered, by stratum, month and filing: whole numbers.

    Attributes
    ----------
    answers : (H, M, F + 1) int
        Respondents; last those whose filing is not known.
    clusters : (H, F + F/2) int
        Clusters with an answer of each filing, then of each pair of filings.
    products : (H, M, F, F) int
        Σ_j n_jf n_jg over clusters j.
    """

    answers: Ints
    clusters: Ints
    products: Ints


@dataclass(frozen=True, slots=True)
class Plan:
    """What the weights of some strata are to meet.

    Attributes
    ----------
    strata : (K,) int
        Rising.
    cell : (K, M) int
        Month cell of each month, from 0.
    fold : (K, F) int
        Filing cell of each filing, from 0.
    months : (K, M) float
        Population of each month cell; 0 beyond the last.
    filings : (K, F) float
        Population of each filing cell; 0 beyond the last. One grand total with ``months``.
    """

    strata: Ints
    cell: Ints
    fold: Ints
    months: Floats
    filings: Floats

    def take(self, keep: Bools) -> Plan:
        """Some strata of it."""
        return Plan(*(getattr(self, name)[keep] for name in Plan.__slots__))


@dataclass(frozen=True, slots=True)
class Margins:
    """Strata whose weights meet both margins; by month cell c and filing f.

    Attributes
    ----------
    strata, cell, fold
        As in ``Plan``.
    weight : (K, M, F) float
        What an answer stands for; filings of one cell share it. 0 where nobody answered.
    answers : (K, M, F) int
        Respondents of the whole design.
    products : (K, M, F, F) int
        Σ_j n_jf n_jg over its clusters.
    clusters : (K, M) int
        Clusters of each month cell.
    omega : (K, M) float
        What the spread of a month cell's cluster totals is multiplied by.
    inverse : (K, M + F, M + F) float
        Generalised inverse of Σ x x', x the indicators of month cells and filing cells.
    """

    strata: Ints
    cell: Ints
    fold: Ints
    weight: Floats
    answers: Ints
    products: Ints
    clusters: Ints
    omega: Floats
    inverse: Floats


def fold_filings(answers: Ints, population: Floats, clusters: Ints) -> Ints:
    """Filing cells of one stratum, so that each can be weighted.

    A filing needs what a month needs: five answers, two clusters, no more answers than dossiers. Where one falls short it joins its
    pair; where a pair falls short all are one cell, and the stratum has no filing margin.

    Parameters
    ----------
    answers : (F,) int
        Respondents.
    population : (F,) float
        Dossiers.
    clusters : (F + F/2,) int
        As in ``Crossed``.

    Returns
    -------
    (F,) int
        Cells from 0 in the order of the filings; a filing that nobody used lies in its pair's.

    References
    ----------
    Decision 24; statistics page section 3, "existence"; own rule for what joins what.
    """
    filings = len(answers)
    fold = np.arange(filings)
    for pair in range(filings // 2):
        both = [2 * pair, 2 * pair + 1]
        used = [f for f in both if answers[f] or population[f]]
        if not all(_full(int(answers[f]), float(population[f]), int(clusters[f])) for f in used):
            if not _full(int(answers[both].sum()), float(population[both].sum()), int(clusters[filings + pair])):
                return np.zeros(filings, np.int64)
            used = []
        fold[both] = used if len(used) == 2 else used[0] if used else both[0]
    there = [f for f in range(filings) if answers[fold == fold[f]].any()]
    cells = sorted({int(fold[f]) for f in there})
    return np.array([cells.index(int(own)) if own in cells else 0 for own in fold], np.int64)


def fold_pairs(fold: Ints) -> Ints:
    """The same with one cell a pair.

    Parameters
    ----------
    fold : (F,) int
        Filing cells.

    Returns
    -------
    (F,) int
    """
    first = np.repeat(fold[::2], 2)
    return np.unique(first, return_inverse=True)[1].astype(np.int64)


def has_clusters(clusters: int, month_cells: int, filing_cells: int) -> bool:
    """Whether a stratum has clusters enough for so many cells.

    Parameters
    ----------
    clusters : int
        Of the stratum.
    month_cells, filing_cells : int
        How many each margin has.

    Returns
    -------
    bool

    References
    ----------
    Own rule: the factor of ``solve_margins`` is at most 2.
    """
    return clusters - month_cells >= CLUSTERS_PER_CELL * (filing_cells - 1)


def solve_margins(crossed: Crossed, plan: Plan, clusters: Ints, fraction: Floats) -> tuple[Margins, Bools]:
    """Weights that meet both margins of every stratum, by raking, and the constants of their variance.

    The variance is that of the calibration's residuals: cluster totals of w (z − x'B̂) spread within each month cell, with a/(a − 1) of
    its own clusters, as with months alone; and the stratum's factor (A − C)/(A − C − q) for the q filing cells beyond one, A
    clusters and C month cells: without it the residuals, from which as many means have been taken, are too small.

    Parameters
    ----------
    crossed : Crossed
        Of H strata.
    plan : Plan
        Of K of them.
    clusters : (H, M) int
        Clusters of every stratum and month.
    fraction : (H,) float
        n_h/N_h where the finite-population rule applies, else 0.

    Returns
    -------
    Margins
        Of the strata whose margins can be met by weights of at most five times their mean.
    met : (K,) bool
        Which those are.

    References
    ----------
    Deming & Stephan (1940), Ann. Math. Statist. 11, 427-444; Deville & Särndal (1992), JASA 87, 376-382; statistics page (3.3), (3.5).
    The factor and the bound on weights are our own (`docs/methods/filing.md`).
    """
    filings = crossed.products.shape[2]
    answers = _by_cell(crossed.answers[plan.strata][:, :, :filings], plan.cell)
    ratio, met = _rake(_fold(answers, plan.fold), plan.months, plan.filings)
    mean = plan.months.sum(axis=1) / answers.sum(axis=(1, 2))
    met &= ratio.max(axis=(1, 2), initial=0) <= MOST_UNEVEN * mean
    kept, answers = plan.take(met), answers[met]
    weight = np.take_along_axis(ratio[met], kept.fold[:, None, :], axis=2)
    in_cell = _by_cell(clusters[kept.strata], kept.cell)
    cells, extra = (in_cell > 0).sum(axis=1), kept.fold.max(axis=1, initial=0)
    free = in_cell.sum(axis=1) - cells
    factor = (1 - fraction[kept.strata]) * free / np.where(free > extra, free - extra, 1)
    spread = np.divide(in_cell, in_cell - 1, out=np.ones(in_cell.shape), where=in_cell > 1)
    margins = Margins(
        strata=kept.strata,
        cell=kept.cell,
        fold=kept.fold,
        weight=np.where(answers > 0, weight, 0.0),  # a filing that nobody used may share a cell with one that somebody did
        answers=answers,
        products=_by_cell(crossed.products[kept.strata], kept.cell),
        clusters=in_cell,
        omega=factor[:, None] * spread,
        inverse=_inverse(_fold(answers, kept.fold)),
    )
    return margins, met


def _full(answers: int, population: float, clusters: int) -> bool:
    return answers >= LEAST_PER_CELL and population >= answers and clusters >= LEAST_CLUSTERS


def _by_cell(table: Ints, cell: Ints) -> Ints:
    """Months (K, M, …) added up by month cell, in the same shape."""
    out = np.zeros(table.shape, np.int64)
    np.add.at(out, (np.arange(len(cell))[:, None], cell), table)
    return out


def _fold(table: Ints, fold: Ints) -> Ints:
    """Filings (K, M, F) added up by filing cell, in the same shape."""
    onehot = fold[:, :, None] == np.arange(fold.shape[1])
    return np.asarray((table[:, :, :, None] * onehot[:, None]).sum(axis=2), np.int64)


def _rake(answers: Ints, months: Floats, filings: Floats) -> tuple[Floats, Bools]:
    """Weights by month cell and filing cell, swept until both margins are met to 1e-12; and where they could be."""
    ratio, met = (answers > 0).astype(np.float64), np.zeros(len(answers), np.bool_)
    live = np.arange(len(answers))
    for _ in range(SWEEPS):
        mass = answers[live] * ratio[live]
        off = np.maximum(_misfit(mass.sum(axis=2), months[live]), _misfit(mass.sum(axis=1), filings[live]))
        met[live[off < TOLERANCE]] = True
        live = live[off >= TOLERANCE]
        if not len(live):
            break
        some, n = ratio[live], answers[live]
        some = some * _wanted((n * some).sum(axis=2), months[live])[:, :, None]
        ratio[live] = some * _wanted((n * some).sum(axis=1), filings[live])[:, None, :]
    return ratio, met


def _wanted(reached: Floats, total: Floats) -> Floats:
    return np.divide(total, reached, out=np.ones(total.shape), where=reached > 0)


def _misfit(reached: Floats, total: Floats) -> Floats:
    """The largest |reached / total − 1| of each stratum; a cell without population has nothing to reach."""
    off = np.abs(np.divide(reached, total, out=np.ones(total.shape), where=total > 0) - 1)
    return np.asarray(off.max(axis=1, initial=0), np.float64)


def _inverse(answers: Ints) -> Floats:
    """(Σ x x')⁻ by stratum, x the indicators of month cells and then of filing cells."""
    strata, months, filings = answers.shape
    matrix = np.zeros((strata, months + filings, months + filings))
    matrix[:, np.arange(months), np.arange(months)] = answers.sum(axis=2)
    matrix[:, months + np.arange(filings), months + np.arange(filings)] = answers.sum(axis=1)
    matrix[:, :months, months:] = answers
    matrix[:, months:, :months] = answers.transpose(0, 2, 1)
    size = np.sqrt(np.diagonal(matrix, axis1=1, axis2=2))
    scale = np.divide(1.0, size, out=np.zeros(size.shape), where=size > 0)
    both = scale[:, :, None] * scale[:, None, :]
    return np.asarray(np.linalg.pinv(matrix * both, rcond=RANK, hermitian=True) * both, np.float64) if strata else matrix
