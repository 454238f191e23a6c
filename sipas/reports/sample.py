"""The only bridge from rows to arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sipas.instrument.model import LENGTHS, Wave
from sipas.instrument.shelf import Shelf
from sipas.stats.weights import Ints
from sipas.store.reading import Answered
from sipas.terms import Week

Codes = NDArray[np.int8]

BLANK, NOT_MET, NOT_SHOWN = -1, 0, -2  # beside 1 to 5
CHANNELS = "VSOP"

_read = json.JSONDecoder().raw_decode  # the seal writes answers without a blank before them


@dataclass(frozen=True, slots=True)
class Asked:
    """The answers to one instrument: which rows, which items, and a code for each."""

    rows: Ints  # positions in the sample
    items: tuple[str, ...]  # scale items in form order, the overall item last
    codes: Codes  # (rows, items)


@dataclass(frozen=True, slots=True)
class Sample:
    """A wave's answers as arrays of one length; those in quarantine are counted and left out."""

    months: tuple[str, ...]  # without a gap, from the wave's first
    sectors: tuple[str, ...]  # in code order
    unit: Ints
    deciding: Ints  # 0 where it is not known, or the unit itself
    sector: Ints  # position in ``sectors``
    month: Ints  # position in ``months``
    channel: Ints  # position in ``CHANNELS``
    length: Ints  # position in ``LENGTHS``
    cluster: Ints  # a number for each label
    asked: Mapping[str, Asked]  # by instrument code
    quarantined: int
    week: str  # the last week with an answer

    @property
    def n(self) -> int:
        return len(self.unit)


def read_sample(answered: Sequence[Answered], shelf: Shelf, wave: Wave) -> Sample:
    """The arrays of a wave; a week outside it counts in its nearest month."""
    rows = [row for row in answered if not row.quarantine and row.instrument in shelf.instruments]
    weeks = sorted({row.week for row in rows})
    first, last = Week.of(wave.first_day).month, Week.of(wave.last_day).month
    month_of = {week: min(max(Week.parse(week).month, first), last) for week in weeks}
    months = months_between(first, max(month_of.values(), default=first))
    sectors = tuple(sorted({row.sector for row in rows}))
    labels: dict[bytes, int] = {}
    return Sample(
        months=months,
        sectors=sectors,
        unit=_ints([row.unit_id for row in rows]),
        deciding=_ints([row.deciding_id or 0 for row in rows]),
        sector=_positions([row.sector for row in rows], sectors),
        month=_positions([month_of[row.week] for row in rows], months),
        channel=_positions([row.channel for row in rows], tuple(CHANNELS)),
        length=_positions([row.length for row in rows], LENGTHS),
        cluster=_ints([labels.setdefault(row.cluster, len(labels)) for row in rows]),
        asked=_by_instrument(rows, shelf),
        quarantined=sum(1 for row in answered if row.quarantine),
        week=weeks[-1] if weeks else "",
    )


def months_between(first: str, last: str) -> tuple[str, ...]:
    """``2025-11``, ``2025-12``, ``2026-01`` …, both ends included."""
    begin, end = (12 * int(month[:4]) + int(month[5:]) - 1 for month in (first, last))
    return tuple(f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(begin, end + 1))


def _by_instrument(rows: Sequence[Answered], shelf: Shelf) -> dict[str, Asked]:
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        places.setdefault(row.instrument, []).append(place)
    asked = {}
    for code in sorted(places):
        items = tuple(item.code for item in shelf.instruments[code].items if item.is_scale)
        read: dict[str, list[int]] = {}  # the same answers come again and again
        texts = [rows[place].answers for place in places[code]]
        codes = np.array([read.get(text) or read.setdefault(text, _codes(text, items)) for text in texts], np.int8)
        asked[code] = Asked(_ints(places[code]), items, codes.reshape(-1, len(items)))
    return asked


def _codes(text: str, items: tuple[str, ...]) -> list[int]:
    answers, _ = _read(text)
    found = [answers.get(item, NOT_SHOWN) for item in items]
    return [BLANK if code is None else code for code in found] if None in found else found


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, np.int64)


def _positions(values: Sequence[str], among: tuple[str, ...]) -> Ints:
    place = {value: number for number, value in enumerate(among)}
    return _ints([place[value] for value in values])
