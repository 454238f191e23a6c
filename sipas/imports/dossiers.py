"""Three small files around one-time codes: counts of dossiers, a list of finished ones, and classes or wards with their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from sipas.imports.complaints import BadFileError, Complaint
from sipas.imports.directory import Directory, Misnamed
from sipas.imports.frame_words import read_sector
from sipas.imports.tables import Column, Record, read_table
from sipas.instrument.model import Sector

UNIT = Column("unit", ("đơn vị", "mã đơn vị", "unit code"))
SECTOR = Column("sector", ("lĩnh vực", "sectors"))
COUNTS = (
    UNIT,
    SECTOR,
    Column("finished", ("đã giải quyết", "số hồ sơ đã giải quyết", "settled")),
    Column("received", ("đã tiếp nhận",), required=False),
)
DAILY = (Column("day", ("ngày", "date")), *COUNTS)
LIST = (Column("dossier", ("mã hồ sơ", "số hồ sơ")), UNIT, SECTOR)
GROUPS = (
    Column("label", ("lớp", "khoa", "tên lớp", "tên khoa", "class", "ward")),
    Column("count", ("sĩ số", "số lượng", "số người", "population")),
)
LONGEST_LABEL = 120
LONGEST_DOSSIER = 64


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class CellCount:
    """Dossiers of one unit and sector since the wave began."""

    unit_id: int
    sector: str
    dossiers: int  # finished or received, whichever is more


@dataclass(frozen=True, slots=True)
class DayCount:
    """Dossiers of one unit and sector on one day."""

    day: date
    unit_id: int
    sector: str
    dossiers: int  # finished or received, whichever is more


@dataclass(frozen=True, slots=True)
class ListedDossier:
    """One finished dossier."""

    dossier: str
    unit_id: int
    sector: str


@dataclass(frozen=True, slots=True)
class Group:
    """A class, a ward or a clinic, and how many people it has."""

    label: str
    count: int


def read_counts(session: Session, path: Path, sectors: Mapping[str, Sector], day: date) -> tuple[CellCount, ...]:
    """Counts by unit and sector; BadFileError tells everything that is wrong."""
    reader = _Reader(path, COUNTS)
    directory = Directory.read(session)
    rows = []
    for record in reader.records:
        unit_id, sector = reader.unit(record, directory, day), reader.sector(record, sectors)
        rows.append((record, CellCount(unit_id, sector, reader.dossiers(record))))
    reader.refuse_twice(((record, f"{row.unit_id} {row.sector}") for record, row in rows), "unit", "add its numbers up")
    return reader.done([row for _, row in rows])


def read_daily(session: Session, path: Path, sectors: Mapping[str, Sector], today: date) -> tuple[DayCount, ...]:
    """Counts by day, unit and sector; nothing of the file is stored but what follows from it. BadFileError tells everything that is wrong."""
    reader = _Reader(path, DAILY)
    directory = Directory.read(session)
    rows = []
    for record in reader.records:
        day = reader.day(record, today)
        unit_id, sector = reader.unit(record, directory, day), reader.sector(record, sectors)
        rows.append((record, DayCount(day, unit_id, sector, reader.dossiers(record))))
    reader.refuse_twice(((record, f"{row.day} {row.unit_id} {row.sector}") for record, row in rows), "unit", "add its numbers up")
    return reader.done([row for _, row in rows])


def read_list(session: Session, path: Path, sectors: Mapping[str, Sector], day: date) -> tuple[ListedDossier, ...]:
    """Finished dossiers, one a line; nothing of the file is stored."""
    reader = _Reader(path, LIST)
    directory = Directory.read(session)
    rows = []
    for record in reader.records:
        dossier = record.cells["dossier"]
        if not dossier or len(dossier) > LONGEST_DOSSIER or not dossier.isprintable():
            reader.complain(record, "dossier", "is no dossier's number", f"write 1 to {LONGEST_DOSSIER} characters")
        rows.append((record, ListedDossier(dossier, reader.unit(record, directory, day), reader.sector(record, sectors))))
    reader.refuse_twice(((record, row.dossier.upper()) for record, row in rows), "dossier", "list each dossier once")
    return reader.done([row for _, row in rows])


def read_groups(path: Path, *, least: int, most: int) -> tuple[Group, ...]:
    """Classes or wards; one with fewer than ``least`` people is refused."""
    reader = _Reader(path, GROUPS)
    rows = []
    for record in reader.records:
        label = record.cells["label"]
        if not label or len(label) > LONGEST_LABEL or not label.isprintable():
            reader.complain(record, "label", "is no name", f"write 1 to {LONGEST_LABEL} characters, such as Lớp 5A")
        count = reader.number(record, "count", None)
        if 0 <= count < least:
            reader.complain(record, "count", f"is under {least}", "few people could be recognised: join it with another class or ward")
        if count > most:
            reader.complain(record, "count", f"is above {most:,}", "divide it, each part with a name of its own")
        rows.append((record, Group(label, count)))
    reader.refuse_twice(((record, row.label.casefold()) for record, row in rows), "label", "give each a name of its own")
    return reader.done([row for _, row in rows])


class _Reader:
    """The records of a file, and what is wrong with them."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        table = read_table(path, columns)
        self._name = table.name
        self._complaints: list[Complaint] = []
        self.records = table.records

    def complain(self, record: Record, column: str, fault: str, cure: str) -> None:
        self._complaints.append(Complaint(record.line, column, record.cells.get(column, ""), fault, cure))

    def unit(self, record: Record, directory: Directory, day: date) -> int:
        found = directory.find(record.cells["unit"], day)
        if isinstance(found, Misnamed):
            self.complain(record, "unit", found.fault, found.cure)
            return 0
        return found.id

    def sector(self, record: Record, sectors: Mapping[str, Sector]) -> str:
        if (found := read_sector(sectors, record.cells["sector"])) is None:
            self.complain(record, "sector", "is no sector", f"choose from {', '.join(sectors)}")
            return ""
        return found.code

    def day(self, record: Record, today: date) -> date:
        text = record.cells["day"]
        for written in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                found = datetime.strptime(text, written).date()  # noqa: DTZ007 -- a day has no zone
            except ValueError:
                continue
            if found > today:
                self.complain(record, "day", "is still to come", "count days that are over")
            return found
        self.complain(record, "day", "is no day", "write it as 2026-11-21 or 21/11/2026")
        return today

    def number(self, record: Record, column: str, empty: int | None) -> int:
        text = record.cells[column].replace(".", "").replace(" ", "")
        if not text and empty is not None:
            return empty
        if not (text.isascii() and text.isdigit() and len(text) < 9):
            self.complain(record, column, "is no whole number", "write digits alone")
            return -1
        return int(text)

    def dossiers(self, record: Record) -> int:
        """Finished or received, whichever is more."""
        return max(self.number(record, name, 0) for name in ("finished", "received") if record.cells.get(name) or name == "finished")

    def refuse_twice(self, names: Iterator[tuple[Record, str]], column: str, cure: str) -> None:
        seen: dict[str, int] = {}
        for record, name in names:
            if name in seen:
                self.complain(record, column, f"stands already on line {seen[name]}", cure)
            seen.setdefault(name, record.line)

    def done(self, rows: Sequence[Row]) -> tuple[Row, ...]:
        if self._complaints:
            raise BadFileError(self._name, self._complaints)
        return tuple(rows)
