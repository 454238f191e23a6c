"""Scorecards: the released facts of a unit, laid out as a page needs them."""

from __future__ import annotations

from datetime import date

from sipas.instrument.shelf import Shelf
from sipas.reports.cards import read_card
from sipas.reports.indicators import MAIN
from sipas.reports.lines import (
    Change,
    ChannelLine,
    Estimate,
    Front,
    Gap,
    Line,
    Part,
    Scorecard,
    SectorCard,
    Sentence,
    Silence,
    TargetMark,
    UnitMark,
)
from sipas.reports.lining import NO_DATA, agency_lines, in_order, place_of, read_line, sector_order
from sipas.reports.released import mark_of, period_before, read_shown, whose
from sipas.reports.sentences import sentences_of
from sipas.store.facts import find_last_run, list_released_periods
from sipas.store.reading import Session, count_counters
from sipas.store.units import Unit
from sipas.terms import last_thursday

__all__ = [
    "Change",
    "ChannelLine",
    "Estimate",
    "Front",
    "Gap",
    "Line",
    "Part",
    "Scorecard",
    "SectorCard",
    "Sentence",
    "Silence",
    "TargetMark",
    "UnitMark",
    "list_periods",
    "read_front",
    "read_unit",
]


def list_periods(session: Session, wave: str) -> tuple[str, ...]:
    """Every period that has released facts, newest first; of equal ends the longer first, the year to date before its year.

    A year or quarter that is not over ends with the last month that has answers.
    """
    periods = list_released_periods(session, wave)
    last = max((last_thursday(period) for period in periods if "-ytd-" in period), default=date.max)
    return tuple(sorted(periods, key=lambda period: (min(last_thursday(period), last), _length(period)), reverse=True))


def read_front(session: Session, shelf: Shelf, *, wave: str, period: str, root: Unit, channels: str = "headline") -> Front:
    """The table of the first page for ``root``: every sector of the wave that has an answer or a promise."""
    place, top = place_of(session, shelf, shelf.waves[wave], root, period)
    shown = read_shown(session, place.wave, (period, period_before(period)), root.id, only=MAIN)
    lines = [read_line(place, shown, sector, channels) for sector in sector_order(shelf, place.wave)]
    lines = [line for line in lines if line.verdict != NO_DATA or line.target is not None]
    run = find_last_run(session, wave)
    return Front(
        wave=wave,
        period=period,
        week=run.week if run else "",
        run_id=run.id if run else None,
        unit=mark_of(root),
        channels=channels,
        kind=whose(top),
        lines=(*lines, *agency_lines(place)),
        sentences=sentences_of(lines, shelf),
        demonstration=place.wave.demonstration,
    )


def read_unit(session: Session, shelf: Shelf, *, wave: str, period: str, unit: Unit) -> Scorecard:
    """The page of one unit: a card for each sector in which it received or decided."""
    place, top = place_of(session, shelf, shelf.waves[wave], unit, period)
    shown = read_shown(session, place.wave, (period, period_before(period)), unit.id)
    sectors = {sector for when, _, sector in shown.by_sector if when == period}
    cards = tuple(read_card(place, shown, sector) for sector in in_order(tuple(sectors), sector_order(shelf, place.wave)))
    run = find_last_run(session, wave)
    return Scorecard(
        wave=wave,
        period=period,
        week=run.week if run else "",
        run_id=run.id if run else None,
        unit=mark_of(unit),
        kind=whose(top),
        cards=cards,
        counters=count_counters(session, unit.id),
        sentences=sentences_of([card.line for card in cards], shelf),
        demonstration=place.wave.demonstration,
    )


def _length(period: str) -> int:
    """A year to date before its year, that before its quarter, that before its month."""
    if "-ytd-" in period:
        return 3
    return {4: 2, 7: 1 if "Q" in period else 0}[len(period)]
