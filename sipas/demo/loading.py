"""The invented province, put into a database through the doors that everything else uses."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

from sqlalchemy.orm import Session

from sipas import sealing
from sipas.demo.instruments import override_of
from sipas.demo.people import Draft
from sipas.demo.population import FrameRow
from sipas.demo.province import CounterPlan, UnitPlan
from sipas.evidence.keys import Keyring
from sipas.imports.counters import add_code, add_counter
from sipas.imports.units import REFORM
from sipas.instrument.model import Instrument, Wave
from sipas.instrument.sheet import Sheet, read_sheet
from sipas.instrument.shelf import Shelf
from sipas.intake import Origin, Place, accept
from sipas.store.engine import Store
from sipas.store.units import Unit, add_unit, find_unit, get_unit, replace_deciding
from sipas.terms import ZONE, Channel, SipasError

FRAME_COLUMNS = ("unit", "deciding_unit", "sector", "month", "kind", "filing", "received", "settled", "late", "overdue")
SEALED_AT = time(0, 10)


class BadDemoError(SipasError):
    """The demonstration cannot be built; the message says why and what helps."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A counter as it is stored."""

    unit_id: int
    counter_id: int
    code: str
    sectors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Planted:
    """The province in the database: ids by position in the plan."""

    desks: Mapping[tuple[int, int], Desk]
    deciding: Mapping[tuple[int, str], int]


def plant(session: Session, plans: Sequence[UnitPlan], shelf: Shelf, *, day: date, rng: random.Random) -> Planted:
    """Store the bodies, their counters, the codes on the counters, and who decides what."""
    ids: dict[tuple[str, str], int] = {}
    desks: dict[tuple[int, int], Desk] = {}
    deciding: dict[tuple[int, str], int] = {}
    by_code: dict[str, int] = {}
    for position, plan in enumerate(plans):
        unit_id = by_code[plan.code] = ids[plan.key] = _add(session, plan, ids, day)
        for number, desk in enumerate(plan.counters):
            desks[position, number] = _add_desk(session, unit_id, desk, shelf, link=number == 0, rng=rng)
    for position, plan in enumerate(plans):
        for sector, code in plan.deciding.items():
            deciding[position, sector] = by_code[code]
            replace_deciding(session, by_code[plan.code], sector, by_code[code])
    session.flush()
    return Planted(MappingProxyType(desks), MappingProxyType(deciding))


def _add(session: Session, plan: UnitPlan, ids: Mapping[tuple[str, str], int], day: date) -> int:
    parent_id, place = ids.get(plan.parent), ""
    if parent_id is None:
        tier, code = plan.parent
        if (parent := find_unit(session, code, tier=tier, day=day)) is None:
            raise BadDemoError(f"unit {code!r} ({tier}) is not among the imported units of the province")
        parent_id, place = parent.id, f"{parent.full_name[:1].lower()}{parent.full_name[1:]}"
    unit = Unit(
        code=plan.code,
        tier=plan.tier,
        kind=plan.kind,
        name=plan.name.format(commune=place),
        full_name=plan.full_name.format(commune=place),
        parent_id=parent_id,
        valid_from=REFORM,
    )
    return add_unit(session, unit).id


def _add_desk(session: Session, unit_id: int, desk: CounterPlan, shelf: Shelf, *, link: bool, rng: random.Random) -> Desk:
    """A counter with its printed sign, and for the first of a unit also a link to the full form."""
    unit = get_unit(session, unit_id)
    counter, code = add_counter(
        session, unit, name=desk.name, place=desk.place, sectors=desk.sectors, instrument=override_of(desk, shelf), rng=rng
    )
    if link:
        add_code(session, counter, rng=rng, length="full", medium="link")
    return Desk(unit_id, counter.id, code.code, desk.sectors)


def write_frame(path: Path, rows: Iterable[FrameRow]) -> None:
    """The population as a file, such as a one-stop software hands over."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(FRAME_COLUMNS)
        for row in rows:
            counts = (row.received, row.settled, row.late, row.overdue)
            writer.writerow((row.unit, row.deciding, row.sector, row.month, row.kind, "all", *counts))


@dataclass(frozen=True, slots=True)
class Doors:
    """What handing in a sheet needs, opened once."""

    store: Store
    keyring: Keyring
    wave: Wave
    planted: Planted
    instruments: Mapping[tuple[int, int, str], Instrument]


def hand_in(doors: Doors, drafts: Iterable[Draft], *, until: datetime, rng: random.Random, told: Callable[[int], None]) -> int:
    """Accept every draft and seal after each day, as the year would have done it; how many seals ran."""
    seals, done, last = 0, 0, date.min
    for day, group in groupby(drafts, key=lambda draft: draft.at.date()):
        with doors.store.write() as session:
            for draft in group:
                _accept(session, doors, draft)
                done += 1
        last = day + timedelta(days=1)
        sealing.seal(doors.store, doors.keyring, now=datetime.combine(last, SEALED_AT, tzinfo=ZONE), rng=rng)
        seals += 1
        told(done)
    if last < until.date():  # the weekend closes a week even though nobody answered
        sealing.seal(doors.store, doors.keyring, now=until, rng=rng)
        seals += 1
    return seals


def _accept(session: Session, doors: Doors, draft: Draft) -> None:
    instrument = doors.instruments[draft.unit, draft.counter, draft.sector]
    sheet = read_sheet(instrument, draft.length, draft.raw, reminded=True)
    if not isinstance(sheet, Sheet):
        raise BadDemoError(f"{instrument.code}: an invented sheet was refused: {sheet.items}")
    origin = Origin(Channel(draft.channel), seconds=draft.seconds)
    receipt = accept(session, doors.keyring, sheet, place_of(doors, draft, instrument), origin, iid=draft.iid, now=draft.at)
    if receipt.status != "stored":
        raise BadDemoError(f"an invented sheet was answered as {receipt.status}: build the demonstration in a fresh database")


def place_of(doors: Doors, draft: Draft, instrument: Instrument) -> Place:
    """Where and under what the draft was given."""
    desk = doors.planted.desks[draft.unit, draft.counter]
    return Place(
        unit_id=desk.unit_id,
        deciding_id=doors.planted.deciding.get((draft.unit, draft.sector)),
        counter_id=desk.counter_id,
        sector=draft.sector,
        sector_asked=len(desk.sectors) > 1,
        procedure="",
        wave=doors.wave.code,
        instrument=instrument.code,
        measure=instrument.measure,
        wording=instrument.wording_number,
        length=draft.length,
        language=draft.language,
    )
