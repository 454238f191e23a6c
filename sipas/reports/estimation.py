"""Every figure of one channel set: sums by domain and period, values, variances and intervals, all at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sipas.reports.areas import Areas, is_longest
from sipas.reports.filing import FilingDesign
from sipas.reports.indicators import KIND_MEAN, KIND_RATIO, KIND_SHARE, Block, counted, kind_of
from sipas.stats.design import Cells, Groups, Sizes, run_sums, starts
from sipas.stats.domains import Indicator, Totals, estimate, sum_domains, sum_parts
from sipas.stats.intervals import FEW, FLOOR_WITH_CLUSTERS, Bools, Floats, Interval, Shares, kg20, logit_t, mean_t, pool_effect
from sipas.stats.verdict import HIDDEN_BELOW
from sipas.stats.weights import Ints, Weighting


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a channel set's design: its domains, and the parts that they are made of."""

    areas: Areas
    stratum_of: Ints  # of each part
    population: Ints  # (parts, M)
    late: Ints  # (parts, M); zeros where the frame does not tell it
    settled: Ints


@dataclass(frozen=True, slots=True)
class Design:
    """One channel set, weighted or not."""

    channels: str
    weighted: bool
    sizes: Sizes
    weighting: Weighting
    cells: Cells
    usable: Bools  # (H,) strata that may enter: all, or those with a frame
    filing: FilingDesign | None = None  # where the recipe names it


@dataclass(frozen=True, slots=True)
class Figures:
    """One indicator in the domains and periods that are wanted and where ten have answered."""

    indicator: str
    at: Ints  # the row of each among all periods and domains: period first, then domain
    value: Floats
    variance: Floats
    n: Floats
    n_satisfied: Floats
    n_unsatisfied: Floats
    n_kish: Floats
    df: Floats
    finite: Floats  # population where the finite-population rule applies, else NaN
    lonely: Floats
    over: Floats  # share of answers in strata with more answers than dossiers
    low: Floats
    high: Floats
    star: Floats  # KG20's effective number, else p(1 − p)/V
    d_pool: float
    levels: Ints  # (·, 5), or (·, 0)

    def shares(self, at: Ints) -> Shares:
        """Some of them as what their intervals were made from."""
        names = ("value", "variance", "n", "n_satisfied", "n_unsatisfied", "n_kish", "df", "finite")
        return Shares(*(getattr(self, name)[at] for name in names))


@dataclass(frozen=True, slots=True)
class Behind:
    """The population behind every period and domain: period first, then domain."""

    population: Floats
    covered: Floats
    late_share: Floats

    def take(self, at: Ints) -> Behind:
        """Some rows of it."""
        return Behind(self.population[at], self.covered[at], self.late_share[at])


@dataclass(frozen=True, slots=True)
class Told:
    """What figures must know of all periods and domains."""

    shown: Behind
    leaf: Bools  # the rows that d_pool is pooled from
    wanted: Bools  # the rows that may be told: no others get an interval


@dataclass(frozen=True, slots=True)
class Summed:
    """One block's totals in every period and domain where ten have answered."""

    members: Floats  # (all periods and domains, I): period first, then domain
    at: Ints  # (E,) which of those have ten, rising
    totals: Totals  # of them


def sums(groups: Groups, block: Block, design: Design, side: Side, periods: Mapping[str, Bools]) -> Summed:
    """Totals by period and domain; periods of the same months, as a year and its year to date, are summed once."""
    distinct = list({months.tobytes(): months for months in periods.values()}.values())
    place = {months.tobytes(): number for number, months in enumerate(distinct)}
    period, part, totals = sum_parts(groups, block.pairs, design.cells, design.weighting.cell, np.array(distinct))
    if design.filing:
        totals = design.filing.totals((period, part, np.array(distinct)), totals, (side.areas.side, side.stratum_of), block)
    usable = design.usable[side.stratum_of]
    keep = usable[side.areas.part]
    domain, of_domain = side.areas.domain[keep], side.areas.part[keep]
    position = np.full((len(distinct), len(usable)), -1, np.int64)
    position[period, part] = np.arange(len(part))
    at = position[:, of_domain].ravel()
    domains = len(side.areas.keys)
    number = (np.arange(len(distinct))[:, None] * domains + domain).ravel()
    members, enough, of_enough = sum_domains(totals, number[at >= 0], at[at >= 0], len(distinct) * domains, least=HIDDEN_BELOW)
    if len(distinct) == len(periods):
        return Summed(members, enough, of_enough)
    rows = np.concatenate([place[months.tobytes()] * domains + np.arange(domains) for months in periods.values()])
    row_of = np.full(len(members), -1, np.int64)
    row_of[enough] = np.arange(len(enough))
    there = row_of[rows]
    again = Totals(*(getattr(of_enough, name)[there[there >= 0]] for name in Totals.__slots__))
    return Summed(members[rows], np.flatnonzero(there >= 0), again)


def behind(groups: Groups, design: Design, side: Side, periods: Mapping[str, Bools]) -> Behind:
    """Population, the part of it in strata with an answer, and the late share, by period and domain."""
    months = np.array(list(periods.values())).T.astype(np.int64)  # whole numbers: they add up to the same in any order
    known = design.usable[side.stratum_of]
    answered = np.zeros(side.population.shape, np.int64)
    answered[groups.part, groups.month] = 1
    of_part = side.population @ months
    covered = of_part * ((answered @ months > 0) & known[:, None])
    settled, late = (_added(side.areas, table @ months) for table in (side.settled, side.late))
    share = np.divide(late, settled, out=np.full(len(settled), np.nan), where=settled > 0)
    return Behind(_added(side.areas, of_part), _added(side.areas, covered), share)


def figures(summed: Summed, block: Block, told: Told, rows: Ints, pooled: float | None) -> list[Figures]:
    """Every indicator of a block, where it is wanted and ten have answered; ``rows`` places what is summed among all periods and domains."""
    at = rows[summed.at]
    return [_figure(_Asked(summed.totals, block, place, told, at), pooled) for place in range(len(block.indicators))]


def leaves(areas: Areas, periods: Mapping[str, Bools]) -> Bools:
    """The rows that d_pool is pooled from: every stratum, by whole years."""
    return np.concatenate([areas.leaf & is_longest(period, periods) for period in periods])


@dataclass(frozen=True, slots=True)
class _Asked:
    """One indicator of a block, and what it is worked out from."""

    totals: Totals
    block: Block
    place: int
    told: Told
    rows: Ints  # where the totals stand among all periods and domains

    @property
    def indicator(self) -> Indicator:
        return self.block.indicators[self.place]


def _figure(asked: _Asked, pooled: float | None) -> Figures:
    totals, member = asked.totals, asked.indicator.member
    enough = np.flatnonzero(totals.members[:, member] >= HIDDEN_BELOW)
    wanted = asked.told.wanted[asked.rows[enough]]
    telling = _telling(asked, enough) if kind_of(asked.indicator.name) == KIND_SHARE else np.zeros(len(enough), np.bool_)
    here = np.flatnonzero(wanted | telling)
    shares = _shares(asked, enough[here])
    d_pool = pool_effect(_some(shares, telling[here]), clustered=True) if telling.any() else pooled or FLOOR_WITH_CLUSTERS
    shares, enough = _some(shares, wanted[here]), enough[here[wanted[here]]]
    interval, star = _interval(shares, np.full(len(enough), d_pool), kind_of(asked.indicator.name))
    return Figures(
        indicator=asked.indicator.name,
        at=asked.rows[enough],
        value=shares.value,
        variance=shares.variance,
        n=shares.n,
        n_satisfied=shares.n_satisfied,
        n_unsatisfied=shares.n_unsatisfied,
        n_kish=shares.n_kish,
        df=shares.df,
        finite=shares.population,
        lonely=totals.lonely[enough, member],
        over=totals.over[enough, member] / shares.n,
        low=interval.low,
        high=interval.high,
        star=star,
        d_pool=d_pool,
        levels=totals.levels[enough[:, None], np.asarray(asked.block.levels[asked.place], np.int64)].astype(np.int64),
    )


def _shares(asked: _Asked, enough: Ints) -> Shares:
    """Some rows of the totals as shares; only the columns of the indicator are taken out."""
    totals, member, shown = asked.totals, asked.indicator.member, asked.told.shown.take(asked.rows[enough])
    value, variance = estimate(totals, asked.block.pairs, asked.indicator, at=enough)
    n, strata, finite = (table[enough, member] for table in (totals.members, totals.strata, totals.finite))
    satisfied, unsatisfied = _counts(asked, enough)
    census = (finite == strata) & (shown.covered == shown.population) & (shown.population >= n)
    return Shares(
        value=value,
        variance=variance,
        n=n,
        n_satisfied=satisfied,
        n_unsatisfied=unsatisfied,
        n_kish=totals.weights[enough, member] ** 2 / totals.squares[enough, member],
        df=totals.clusters[enough, member] - strata,
        population=np.where(census, shown.population, np.nan),
    )


def _telling(asked: _Asked, enough: Ints) -> Bools:
    """The rows that the design effect of an indicator is pooled from: strata, where one tells; else all, where one does; else none."""
    satisfied, unsatisfied = _counts(asked, enough)
    tells, leaf = np.minimum(satisfied, unsatisfied) >= FEW, asked.told.leaf[asked.rows[enough]]
    return leaf if (tells & leaf).any() else np.full(len(enough), bool(tells.any()))


def _counts(asked: _Asked, enough: Ints) -> tuple[Floats, Floats]:
    """Satisfied and unsatisfied, unweighted."""
    plain = asked.totals.plain
    satisfied, answered = (plain[enough[:, None], np.asarray(columns, np.int64)].sum(axis=1) for columns in counted(asked.indicator))
    return satisfied, answered - satisfied


def _some(shares: Shares, which: Bools) -> Shares:
    return shares if which.all() else Shares(*(getattr(shares, name)[which] for name in Shares.__slots__))


def _interval(shares: Shares, effect: Floats, kind: str) -> tuple[Interval, Floats]:
    if kind == KIND_MEAN:
        return mean_t(shares, effect), np.full(len(shares.n), np.nan)
    if kind == KIND_RATIO:
        with np.errstate(divide="ignore", invalid="ignore"):
            star = np.where(shares.variance > 0, shares.value * (1 - shares.value) / shares.variance, np.nan)
        return logit_t(shares, effect), star
    found = kg20(shares, effect)
    return found, found.n_star


def _added(areas: Areas, values: Ints) -> Floats:
    """What parts have in each period, (parts, periods), added up to domains: period first."""
    return run_sums(values[areas.part], starts(areas.domain)).T.ravel().astype(np.float64)
