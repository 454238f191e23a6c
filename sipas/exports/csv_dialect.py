"""How tables are written: two dialects of CSV, and no cell that a spreadsheet takes for a formula (SEC-16).

Text that starts with ``= + - @``, tab, carriage return, line feed, NUL or their full-width twins gets one apostrophe in front;
so does text that already starts with apostrophes before such a character, which makes the rule reversible: `unguard`.
Numbers are written from numbers only and are never guarded: -0.5 stays a number.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

Cell = str | int | float | bool | None

CHUNK = 64 * 1024  # bytes that are gathered before they are handed on
_RISKY = re.compile("'*[=+\\-@\t\r\n\0＝＋－＠]")
_FIRST = frozenset("'=+-@\t\r\n\0＝＋－＠")
_GUARDED = re.compile("''*[=+\\-@\t\r\n\0＝＋－＠]")


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way to write a table as text."""

    name: str
    label: str  # msgid; the edge translates it
    separator: str
    decimal: str
    byte_order_mark: bool


PLAIN = Dialect("csv", "CSV", ",", ".", byte_order_mark=False)
EXCEL = Dialect("csv-excel", "CSV cho Excel", ";", ",", byte_order_mark=True)
DIALECTS = MappingProxyType({dialect.name: dialect for dialect in (PLAIN, EXCEL)})


def guard(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would calculate."""
    return "'" + text if text and text[0] in _FIRST and _RISKY.match(text) else text


def unguard(text: str) -> str:
    """What `guard` was given."""
    return text[1:] if _GUARDED.match(text) else text


def show(cell: Cell, dialect: Dialect) -> str:
    """One cell: text guarded, numbers to their last digit with the dialect's decimal mark, nothing for None."""
    if type(cell) is int:
        return str(cell)
    if cell is None:
        return ""
    if isinstance(cell, str):
        return guard(cell)
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, int):
        return str(cell)
    if not math.isfinite(cell):
        raise ValueError(f"{cell} is not a number that a table can hold")
    return repr(float(cell)).replace(".", dialect.decimal)


def write_table(header: Sequence[str], rows: Iterable[Sequence[Cell]], dialect: Dialect) -> Iterator[bytes]:
    """The table as bytes, piece by piece: RFC 4180 lines of UTF-8; memory does not grow with the rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=dialect.separator, lineterminator="\r\n")
    if dialect.byte_order_mark:
        text.write("\ufeff")
    writer.writerow([guard(name) for name in header])
    for row in rows:
        writer.writerow([show(cell, dialect) for cell in row])
        if text.tell() >= CHUNK:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()
