"""The closed weeks of a quarter as whole units to be screened: every questionnaire together, with the dossiers behind the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sipas.extract.table import BLANK, WeekTable
from sipas.instrument.model import OVERALL, Wave
from sipas.reports.sample import CHANNELS
from sipas.stats.forensics import WholeUnits
from sipas.stats.intervals import Bools, Floats
from sipas.stats.weights import Ints
from sipas.store.frame import Handled
from sipas.terms import Week

EVERY = "*"  # in the place of a questionnaire, and of a form: all of them
CONTESTED = "contested"  # the reason of an answer under a code that was spent before
ONLY_ASKED = "inquiry"  # the stage of somebody who has no dossier


@dataclass(frozen=True, slots=True)
class UnitRows:
    """The answers of a quarter, and where each of them stands in the tables it came from."""

    units: tuple[int, ...]  # the unit that each number of ``whole.unit`` is
    whole: WholeUnits
    table: Ints  # which of the tables
    place: Ints  # which row of it


def rows_of_units(
    tables: Sequence[WeekTable], wave: Wave, numbers: Mapping[str, int], since: int, handled: Sequence[Handled]
) -> UnitRows | None:
    """The answers of the weeks from ``since`` on, without what is set aside; None where there are none.

    ``handled`` is believed of months whose every week is among the weeks: the last month of a running quarter is not over.
    """
    chosen = [(number, table) for number, table in enumerate(tables) if numbers[table.week] >= since]
    some = [(number, table, np.flatnonzero(_is(table, "quarantine", ""))) for number, table in chosen]
    if not sum(len(place) for *_, place in some):
        return None
    units, unit = np.unique(np.concatenate([table.numbers["unit"][place] for _, table, place in some]), return_inverse=True)
    weeks = {week: number - since for week, number in numbers.items() if number >= since}
    sectors = tuple(sorted({sector for _, table, _ in some for sector in table.words["sector"]}))
    parts = [_columns(table, place, wave, sectors) for _, table, place in some]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    first, clusters = 0, []
    for _, table, place in some:
        clusters.append(table.numbers["cluster"][place].astype(np.int64) + first)
        first += int(table.numbers["cluster"].max(initial=-1)) + 1
    whole = WholeUnits(
        unit=unit.astype(np.int64),
        week=np.concatenate([np.full(len(place), weeks[table.week], np.int64) for _, table, place in some]),
        form=np.unique(columns["form"], return_inverse=True)[1].astype(np.int64),
        part=columns["part"],
        channel=columns["channel"],
        cluster=np.concatenate(clusters),
        level=columns["level"],
        counted=columns["counted"].astype(np.bool_),
        contested=columns["contested"].astype(np.bool_),
        dossiers=_dossiers(handled, tuple(units.tolist()), sectors, weeks),
    )
    table_of = np.concatenate([np.full(len(place), number, np.int64) for number, _, place in some])
    return UnitRows(tuple(units.tolist()), whole, table_of, np.concatenate([place for *_, place in some]))


def _columns(
    table: WeekTable, place: Ints, wave: Wave, sectors: tuple[str, ...]
) -> dict[str, np.ndarray[tuple[int], np.dtype[np.generic]]]:
    """What one week's table says of some of its rows."""
    headline = np.array([word in wave.headline for word in table.words["channel"]], np.bool_)[table.places["channel"][place]]
    reasons = np.array([CONTESTED in words.split() for words in table.words["reasons"]], np.bool_)[table.places["reasons"][place]]
    overall = table.codes[OVERALL][place] if OVERALL in table.codes else np.full(len(place), BLANK, np.int8)
    forms = [table.places[name][place] for name in ("instrument", "length")]
    names = np.array([[f"{code} {length}" for length in table.words["length"]] for code in table.words["instrument"]])
    return {
        "form": names[forms[0], forms[1]],
        "part": np.array([sectors.index(word) for word in table.words["sector"]], np.int64)[table.places["sector"][place]],
        "channel": np.array([CHANNELS.index(word) for word in table.words["channel"]], np.int64)[table.places["channel"][place]],
        "level": np.maximum(overall, BLANK).astype(np.int64),
        "counted": headline & ~_is(table, "stage", ONLY_ASKED)[place],
        "contested": reasons,
    }


def _dossiers(handled: Sequence[Handled], units: tuple[int, ...], sectors: tuple[str, ...], weeks: Mapping[str, int]) -> Floats:
    """Dossiers by unit, sector and week; those of a month are spread evenly over its weeks, and NaN where nothing is known."""
    found = np.full((len(units), len(sectors), max(weeks.values()) + 1), np.nan)
    of_month = whole_months(weeks)
    unit_of, sector_of = ({name: number for number, name in enumerate(names)} for names in (units, sectors))
    for one in handled:
        if one.unit_id in unit_of and one.sector in sector_of and (inside := of_month.get(one.month)):
            found[unit_of[one.unit_id], sector_of[one.sector], inside] = one.dossiers / len(inside)
    return found


def whole_months(weeks: Mapping[str, int]) -> dict[str, list[int]]:
    """The months whose every week is among the weeks, with the numbers of those weeks."""
    months: dict[str, list[int]] = {}
    for week in weeks:
        months.setdefault(Week.parse(week).month, []).append(weeks[week])
    known = sorted(map(Week.parse, weeks))
    cut = {known[0].previous().month, known[-1].next().month}
    return {month: sorted(numbers) for month, numbers in months.items() if month not in cut}


def _is(table: WeekTable, name: str, word: str) -> Bools:
    """The rows whose word this is."""
    return np.asarray(np.array([one == word for one in table.words[name]], np.bool_)[table.places[name]])
