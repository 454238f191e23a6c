"""Domains: sums over periods and parts, and the value and variance of every indicator in each of them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from sipas.stats.design import SUMMED, Cells, Groups, Products, run_sums, starts
from sipas.stats.intervals import Bools, Floats
from sipas.stats.weights import Ints

BLOCK = 200_000  # products worked on at once
WORKERS = 2  # blocks


@dataclass(frozen=True, slots=True)
class Totals:
    """Weighted sums by period and part (S) or by period and domain (D): what every estimate is made of.

    Attributes
    ----------
    total : (·, W) float
        Σ w u.
    plain : (·, W) float
        Σ u, unweighted.
    levels : (·, B · 5) float
        How many answered each level of each told item.
    form : (·, L) float
        The quadratic form of the variance, product by product.
    members, clusters, strata, lonely, finite : (·, I) float
        Members; clusters, strata, lonely strata, and strata under the finite-population rule that have one.
    over : (·, I) float
        Members in strata with more answers than dossiers.
    weights, squares : (·, I) float
        Σ w and Σ w² over members.
    """

    total: Floats
    plain: Floats
    levels: Floats
    form: Floats
    members: Floats
    clusters: Floats
    strata: Floats
    lonely: Floats
    finite: Floats
    over: Floats
    weights: Floats
    squares: Floats


def sum_parts(groups: Groups, columns: Products, cells: Cells, cell_of: Ints, periods: Bools) -> tuple[Ints, Ints, Totals]:
    """Sums over the months of each period, by part.

    Parameters
    ----------
    groups : Groups
        By part and month.
    columns : Products
        The pairs of columns whose products ``groups`` holds.
    cells : Cells
        Constants of the whole design, which rows outside a period share.
    cell_of : (H, M) int
        The cell of each stratum and month.
    periods : (P, M) bool
        The months of each period.

    Returns
    -------
    period, part : (S,) int
        Sorted; the parts that have rows in each period.
    totals : Totals
        Of those, in a fixed order of summation: cell after cell.
    """
    period, inside = np.nonzero(periods[:, groups.month])
    part, cell = groups.part[inside], cell_of[groups.stratum[inside], groups.month[inside]]
    begin = starts(period, part)
    if not len(begin):
        return period, part, _sum_block(groups, columns, cells, inside, (period, part, cell))
    # A block of parts at a time: its arrays stay small enough to be near the processor, and memory does not grow with the wave.
    rows = max(1, BLOCK // (len(columns.first) + 1))
    cuts = begin[np.flatnonzero(np.diff(begin // rows, prepend=-1))]

    def block(at: int, to: int) -> Totals:
        return _sum_block(groups, columns, cells, inside[at:to], (period[at:to], part[at:to], cell[at:to]))

    if len(cuts) == 1:
        return period[begin], part[begin], block(0, len(inside))
    with ThreadPoolExecutor(WORKERS) as pool:  # NumPy lets go of the interpreter; the order of summation is that of the blocks
        blocks = list(pool.map(block, cuts.tolist(), [*cuts[1:].tolist(), len(inside)]))
    return period[begin], part[begin], Totals(*(np.concatenate([getattr(one, name) for one in blocks]) for name in Totals.__slots__))


def _sum_block(groups: Groups, columns: Products, cells: Cells, inside: Ints, where: tuple[Ints, Ints, Ints]) -> Totals:
    """The totals of some whole parts: ``where`` tells the period, part and cell of each of the groups ``inside``."""
    period, part, cell = where
    in_cell = starts(period, part, cell)
    of_cell = [run_sums(getattr(groups, name)[inside], in_cell) for name in SUMMED]
    u, s, p, levels, members, clusters = (table.astype(np.float64) for table in of_cell)
    cell, part, period = cell[in_cell], part[in_cell], period[in_cell]
    i, j = columns.first, columns.second
    form = p - cells.beta[cell, None] * (u[:, i] * s[:, j] + s[:, i] * u[:, j])
    form += cells.gamma[cell, None] * (u[:, i] * u[:, j])
    form *= cells.omega[cell, None]
    weight = cells.weight[cell, None]
    in_part = starts(period, part)
    members_in_part = run_sums(members, in_part)
    stratum = cells.stratum[cell[in_part]]
    has = (members_in_part > 0).astype(np.float64)
    return Totals(
        total=run_sums(weight * u, in_part),
        plain=run_sums(u, in_part),
        levels=run_sums(levels, in_part),
        form=run_sums(form, in_part),
        members=members_in_part,
        clusters=run_sums(clusters, in_part),
        strata=has,
        lonely=has * (cells.clusters[stratum] <= 1)[:, None],
        finite=has * (cells.fraction[stratum] > 0)[:, None],
        over=members_in_part * cells.over_frame[stratum, None],
        weights=run_sums(weight * members, in_part),
        squares=run_sums(weight**2 * members, in_part),
    )


def sum_domains(totals: Totals, domain: Ints, position: Ints, domains: int, *, least: int = 0) -> tuple[Floats, Ints, Totals]:
    """Sums over the parts of each domain, and all else only of those that have enough members.

    Parameters
    ----------
    totals : Totals
        By part.
    domain, position : (P,) int
        Pairs of a domain and the position of one of its parts, sorted by domain.
    domains : int
        How many domains there are; one without a pair has no members.
    least : int
        Members, of any indicator, that a domain must have to be summed further.

    Returns
    -------
    members : (D, I) float
        Of every domain.
    enough : (E,) int
        The domains that have ``least`` members, rising; with 0, all that have a pair.
    totals : Totals
        Of those.
    """
    start = starts(domain)
    of_present = run_sums(totals.members[position], start)
    members = np.zeros((domains, totals.members.shape[1]))
    members[domain[start]] = of_present
    enough = (of_present >= least).any(axis=1)
    keep = np.repeat(enough, np.diff(np.append(start, len(domain))))
    position, begin = position[keep], starts(domain[keep])
    alone = len(begin) == len(position)  # every domain is one part: nothing is added up
    summed = (getattr(totals, name)[position] for name in Totals.__slots__)
    return members, domain[start][enough], Totals(*(values if alone else run_sums(values, begin) for values in summed))


@dataclass(frozen=True, slots=True)
class Indicator:
    """A composite of ratios.

    Attributes
    ----------
    name : str
    y, x : tuple of int
        Columns of numerators and denominators.
    share : tuple of float
        Weight of each ratio; they add up to 1.
    member : int
        Column of ``Columns.member``.
    """

    name: str
    y: tuple[int, ...]
    x: tuple[int, ...]
    share: tuple[float, ...]
    member: int


def estimate(totals: Totals, columns: Products, indicator: Indicator, *, at: Ints | None = None) -> tuple[Floats, Floats]:
    """The value of one indicator in every domain, or in some of them, and its variance.

    Ratios without an answer in a domain leave the composite, and the others take their weight in proportion. What is told of a
    domain does not depend on which others are asked for, to the last bit.

    Parameters
    ----------
    totals : Totals
        By domain, (D, ·).
    columns : Products
        The pairs of columns that ``totals.form`` lists.
    indicator : Indicator
        What is estimated.
    at : (E,) int, optional
        The domains that are asked for; all if left out.

    Returns
    -------
    value, variance : (E,) float
        NaN where nobody answered. Variances that are rounding noise are 0.

    References
    ----------
    Statistics page (1.3), (2.1), (3.1), section 6; Binder (1983), Int. Stat. Rev. 51, 279-292.
    """
    asked = np.arange(len(totals.total)) if at is None else at
    rows = np.resize(asked, 2) if len(asked) == 1 else asked  # NumPy adds up a row that is alone in another order than one of several
    y, x = (totals.total.T[np.ix_(np.asarray(one, np.int64), rows)].T for one in (indicator.y, indicator.x))
    there = x > 0
    share = np.where(there, np.asarray(indicator.share), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = share / share.sum(axis=1, keepdims=True)
    below = np.where(there, x, 1.0)
    ratio = y / below
    place = np.full(totals.total.shape[1], -1)
    mine = sorted({*indicator.y, *indicator.x})
    place[mine] = np.arange(len(mine))
    gradient = np.zeros((len(y), len(mine)))
    for k, (up, down) in enumerate(zip(indicator.y, indicator.x, strict=True)):
        gradient[:, place[up]] += share[:, k] / below[:, k]
        gradient[:, place[down]] -= share[:, k] * ratio[:, k] / below[:, k]
    use = np.flatnonzero((place[columns.first] >= 0) & (place[columns.second] >= 0))
    i, j = place[columns.first[use]], place[columns.second[use]]
    terms = np.where(i == j, 1.0, 2.0) * gradient[:, i] * gradient[:, j] * totals.form.T[np.ix_(use, rows)].T
    variance = terms.sum(axis=1)
    noise = 1e-13 * np.abs(terms).sum(axis=1)
    variance = np.where(variance > noise, variance, np.where(np.isnan(variance), np.nan, 0.0))
    return (share * ratio).sum(axis=1)[: len(asked)], variance[: len(asked)]


def products(groups: Sequence[Sequence[int]]) -> Products:
    """The pairs of columns whose products are needed, each once, where ``groups`` lists the columns that meet in one indicator.

    Parameters
    ----------
    groups : sequence of sequences of int
        Columns.

    Returns
    -------
    Products
        first ≤ second, sorted.
    """
    pairs = sorted({pair for columns in groups for pair in combinations_with_replacement(sorted(columns), 2)})
    both = np.array(pairs, np.int64).reshape(-1, 2)
    return Products(both[:, 0], both[:, 1])
