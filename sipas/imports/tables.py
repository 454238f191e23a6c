"""Text files with columns: encoding, separator and header are found by looking; every record knows its line."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sipas.imports.complaints import BadFileError, Complaint
from sipas.imports.encodings import decode
from sipas.separated import SEPARATORS, BrokenRowError, Row, column_of, find_separator, list_rows, list_too_long


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a file may have, and the names it goes by: diacritics, case and punctuation make no difference."""

    name: str
    others: tuple[str, ...] = ()
    required: bool = True

    def answers_to(self, header: str) -> bool:
        return plain(header) in {plain(known) for known in (self.name, *self.others)}


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its line in the file, and the text of each known column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as it was read."""

    name: str
    sha256: str
    found: str  # what was found, in a sentence without its full stop
    header: Mapping[str, str]  # column → how the file calls it
    records: tuple[Record, ...]


@lru_cache(maxsize=4096)  # the cells of a column say few different things
def plain(text: str) -> str:
    """A word as headers are compared: ``Đơn vị (mã)`` is ``don vi ma``."""
    letters = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join(re.findall(r"[a-z0-9]+", "".join(sign for sign in letters if not unicodedata.combining(sign))))


def read_table(path: Path, columns: Sequence[Column]) -> Table:
    """The file's records; BadFileError says what keeps it from being read."""
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise BadFileError(path.name, [Complaint(0, "", "", f"cannot be read ({reason})", "check its name and its rights")]) from None
    decoded = decode(content)
    if isinstance(decoded, Complaint):
        raise BadFileError(path.name, [decoded])
    if not decoded.text.strip():
        raise BadFileError(path.name, [Complaint(0, "", "", "is empty", "write a header and at least one row")])
    separator = find_separator(decoded.text, lambda cell: any(column.answers_to(cell) for column in columns))
    try:
        rows = list(list_rows(decoded.text, separator))
    except BrokenRowError as broken:
        raise BadFileError(path.name, [_complaint(broken)]) from None
    names = _read_header(path.name, rows[0], columns)
    if len(rows) == 1:
        raise BadFileError(path.name, [Complaint(0, "", "", "has a header and nothing below", "write at least one row")])
    return Table(
        name=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        found=f"{decoded.encoding}, columns parted by {SEPARATORS[separator]}",
        header={column: rows[0][1][place].strip() for place, column in names.items()},
        records=tuple(_records(path.name, rows, names)),
    )


def _read_header(name: str, row: Row, columns: Sequence[Column]) -> dict[int, str]:
    line, cells = row
    names: dict[int, str] = {}
    complaints = []
    for place, cell in enumerate(cells):
        found = next((column.name for column in columns if column.answers_to(cell)), None)
        if found in names.values():
            complaints.append(Complaint(line, found or "", cell.strip(), "stands twice in the header", "keep one of the two"))
        elif found:
            names[place] = found
    for column in columns:
        if column.required and column.name not in names.values():
            known = " or ".join(repr(other) for other in (column.name, *column.others[:2]))
            complaints.append(Complaint(line, column.name, "", "is missing from the header", f"name a column {known}"))
    if complaints:
        raise BadFileError(name, complaints)
    return names


def _records(name: str, rows: Sequence[Row], names: Mapping[int, str]) -> Iterator[Record]:
    if too_long := list_too_long(rows):
        raise BadFileError(name, [_complaint(one) for one in too_long])
    found = {column: column_of(rows, place) for place, column in names.items()}
    for number, (line, _) in enumerate(rows[1:]):
        yield Record(line, {column: cells[number] for column, cells in found.items()})


def _complaint(broken: BrokenRowError) -> Complaint:
    return Complaint(broken.line, "", "", broken.fault, broken.cure)
