"""CSV and Parquet into a sheet: only the columns that a design asks for."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sipas.estimates.keys import label
from sipas.estimates.refusals import BadInputError, nearest
from sipas.estimates.request import Request
from sipas.estimates.sheet import Sheet
from sipas.separated import SEPARATORS, BrokenRowError, column_of, find_separator, list_rows, list_too_long

PARQUET = b"PAR1"


def read_csv(name: str, text: str, encoding: str, request: Request) -> Sheet:
    """The rows of a CSV file's text."""
    wanted = request.columns
    if not text.strip():
        raise BadInputError(name, ["the file is empty; write a header and at least one row"])
    separator = find_separator(text, wanted.__contains__)
    try:
        rows = list(list_rows(text, separator))
    except BrokenRowError as broken:
        raise BadInputError(name, [str(broken)]) from None
    header = [unicodedata.normalize("NFC", cell).strip() for cell in rows[0][1]]
    _check_header(name, header, wanted, request)
    if len(rows) == 1:
        raise BadInputError(name, ["the file has a header and nothing below; write at least one row"])
    if too_long := list_too_long(rows):
        raise BadInputError(name, [str(too_long[0])])
    columns = {column: column_of(rows, header.index(column)) for column in wanted}
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
