"""The counters of one unit: for its head and the head of the province, and each look is written down."""

from __future__ import annotations

from dataclasses import dataclass
from json import dumps

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from sipas.access import Action, may_read_counters
from sipas.extract import Extract
from sipas.instrument.model import Wave
from sipas.reports.areas import ancestors
from sipas.reports.counters import CounterCard, CounterTable, read_counters
from sipas.store.audit import add_audit
from sipas.store.reading import list_units
from sipas.store.units import Unit
from sipas.terms import now, today
from sipas.web import guard
from sipas.web.choice import KINDS, Choice, kind_of, offered_waves
from sipas.web.house import House, current_house
from sipas.web.language import gettext, in_words
from sipas.web.officials.signin.checks import me
from sipas.web.results import Words

PROVINCE = "province"


def counters(unit_id: int) -> ResponseReturnValue:
    """The overall share at each counter in a quarter, or in the year to the end of the last quarter."""
    house, unit = current_house(), guard.unit_in_scope(unit_id)
    with house.store.read() as session:
        if not open_to_me(session, unit):
            abort(404)
        wave = _wave(house)
        table = _read(session, house, wave, unit) if wave else None
    if wave is None or table is None:
        return render_template("officials/nothing_yet.html", choice=None)
    if table.period:
        _write_down(house, table)
    waves = offered_waves(house.shelf, demonstration=house.settings.demo)
    grouped = {kind: tuple(period for period in table.periods if kind_of(period) == kind) for kind in KINDS}
    choice = Choice(wave, table.period, "headline", waves, grouped)
    return render_template("officials/counters.html", table=table, choice=choice, words=Words, say=Say)


def open_to_me(session: Session, unit: Unit) -> bool:
    """Whether the one who is signed in may read below this unit."""
    return may_read_counters(guard.official(), unit.path, province_path(session, unit))


def province_path(session: Session, unit: Unit) -> str:
    """The path of the province in which a unit stands; the top of its tree where there is none."""
    above = {one.id: one for one in list_units(session, ancestors(unit.path))}
    line = [above[number] for number in ancestors(unit.path) if number in above]
    return next((one.path for one in line if one.tier == PROVINCE), line[0].path)


def _wave(house: House) -> Wave | None:
    """The wave of the address, else the newest."""
    waves = offered_waves(house.shelf, demonstration=house.settings.demo)
    asked = request.args.get("wave", "")
    if asked and asked not in {wave.code for wave in waves}:
        abort(404)
    return next((wave for wave in waves if wave.code == asked), waves[0] if waves else None)


def _read(session: Session, house: House, wave: Wave, unit: Unit) -> CounterTable:
    extract = Extract.of(house.store, house.settings.extract)
    period = request.args.get("period", "")
    table = read_counters(session, house.shelf, extract, wave=wave.code, unit=unit, day=today(), period=period)
    if table is None:
        abort(404)
    return table


def _write_down(house: House, table: CounterTable) -> None:
    """One row, or no page."""
    details = dumps({"unit": table.unit.id, "wave": table.wave, "period": table.period}, sort_keys=True)
    with house.store.write() as session:
        add_audit(session, at=now(), official=me().email, action="saw_counters", details=details)


@dataclass(frozen=True, slots=True)
class Say:
    """The words of this page."""

    @staticmethod
    def title(card: CounterCard) -> str:
        """What a table is about."""
        name = in_words(card.name)
        return {
            "visit": gettext("%(name)s: lượt khám ngoại trú", name=name),
            "discharge": gettext("%(name)s: ca điều trị nội trú đã ra viện", name=name),
        }.get(card.kind, name)


def add_pages(room: Blueprint) -> None:
    room.add_url_rule("/units/<int:unit_id>/counters", view_func=guard.require(Action.COUNTERS)(counters))
