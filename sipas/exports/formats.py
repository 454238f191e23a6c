"""The formats of a scorecard: buttons, addresses and the command line read this table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from sipas.exports.csv_dialect import EXCEL, PLAIN
from sipas.exports.scorecard_json import write_json
from sipas.exports.scorecards import write_csv
from sipas.reports.lines import Front, Scorecard
from sipas.reports.whole_card import WholeCard


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a scorecard."""

    name: str
    label: str  # msgid; the edge translates it
    media_type: str
    extension: str
    write: Callable[[Front | Scorecard | WholeCard], Iterator[bytes]]
    whole: bool = False  # a unit's file tells trends and drivers too


FORMATS = MappingProxyType(
    {
        one.name: one
        for one in (
            Format(PLAIN.name, PLAIN.label, "text/csv; charset=utf-8", "csv", partial(write_csv, dialect=PLAIN)),
            Format(EXCEL.name, EXCEL.label, "text/csv; charset=utf-8", "csv", partial(write_csv, dialect=EXCEL)),
            Format("json", "JSON", "application/json", "json", write_json, whole=True),
        )
    }
)
