"""Text with columns, as spreadsheets write it: the separator is found by looking, and every row knows the line on which it begins."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from types import MappingProxyType

from sipas.terms import SipasError

SEPARATORS = MappingProxyType({",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"})
ANNOUNCED = re.compile(r"sep=([;,\t|])")  # Excel's first line, which is no row

Row = tuple[int, list[str]]  # line, cells


class BrokenRowError(SipasError):
    """A row that cannot be parted into cells: its line, what is wrong, and the cure."""

    def __init__(self, line: int, fault: str, cure: str) -> None:
        super().__init__(f"line {line}: {fault}; {cure}")
        self.line, self.fault, self.cure = line, fault, cure


def find_separator(text: str, known: Callable[[str], bool]) -> str:
    """The separator that makes most of the header's names known ones, and among those the one that makes most cells."""
    first = next(line for line in text.splitlines() if line.strip())
    if announced := ANNOUNCED.fullmatch(first.strip(" \"'")):
        return announced[1]

    def worth(separator: str) -> tuple[int, int]:
        cells = [cell.strip(' "') for cell in first.split(separator)]
        return sum(known(cell) for cell in cells), len(cells)

    return max(SEPARATORS, key=worth)


def list_rows(text: str, separator: str) -> Iterator[Row]:
    """Every row that holds something; BrokenRowError for the first that cannot be read."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.reader(io.StringIO(lines, newline=""), delimiter=separator, strict=True)
    begin = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) and not (begin == 1 and "".join(cells).strip().startswith("sep=")):
                yield begin, cells
            begin = reader.line_num + 1
    except csv.Error as error:
        fault = "has a quotation mark that is not closed" if "end of data" in str(error) else f"cannot be parted into cells ({error})"
        raise BrokenRowError(begin, fault, 'double a quotation mark inside a cell ("") or remove it') from None


def list_too_long(rows: Sequence[Row]) -> tuple[BrokenRowError, ...]:
    """The rows that hold something beyond the header, which is the first; told, not raised."""
    width = len(rows[0][1])
    fault, cure = f"has more cells than the header's {width}", "put quotation marks around a cell that holds the separator"
    return tuple(BrokenRowError(line, fault, cure) for line, cells in rows[1:] if any(cell.strip() for cell in cells[width:]))


def column_of(rows: Sequence[Row], place: int) -> list[str]:
    """The cells of one column below the header; a row that ends before it has nothing there."""
    return [cells[place].strip() if place < len(cells) else "" for _, cells in rows[1:]]
