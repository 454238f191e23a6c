"""CSV and Parquet into a sheet: only the columns that a design asks for."""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sipas.estimates.keys import label
from sipas.estimates.refusals import BadInputError, nearest
from sipas.estimates.request import Request
from sipas.estimates.sheet import Sheet

SEPARATORS = MappingProxyType({",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"})
PARQUET = b"PAR1"


def read_csv(name: str, text: str, encoding: str, request: Request) -> Sheet:
    """The rows of a CSV file's text."""
    wanted = request.columns
    if not text.strip():
        raise BadInputError(name, ["the file is empty; write a header and at least one row"])
    separator = _find_separator(text, wanted)
    rows = list(_rows(name, text, separator))
    header = [unicodedata.normalize("NFC", cell).strip() for cell in rows[0][1]]
    _check_header(name, header, wanted, request)
    if len(rows) == 1:
        raise BadInputError(name, ["the file has a header and nothing below; write at least one row"])
    for line, cells in rows[1:]:
        if any(cell.strip() for cell in cells[len(header) :]):
            fault = (
                f"line {line}: has more cells than the header's {len(header)}; put quotation marks around a cell that holds the separator"
            )
            raise BadInputError(name, [fault])
    at = {column: header.index(column) for column in wanted}
    columns = {column: [cells[place].strip() if place < len(cells) else "" for _, cells in rows[1:]] for column, place in at.items()}
    found = f"{encoding}, columns parted by {SEPARATORS[separator]}"
    return Sheet(name, found, MappingProxyType(columns), [line for line, _ in rows[1:]], "line", request.missing, request.decimal)


def read_parquet(path: Path, request: Request) -> Sheet:
    """The rows of a Parquet file."""
    import pyarrow as pa  # noqa: PLC0415 -- start stays fast without it
    import pyarrow.parquet as pq  # noqa: PLC0415

    wanted = request.columns
    try:
        file = pq.ParquetFile(path)
        _check_header(path.name, file.schema_arrow.names, wanted, request)
        table = file.read(columns=list(wanted))
    except (pa.ArrowException, OSError) as fault:
        raise BadInputError(path.name, [f"is no Parquet file that can be read ({str(fault).splitlines()[0]}); write it anew"]) from None
    if not table.num_rows:
        raise BadInputError(path.name, ["the file has columns and no row; write at least one"])
    columns = {column: _texts(path.name, column, table.column(column)) for column in wanted}
    places = range(1, table.num_rows + 1)
    return Sheet(path.name, "Parquet", MappingProxyType(columns), places, "row", request.missing, ".")


def _texts(name: str, column: str, values: Any) -> list[str]:
    """A typed column as texts: each distinct value is written once."""
    try:
        whole = values.combine_chunks().dictionary_encode()
    except NotImplementedError:
        raise BadInputError(name, [f"column {column!r} holds {values.type}s, not single values; write one value a cell"]) from None
    words = [_text(value) for value in whole.dictionary.to_pylist()] + [""]
    return [words[place] for place in whole.indices.fill_null(len(words) - 1).to_pylist()]


def _text(value: Any) -> str:
    """A typed value as text: a number to its last digit, and nothing where there is none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return label(value)


def _find_separator(text: str, wanted: Mapping[str, str]) -> str:
    """The separator that makes most of the header's names known ones, and among those the one that makes most cells."""
    first = next(line for line in text.splitlines() if line.strip())
    if announced := re.fullmatch(r"sep=([;,\t|])", first.strip(" \"'")):
        return announced[1]

    def known(separator: str) -> tuple[int, int]:
        cells = [cell.strip(' "') for cell in first.split(separator)]
        return sum(cell in wanted for cell in cells), len(cells)

    return max(SEPARATORS, key=known)


def _rows(name: str, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Every row that holds something, with the line on which it begins; Excel's ``sep=`` line is no row."""
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
        raise BadInputError(name, [f'line {begin}: {fault}; double a quotation mark inside a cell ("") or remove it']) from None


def _check_header(name: str, header: Sequence[str], wanted: Mapping[str, str], request: Request) -> None:
    faults = []
    for column, place in wanted.items():
        count = list(header).count(column)
        if not count:
            faults.append(
                f"column {column!r} ({place} of the design) is not in the file; {nearest(column, [one for one in header if one])}"
            )
        elif count > 1:
            faults.append(f"column {column!r} stands {count} times in the header; keep one")
    made = [recode.name for recode in request.recodes if recode.name in header]
    faults.extend(f"column {one!r} is in the file, and the design recodes another to that name; give the recode a new name" for one in made)
    if faults:
        raise BadInputError(name, faults)
