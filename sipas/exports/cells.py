"""The cells of the released run, in either dialect: the stored file is the plain one, and the other is made from it digit by digit."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from sqlalchemy.orm import Session

from sipas.exports.csv_dialect import CHUNK, PLAIN, Dialect
from sipas.reports.cells import read_cells
from sipas.store.facts import list_shown_runs
from sipas.terms import SipasError

_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_NUMBERS = re.compile(f"{_NUMBER}(?: {_NUMBER})*")


class NoCellsError(SipasError):
    """Nothing was computed yet, so there is no run whose cells could be taken."""


def write_cells(session: Session, wave: str, dialect: Dialect) -> Iterator[bytes]:
    """The cells file of a wave; NoCellsError before its first run."""
    if not list_shown_runs(session, wave):
        raise NoCellsError(f"wave {wave!r} has no computed figures yet: run `sipas facts compute` first")
    if dialect is PLAIN:
        return read_cells(session, wave)
    return redressed(b"".join(read_cells(session, wave)), dialect)


def redressed(content: bytes, dialect: Dialect) -> Iterator[bytes]:
    """A plain table in another dialect; every digit and every guarded text stays as it is. A cell may list numbers with blanks between."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=dialect.separator, lineterminator="\r\n")
    if dialect.byte_order_mark:
        text.write("\ufeff")
    for row in csv.reader(io.StringIO(content.decode(), newline="")):
        writer.writerow([cell.replace(".", dialect.decimal) if "." in cell and _NUMBERS.fullmatch(cell) else cell for cell in row])
        if text.tell() >= CHUNK:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()
