"""The weeks of an extract as rows to be screened: one questionnaire and length at a time, so that every column means one thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sipas.extract.table import BLANK, WeekTable
from sipas.instrument.model import LENGTHS, OVERALL, Instrument
from sipas.instrument.shelf import Shelf
from sipas.reports.sample import CHANNELS
from sipas.stats.forensics import Rows
from sipas.stats.intervals import Bools
from sipas.stats.weights import Ints


@dataclass(frozen=True, slots=True)
class FormRows:
    """The answers to one form, and where each of them stands in the tables it came from."""

    instrument: str
    length: str
    units: tuple[int, ...]  # the unit that each number of ``rows.unit`` is
    rows: Rows
    table: Ints  # which of the tables
    place: Ints  # which row of it


def rows_by_form(tables: Sequence[WeekTable], shelf: Shelf, weeks: Mapping[str, int]) -> Iterator[FormRows]:
    """Every form that was answered; what was set aside at acceptance is left out. ``weeks`` numbers the weeks by time."""
    sectors = tuple(sorted({sector for table in tables for sector in table.words["sector"]}))
    for code in sorted({code for table in tables for code in table.words["instrument"]} & shelf.instruments.keys()):
        for length in LENGTHS:
            places = [np.flatnonzero(_is(table, "instrument", code) & _is(table, "length", length) & _counted(table)) for table in tables]
            if any(len(place) for place in places):
                yield _form(tables, places, shelf.instruments[code], length, (sectors, weeks))


def _form(
    tables: Sequence[WeekTable],
    places: Sequence[Ints],
    instrument: Instrument,
    length: str,
    numbering: tuple[tuple[str, ...], Mapping[str, int]],
) -> FormRows:
    sectors, weeks = numbering
    items = [item.code for item in instrument.form(length) if item.is_scale and item.code != OVERALL]
    some = list(zip(tables, places, strict=True))
    units, unit = np.unique(np.concatenate([table.numbers["unit"][place] for table, place in some]), return_inverse=True)
    first, clusters = 0, []
    for table, place in some:
        clusters.append(table.numbers["cluster"][place].astype(np.int64) + first)
        first += int(table.numbers["cluster"].max(initial=-1)) + 1
    rows = Rows(
        unit=unit.astype(np.int64),
        week=np.concatenate([np.full(len(place), weeks[table.week], np.int64) for table, place in some]),
        form=np.zeros(len(unit), np.int64),
        channel=np.concatenate([_numbered(table, "channel", tuple(CHANNELS))[place] for table, place in some]),
        part=np.concatenate([_numbered(table, "sector", sectors)[place] for table, place in some]),
        cluster=np.concatenate(clusters),
        answers=np.column_stack([np.concatenate([_codes(table, item)[place] for table, place in some]) for item in items]),
        level=np.concatenate([_codes(table, OVERALL)[place] for table, place in some]).astype(np.int64),
        fast=_flagged(some, "fast"),
        burst=_flagged(some, "burst"),
        off_hours=_flagged(some, "off_hours"),
    )
    table_of = np.concatenate([np.full(len(place), number, np.int64) for number, (_, place) in enumerate(some)])
    return FormRows(instrument.code, length, tuple(units.tolist()), rows, table_of, np.concatenate(places))


def _counted(table: WeekTable) -> Bools:
    return _is(table, "quarantine", "")


def _is(table: WeekTable, name: str, word: str) -> Bools:
    """The rows whose word this is."""
    return np.asarray(np.array([one == word for one in table.words[name]], np.bool_)[table.places[name]])


def _flagged(some: Sequence[tuple[WeekTable, Ints]], flag: str) -> Bools:
    """The rows that were given a flag at acceptance."""
    parts = []
    for table, place in some:
        given = np.array([flag in words.split() for words in table.words["reasons"]], np.bool_)
        parts.append(given[table.places["reasons"][place]])
    return np.concatenate(parts)


def _numbered(table: WeekTable, name: str, among: tuple[str, ...]) -> Ints:
    return np.asarray(np.array([among.index(word) for word in table.words[name]], np.int64)[table.places[name]])


def _codes(table: WeekTable, item: str) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    """Levels, 0 for what was not met, and −1 for what was left blank or not shown."""
    if item not in table.codes:
        return np.full(table.n, BLANK, np.int8)
    return np.maximum(table.codes[item], BLANK).astype(np.int8)
