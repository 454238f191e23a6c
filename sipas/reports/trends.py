"""One figure of a unit over its periods: the slope a month with its interval, and the breaks that no slope crosses.

Everything comes from released facts. Periods are taken as independent: a counter-day is one cluster and lies in one period, and months
with a calibration cell of their own share no weight. Neighbouring months that had to share a cell are listed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.areas import is_longest, is_month
from sipas.reports.counting import HEADLINE, RECEIVING
from sipas.reports.fixed_mix import FixedMix, find_mix
from sipas.reports.indicators import KIND_SHARE, kind_of
from sipas.reports.judging import find_target
from sipas.reports.lines import Estimate, UnitMark, Words
from sipas.reports.lining import in_order, name_of, place_of, sector_order
from sipas.reports.pairs import evidence_of
from sipas.reports.released import estimate_of, is_indicative, mark_of
from sipas.reports.succession import joined, read_succession
from sipas.stats.evidence import Limits, wilson
from sipas.stats.trend import Trend, trend
from sipas.store.facts import FEW, OVERALL, PROTECTS, Fact, list_answered_periods, list_facts, list_released_periods, list_shown_runs
from sipas.store.reading import Session
from sipas.store.units import Unit
from sipas.terms import last_thursday

STEPS: Mapping[str, int] = MappingProxyType({"month": 1, "quarter": 3, "year": 12})  # months in each
LEAST_POINTS = 2
WAVE, MEASURE, WEIGHTS, BORDERS = "wave", "measure", "weights", "borders"  # why a series breaks


@dataclass(frozen=True, slots=True)
class Break:
    """A new series begins with a period; ``name`` of another unit where borders moved."""

    period: str
    reasons: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One period on the axis; without an estimate nothing may be told of it, or nobody answered."""

    period: str
    when: float  # months since the year 0: the middle of the months that were asked about
    estimate: Estimate | None
    hidden: str  # why not: "few" answers, or "protects" others; empty where it is told
    partial: bool  # a quarter or year of which not every month has answers
    target: float | None
    piece: int  # between which breaks it lies


@dataclass(frozen=True, slots=True)
class Series:
    """A figure over time. Slopes are percentage points a month; of a mean, points of the scale 1-5."""

    unit: UnitMark
    sector: str
    name: Words
    sectors: tuple[tuple[str, Words], ...]
    statistic: str
    step: str
    steps: tuple[str, ...]  # that have at least two periods told
    points: tuple[Point, ...]
    breaks: tuple[Break, ...]
    pieces: tuple[Trend, ...]
    mix: FixedMix | None  # the same slope at one mix of channels, where there is one slope and the mix may be told
    shared: tuple[tuple[str, str], ...]  # first and last of neighbouring months with one calibration cell
    indicative: bool
    run_id: int | None

    @property
    def told(self) -> tuple[Point, ...]:
        return tuple(point for point in self.points if point.estimate)

    @property
    def placed(self) -> tuple[tuple[int, Trend], ...]:
        """Each slope with the number of its piece: a piece without a figure has none."""
        return tuple(zip(sorted({point.piece for point in self.told}), self.pieces, strict=True))


@dataclass(frozen=True, slots=True)
class _Dated:
    """A fact, the wave that it came from, and what its instruments measure."""

    fact: Fact
    wave: str
    measures: tuple[str, ...]


def read_series(session: Session, shelf: Shelf, *, wave: str, unit: Unit, sector: str = "", step: str = "") -> Series | None:
    """The series of a sector; of the first with answers where none is named. None for a sector in which the unit received nothing."""
    waves = [one for one in shelf.waves.values() if one.demonstration == shelf.waves[wave].demonstration]
    succession = read_succession(session, unit)
    offered = in_order(_sectors(session, waves, succession.units), sector_order(shelf, shelf.waves[wave]))
    if (sector and sector not in offered) or (step and step not in STEPS):
        return None
    sector = sector or next(iter(offered), "")
    statistic = _statistic(session, shelf, shelf.waves[wave], unit, sector)
    found = [dated for one in waves for dated in _facts(session, shelf, one, succession.units, (sector, statistic))]
    steps = tuple(name for name in STEPS if sum(bool(estimate_of(one.fact)) for one in _of_step(found, name)) >= LEAST_POINTS)
    chosen = step or next(iter(steps), "month")
    series = _of_step(found, chosen)
    asked = _asked(session, waves, succession.units, [one.fact.period for one in series])
    breaks = _breaks(series, succession.breaks if chosen == "month" else _moved(succession.breaks, chosen))
    points = _points(series, breaks, asked, STEPS[chosen])
    runs = [one.fact.run_id for one in series]
    mixed = statistic == OVERALL and bool(series) and not breaks
    return Series(
        unit=mark_of(unit),
        sector=sector,
        name=name_of(shelf, sector) if sector else {},
        sectors=tuple((one, name_of(shelf, one)) for one in offered),
        statistic=statistic,
        step=chosen,
        steps=steps,
        points=points,
        breaks=breaks,
        pieces=slopes(points, {one.fact.period: one.fact for one in series}, breaks),
        mix=_mix(session, series[-1], succession.units, (sector, chosen)) if mixed else None,
        shared=_shared(session, waves, unit.id, sector) if chosen == "month" else (),
        indicative=any(is_indicative(shelf.waves[one.wave], HEADLINE) for one in series),
        run_id=max(runs, default=None),
    )


def slopes(points: Sequence[Point], facts: Mapping[str, Fact], breaks: Sequence[Break]) -> tuple[Trend, ...]:
    """The slope of each piece, in points a month: shares with Wilson's limits from their guarded evidence, others with their own."""
    told = [point for point in points if point.estimate]
    if not told:
        return ()
    own = [facts[point.period] for point in told]
    share = kind_of(own[0].indicator) == KIND_SHARE
    limits = (
        wilson(evidence_of(own))
        if share
        else Limits(*(np.array([getattr(fact, name) for fact in own]) for name in ("value", "low", "high")))
    )
    scale = 1.0 if own[0].indicator == "mean" else 100.0
    limits = Limits(scale * limits.value, scale * limits.low, scale * limits.high)
    variance = np.array([scale * (fact.se or 0.0) for fact in own]) ** 2
    begins = {one.period for one in breaks}
    starts = [point.when for point in points if point.period in begins]
    df = float(sum(fact.df or 0.0 for fact in own))
    when = np.array([point.when for point in told])
    return trend(limits.value, np.diag(variance), when, df, breaks=[start - 0.01 for start in starts], limits=limits)


def _mix(session: Session, last: _Dated, units: Sequence[int], what: tuple[str, str]) -> FixedMix | None:
    """The slope at one mix that is kept with the run whose figure of the newest year is released; None where another unit's history is in it."""
    sector, step = what
    periods = list_released_periods(session, last.wave)
    years = [period for period in periods if is_longest(period, periods)]
    facts = list_facts(session, last.wave, years, units=units, indicators=(OVERALL,))
    own = [fact for fact in facts if (fact.side, fact.sector, fact.channels) == (RECEIVING, sector, HEADLINE)]
    newest = [fact for fact in own if fact.period == max(one.period for one in own) and estimate_of(fact)]
    fact = max(newest, key=lambda one: one.weighted, default=None)
    if fact is None or any(one.unit_id != units[0] for one in own):
        return None
    return find_mix(session, fact.run_id, units[0], (sector, step, fact.weighted))


def _statistic(session: Session, shelf: Shelf, wave: Wave, unit: Unit, sector: str) -> str:
    """What the promise in force at the wave's end counts."""
    if not sector:
        return OVERALL
    period = f"{wave.last_day:%Y-%m}"
    place, _ = place_of(session, shelf, wave, unit, period)
    promised = find_target(shelf, wave, place.chain, sector, last_thursday(period))
    return promised.target.statistic if promised else OVERALL


def _sectors(session: Session, waves: Sequence[Wave], units: Collection[int]) -> tuple[str, ...]:
    found = set()
    for wave in waves:
        years = [period for period in list_released_periods(session, wave.code) if len(period) == len("2026") or "-ytd-" in period]
        for fact in list_facts(session, wave.code, years, units=units, indicators=("overall",)):
            if fact.side == RECEIVING and fact.channels == HEADLINE:
                found.add(fact.sector)
    return tuple(found)


def _facts(session: Session, shelf: Shelf, wave: Wave, units: Collection[int], what: tuple[str, str]) -> list[_Dated]:
    """The headline facts of a sector, one a period: the weighted where there is one, units of one history joined."""
    sector, statistic = what
    periods = [period for period in list_released_periods(session, wave.code) if "-ytd-" not in period]
    best: dict[tuple[str, int], Fact] = {}
    for fact in list_facts(session, wave.code, periods, units=units, indicators=("overall", statistic)):
        if (fact.side, fact.sector, fact.channels) != (RECEIVING, sector, HEADLINE):
            continue
        known = best.get((fact.period, fact.unit_id))
        if fact.indicator == statistic or not estimate_of(fact):
            best[fact.period, fact.unit_id] = fact if known is None or fact.weighted else known
    codes = {code for one in _members(shelf, sector) for code in shelf.sectors[one].instruments}
    measures = {run.id: _measures(run.instruments, codes) for run in list_shown_runs(session, wave.code)}
    told = []
    for period in sorted({period for period, _ in best}):
        facts = [fact for (when, _), fact in sorted(best.items()) if when == period]
        # One of several is hidden: so is their sum, and whichever it is says so.
        one = joined(facts) or next((fact for fact in facts if not estimate_of(fact)), None)
        if one is not None:
            told.append(_Dated(one, wave.code, measures.get(one.run_id, ())))
    return told


def _members(shelf: Shelf, sector: str) -> tuple[str, ...]:
    return (sector,) if sector in shelf.sectors else tuple(code for code, one in shelf.sectors.items() if one.family == sector)


def _measures(told: str, codes: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(f"{code} {measure}" for code, measure in json.loads(told).items() if code in codes))


def _of_step(found: Sequence[_Dated], step: str) -> list[_Dated]:
    """The periods of one length, in order; where two waves meet in one, the wave with more answers."""
    best: dict[str, _Dated] = {}
    for one in found:
        period = one.fact.period
        if _step(period) == step and (period not in best or one.fact.n > best[period].fact.n):
            best[period] = one
    return sorted(best.values(), key=lambda one: last_thursday(one.fact.period))


def _step(period: str) -> str:
    return "month" if is_month(period) else "quarter" if "Q" in period else "year"


def _asked(session: Session, waves: Sequence[Wave], units: Sequence[int], periods: Sequence[str]) -> frozenset[str]:
    """The months in which any of the units received an answer."""
    months = {month for period in periods for month in _months(period)}
    found = [list_answered_periods(session, wave.code, unit, months) for wave in waves for unit in units] if months else []
    return frozenset(month for one in found for month, channels in one if channels == HEADLINE)


def _months(period: str) -> tuple[str, ...]:
    year, rest = period[:4], period[5:]
    if not rest:
        return tuple(f"{year}-{month:02d}" for month in range(1, 13))
    if rest.startswith("Q"):
        return tuple(f"{year}-{month:02d}" for month in range(3 * int(rest[1:]) - 2, 3 * int(rest[1:]) + 1))
    return (period,)


def _moved(breaks: Sequence[tuple[str, str]], step: str) -> tuple[tuple[str, str], ...]:
    """Breaks by the period that holds their month."""
    if step == "year":
        return tuple((month[:4], name) for month, name in breaks)
    return tuple((f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}", name) for month, name in breaks)


def _breaks(series: Sequence[_Dated], borders: Sequence[tuple[str, str]]) -> tuple[Break, ...]:
    """Where a period is not made as the one before it was."""
    found = []
    for before, now in pairwise(series):
        moved = tuple(
            name for period, name in borders if last_thursday(before.fact.period) < last_thursday(period) <= last_thursday(now.fact.period)
        )
        holds = {
            WAVE: now.wave != before.wave,
            MEASURE: bool(now.measures and before.measures) and now.measures != before.measures,
            WEIGHTS: bool(estimate_of(now.fact) and estimate_of(before.fact)) and now.fact.weighted != before.fact.weighted,
            BORDERS: bool(moved),
        }
        if reasons := tuple(reason for reason, true in holds.items() if true):
            found.append(Break(now.fact.period, reasons, moved))
    return tuple(found)


def _points(series: Sequence[_Dated], breaks: Sequence[Break], asked: frozenset[str], width: int) -> tuple[Point, ...]:
    begins, piece, points = {one.period for one in breaks}, 0, []
    for one in series:
        fact = one.fact
        piece += fact.period in begins
        months = [month for month in _months(fact.period) if month in asked] or list(_months(fact.period))
        when = float(np.mean([12 * int(month[:4]) + int(month[5:]) - 1 for month in months]))
        told = estimate_of(fact)
        points.append(
            Point(
                fact.period,
                when,
                told,
                "" if told else PROTECTS if PROTECTS in fact.flags else FEW,
                len(months) < width,
                fact.target if told else None,
                piece,
            )
        )
    return tuple(points)


def _shared(session: Session, waves: Sequence[Wave], unit: int, sector: str) -> tuple[tuple[str, str], ...]:
    """Neighbouring months of the unit's own stratum that were weighted together."""
    found: set[tuple[str, str]] = set()
    for wave in waves:
        for run in list_shown_runs(session, wave.code)[-1:]:
            for number, one, first, last in json.loads(run.notes).get("merged_months", {}).get(HEADLINE, []):
                if (number, one) == (unit, sector):
                    found.add((first, last))
    return tuple(sorted(found))
