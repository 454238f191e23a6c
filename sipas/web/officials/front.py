"""The first page: one table of indicator and sector, its picture and its sentences."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from sipas.access import Action
from sipas.reports.cards import VERIFIED
from sipas.reports.pairs import channel_gap
from sipas.reports.released import period_before
from sipas.reports.scorecard import Front, Gap, Line, read_front
from sipas.store.units import get_unit
from sipas.web import guard
from sipas.web.choice import CHANNELS, Choice, kind_of, read_choice
from sipas.web.house import current_house
from sipas.web.officials.signin.checks import me
from sipas.web.results import Words, picture_of


def front() -> ResponseReturnValue:
    """All indicators and sectors of the official's branch."""
    house = current_house()
    with house.store.read() as session:
        choice = read_choice(session, house)
        if choice is None or not choice.period:
            return render_template("officials/nothing_yet.html", choice=choice)
        unit = get_unit(session, me().unit_id)
        beside = {
            channels: read_front(session, house.shelf, wave=choice.wave.code, period=choice.period, root=unit, channels=channels)
            for channels in CHANNELS
        }
    shown = beside[choice.channels]
    groups = [(indicator, tuple(lines)) for indicator, lines in groupby(shown.lines, key=lambda line: line.indicator)]
    since = next((line.change.since for line in shown.lines if line.change), "")
    return render_template(
        "officials/front.html",
        front=shown,
        groups=groups,
        since=since,
        nothing_before=not since and has_nothing_before(choice),
        quarter=quarter_to_compare(choice),
        choice=choice,
        channels=CHANNELS,
        drawn=picture_of(shown.lines, shown.run_id),
        beside=by_sector(beside),
        words=Words,
    )


def has_nothing_before(choice: Choice) -> bool:
    """Whether a period has none before it that could be compared; a year counts only where all its months were asked about."""
    return kind_of(choice.period) in {"ytd", "year"} or period_before(choice.period) not in choice.periods[kind_of(choice.period)]


def quarter_to_compare(choice: Choice) -> str:
    """The newest quarter that has one before it; empty where there is none, or it is shown already."""
    quarters = choice.periods["quarter"]
    newest = next((quarter for quarter in quarters if period_before(quarter) in quarters), "")
    return newest if newest != choice.period else ""


def by_sector(beside: dict[str, Front]) -> tuple[tuple[Line, dict[str, Line], dict[str, Gap | None]], ...]:
    """Every headline line with the same line of each single channel beside it, and how those stand beside V."""
    found = {channels: {key(line): line for line in front.lines} for channels, front in beside.items()}
    single = [channels for channels in CHANNELS if channels != "headline"]
    rows = []
    for line in beside["headline"].lines:
        own = {channels: found[channels][key(line)] for channels in single if key(line) in found[channels]}
        verified = own[VERIFIED].estimate if VERIFIED in own else None
        gaps = {channels: channel_gap(one.estimate, verified) for channels, one in own.items() if channels != VERIFIED}
        rows.append((line, own, gaps))
    return tuple(rows)


def key(line: Line) -> tuple[str, str, str]:
    """What makes two lines the same row."""
    return line.indicator, line.sector, line.statistic


def add_pages(room: Blueprint) -> None:
    room.add_url_rule("/", view_func=guard.require(Action.VIEW)(front))
