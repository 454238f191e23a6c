"""One week of a wave as columns, in an order that follows from the answers alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from sipas.stats.design import starts
from sipas.store.reading import Sealed

Numbers = NDArray[np.int32]
Codes = NDArray[np.int8]

BLANK, NOT_MET, NOT_SHOWN = -1, 0, -2  # beside the levels 1 to 5
WORDS = ("sector", "channel", "instrument", "length", "stage", "respondent", "filing", "duration", "reasons", "quarantine")
NUMBERS = ("unit", "deciding", "counter", "cluster")  # deciding and counter: 0 where there is none

_read = json.JSONDecoder().raw_decode  # the seal writes answers without a blank before them


@dataclass(frozen=True, slots=True)
class WeekTable:
    """The sealed answers of one wave in one week; every column has a place for every answer.

    Rows are sorted by unit, sector, cluster and then by everything else, so that the same answers make the same table whatever
    ids and order the seal gave them. Clusters are numbered from 0 in the order of their labels, which stay in the database.
    """

    wave: str
    week: str
    words: Mapping[str, tuple[str, ...]]  # column → its vocabulary, sorted
    places: Mapping[str, Numbers]  # column → place of each row's word in the vocabulary
    numbers: Mapping[str, Numbers]
    codes: Mapping[str, Codes]  # scale item → a level, or BLANK, NOT_MET, NOT_SHOWN

    @property
    def n(self) -> int:
        return len(self.numbers["unit"])

    def starts(self) -> NDArray[np.int64]:
        """Where a cluster begins, as it lies in one unit and sector."""
        return starts(self.numbers["unit"], self.places["sector"], self.numbers["cluster"])

    def rows(self, keep: slice | NDArray[np.bool_]) -> WeekTable:
        """The same with some of its rows."""
        return replace(
            self,
            places=MappingProxyType({name: column[keep] for name, column in self.places.items()}),
            numbers=MappingProxyType({name: column[keep] for name, column in self.numbers.items()}),
            codes=MappingProxyType({name: column[keep] for name, column in self.codes.items()}),
        )

    def part(self, part: range, *, before: int = 0) -> WeekTable:
        """The clusters that begin in a range of the week's rows, each of them whole; ``before``: rows of the week before the table's first."""
        begin = before + self.starts()
        low, high = np.searchsorted(begin, (part.start, part.stop))
        place = np.append(begin, before + self.n) - before
        return self.rows(slice(int(place[low]), int(place[high])))

    def content(self) -> str:
        """SHA-256 over every column: two tables that say the same have the same."""
        digest = hashlib.sha256(f"{self.wave} {self.week} {self.n}\n".encode())
        for name in WORDS:
            digest.update(f"{name} {json.dumps(self.words[name], ensure_ascii=False)}\n".encode() + _bytes(self.places[name], "<i4"))
        for name in NUMBERS:
            digest.update(f"{name}\n".encode() + _bytes(self.numbers[name], "<i4"))
        for name in sorted(self.codes):
            digest.update(f"{name}\n".encode() + _bytes(self.codes[name], "|i1"))
        return digest.hexdigest()


def make_table(wave: str, week: str, rows: Sequence[Sealed], items: Mapping[str, tuple[str, ...]]) -> WeekTable:
    """The table of some sealed rows; ``items`` names the scale items of each instrument that is known."""
    columns = _lay_out(rows, items)
    order = columns.order
    return WeekTable(
        wave=wave,
        week=week,
        words=MappingProxyType(columns.words),
        places=MappingProxyType({name: column[order] for name, column in columns.places.items()}),
        numbers=MappingProxyType({name: column[order] for name, column in columns.numbers.items()}),
        codes=MappingProxyType({name: column[order] for name, column in sorted(columns.codes.items())}),
    )


def order_of(rows: Sequence[Sealed], items: Mapping[str, tuple[str, ...]]) -> NDArray[np.int64]:
    """Which of the rows stands at each place of their table; rows of one unit stand in it as they stand among all."""
    return _lay_out(rows, items).order


@dataclass(frozen=True, slots=True)
class _Columns:
    words: dict[str, tuple[str, ...]]
    places: dict[str, Numbers]
    numbers: dict[str, Numbers]
    codes: dict[str, Codes]
    order: NDArray[np.int64]


def _lay_out(rows: Sequence[Sealed], items: Mapping[str, tuple[str, ...]]) -> _Columns:
    words = {name: tuple(sorted({getattr(row, name) for row in rows})) for name in WORDS}
    places = {name: _places([getattr(row, name) for row in rows], words[name]) for name in WORDS}
    labels = {label: number for number, label in enumerate(sorted({row.cluster for row in rows}))}
    numbers = {
        "unit": _numbers([row.unit_id for row in rows]),
        "deciding": _numbers([row.deciding_id or 0 for row in rows]),
        "counter": _numbers([row.counter_id or 0 for row in rows]),
        "cluster": _numbers([labels[row.cluster] for row in rows]),
    }
    codes = _codes(rows, items)
    keys = [codes[item] for item in sorted(codes, reverse=True)] + [places[name] for name in reversed(WORDS) if name != "sector"]
    keys += [numbers[name] for name in ("counter", "deciding", "cluster")] + [places["sector"], numbers["unit"]]
    return _Columns(words, places, numbers, codes, np.lexsort(keys))


def _codes(rows: Sequence[Sealed], items: Mapping[str, tuple[str, ...]]) -> dict[str, Codes]:
    """A column for each scale item of any instrument that was answered."""
    asked = sorted({row.instrument for row in rows} & items.keys())
    names = sorted({item for code in asked for item in items[code]})
    none = [NOT_SHOWN] * len(names)
    shown = {code: frozenset(items[code]) for code in asked}
    read: dict[tuple[str, str], list[int]] = {}  # the same answers come again and again
    table = []
    for row in rows:
        key = row.instrument, row.answers
        if (found := read.get(key)) is None:
            answers, _ = _read(row.answers)
            mine = shown.get(row.instrument, frozenset())
            found = read[key] = [_code(answers, name) if name in mine else NOT_SHOWN for name in names] if mine else none
        table.append(found)
    columns = np.array(table, np.int8).reshape(len(rows), len(names))
    return {name: np.ascontiguousarray(columns[:, place]) for place, name in enumerate(names)}


def _code(answers: Mapping[str, int | None], item: str) -> int:
    code = answers.get(item, NOT_SHOWN)
    return BLANK if code is None else code


def _places(values: Sequence[str], among: tuple[str, ...]) -> Numbers:
    place = {value: number for number, value in enumerate(among)}
    return _numbers([place[value] for value in values])


def _numbers(values: Sequence[int]) -> Numbers:
    return np.array(values, np.int32)


def _bytes(column: Numbers | Codes, dtype: str) -> bytes:
    return column.astype(dtype).tobytes()
