"""Domains: sums over periods and parts, and the value and variance of every indicator in each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sipas.stats.design import Cells, Columns, Groups, run_sums, starts
from sipas.stats.intervals import Bools, Floats
from sipas.stats.weights import Ints


@dataclass(frozen=True, slots=True)
class Totals:
    """One period's weighted sums by part (S) or by domain (D): what every estimate is made of.

    Attributes
    ----------
    total : (·, W) float
        Σ w u.
    plain : (·, W) float
        Σ u, unweighted.
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
    form: Floats
    members: Floats
    clusters: Floats
    strata: Floats
    lonely: Floats
    finite: Floats
    over: Floats
    weights: Floats
    squares: Floats


def sum_period(groups: Groups, columns: Columns, cells: Cells, cell_of: Ints, months: Bools) -> tuple[Ints, Totals]:
    """Sums over the months of one period, by part.

    Parameters
    ----------
    groups : Groups
        By part and month.
    columns : Columns
        Only the product columns are read.
    cells : Cells
        Constants of the whole design, which rows outside the period share.
    cell_of : (H, M) int
        The cell of each stratum and month.
    months : (M,) bool
        The months of the period.

    Returns
    -------
    parts : (S,) int
        The parts that have rows in the period.
    totals : Totals
        Of those parts.
    """
    inside = np.flatnonzero(months[groups.month])
    cell = cell_of[groups.stratum[inside], groups.month[inside]]
    part = groups.part[inside]
    in_cell = starts(part, cell)
    u, s = run_sums(groups.total[inside], in_cell), run_sums(groups.with_size[inside], in_cell)
    p, members = run_sums(groups.product[inside], in_cell), run_sums(groups.members[inside], in_cell)
    clusters = run_sums(groups.clusters[inside], in_cell)
    cell, part = cell[in_cell], part[in_cell]
    i, j = columns.first, columns.second
    cross = u[:, i] * s[:, j] + s[:, i] * u[:, j]
    form = cells.omega[cell, None] * (p - cells.beta[cell, None] * cross + cells.gamma[cell, None] * (u[:, i] * u[:, j]))
    weight = cells.weight[cell, None]
    in_part = starts(part)
    members_in_part = run_sums(members, in_part)
    stratum = cells.stratum[cell[in_part]]
    has = (members_in_part > 0).astype(np.float64)
    return part[in_part], Totals(
        total=run_sums(weight * u, in_part),
        plain=run_sums(u, in_part),
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


def sum_domains(totals: Totals, domain: Ints, position: Ints, domains: int) -> Totals:
    """Sums over the parts of each domain.

    Parameters
    ----------
    totals : Totals
        By part.
    domain, position : (P,) int
        Pairs of a domain and the position of one of its parts, sorted by domain.
    domains : int
        How many domains there are; one without a pair sums to 0.

    Returns
    -------
    Totals
        By domain.
    """
    start = starts(domain)
    present = domain[start]

    def summed(values: Floats) -> Floats:
        out = np.zeros((domains, values.shape[1]))
        if len(start):
            out[present] = run_sums(values[position], start)
        return out

    return Totals(*(summed(getattr(totals, name)) for name in Totals.__slots__))


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


def estimate(totals: Totals, columns: Columns, indicator: Indicator) -> tuple[Floats, Floats]:
    """The value of one indicator in every domain, and its variance.

    Ratios without an answer in a domain leave the composite, and the others take their weight in proportion.

    Parameters
    ----------
    totals : Totals
        By domain, (D, ·).
    columns : Columns
        Only the product columns are read.
    indicator : Indicator
        What is estimated.

    Returns
    -------
    value, variance : (D,) float
        NaN where nobody answered. Variances that are rounding noise are 0.

    References
    ----------
    Statistics page (1.3), (2.1), (3.1), section 6; Binder (1983), Int. Stat. Rev. 51, 279-292.
    """
    y, x = totals.total[:, indicator.y], totals.total[:, indicator.x]
    there = x > 0
    share = np.where(there, np.asarray(indicator.share), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = share / share.sum(axis=1, keepdims=True)
    below = np.where(there, x, 1.0)
    ratio = y / below
    gradient = np.zeros((len(y), totals.total.shape[1]))
    for k, (up, down) in enumerate(zip(indicator.y, indicator.x, strict=True)):
        gradient[:, up] += share[:, k] / below[:, k]
        gradient[:, down] -= share[:, k] * ratio[:, k] / below[:, k]
    mine = sorted({*indicator.y, *indicator.x})
    use = np.flatnonzero(np.isin(columns.first, mine) & np.isin(columns.second, mine))
    i, j = columns.first[use], columns.second[use]
    double = np.where(i == j, 1.0, 2.0)
    terms = double * gradient[:, i] * gradient[:, j] * totals.form[:, use]
    variance = terms.sum(axis=1)
    noise = 1e-13 * np.abs(terms).sum(axis=1)
    return (share * ratio).sum(axis=1), np.where(variance > noise, variance, np.where(np.isnan(variance), np.nan, 0.0))


def products(groups: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """The pairs of columns whose products are needed, each once, where ``groups`` lists the columns that meet in one indicator.

    Parameters
    ----------
    groups : sequence of sequences of int
        Columns.

    Returns
    -------
    first, second : (L,) int
        first ≤ second, sorted.
    """
    pairs = sorted({(min(i, j), max(i, j)) for columns in groups for i in columns for j in columns})
    both = np.array(pairs, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]
