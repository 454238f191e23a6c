"""Figures of counters: of quarters that are over, from the headline channels, each counter for itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from sipas.extract import Extract
from sipas.instrument.model import OVERALL
from sipas.reports.counters import CounterTable, in_order, periods_of, read_counters
from sipas.stats.intervals import FLOOR_WITH_CLUSTERS, Shares, kg20
from sipas.store.engine import Store
from sipas.store.responses import add_sealed
from sipas.store.units import Counter, get_unit
from tests.reports import sealed_rows

DAY = date(2026, 11, 22)
WEEKS = {"2026-Q1": "2026-W05", "2026-Q2": "2026-W20", "2026-Q3": "2026-W30", "2026-Q4": "2026-W46"}
NAMES = ("Quầy 2", "Quầy 10", "Quầy 1")


class Hall:
    """A one-stop shop with three counters."""

    def __init__(self, store: Store, folder: Path | None = None) -> None:
        self.store, self.rng = store, Random(3)
        self.province = sealed_rows.add_province(store, communes=1, hospitals=1, schools=0)
        sealed_rows.add_answers(store, self.province, self.rng, n=1)  # the weeks' batches
        self.unit, self.hospital = self.province.strata[0][0], self.province.strata[-1][0]
        self.extract = Extract(folder)
        with store.write() as session:
            counters = [Counter(unit_id=self.unit, name=name, sectors="land") for name in NAMES]
            session.add_all(counters)
            session.flush()
            self.counters = [counter.id for counter in counters]

    def answer(self, counter: int, quarter: str, levels: list[int], **changed: Any) -> None:
        """Answers of one counter in one week, four a day."""
        rows = []
        for place, level in enumerate(levels):
            label = bytes([counter % 256, int(quarter[-1]), place // 4]) + bytes(13)
            where = (self.unit, "land", "S", WEEKS[quarter], label, 0.0)
            row = sealed_rows.one_row(sealed_rows.shelf(), self.province, self.rng, where) | {"counter_id": counter} | changed
            row["answers"] = f'{{"{OVERALL}":{level}}}'
            rows.append(row)
        with self.store.write() as session:
            add_sealed(session, rows, closed=True)

    def read(self, period: str = "", unit: int = 0, day: date = DAY) -> CounterTable:
        with self.store.read() as session:
            found = read_counters(
                session,
                sealed_rows.shelf(),
                self.extract,
                wave=sealed_rows.WAVE,
                unit=get_unit(session, unit or self.unit),
                day=day,
                period=period,
            )
        assert found is not None
        return found


def levels(satisfied: int, less: int) -> list[int]:
    mixed = [5] * satisfied + [2] * less
    Random(1).shuffle(mixed)
    return mixed


def test_each_counter_has_its_n_share_and_interval_by_name(store: Store) -> None:
    hall = Hall(store)
    for counter, (good, bad) in zip(hall.counters, ((20, 4), (30, 0), (12, 6)), strict=True):
        hall.answer(counter, "2026-Q2", levels(good, bad))
    (card,) = hall.read("2026-Q2").cards
    assert [(line.names, line.estimate.n, line.estimate.value) for line in card.lines if line.estimate] == [
        (("Quầy 1",), 18, pytest.approx(12 / 18)),
        (("Quầy 2",), 24, pytest.approx(20 / 24)),
        (("Quầy 10",), 30, 1.0),
    ]


def test_the_interval_is_kg20_over_the_counters_own_days(sqlite_store: Store) -> None:
    hall = Hall(sqlite_store)
    given = levels(20, 4)
    hall.answer(hall.counters[0], "2026-Q2", given)
    hall.answer(hall.counters[1], "2026-Q2", levels(30, 9))
    line = next(line for line in hall.read("2026-Q2").cards[0].lines if line.names == ("Quầy 2",))
    days = np.array(given).reshape(-1, 4) >= 4
    z = (days - days.mean()).sum(axis=1)
    variance = len(z) / (len(z) - 1) * np.sum((z - z.mean()) ** 2) / days.size**2
    one = [np.array([float(value)]) for value in (days.mean(), variance, 24, 20, 4, 24, len(z) - 1, np.nan)]
    wanted = kg20(Shares(*one), np.array([FLOOR_WITH_CLUSTERS]))
    assert line.estimate
    assert (line.estimate.low, line.estimate.high) == (pytest.approx(wanted.low[0]), pytest.approx(wanted.high[0]))


def test_fewer_than_ten_are_not_told(sqlite_store: Store) -> None:
    hall = Hall(sqlite_store)
    for counter, (good, bad) in zip(hall.counters, ((5, 4), (30, 5), (40, 6)), strict=True):
        hall.answer(counter, "2026-Q2", levels(good, bad))
    told = {line.names: (line.estimate is None, line.reason) for line in hall.read("2026-Q2").cards[0].lines}
    assert told == {("Quầy 1",): (False, ""), ("Quầy 2",): (True, "small"), ("Quầy 10",): (True, "protects")}


def test_one_or_two_dissatisfied_are_told_with_another_counter(sqlite_store: Store) -> None:
    hall = Hall(sqlite_store)
    for counter, (good, bad) in zip(hall.counters, ((30, 1), (30, 2), (40, 6)), strict=True):
        hall.answer(counter, "2026-Q2", levels(good, bad))
    told = {line.names: line.estimate.n_unsatisfied for line in hall.read("2026-Q2").cards[0].lines if line.estimate}
    assert told == {("Quầy 1",): 6, ("Quầy 2", "Quầy 10"): 3}


def test_open_channels_and_quarantine_do_not_count(sqlite_store: Store) -> None:
    hall = Hall(sqlite_store)
    hall.answer(hall.counters[0], "2026-Q2", levels(20, 4))
    hall.answer(hall.counters[0], "2026-Q2", levels(20, 4), channel="O")
    hall.answer(hall.counters[0], "2026-Q2", levels(20, 4), quarantine="burst")
    (line,) = hall.read("2026-Q2").cards[0].lines
    assert line.estimate
    assert line.estimate.n == 24


def test_outpatients_and_inpatients_are_never_added_up(sqlite_store: Store) -> None:
    hall = Hall(sqlite_store)
    for instrument in sealed_rows.shelf().sectors["health"].instruments:
        where = {"unit_id": hall.hospital, "sector": "health", "instrument": instrument}
        hall.answer(hall.counters[0], "2026-Q2", levels(20, 4), **where)
    cards = hall.read("2026-Q2", unit=hall.hospital).cards
    assert [(card.sector, card.kind, len(card.lines)) for card in cards] == [("health", "visit", 1), ("health", "discharge", 1)]


def test_only_quarters_that_are_over_are_told(sqlite_store: Store) -> None:
    hall = Hall(sqlite_store)
    for quarter in WEEKS:
        hall.answer(hall.counters[0], quarter, levels(20, 4))
    assert hall.read().periods == ("2026-ytd-09", "2026-ytd-06", "2026-Q3", "2026-Q2", "2026-Q1")
    assert hall.read(day=date(2026, 9, 27)).periods == ("2026-ytd-06", "2026-Q2", "2026-Q1")
    with sqlite_store.read() as session:
        unit = get_unit(session, hall.unit)
        for period in ("2026-Q4", "2026", "x"):
            found = read_counters(session, sealed_rows.shelf(), hall.extract, wave=sealed_rows.WAVE, unit=unit, day=DAY, period=period)
            assert found is None


def test_a_year_is_named_once_its_fourth_quarter_is_over() -> None:
    assert tuple(periods_of(("2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"))) == (
        "2026", "2026-ytd-09", "2026-ytd-06", "2026-Q4", "2026-Q3", "2026-Q2", "2026-Q1", "2025-Q4",
    )  # fmt: skip


def test_the_extracts_files_tell_the_same_as_the_rows(sqlite_store: Store, tmp_path: Path) -> None:
    hall = Hall(sqlite_store)
    for counter, (good, bad) in zip(hall.counters, ((20, 4), (30, 3), (12, 6)), strict=True):
        hall.answer(counter, "2026-Q2", levels(good, bad))
    from_rows = hall.read("2026-Q2")
    hall.extract = Extract(tmp_path / "extract")
    assert hall.read("2026-Q2") == from_rows


def test_a_unit_without_answers_has_an_empty_page(sqlite_store: Store) -> None:
    hall = Hall(sqlite_store)
    hall.answer(hall.counters[0], "2026-Q2", levels(20, 4))
    assert hall.read("2026-Q2", unit=hall.province.root).cards == ()


def test_counter_ten_follows_counter_nine() -> None:
    assert sorted(["Quầy 10", "Quầy 9", "Quầy 1", "Bàn 2"], key=in_order) == ["Bàn 2", "Quầy 1", "Quầy 9", "Quầy 10"]
