"""Which details of the told domains are told: nobody may be left with an item, a factor or an index of fewer than ten people.

A domain is told or hidden by its respondents. An item that only one form asks, or that some left out, has fewer: subtracted from
the whole, what is told of some parts may leave a few people's answers. So each indicator is a table of its own over the same sums.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sipas.reports.areas import is_longest, is_month, list_periods, passes
from sipas.reports.counting import HEADLINE
from sipas.reports.design import Whole, groups_of
from sipas.reports.estimation import Figures, Side
from sipas.reports.grouping import list_sums
from sipas.reports.indicators import Block, main_block
from sipas.reports.lattice import Cell, Lattice, shorter
from sipas.reports.proofs import Proofs
from sipas.reports.protection import Decision
from sipas.reports.told_before import Before
from sipas.reports.weighting import Strata
from sipas.stats.design import Groups
from sipas.stats.disclosure import Rules, Sums, leave_none_small
from sipas.stats.intervals import Bools, Floats
from sipas.stats.verdict import HIDDEN_BELOW, LEAST_FOR_VERDICT
from sipas.stats.weights import Ints
from sipas.store.facts import TOLD, Domain, Said

Which = tuple[str, str, bool]  # block, side, weighted
Hidden = Mapping[Which, Bools]  # (periods and domains, indicators), period first; a block of which everything is told is not there
MAIN = main_block()
EVERYBODY = next(one.member for one in MAIN.indicators if one.name == "all")  # the members who answered anything


def hide_details(
    strata: Strata,
    whole: Whole,
    places: tuple[Mapping[str, Side], Sequence[Block]],
    lattice: Lattice,
    said: tuple[Decision, Mapping[Domain, Said], Before],
    proofs: Proofs | None,
) -> Hidden:
    """Details that this run does not tell, so that no subtraction leaves fewer than ten.

    ``places`` are both sides with their pieces, and the headline's blocks. Without ``proofs`` only what single sums tell is looked at.

    What was told before is a figure of the people of then, who are some of the people of now: whoever kept it can subtract it, too.
    It stays told, whatever it leaves over: only domains of which this run has figures can lose some.
    """
    if not any(one.word == TOLD and domain.channels == HEADLINE for domain, one in said[0].moved.items()):
        return {}
    sides, blocks = places
    ground = _lay(strata, whole, sides, lattice, said)
    hidden: dict[Which, Bools] = {}
    for block in blocks:
        columns = [place for place, one in enumerate(block.indicators) if one.member or block.name != MAIN.name]
        for weighted in (True, False):
            for side, away in _hide_block(ground, whole, (block, columns), proofs, weighted=weighted).items():
                if away.any():
                    hidden[block.name, side, weighted] = np.zeros((len(away), len(block.indicators)), np.bool_)
                    hidden[block.name, side, weighted][:, columns] = away
    return hidden


def without(one: Figures, hidden: Bools) -> Figures:
    """An indicator's figures but those that are hidden; ``hidden`` speaks of all periods and domains."""
    if not hidden[one.at].any():
        return one
    keep = ~hidden[one.at]
    columns: dict[str, Any] = {name: getattr(one, name) for name in Figures.__slots__}
    return replace(one, **{name: column[keep] for name, column in columns.items() if isinstance(column, np.ndarray)})  # type: ignore[arg-type]  # the arrays among them


def members_of(groups: Groups, side: Side, weight: Bools, masks: Bools) -> Ints:
    """How many belong to each indicator: (periods, domains, members); ``weight`` names the strata that count, ``masks`` the months of each period."""
    months, width = masks.shape[1], groups.members.shape[1]
    own = groups.members * weight[side.stratum_of[groups.part]][:, None]
    at = (groups.part * months + groups.month)[:, None] * width + np.arange(width)
    base = np.bincount(at.ravel(), own.ravel(), len(side.stratum_of) * months * width).reshape(-1, months * width)
    begin = np.searchsorted(side.areas.domain, np.arange(len(side.areas.keys)))
    of_domain = np.add.reduceat(base[side.areas.part], begin).reshape(-1, months, width)
    return np.tensordot(masks.astype(np.float64), of_domain, (1, 1)).astype(np.int64)  # whole numbers, far below 2**53


def masks_of(lattice: Lattice) -> dict[str, Bools]:
    """The months of each period of which something is, or was, told: those that are computed now come first."""
    now = list_periods(lattice.months)
    months = np.array(lattice.months)
    earlier = sorted({cell.domain.period for cell in lattice.counts} - now.keys())
    return now | {name: np.isin(months, dict(shorter(name, lattice.months)).get("months", (name,))) for name in earlier}


@dataclass(frozen=True, slots=True)
class _Places:
    """Every period and domain of one side, period first: what the tables of all indicators stand on."""

    side: Side
    group: Ints  # (periods, domains) of people; −1 where nobody answered
    everybody: Ints
    framed: Ints
    told: Bools  # by this run
    weighted: Bools  # and its weighted figures may be


@dataclass(frozen=True, slots=True)
class _Ground:
    """The same for all indicators."""

    strata: Strata
    masks: Mapping[str, Bools]
    each: Bools  # the same as (periods, months)
    now: Mapping[str, Bools]  # those of the periods that this run computes; they come first
    lasting: tuple[Bools, Bools]  # periods that have details, and of them those that have an index
    sums: Sums
    rules: Rules
    places: Mapping[str, _Places]  # by side
    earlier: tuple[Before, Sequence[Domain]]  # what was told of the domains that the last cells stand for


def _lay(
    strata: Strata, whole: Whole, sides: Mapping[str, Side], lattice: Lattice, said: tuple[Decision, Mapping[Domain, Said], Before]
) -> _Ground:
    decision, released, before = said
    masks, months = masks_of(lattice), list_periods(lattice.months)
    lasting = _lasting(masks, months, indexed=False), _lasting(masks, months, indexed=True)
    each = np.array(list(masks.values()))
    mains = {kind: groups for kind in sides if (groups := groups_of(whole, HEADLINE, kind, MAIN.name)) is not None and len(groups.part)}
    people = {kind: members_of(groups, sides[kind], _everywhere(strata), each) for kind, groups in mains.items()}
    named, sums = list_sums(replace(lattice, counts=_answered(lattice, sides, people, masks)))
    earlier = [domain for domain in named if domain in released and released[domain].word == TOLD]
    with_earlier = _with_earlier(sums, np.array([named[domain] for domain in earlier], np.int64))
    fixed, worth = np.arange(with_earlier.cells) >= sums.cells, np.zeros(with_earlier.cells, np.int64)
    places: dict[str, _Places] = {}
    of_kind: dict[str, list[tuple[Domain, int]]] = {kind: [] for kind in mains}
    for domain, at in named.items():
        of_kind[domain.side].append((domain, at))
    for kind, groups in mains.items():
        side, everybody = sides[kind], people[kind][:, :, 0]
        framed = members_of(groups, side, strata.framed, each)[:, :, 0]
        group = np.full(everybody.shape, -1, np.int64)
        told, weighted = np.zeros(everybody.shape, np.bool_), np.zeros(everybody.shape, np.bool_)
        rows, columns = {period: p for p, period in enumerate(masks)}, _numbered(side)
        for domain, at in of_kind[kind]:
            p, d = rows[domain.period], columns[domain.unit_id, domain.sector]
            group[p, d], told[p, d] = at, decision.tells(domain)
            weighted[p, d] = told[p, d] and (domain, True) not in decision.silent
            worth[at] = max(worth[at], 2 * (domain.unit_id in lattice.tops) + (not is_month(domain.period)))
        places[kind] = _Places(side, group, everybody, framed, told, weighted & (framed > 0))
    return _Ground(strata, masks, each, months, lasting, with_earlier, Rules(HIDDEN_BELOW, fixed, worth), places, (before, earlier))


def _with_earlier(sums: Sums, now: Ints) -> Sums:
    """More cells, for the people whom domains had when they were told before: those of now are these and the ones that came since."""
    more = np.arange(len(now))
    return Sums(
        np.concatenate([sums.total, now]),
        np.concatenate([sums.row, len(sums.total) + more]),
        np.concatenate([sums.part, sums.cells + more]),
        sums.cells + len(now),
    )


def _answered(lattice: Lattice, sides: Mapping[str, Side], people: Mapping[str, Ints], masks: Mapping[str, Bools]) -> dict[Cell, int]:
    """Everybody who answered anything, by domain: a few leave out the overall question, and are none of its respondents."""
    counts: dict[Cell, int] = {}
    rows, columns = {period: p for p, period in enumerate(masks)}, {kind: _numbered(side) for kind, side in sides.items()}
    for cell in lattice.counts:
        period, unit, kind, sector, channels = cell.domain
        if channels == HEADLINE and not cell.frame and kind in people:
            counts[cell] = int(people[kind][rows[period], columns[kind][unit, sector], EVERYBODY])
    periods, now = list(masks), list_periods(lattice.months)
    for kind, members in people.items():
        alone = (members[:, :, EVERYBODY] > 0) & (members[:, :, 0] == 0)  # nobody answered the overall question
        for p, d in zip(*(place.tolist() for place in np.nonzero(alone)), strict=True):
            domain = Domain(periods[p], *_key(sides[kind], d), HEADLINE)
            if stands_in_sums(lattice, domain, now):
                counts[Cell(domain)] = int(members[p, d, EVERYBODY])
    return counts


def _numbered(side: Side) -> dict[tuple[int, str], int]:
    return {key: place for place, key in enumerate(side.areas.keys)}


def _key(side: Side, domain: int) -> tuple[int, str, str]:
    unit, sector = side.areas.keys[domain]
    return unit, side.areas.side, sector


def stands_in_sums(lattice: Lattice, domain: Domain, now: Container[str]) -> bool:
    """Whether a reader would look for a domain: it is published, or would be if anybody had answered the overall question."""
    return Cell(domain) in lattice.counts or (domain.period in now and domain not in lattice.finer)


def _hide_block(
    ground: _Ground, whole: Whole, which: tuple[Block, list[int]], proofs: Proofs | None, *, weighted: bool
) -> dict[str, Bools]:
    """What is not told of a block, by side: (periods and domains, columns)."""
    block, columns = which
    if not weighted and block.name != MAIN.name and not any((there.told & (there.framed == 0)).any() for there in ground.places.values()):
        return {}
    counts = np.zeros((ground.sums.cells, len(columns)), np.int64)
    told = np.zeros(counts.shape, np.bool_)
    may: dict[str, Bools] = {}
    for kind, there in ground.places.items():
        groups = groups_of(whole, HEADLINE, kind, block.name)
        if groups is None or not len(groups.part):
            continue
        some = ground.strata.framed if weighted else _everywhere(ground.strata)
        members = members_of(groups, there.side, some, ground.each)
        own = members[:, :, [block.indicators[place].member for place in columns]]
        may[kind] = _may(ground, there, block, members[:, :, block.overall], weighted=weighted)[:, :, None] & (own >= _least(ground, block))
        known = there.group >= 0
        counts[there.group[known]] = own[known]
        np.logical_or.at(told, there.group[known], may[kind][known])
    if not told.any():
        return {}
    names = [block.indicators[place].name for place in columns]
    _tell_earlier(ground, names, (counts, told), weighted=weighted)
    kept = leave_none_small(counts, told, ground.sums, ground.rules)
    kept = proofs.settle([(block.name, name, weighted) for name in names], counts, kept, ground.sums, ground.rules) if proofs else kept
    away = {kind: (own & ~kept[ground.places[kind].group])[: len(ground.now)] for kind, own in may.items()}
    return {kind: one.reshape(-1, len(columns)) for kind, one in away.items()}


def _tell_earlier(ground: _Ground, names: Sequence[str], of: tuple[Ints, Bools], *, weighted: bool) -> None:
    """Put in (in place) what was told of a block before. Where answers were taken away since, only a correction tells the rest."""
    (before, domains), (counts, told) = ground.earlier, of
    for at, domain in enumerate(domains, start=len(counts) - len(domains)):
        counts[at] = [before.get(name, domain, weighted=weighted) for name in names]
    now = counts[ground.sums.total[len(ground.sums.total) - len(domains) :]]
    old = counts[len(counts) - len(domains) :]
    old[old > now] = 0
    told[len(counts) - len(domains) :] = old > 0


def _may(ground: _Ground, there: _Places, block: Block, asked: Ints, *, weighted: bool) -> Bools:
    """Where a block is told by itself: (periods, domains); ``asked`` counts those who gave a level to its overall item."""
    bare = there.framed == 0  # details stand unweighted only where there is nothing else; the measures of all answers stand beside
    may = there.weighted if weighted else there.told & (bare | (block.name == MAIN.name))
    may = may & ground.lasting[block.name.startswith("index:")][:, None]
    return may if block.name == MAIN.name else may & leaves_enough(there.everybody - asked)


def leaves_enough(left: Ints | Floats) -> Bools:
    """Whether another instrument's or form's answers, which are what is left of the sector's, are none or ten."""
    return (left <= 0) | (left >= HIDDEN_BELOW)


def _lasting(periods: Iterable[str], now: Mapping[str, Bools], *, indexed: bool) -> Bools:
    """Which periods have, or had, such details."""

    def lasts(period: str) -> bool:
        if period not in now:  # a year to date that was told with its details when it was new
            return not indexed or "-ytd-" in period
        return is_longest(period, now) if indexed else not passes(period, now)

    return np.array([lasts(period) for period in periods], np.bool_)


def _least(ground: _Ground, block: Block) -> Ints:
    """Answers that an indicator of a block needs by itself: (periods, 1, 1)."""
    months = np.array([is_month(period) and block.name != MAIN.name for period in ground.masks])
    return np.where(months, LEAST_FOR_VERDICT, HIDDEN_BELOW)[:, None, None]


def _everywhere(strata: Strata) -> Bools:
    return np.ones(len(strata.keys), np.bool_)
