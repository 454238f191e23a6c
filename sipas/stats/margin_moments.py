"""Figures where weights differ inside a cluster: moments of clusters by filing, and the totals and variances that follow from them.

A cluster's total of residuals w (z − x'B̂) is its weighted total less what the margins explain, and the latter is linear in the domain's
totals by cell. So a domain needs of its clusters their weighted products, and their weighted totals times their numbers by filing;
the fit, and with it every answer outside the domain, enters when the domain is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sipas.stats.design import Products, run_sums, starts
from sipas.stats.domains import Totals
from sipas.stats.intervals import Bools, Floats
from sipas.stats.two_margins import Margins
from sipas.stats.weights import Ints

BLOCK = 1_000_000  # numbers worked on at once


@dataclass(frozen=True, slots=True)
class Filed:
    """Sums over the respondents of one cluster, part and filing; a row each, in any order.

    Attributes
    ----------
    part, cluster, filing : (R,) int
        A combination may come twice, from two forms.
    weight : (R,) float
    u : (R, W) int
        Sums of the columns.
    member : (R, I) int
        Members of each indicator.
    """

    part: Ints
    cluster: Ints
    filing: Ints
    weight: Floats
    u: NDArray[Any]
    member: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums by part and month, sorted by (part, month).

    Attributes
    ----------
    part, month : (T,) int
    total : (T, F, W) int
        Σ u by filing.
    member : (T, F, I) int
        Members by filing.
    with_size : (T, F, W) float
        Σ_j v_j n_jf over clusters j, v_j = Σ w u the cluster's weighted total, n_jf all its respondents of filing f.
    product : (T, L) float
        Σ_j v_j,first v_j,second.
    """

    part: Ints
    month: Ints
    total: Ints
    member: Ints
    with_size: Floats
    product: Floats


def gather_filed(rows: Filed, sizes: Ints, pairs: Products, month: int) -> Moments:
    """The moments of one month.

    Parameters
    ----------
    rows : Filed
        Of all its clusters that have a member.
    sizes : (clusters, F) int
        Respondents of each cluster by filing, in the whole design.
    pairs : Products
        Of the columns of ``rows.u``.
    month : int
        Its number.

    Returns
    -------
    Moments
        In a fixed order of summation, cluster after cluster: another order of the rows changes no bit.
    """
    filings = sizes.shape[1]
    order = np.lexsort((rows.filing, rows.cluster, rows.part))
    part, cluster, filing = rows.part[order], rows.cluster[order], rows.filing[order]
    by_filing = [starts(part), starts(part, cluster)]
    first, of_cluster = by_filing
    out = [np.zeros((len(first), filings, table.shape[1]), np.int64) for table in (rows.u, rows.member)]
    place = np.searchsorted(first, np.arange(len(part)), side="right") - 1
    for table, whole in zip((rows.u, rows.member), out, strict=True):
        np.add.at(whole, (place, filing), table[order].astype(np.int64))
    # Rows of one filing and two forms are whole numbers: added before they are weighted, so that their order is nobody's concern.
    alike = starts(part, cluster, filing)
    weighted = run_sums(rows.u[order], alike) * rows.weight[order][alike][:, None]
    v = run_sums(weighted, starts(part[alike], cluster[alike]))
    in_part = starts(part[of_cluster])
    n = sizes[cluster[of_cluster]].astype(np.float64)
    with_size = np.stack([run_sums(v * n[:, [f]], in_part) for f in range(filings)], axis=1)
    return Moments(part[first], np.full(len(first), month, np.int64), out[0], out[1], with_size, _products(v, in_part, pairs))


def join_moments(some: list[Moments]) -> Moments:
    """Moments of several months as one.

    Parameters
    ----------
    some : list of Moments
        At least one; no two of one month.

    Returns
    -------
    Moments
    """
    joined = {name: np.concatenate([getattr(one, name) for one in some]) for name in Moments.__slots__}
    order = np.lexsort((joined["month"], joined["part"]))
    return Moments(**{name: table[order] for name, table in joined.items()})


def with_margins(
    where: tuple[Ints, Ints, Bools], totals: Totals, stratum_of: Ints, margins: Margins, moments: Moments, pairs: Products
) -> Totals:
    """Totals by period and part, those of calibrated strata by their own weights and residuals.

    Parameters
    ----------
    where : (S,) int, (S,) int and (P, M) bool
        Period and part of each row of the totals, and the months of each period.
    totals : Totals
        As if nothing were calibrated to filings.
    stratum_of : (parts,) int
        The stratum of each part.
    margins : Margins
        The calibrated strata.
    moments : Moments
        Of their parts.
    pairs : Products
        The pairs of columns that ``totals.form`` lists.

    Returns
    -------
    Totals
        Σ w u, Σ w, Σ w² and the quadratic form replaced; what is counted without weights stays.

    References
    ----------
    Statistics page (1.3)-(1.5), (2.1), (3.5); Deville & Särndal (1992), JASA 87, section 3.
    """
    period, part, months = where
    stratum = stratum_of[part]
    place = np.searchsorted(margins.strata, stratum)
    mine = np.flatnonzero(margins.strata[np.minimum(place, len(margins.strata) - 1)] == stratum) if len(margins.strata) else place[:0]
    if not len(mine):
        return totals
    made = {name: getattr(totals, name).copy() for name in ("total", "form", "weights", "squares")}
    size = margins.weight[0].size
    block = max(1, BLOCK // (size * max(len(pairs.first), moments.total.shape[2])))
    for at in range(0, len(mine), block):
        rows = mine[at : at + block]
        found = _block(_Some(margins, moments, place[rows], part[rows], months[period[rows]]), pairs)
        for table, values in zip(made.values(), found, strict=True):
            table[rows] = values
    return replace(totals, **made)


@dataclass(frozen=True, slots=True)
class _Some:
    """Some periods and parts: place of their stratum among the calibrated, part, and months."""

    margins: Margins
    moments: Moments
    place: Ints  # (B,)
    part: Ints  # (B,)
    months: Bools  # (B, M)

    def by_cell(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Totals (B, M, F, W), members (B, M, F, I), with_size (B, M, F, W), and Σ omega · products (B, L)."""
        low, high = (np.searchsorted(self.moments.part, self.part, side=side) for side in ("left", "right"))
        count = high - low
        row = np.repeat(np.arange(len(self.part)), count)
        of = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(low, count)
        inside = self.months[row, self.moments.month[of]]
        row, of = row[inside], of[inside]
        cell = self.margins.cell[self.place[row], self.moments.month[of]]
        begin = starts(row, cell)
        shape = (len(self.part), self.margins.cell.shape[1])
        tables = []
        for table in (self.moments.total, self.moments.member, self.moments.with_size):
            whole = np.zeros((*shape, *table.shape[1:]))
            whole[row[begin], cell[begin]] = run_sums(table[of], begin)
            tables.append(whole)
        spread = self.margins.omega[self.place[row], cell][:, None] * self.moments.product[of]
        whole = np.zeros((len(self.part), spread.shape[1]))
        begin = starts(row)
        whole[row[begin]] = run_sums(spread, begin)
        return tables[0], tables[1], tables[2], whole


def _block(some: _Some, pairs: Products) -> tuple[Floats, Floats, Floats, Floats]:
    """Σ w u, the quadratic form, Σ w and Σ w² of some rows."""
    margins, at = some.margins, some.place
    total, member, with_size, form = some.by_cell()
    weight, n, omega = margins.weight[at], margins.answers[at], margins.omega[at]
    fit = _fitted(total, margins, at)
    left = np.einsum("bcf,bcfw->bcw", weight, total - n[..., None] * fit)  # Σ over clusters of their residual totals
    share = np.divide(omega, margins.clusters[at], out=np.zeros(omega.shape), where=margins.clusters[at] > 0)
    # What the margins explain of a cluster is Σ_f w n_jf fit_f: its products with the cluster's weighted total, and with itself.
    products = margins.products[at] * weight[:, :, :, None] * weight[:, :, None, :]
    itself = np.einsum("bcfg,bcgw->bcfw", products, fit)
    cross = weight[..., None] * with_size
    flat = (len(at), -1, fit.shape[3])
    scaled = (omega[:, :, None, None] * fit).reshape(flat)
    both, other = (itself - cross).reshape(flat), cross.reshape(flat)
    i, j = pairs.first, pairs.second
    form += np.einsum("bkl,bkl->bl", scaled[:, :, i], both[:, :, j]) - np.einsum("bkl,bkl->bl", other[:, :, i], scaled[:, :, j])
    form -= np.einsum("bcl,bcl->bl", share[:, :, None] * left[:, :, i], left[:, :, j])
    weights, squares = (np.einsum("bcf,bcfi->bi", of, member) for of in (weight, weight**2))
    return np.einsum("bcf,bcfw->bw", weight, total), form, weights, squares


def _fitted(total: Floats, margins: Margins, at: Ints) -> Floats:
    """x'B̂ of every month cell and filing, from a domain's totals: (B, M, F, W)."""
    months, filings = total.shape[1:3]
    onehot = (margins.fold[at][:, :, None] == np.arange(filings)).astype(np.float64)
    of_filing = np.einsum("bfg,bcfw->bgw", onehot, total)
    slope = np.einsum("bpq,bqw->bpw", margins.inverse[at], np.concatenate([total.sum(axis=2), of_filing], axis=1))
    return np.asarray(
        slope[:, :months, None] + np.take_along_axis(slope[:, months:], margins.fold[at][:, :, None], axis=1)[:, None], np.float64
    )


def _products(v: Floats, begin: Ints, pairs: Products) -> Floats:
    """Σ over the clusters of each part of products of two columns; few are multiplied out, of many all are taken."""
    first, second = pairs.first, pairs.second
    ends = np.append(begin[1:], len(v))
    out = np.empty((len(begin), len(first)))
    if len(first) > 3 * v.shape[1]:
        for place, (low, high) in enumerate(zip(begin.tolist(), ends.tolist(), strict=True)):
            out[place] = np.einsum("ja,jb->ab", v[low:high], v[low:high])[first, second]
        return out
    rows = max(1, BLOCK // max(len(first), 1))
    cuts = np.flatnonzero(np.diff(begin // rows, prepend=-1))  # whole parts at a time
    for low, high in zip(cuts.tolist(), [*cuts[1:].tolist(), len(begin)], strict=True):
        some = v[begin[low] : ends[high - 1]]
        out[low:high] = run_sums(some[:, first] * some[:, second], begin[low:high] - begin[low])
    return out
