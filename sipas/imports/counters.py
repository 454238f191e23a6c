"""Counters with their sectors, place and printed codes, added one by one or from a file."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from sipas.evidence.codes import new_code, normalise
from sipas.imports.complaints import BadFileError, Complaint
from sipas.imports.directory import Directory, Misnamed
from sipas.imports.tables import Column, Record, Table, read_table
from sipas.instrument.shelf import Shelf
from sipas.store.engine import Store
from sipas.store.units import (
    Counter,
    CounterCode,
    Unit,
    UnknownCounterError,
    find_code,
    get_counter,
    list_counters,
    replace_deciding,
)
from sipas.terms import SipasError

LENGTHS = ("short", "full")
MEDIA = ("printed", "link")
COLUMNS = (
    Column("unit", ("đơn vị", "mã đơn vị", "unit code")),
    Column("name", ("tên quầy", "quầy", "counter", "tên")),
    Column("place", ("vị trí", "nơi đặt"), required=False),
    Column("sectors", ("lĩnh vực", "sector")),
    Column("instrument", ("mẫu phiếu", "phiếu"), required=False),
    Column("deciding", ("đơn vị giải quyết",), required=False),
    Column("length", ("độ dài",), required=False),
)


Complain = Callable[[str, str, str], None]


class BadCounterError(SipasError):
    """A counter that cannot be as described."""


@dataclass(frozen=True, slots=True)
class CountersReport:
    """What an import did."""

    rows: int
    added: int
    found: str


@dataclass(frozen=True, slots=True)
class _CounterRow:
    record: Record
    unit_id: int
    sectors: tuple[str, ...]
    deciding: tuple[tuple[str, int], ...]


def add_counter(  # noqa: PLR0913 -- a counter is described by words, and words have names
    session: Session,
    unit: Unit,
    *,
    name: str,
    place: str,
    sectors: Sequence[str],
    instrument: str = "",
    rng: random.Random,
    length: str = "short",
    medium: str = "printed",
) -> tuple[Counter, CounterCode]:
    """A new counter of a unit, with a random code of its own."""
    counter = Counter(unit_id=unit.id, name=name, place=place, sectors=" ".join(sectors), instrument=instrument)
    session.add(counter)
    session.flush()
    return counter, add_code(session, counter, rng=rng, length=length, medium=medium)


def add_code(session: Session, counter: Counter, *, rng: random.Random, length: str = "short", medium: str = "printed") -> CounterCode:
    """Another random code for a counter: a second sign, the full form, or a link."""
    if length not in LENGTHS or medium not in MEDIA:
        raise BadCounterError(f"a code is {' or '.join(LENGTHS)}, and {' or '.join(MEDIA)}; not {length!r}, {medium!r}")
    text = new_code(rng)
    while find_code(session, text) is not None:
        text = new_code(rng)
    code = CounterCode(code=text, counter_id=counter.id, length=length, medium=medium, revoked=False)
    session.add(code)
    session.flush()
    return code


def revoke_code(session: Session, text: str) -> CounterCode:
    """Make a code useless for ever; its sign can be thrown away."""
    code, _, _ = _find(session, text)
    code.revoked = True
    session.flush()
    return code


def repoint_code(session: Session, text: str, counter_id: int) -> CounterCode:
    """Let a sign that is already printed stand for another counter."""
    code, _, _ = _find(session, text)
    if code.revoked:
        raise BadCounterError(f"the code {code.code} was revoked and stays so; print a new one: sipas counters code {counter_id}")
    code.counter_id = get_counter(session, counter_id).id
    session.flush()
    return code


def check_sectors(shelf: Shelf, sectors: Sequence[str], instrument: str = "") -> None:
    """BadCounterError unless every sector is on the shelf and the instrument, if one is named, belongs to one of them."""
    if not sectors:
        raise BadCounterError(f"a counter serves at least one sector; choose from {', '.join(shelf.sectors)}")
    if unknown := [sector for sector in sectors if sector not in shelf.sectors]:
        raise BadCounterError(f"there is no sector {unknown[0]!r}; choose from {', '.join(shelf.sectors)}")
    if len(set(sectors)) < len(sectors):
        raise BadCounterError(f"a sector stands twice in {' '.join(sectors)!r}; name each once")
    offered = [code for sector in sectors for code in shelf.sectors[sector].instruments]
    if instrument and instrument not in offered:
        raise BadCounterError(f"the instrument {instrument!r} is not offered by {' '.join(sectors)}; choose from {', '.join(offered)}")


def import_counters(store: Store, shelf: Shelf, path: Path, *, day: date, rng: random.Random) -> CountersReport:
    """Add the counters of a file, all or none. One that its unit already has by that name is left as it is."""
    table = read_table(path, COLUMNS)
    complaints: list[Complaint] = []
    with store.write() as session:
        directory = Directory.read(session)
        rows = [_read(record, table, directory, shelf, day, complaints) for record in table.records]
        complaints += _repeated(table, rows)
        if complaints:
            raise BadFileError(table.name, complaints)
        added = sum(_add(session, row, rng) for row in rows if row is not None)
    return CountersReport(len(rows), added, f"Found {table.found}, {len(rows):,} rows.")


def _find(session: Session, text: str) -> tuple[CounterCode, Counter, Unit]:
    if (row := find_code(session, normalise(text))) is None:
        raise UnknownCounterError(f"no sign has the code {text!r}; see: sipas counters list")
    return row


def _add(session: Session, row: _CounterRow, rng: random.Random) -> bool:
    cells = row.record.cells
    for sector, deciding_id in row.deciding:
        replace_deciding(session, row.unit_id, sector, deciding_id)
    if any(counter.name == cells["name"] for counter in list_counters(session, row.unit_id)):
        return False
    unit = session.get_one(Unit, row.unit_id)
    place, instrument, length = cells.get("place", ""), cells.get("instrument", ""), cells.get("length", "") or "short"
    add_counter(session, unit, name=cells["name"], place=place, sectors=row.sectors, instrument=instrument, rng=rng, length=length)
    return True


def _read(record: Record, table: Table, directory: Directory, shelf: Shelf, day: date, complaints: list[Complaint]) -> _CounterRow | None:
    def complain(column: str, fault: str, cure: str) -> None:
        complaints.append(Complaint(record.line, table.header.get(column, column), record.cells.get(column, ""), fault, cure))

    before = len(complaints)
    unit = directory.find(record.cells["unit"], day)
    if isinstance(unit, Misnamed):
        complain("unit", unit.fault, unit.cure)
    if not record.cells["name"] or len(record.cells["name"]) > 200:
        complain("name", "is empty or longer than 200 letters", "name the counter as its visitors do")
    if len(record.cells.get("place", "")) > 250:
        complain("place", "is longer than 250 letters", "shorten it")
    sectors = tuple(record.cells["sectors"].replace("+", " ").replace(",", " ").split())
    try:
        check_sectors(shelf, sectors, record.cells.get("instrument", ""))
    except BadCounterError as error:
        fault, _, cure = str(error).partition("; ")
        complain("sectors", f"will not do: {fault}", cure)
    if record.cells.get("length", "") not in {"", *LENGTHS}:
        complain("length", "is no length of a form", f"write {' or '.join(LENGTHS)}")
    deciding = _read_deciding(record.cells.get("deciding", ""), directory, day, sectors, complain)
    return None if isinstance(unit, Misnamed) or len(complaints) > before else _CounterRow(record, unit.id, sectors, deciding)


def _read_deciding(text: str, directory: Directory, day: date, sectors: Sequence[str], complain: Complain) -> tuple[tuple[str, int], ...]:
    """``land:48.15@land_office construction:48.07`` as pairs of sector and unit."""
    pairs = []
    for word in text.split():
        sector, _, name = word.partition(":")
        unit = directory.find(name, day)
        if sector not in sectors:
            complain(
                "deciding", f"names the sector {sector!r}, which the counter does not serve", "write sector:unit, such as land:48@province"
            )
        elif isinstance(unit, Misnamed):
            complain("deciding", f"names {name!r}, which {unit.fault}", unit.cure)
        else:
            pairs.append((sector, unit.id))
    return tuple(pairs)


def _repeated(table: Table, rows: Sequence[_CounterRow | None]) -> list[Complaint]:
    lines: dict[tuple[int, str], int] = {}
    complaints = []
    for row in rows:
        if row is None:
            continue
        line, name = row.record.line, row.record.cells["name"]
        if (first := lines.setdefault((row.unit_id, name), line)) != line:
            complaints.append(
                Complaint(line, table.header["name"], name, f"repeats line {first}", "give each counter of a unit its own name")
            )
    return complaints
