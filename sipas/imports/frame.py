"""The frame: how many dossiers, visits, discharges and pupils stand behind the answers (decision 24)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sipas.imports.complaints import BadFileError, Complaint
from sipas.imports.counts import NumberStyle, find_style, read_count
from sipas.imports.directory import Directory, Misnamed
from sipas.imports.frame_words import COLUMNS, COUNTS, FILINGS, KINDS, read_month, read_sector, read_word
from sipas.imports.tables import Record, Table, read_table
from sipas.instrument.model import Sector, Wave
from sipas.instrument.shelf import Shelf
from sipas.store.engine import Store
from sipas.store.frame import Count, FrameLoad, add_load, get_frame
from sipas.terms import SipasError, Week, last_thursday


class UnknownWaveError(SipasError):
    """No wave has that code."""


@dataclass(frozen=True, slots=True)
class FrameReport:
    """What an import did."""

    load_id: int
    rows: int
    found: str
    repeated: bool  # the file is the one already in force, so nothing was stored
    received: Mapping[str, int]  # kind → total


def import_frame(store: Store, shelf: Shelf, path: Path, *, wave: str) -> FrameReport:
    """Read a frame file and put it in force for a wave; BadFileError tells every fault, and then nothing is stored.

    A load is appended: the older ones stay, because runs refer to them. The very file that is in force is not stored twice.
    """
    if wave not in shelf.waves:
        raise UnknownWaveError(f"there is no wave {wave!r}; choose from {', '.join(shelf.waves) or 'none: add one under waves/'}")
    table = read_table(path, COLUMNS)
    style = find_style(record.cells[column] for record in table.records for column in COUNTS)
    found = f"Found {table.found}, {style}, {len(table.records):,} rows."
    with store.read() as session:
        reader = _Reader(shelf, shelf.waves[wave], Directory.read(session), table, style)
    counts = reader.read_all()
    with store.write() as session:
        load = get_frame(session, wave)
        repeated = load is not None and load.sha256 == table.sha256
        if load is None or not repeated:
            load = FrameLoad(wave=wave, file_name=table.name[:250], sha256=table.sha256, found=found, rows=len(counts))
            add_load(session, load, counts)
        received = {kind: sum(one.received for one in counts if one.kind == kind) for kind in sorted({one.kind for one in counts})}
        return FrameReport(load.id, len(counts), found, repeated, received)


def template() -> str:
    """An empty frame file: the header and two rows that show how it is filled in."""
    return (
        "Đơn vị;Đơn vị giải quyết;Lĩnh vực;Tháng;Loại;Hình thức nộp;Tiếp nhận;Đã giải quyết;Giải quyết trễ hạn;Quá hạn\n"
        "20341@commune;;civil_status;2026-03;hồ sơ;tất cả;120;118;2;1\n"
        "20341@commune;48@province;land;2026-03;hồ sơ;tất cả;64;51;9;4\n"
    )


class _Reader:
    """Rows of one file becoming counts; every fault is gathered with its line."""

    def __init__(self, shelf: Shelf, wave: Wave, directory: Directory, table: Table, style: NumberStyle) -> None:
        self._shelf, self._wave, self._directory, self._table, self._style = shelf, wave, directory, table, style
        self._complaints: list[Complaint] = []

    def read_all(self) -> list[Count]:
        rows = [(record.line, count) for record in self._table.records if (count := self._read(record)) is not None]
        self._find_repeated(rows)
        self._find_filings(rows)
        if self._complaints:
            raise BadFileError(self._table.name, self._complaints)
        return [count for _, count in rows]

    def _read(self, record: Record) -> Count | None:
        before = len(self._complaints)
        month = self._month(record)
        sector = self._sector(record)
        unit = self._unit(record, "unit", month)
        deciding = self._unit(record, "deciding unit", month) if record.cells.get("deciding unit") else None
        kind = self._kind(record, sector) if sector else None
        filing = read_word(FILINGS, record.cells.get("filing", ""))
        if filing is None:
            self._complain(record, "filing", "is no way of filing", "write trực tiếp, trực tuyến, bưu chính, có người hỗ trợ or tất cả")
        numbers = self._counts(record)
        if len(self._complaints) > before or not (month and sector and unit and kind and filing):
            return None
        return Count(unit, deciding, sector.code, month, kind, filing, *numbers)

    def _month(self, record: Record) -> str | None:
        month = read_month(record.cells["month"])
        if month is None:
            self._complain(record, "month", "is no month", "write it as 2026-03 or 03/2026")
            return None
        first, last = Week.of(self._wave.first_day).month, Week.of(self._wave.last_day).month
        if not first <= month <= last:
            self._complain(record, "month", f"is outside the wave {self._wave.code}", f"its months are {first} to {last}")
        return month

    def _sector(self, record: Record) -> Sector | None:
        sector = read_sector(self._shelf.sectors, record.cells["sector"])
        if sector is None or sector.code not in self._wave.sectors:
            fault = "is no sector" if sector is None else f"is not asked in the wave {self._wave.code}"
            self._complain(record, "sector", fault, f"choose from {', '.join(self._wave.sectors)}")
            return None
        return sector

    def _unit(self, record: Record, column: str, month: str | None) -> int | None:
        if not record.cells[column]:
            self._complain(record, column, "is empty", "write the code of the unit")
            return None
        if month is None:
            return None
        found = self._directory.find(record.cells[column], last_thursday(month), date.fromisoformat(f"{month}-01"))
        if isinstance(found, Misnamed):
            self._complain(record, column, found.fault, found.cure)
            return None
        return found.id

    def _kind(self, record: Record, sector: Sector) -> str | None:
        text = record.cells.get("kind", "")
        kind = read_word(KINDS, text) if text else sector.kind
        words = ", ".join(KINDS[one][2] for one in sector.kinds)
        if kind is None:
            self._complain(record, "kind", "is nothing that a frame counts", f"the sector {sector.code} counts {words}")
        elif kind not in sector.kinds:
            self._complain(record, "kind", f"does not fit the sector {sector.code}", f"it counts {words}")
        return kind

    def _counts(self, record: Record) -> list[int]:
        """The four numbers; fewer where one could not be read."""
        numbers = {}
        for column in COUNTS:
            number = read_count(record.cells[column], self._style)
            if isinstance(number, int):
                numbers[column] = number
            else:
                cure = "write 0 where there was none" if number == "is empty" else "write a whole number from 0 up, such as 1234"
                self._complain(record, column, number, cure)
        settled = numbers.get("settled")
        if settled is not None and numbers.get("settled late", 0) > settled:
            self._complain(record, "settled late", f"is more than the {settled} settled", "late ones are counted among the settled ones")
        return list(numbers.values())

    def _find_filings(self, rows: list[tuple[int, Count]]) -> None:
        """A wave that is calibrated on filing needs a frame that tells it, if only for some units."""
        asked = [count for _, count in rows if self._shelf.asks(self._wave, count.sector, "filing")]
        if "filing" in self._wave.calibrate and asked and all(count.filing == "all" for count in asked):
            cure = 'write a row for each of trực tiếp, trực tuyến, bưu chính, có người hỗ trợ, or take "filing" out of calibrate there'
            self._add(0, "filing", "", f"names no way of filing, and waves/{self._wave.code}.toml calibrates on it", cure)

    def _find_repeated(self, rows: list[tuple[int, Count]]) -> None:
        """The same key twice, and a total beside its own parts: either would count people twice."""
        lines: dict[tuple[object, ...], int] = {}
        filings: dict[tuple[object, ...], dict[bool, int]] = {}
        for line, count in rows:
            key, whole = count[:5], count.filing == "all"
            if (first := lines.setdefault(count[:6], line)) != line:
                self._add(
                    line, "unit", "", f"repeats line {first}: same unit, sector, month, kind and filing", "add the two up into one row"
                )
            seen = filings.setdefault(key, {})
            if (not whole) in seen:
                cure = "keep either the total or its parts"
                self._add(line, "filing", count.filing, f"stands beside line {seen[not whole]}, which counts the same dossiers", cure)
            seen.setdefault(whole, line)

    def _complain(self, record: Record, column: str, fault: str, cure: str) -> None:
        self._add(record.line, column, record.cells.get(column, ""), fault, cure)

    def _add(self, line: int, column: str, value: str, fault: str, cure: str) -> None:
        self._complaints.append(Complaint(line, self._table.header.get(column, column), value, fault, cure))
