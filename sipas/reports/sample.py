"""The only bridge from the extract to arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sipas.extract.table import BLANK, NOT_MET, NOT_SHOWN, Codes, WeekTable
from sipas.instrument.model import LENGTHS, Wave
from sipas.instrument.shelf import Shelf
from sipas.stats.design import starts
from sipas.stats.intervals import Bools
from sipas.stats.weights import Ints
from sipas.store.canaries import CANARY
from sipas.terms import Week

__all__ = [
    "BLANK", "CHANNELS", "NOT_MET", "NOT_SHOWN", "Asked", "Sample", "items_of", "month_of", "months_between", "read_sample", "read_word",
]  # fmt: skip

CHANNELS = "VSOP"
Kept = Bools | slice  # what rows of a table are taken by


@dataclass(frozen=True, slots=True)
class Asked:
    """The answers to one instrument: which rows, and a code for each item."""

    rows: Ints  # positions in the sample, rising
    codes: Mapping[str, Codes]  # scale item → a level, or BLANK, NOT_MET, NOT_SHOWN


@dataclass(frozen=True, slots=True)
class Sample:
    """Some weeks of a wave as arrays of one length; answers in quarantine are marked, to be left out or looked at apart."""

    keys: tuple[tuple[int, str], ...]  # unit and sector of each stratum that has an answer, sorted
    stratum: Ints  # position in ``keys``
    deciding: Ints  # 0 where it is not known
    channel: Ints  # position in ``CHANNELS``
    length: Ints  # position in ``LENGTHS``
    cluster: Ints  # numbered over all weeks; rows of a stratum lie together by cluster
    asked: Mapping[str, Asked]  # by instrument code
    aside: Bools  # in quarantine

    @property
    def n(self) -> int:
        return len(self.stratum)


def items_of(shelf: Shelf) -> dict[str, tuple[str, ...]]:
    """The scale items of every instrument, in form order, the overall item last."""
    return {code: tuple(item.code for item in instrument.items if item.is_scale) for code, instrument in shelf.instruments.items()}


def month_of(week: str, wave: Wave) -> str:
    """The statistical month in which a week counts; one outside the wave counts in its nearest month."""
    first, last = Week.of(wave.first_day).month, Week.of(wave.last_day).month
    return min(max(Week.parse(week).month, first), last)


def read_sample(tables: Sequence[WeekTable], shelf: Shelf) -> Sample:
    """The arrays of some weeks."""
    keep = [_counted(table, shelf) for table in tables]
    keys, stratum_of = _numbered(tables, keep)
    first, cluster = 0, []
    for table, chosen in zip(tables, keep, strict=True):
        cluster.append(table.numbers["cluster"][chosen].astype(np.int64) + first)
        first += int(table.numbers["cluster"].max(initial=-1)) + 1
    order = np.argsort(stratum_of, kind="stable")  # weeks one after the other inside a stratum, as their files have them

    def column(arrays: Sequence[Ints]) -> Ints:
        return np.asarray(_joined(arrays)[order], np.int64)

    return Sample(
        keys=keys,
        stratum=stratum_of[order],
        deciding=column([table.numbers["deciding"][chosen].astype(np.int64) for table, chosen in zip(tables, keep, strict=True)]),
        channel=column([_places(table, "channel", tuple(CHANNELS), chosen) for table, chosen in zip(tables, keep, strict=True)]),
        length=column([_places(table, "length", LENGTHS, chosen) for table, chosen in zip(tables, keep, strict=True)]),
        cluster=column(cluster),
        asked=_asked(tables, keep, order, items_of(shelf)),
        aside=_joined([_aside(table)[chosen] for table, chosen in zip(tables, keep, strict=True)])[order].astype(np.bool_),
    )


def read_word(tables: Sequence[WeekTable], shelf: Shelf, name: str, among: Sequence[str]) -> Ints:
    """Another word of each row of ``read_sample``: its place among some, and their number for any other."""
    keep = [_counted(table, shelf) for table in tables]
    places = []
    for table, chosen in zip(tables, keep, strict=True):
        place = np.array([among.index(word) if word in among else len(among) for word in table.words[name]], np.int64)
        places.append(place[table.places[name][chosen]] if len(place) else place)
    return np.asarray(_joined(places)[np.argsort(_numbered(tables, keep)[1], kind="stable")], np.int64)


def months_between(first: str, last: str) -> tuple[str, ...]:
    """``2025-11``, ``2025-12``, ``2026-01`` …, both ends included."""
    begin, end = (12 * int(month[:4]) + int(month[5:]) - 1 for month in (first, last))
    return tuple(f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(begin, end + 1))


def _numbered(tables: Sequence[WeekTable], keep: Sequence[Kept]) -> tuple[tuple[tuple[int, str], ...], Ints]:
    """The strata of some tables, sorted, and the number of each kept row's; looked at where they begin, since tables are sorted by them."""
    sectors = tuple(sorted({word for table in tables for word in table.words["sector"]}))
    width = max(len(sectors), 1)
    heads, sizes = [], []
    for table, chosen in zip(tables, keep, strict=True):
        number = table.numbers["unit"][chosen].astype(np.int64) * width + _places(table, "sector", sectors, chosen)
        begin = starts(number)
        heads.append(number[begin])
        sizes.append(np.diff(np.append(begin, len(number))))
    distinct = np.unique(_joined(heads))
    place = np.repeat(np.searchsorted(distinct, _joined(heads)), _joined(sizes))
    return tuple((int(number) // width, sectors[int(number) % width]) for number in distinct), np.asarray(place, np.int64)


def _counted(table: WeekTable, shelf: Shelf) -> Kept:
    """Rows whose instrument is on the shelf; a test answer belongs to nobody, and is not even looked at apart."""
    known = np.array([code in shelf.instruments for code in table.words["instrument"]], np.bool_)
    meant = np.array([word != CANARY for word in table.words["quarantine"]], np.bool_)
    if known.all() and meant.all():
        return slice(None)
    return np.asarray(known[table.places["instrument"]] & meant[table.places["quarantine"]])


def _aside(table: WeekTable) -> Bools:
    aside = np.array([word != "" for word in table.words["quarantine"]], np.bool_)
    return np.asarray(aside[table.places["quarantine"]])


def _places(table: WeekTable, name: str, among: tuple[str, ...], chosen: Kept) -> Ints:
    place = np.array([among.index(word) for word in table.words[name]], np.int64)
    return np.asarray(place[table.places[name][chosen]], np.int64) if len(place) else np.zeros(0, np.int64)


def _asked(tables: Sequence[WeekTable], keep: Sequence[Kept], order: Ints, items: Mapping[str, tuple[str, ...]]) -> dict[str, Asked]:
    vocabulary = tuple(sorted({code for table in tables for code in table.words["instrument"]}))
    instrument = _joined([_places(table, "instrument", vocabulary, chosen) for table, chosen in zip(tables, keep, strict=True)])[order]
    asked = {}
    for code in (code for code in vocabulary if code in items):
        rows = np.flatnonzero(instrument == vocabulary.index(code))
        of = order[rows]  # positions before they were ordered
        if len(rows):
            asked[code] = Asked(rows, {item: _item(tables, keep, item)[of] for item in items[code]})
    return asked


def _item(tables: Sequence[WeekTable], keep: Sequence[Kept], item: str) -> Codes:
    parts = [
        (table.codes[item] if item in table.codes else np.full(table.n, NOT_SHOWN, np.int8))[chosen]
        for table, chosen in zip(tables, keep, strict=True)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, np.int8)


def _joined(arrays: Sequence[Any]) -> Any:
    return np.concatenate(arrays) if arrays else np.zeros(0, np.int64)
