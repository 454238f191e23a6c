"""A week's table as a Parquet file that any engine reads, and back; a file carries the root of its batch."""

from __future__ import annotations

import os
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from sipas.extract.table import NUMBERS, WORDS, WeekTable
from sipas.terms import SipasError

FORM = "1"  # of the file; another form is written anew
GROUP = 1 << 16  # rows that are stored together: who reads a part of a large week reads little more
META = ("form", "wave", "week", "root", "items", "content")


class ReplacedError(SipasError):
    """A file is another than the one that was looked at."""


def write_week(path: Path, table: WeekTable, root: str) -> None:
    """Write the file whole or not at all: beside its place first, then moved there."""
    import pyarrow as pa  # noqa: PLC0415 -- loaded by whoever counts, not at every start
    import pyarrow.parquet as pq  # noqa: PLC0415

    columns: dict[str, Any] = {
        name: pa.DictionaryArray.from_arrays(pa.array(table.places[name]), pa.array(table.words[name], pa.string())) for name in WORDS
    }
    columns |= {name: pa.array(table.numbers[name]) for name in NUMBERS}
    columns |= {item: pa.array(code) for item, code in table.codes.items()}
    told = dict(zip(META, (FORM, table.wave, table.week, root, " ".join(table.codes), table.content()), strict=True))
    whole = pa.table(columns).replace_schema_metadata({f"sipas.{name}": value for name, value in told.items()})
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    how: dict[str, Any] = {"compression": "none", "use_dictionary": True, "write_statistics": False}  # six codes need three bits
    pq.write_table(whole, beside, row_group_size=GROUP, **how)
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.replace(path)


def read_meta(path: Path) -> dict[str, str] | None:
    """What a file says of itself; None for one that is missing, broken or of another form."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        found = pq.read_schema(path).metadata or {}
    except (OSError, pa.ArrowException):
        return None
    told = {name: found.get(f"sipas.{name}".encode(), b"").decode() for name in META}
    return told if told["form"] == FORM else None


def read_week(path: Path, part: range | None = None, *, root: str = "") -> WeekTable:
    """The table of a file that read_meta() knows, or of its clusters that begin in a range of its rows: each of them whole.

    Raises
    ------
    ReplacedError
        The file has another root than the one that is asked for.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415

    with pq.ParquetFile(path) as file:  # one file of one form: what reads whole folders of any form takes a quarter longer
        if root and (file.schema_arrow.metadata or {}).get(b"sipas.root") != root.encode():
            raise ReplacedError(
                f"{path}: the week was sealed or decided upon again while it was counted; nothing was stored. Compute once more."
            )
        if part is None:
            return _table(file.read(use_threads=False))
        return _read_part(file, part)


def _read_part(file: Any, part: range) -> WeekTable:
    ends = np.cumsum([file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)])
    first, last = (int(np.searchsorted(ends, row, side="right")) for row in (max(part.start - 1, 0), part.stop))
    before = int(ends[first - 1]) if first else 0
    while True:
        some = _table(file.read_row_groups(list(range(first, min(last + 1, len(ends)))), use_threads=False))
        if last + 1 >= len(ends) or before + some.starts()[-1] >= part.stop:
            return some.part(part, before=before)
        last += 1  # the part's last cluster goes on in the next group


def _table(whole: Any) -> WeekTable:
    import pyarrow as pa  # noqa: PLC0415

    told = {name.decode().removeprefix("sipas."): value.decode() for name, value in whole.schema.metadata.items()}
    words, places = {}, {}
    for name in WORDS:
        column = whole[name].combine_chunks()
        column = column if isinstance(column, pa.DictionaryArray) else column.dictionary_encode()
        words[name], places[name] = tuple(column.dictionary.to_pylist()), np.asarray(column.indices, np.int32)
    return WeekTable(
        wave=told["wave"],
        week=told["week"],
        words=MappingProxyType(words),
        places=MappingProxyType(places),
        numbers=MappingProxyType({name: whole[name].combine_chunks().to_numpy() for name in NUMBERS}),
        codes=MappingProxyType({item: whole[item].combine_chunks().to_numpy() for item in told["items"].split()}),
    )
