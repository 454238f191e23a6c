"""One channel set on one side: figures, verdicts, and the rows of those domains that may be released anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.areas import is_longest, is_month, passes
from sipas.reports.counting import HEADLINE, WITH_ASIDE
from sipas.reports.detailing import Hidden, leaves_enough, without
from sipas.reports.estimation import Design, Figures, Side, Told, behind, figures, leaves, sums
from sipas.reports.indicators import KIND_SHARE, Block, kind_of
from sipas.reports.judging import Chain, Known, Promises, judge_figures, promises
from sipas.reports.protection import Decision
from sipas.reports.rows import Row, Table, fact_rows
from sipas.reports.weighting import Strata
from sipas.stats.design import Groups
from sipas.stats.intervals import Bools, Floats
from sipas.stats.verdict import HIDDEN_BELOW
from sipas.stats.weights import Ints
from sipas.store.facts import TOLD, Domain

JUDGED = (HEADLINE, "O", WITH_ASIDE)  # what O alone says is marked as indicative where it is shown
Context = tuple[Shelf, Wave, Strata, "Frozen"]


@dataclass(frozen=True)
class Frozen:
    """What a run computes with, the same for every channel set."""

    decision: Decision
    chains: Mapping[int, Chain]  # (tier, code) of a unit and its ancestors, nearest first
    paths: Mapping[int, str]
    targets: Known  # resolved so far
    details: Hidden  # what a subtraction would leave too few of

    @cached_property
    def told(self) -> Mapping[tuple[str, str], Sequence[Domain]]:
        """The domains whose figures this run tells, by side and channel set."""
        found: dict[tuple[str, str], list[Domain]] = defaultdict(list)
        for domain, said in self.decision.moved.items():
            if said.word == TOLD:
                found[domain.side, domain.channels].append(domain)
        return found


@dataclass(frozen=True, slots=True)
class Published:
    """One channel set on one side, ready to be stored, and what its cells are written from."""

    channels: str
    side: str
    rows: list[Row]
    moved: int  # domains whose figures this run tells
    everybody: Floats  # respondents by period and domain
    designs: tuple[Design, ...]
    groups: tuple[tuple[Block, Groups], ...]
    d_pool: dict[str, float]
    merged: list[list[object]]  # unit, sector, months that share a cell
    over: list[list[object]]  # unit, sector
    lonely: int


def publish(
    designs: Sequence[Design],
    side: Side,
    groups: Sequence[tuple[Block, Groups]],
    periods: Mapping[str, Bools],
    context: Context,
    *,
    apart: Floats | None = None,
) -> Published:
    """All figures of a channel set on one side; the first block holds the overall share, the others are details.

    Where ``apart`` counts the answers of another set, only domains are told that have ten more: fewer would be told by subtraction.
    """
    _, _, strata, frozen = context
    totals = [sums(groups[0][1], groups[0][0], design, side, periods) for design in designs]
    everybody = totals[-1].members[:, 0]  # unweighted, overall
    framed = totals[0].members[:, 0] if designs[0].weighted else np.zeros(len(everybody))
    shown = everybody if apart is None else np.where(everybody - apart >= HIDDEN_BELOW, everybody, 0)
    table = _table(designs[0].channels, side, periods, strata, (shown, framed), frozen)
    promised = promises(context[0], context[1], side.areas.keys, tuple(periods), frozen.chains, frozen.targets)
    rows: list[Row] = []
    d_pool: dict[str, float] = {}
    leaf, detailed = leaves(side.areas, periods), _detailed(periods)
    for design, summed in zip(designs, totals, strict=True):
        told = Told(behind(groups[0][1], design, side, periods), leaf, table.moved)
        made = figures(summed, groups[0][0], told, np.arange(len(everybody)), None)
        d_pool |= {f"{one.indicator}, {'weighted' if design.weighted else 'unweighted'}": one.d_pool for one in made[:1]}
        away = frozen.details.get((groups[0][0].name, side.areas.side, design.weighted))
        rows += _main_rows(table, design, told, _some(made, away), promised)
        for block, of_block in groups[1:]:
            rows += _detail_rows(table, (design, side, told, detailed), (block, of_block), (promised, frozen.details), made[0].d_pool)
    return Published(
        channels=designs[0].channels,
        side=side.areas.side,
        rows=rows,
        moved=int(table.moved.sum()),
        everybody=everybody,
        designs=tuple(designs),
        groups=tuple(groups),
        d_pool=d_pool,
        merged=_merged(designs[0], strata),
        over=[[*strata.keys[h]] for h in np.flatnonzero(designs[0].weighting.over_frame & designs[0].usable).tolist()],
        lonely=int(np.sum(designs[0].cells.clusters == 1)),
    )


def _main_rows(table: Table, design: Design, told: Told, made: Sequence[Figures], promised: Promises) -> list[Row]:
    judged_here: NDArray[np.bool_] = np.ones(len(table.period), np.bool_) if design.weighted else table.framed == 0
    judged_here = judged_here & ((table.channels in JUDGED) and table.side == "receiving")
    rows: list[Row] = []
    for one in made:
        rows += fact_rows(table, design, told.shown, one, (judge_figures(one, promised, judged_here), promised))
    return rows


def _detail_rows(
    table: Table,
    where: tuple[Design, Side, Told, Mapping[bool, _Detailed]],
    block: tuple[Block, Groups],
    rules: tuple[Promises, Hidden],
    d_pool: float,
) -> list[Row]:
    (design, side, told, detailed), (promised, hidden) = where, rules
    here, domains = detailed[block[0].name.startswith("index:")], len(side.areas.keys)
    at = (here.places[:, None] * domains + np.arange(domains)).ravel()
    wanted = np.zeros(len(table.period), np.bool_)
    wanted[at] = table.moved[at] & ~table.passing[at]
    if not design.weighted:
        wanted &= table.framed == 0  # details stand unweighted only where there is nothing else
    groups = block[1] if any(kind_of(one.name) == KIND_SHARE for one in block[0].indicators) else _behind(block[1], side, wanted)
    if not wanted.any() or not len(groups.part):
        return []
    summed = sums(groups, block[0], design, side, here.periods)
    wanted[at] &= leaves_enough(table.everybody[at] - summed.members[:, block[0].overall])
    rows: list[Row] = []
    made = figures(summed, block[0], replace(told, wanted=wanted), at, d_pool)
    for one in _some(made, hidden.get((block[0].name, side.areas.side, design.weighted))):
        rows += fact_rows(table, design, told.shown, one, (None, promised))
    return rows


def _some(made: Sequence[Figures], hidden: Bools | None) -> Sequence[Figures]:
    """The figures of a block but those that a subtraction would leave too few of."""
    return made if hidden is None else [without(one, hidden[:, place]) for place, one in enumerate(made)]


def _behind(groups: Groups, side: Side, wanted: Bools) -> Groups:
    """Only what the wanted domains are made of; items are pooled over all strata, and need them all."""
    domains = np.asarray(wanted.reshape(-1, len(side.areas.keys)).any(axis=0), np.bool_)
    parts = np.zeros(len(side.stratum_of), np.bool_)
    parts[side.areas.part[domains[side.areas.domain]]] = True
    keep = parts[groups.part]
    return groups if keep.all() else Groups(*(getattr(groups, name)[keep] for name in Groups.__slots__))


@dataclass(frozen=True, slots=True)
class _Detailed:
    """The periods that have details of one kind, and their places among all."""

    places: Ints
    periods: Mapping[str, Bools]


def _detailed(periods: Mapping[str, Bools]) -> Mapping[bool, _Detailed]:
    """All have details but a year to date that is there only to be compared with; an index (True) has a year, or its year to date."""
    kept = {True: [is_longest(name, periods) for name in periods], False: [not passes(name, periods) for name in periods]}
    return {
        index: _Detailed(np.flatnonzero(there), {name: months for (name, months), own in zip(periods.items(), there, strict=True) if own})
        for index, there in kept.items()
    }


def _table(
    channels: str, side: Side, periods: Mapping[str, Bools], strata: Strata, answers: tuple[Floats, Floats], frozen: Frozen
) -> Table:
    keys, (everybody, framed) = side.areas.keys, answers
    domains = len(keys)
    period = np.repeat(np.array(list(periods), np.object_), domains)
    unit = np.tile(np.array([unit for unit, _ in keys], np.int64), len(periods))
    sector = np.tile(np.array([sector for _, sector in keys], np.object_), len(periods))
    begin, column = {name: p * domains for p, name in enumerate(periods)}, {key: place for place, key in enumerate(keys)}
    moved = np.zeros(len(period), np.bool_)
    for domain in frozen.told[side.areas.side, channels]:
        if domain.period in begin:  # what is counted again is counted for some periods
            moved[begin[domain.period] + column[domain.unit_id, domain.sector]] = True
    moved &= everybody > 0

    def by_period(told: Sequence[bool]) -> Bools:
        return np.repeat(np.array(told, np.bool_), domains)

    passing = by_period([passes(name, periods) for name in periods])
    monthly = by_period([is_month(name) for name in periods])
    late = by_period([bool((strata.provisional & months).any()) for months in periods.values()])
    return Table(side.areas.side, channels, period, unit, sector, moved, passing, monthly, late, everybody, framed)


def _merged(design: Design, strata: Strata) -> list[list[object]]:
    chosen = np.flatnonzero(design.usable & design.weighting.calibrated & (design.cells.clusters > 0))
    _, first, size = np.unique(design.weighting.cell[chosen], return_index=True, return_counts=True)  # no two strata share a number
    found: list[list[object]] = []
    for at, k in zip(first[size > 1].tolist(), size[size > 1].tolist(), strict=True):
        h, a = divmod(at, len(strata.months))
        found.append([*strata.keys[chosen[h]], strata.months[a], strata.months[a + k - 1]])
    return found
