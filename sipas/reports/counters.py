"""Results below the unit: the overall share at each counter, for the head of the unit and of the province alone (decision 5).

Nothing is stored. Figures are counted from the extract at each look, of quarters that are over: what has been told does not grow by
an answer from one day to the next. They are unweighted, because no frame counts dossiers by counter.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sipas.extract import Extract, Known
from sipas.extract.table import WeekTable
from sipas.instrument.model import FRAME_KINDS, OVERALL, Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.areas import ADDED_UP, family_of
from sipas.reports.counter_groups import NO_COUNTER, Arranged, Count, Counted, arrange_year
from sipas.reports.lines import Estimate, UnitMark, Words
from sipas.reports.lining import name_of, sector_order
from sipas.reports.released import mark_of
from sipas.reports.sample import items_of, month_of
from sipas.stats.estimators import as_shares, share
from sipas.stats.intervals import FLOOR_WITH_CLUSTERS, Bools, kg20
from sipas.stats.sampling import design
from sipas.stats.verdict import UNRELIABLE_WIDTH
from sipas.stats.weights import Ints
from sipas.store.facts import list_facts, list_released_periods
from sipas.store.reading import Session
from sipas.store.units import Unit, list_counters
from sipas.terms import Week, last_thursday

SATISFIED = (4, 5)
Group = tuple[str, str]  # a family of procedures, or a public service with the kind of its population where it has several


@dataclass(frozen=True, slots=True)
class CounterLine:
    """One counter, or several that are told together."""

    names: tuple[str, ...]
    estimate: Estimate | None  # None: nothing is told
    reason: str  # of nothing: small or protects


@dataclass(frozen=True, slots=True)
class CounterCard:
    """What one unit's counters do for one family of procedures, or one public service; by name, never by rank."""

    sector: str
    kind: str  # visit or discharge, where the sector has several kinds; else empty
    name: Words
    lines: tuple[CounterLine, ...]


@dataclass(frozen=True, slots=True)
class CounterTable:
    """The page of a unit's counters in one period."""

    wave: str
    period: str  # "" while no quarter is over
    periods: tuple[str, ...]  # newest first, the year to date before its quarters
    unit: UnitMark
    cards: tuple[CounterCard, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """The headline answers of one unit, in no order."""

    counter: Ints
    group: Ints  # position in ``groups``
    cluster: Ints
    quarter: Ints  # position in ``quarters``
    code: Ints  # of the overall item
    groups: tuple[Group, ...]
    quarters: tuple[str, ...]


def finished_quarters(weeks: Sequence[Known], wave: Wave, day: date) -> tuple[str, ...]:
    """Quarters with answers whose last week has been closed, oldest first."""
    months: dict[str, list[Known]] = {}
    for known in weeks:
        months.setdefault(quarter_of(month_of(known.week, wave)), []).append(known)
    newest = quarter_of(Week.of(day).month)
    return tuple(sorted(name for name, some in months.items() if name < newest and all(known.closed for known in some)))


def periods_of(quarters: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Every period that is offered, with its quarters: newest year first, and its sums to date, as they were told, before its quarters."""
    periods: dict[str, tuple[str, ...]] = {}
    for year in sorted({quarter[:4] for quarter in quarters}, reverse=True):
        own = tuple(quarter for quarter in quarters if quarter[:4] == year)
        for until in range(len(own), 1, -1):
            last = own[until - 1]
            periods[year if last.endswith("Q4") else f"{year}-ytd-{last_thursday(last).month:02d}"] = own[:until]
        periods |= {quarter: (quarter,) for quarter in reversed(own)}
    return periods


def quarter_of(month: str) -> str:
    """``2026-Q4`` of ``2026-11``."""
    return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"


def read_counters(
    session: Session, shelf: Shelf, extract: Extract, *, wave: str, unit: Unit, day: date, period: str = ""
) -> CounterTable | None:
    """The counters of a unit; the newest period where none is named, None for one that is not offered."""
    chosen = shelf.waves[wave]
    weeks = extract.list_known(session, wave)
    quarters = finished_quarters(weeks, chosen, day)
    periods = periods_of(quarters)
    if period and period not in periods:
        return None
    period = period or next(iter(periods), "")
    if not period:
        return CounterTable(wave, "", (), mark_of(unit), ())
    year = tuple(quarter for quarter in quarters if quarter[:4] == period[:4] and quarter <= periods[period][-1])
    mine = [known for known in weeks if quarter_of(month_of(known.week, chosen)) in year]
    answers = read_answers(extract.tables(session, wave, mine, items_of(shelf)), shelf, chosen, unit.id, year)
    names = {counter.id: counter.name for counter in list_counters(session, unit.id)}
    effect = _effect(session, wave, unit.id)
    cards = tuple(_card(answers, shelf, group, (periods[period], names, effect)) for group in _in_order(answers.groups, shelf, chosen))
    return CounterTable(wave, period, tuple(periods), mark_of(unit), cards)


def read_answers(tables: Iterable[WeekTable], shelf: Shelf, wave: Wave, unit: int, quarters: tuple[str, ...]) -> Answers:
    """The headline answers of a unit from the weeks of some quarters; those in quarantine are left out."""
    found: list[tuple[Ints, ...]] = []
    groups: dict[Group, int] = {}
    first = 0
    for table in tables:
        rows = np.flatnonzero(_chosen(table, shelf, wave, unit))
        cluster = table.numbers["cluster"][rows].astype(np.int64) + first
        first += int(table.numbers["cluster"].max(initial=-1)) + 1
        quarter = np.full(len(rows), quarters.index(quarter_of(month_of(table.week, wave))), np.int64)
        code = table.codes[OVERALL][rows].astype(np.int64) if OVERALL in table.codes else np.zeros(len(rows), np.int64)
        both = zip(*(np.array(table.words[name], np.object_)[table.places[name][rows]] for name in ("sector", "instrument")), strict=True)
        group = [groups.setdefault(_group(shelf, sector, instrument), len(groups)) for sector, instrument in both]
        found.append((table.numbers["counter"][rows].astype(np.int64), np.array(group, np.int64), cluster, quarter, code))
    counter, of_group, cluster, quarter, code = (np.concatenate(column) for column in zip(*found, strict=True))
    return Answers(counter, of_group, cluster, quarter, code, tuple(groups), quarters)


def _chosen(table: WeekTable, shelf: Shelf, wave: Wave, unit: int) -> Bools:
    def told(name: str, words: Collection[str]) -> Bools:
        good = np.array([word in words for word in table.words[name]], np.bool_)
        return np.asarray(good[table.places[name]]) if len(good) else np.zeros(table.n, np.bool_)

    headline = [channel.value for channel in wave.headline]
    sound = told("channel", headline) & told("quarantine", ("",)) & told("instrument", shelf.instruments)
    return np.asarray(sound & (table.numbers["unit"] == unit))


def _group(shelf: Shelf, sector: str, instrument: str) -> Group:
    """A family of procedures as one; of a public service each kind of population by itself, for kinds never add up."""
    if (family := family_of(shelf, sector)) in ADDED_UP:
        return family, ""
    several = sector in shelf.sectors and len(shelf.sectors[sector].kinds) > 1
    return sector, shelf.instruments[instrument].kind if several else ""


def _in_order(groups: Sequence[Group], shelf: Shelf, wave: Wave) -> list[Group]:
    order = {sector: place for place, sector in enumerate(sector_order(shelf, wave))}
    return sorted(groups, key=lambda group: (order.get(group[0], len(order)), FRAME_KINDS.index(group[1]) if group[1] else -1))


def _card(answers: Answers, shelf: Shelf, group: Group, where: tuple[tuple[str, ...], Mapping[int, str], float]) -> CounterCard:
    quarters, names, effect = where
    mine = (answers.group == answers.groups.index(group)) & (answers.code > 0)
    counted = [_count(answers, mine & (answers.quarter == place)) for place in range(len(answers.quarters))]
    single, whole = arrange_year(counted)
    arranged = whole if len(quarters) > 1 else single[answers.quarters.index(quarters[0])]
    inside = mine & np.isin(answers.quarter, [answers.quarters.index(quarter) for quarter in quarters])
    return CounterCard(*group, name_of(shelf, group[0]), tuple(_lines(answers, inside, arranged, (names, effect))))


def _count(answers: Answers, rows: Bools) -> Counted:
    counters, place = np.unique(answers.counter[rows], return_inverse=True)
    n = np.bincount(place, minlength=len(counters))
    less = np.bincount(place, ~np.isin(answers.code[rows], SATISFIED), len(counters))
    return {int(counter): Count(int(n[k]), int(less[k])) for k, counter in enumerate(counters)}


def _lines(answers: Answers, inside: Bools, arranged: Arranged, told: tuple[Mapping[int, str], float]) -> list[CounterLine]:
    """By name, whether told or not; a counter that has left the unit keeps its number."""
    names, effect = told
    told_as = [(counter,) for counter in arranged.alone] + ([arranged.together] if arranged.together else [])
    groups = [tuple(sorted(group, key=lambda one: in_order(names.get(one, str(one))))) for group in told_as]
    lines = dict(zip(groups, _estimates(answers, inside, groups, effect), strict=True))
    hidden = dict.fromkeys(arranged.small, "small") | dict.fromkeys(arranged.protecting, "protects")
    every = [(group, lines[group], "") for group in groups] + [((counter,), None, reason) for counter, reason in hidden.items()]
    named = [CounterLine(tuple(names.get(one, str(one)) for one in group), estimate, reason) for group, estimate, reason in every]
    return sorted(named, key=lambda line: in_order(line.names[0]))


def in_order(name: str) -> tuple[str | int, ...]:
    """A sorting key in which counter 10 follows counter 9."""
    return tuple(int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name))


def _estimates(answers: Answers, inside: Bools, groups: Sequence[tuple[int, ...]], effect: float) -> list[Estimate]:
    """Each counter is a stratum of its own, and each of its days a cluster: nothing is borrowed from the others."""
    rows = np.flatnonzero(inside & (answers.counter != NO_COUNTER))
    if not groups:
        return []
    _, stratum = np.unique(answers.counter[rows], return_inverse=True)
    _, cluster = np.unique(np.column_stack((answers.counter[rows], answers.cluster[rows])), axis=0, return_inverse=True)
    member = np.column_stack([np.isin(answers.counter[rows], group) for group in groups])
    made = share(design(stratum, cluster), answers.code[rows].astype(np.float64), SATISFIED, member)
    shares = as_shares(made)
    limits = kg20(shares, np.full(len(groups), effect))
    return [
        Estimate(
            value=float(shares.value[k]),
            low=float(limits.low[k]),
            high=float(limits.high[k]),
            n=int(shares.n[k]),
            n_effective=float(limits.n_star[k]),
            se=float(np.sqrt(shares.variance[k])),
            df=float(shares.df[k]),
            population=None,
            coverage=None,
            late_share=None,
            weighted=False,
            n_satisfied=int(shares.n_satisfied[k]),
            n_unsatisfied=int(shares.n_unsatisfied[k]),
            flags=("unreliable",) if limits.high[k] - limits.low[k] >= UNRELIABLE_WIDTH else (),
        )
        for k in range(len(groups))
    ]


def _effect(session: Session, wave: str, unit: int) -> float:
    """The design effect that the run pooled for the unweighted headline; what is assumed where there is none yet."""
    newest = list(list_released_periods(session, wave))[-1:]
    facts = list_facts(session, wave, newest, units=[unit], indicators=["overall"]) if newest else ()
    pooled = [fact.d_pool for fact in facts if fact.channels == "headline" and not fact.weighted and fact.d_pool]
    return pooled[0] if pooled else FLOOR_WITH_CLUSTERS
