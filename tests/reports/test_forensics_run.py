"""The screening of closed weeks: it finds what was planted, comes out the same twice, and touches nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from shutil import copy

import pytest

from sipas import jobs
from sipas.evidence.keys import Keyring
from sipas.extract import Extract, Known
from sipas.reports.facts import compute
from sipas.reports.forensics import Night, closed_weeks, screen_and_store, screen_wave
from sipas.reports.recount import ClosedWeeks, count_again, told_apart
from sipas.stats.forensics import RULES_VERSION
from sipas.store.batches import find_day
from sipas.store.engine import Store
from sipas.store.forensics import list_flags, list_screenings, list_shares
from tests.reports import sealed_rows as make
from tests.reports import stuffed_rows
from tests.reports.stuffed_rows import ROUNDS, bytes_of, honest, stuff

SHELF = make.shelf()


@dataclass(frozen=True)
class Stuffed:
    """One honest province, the same with a stuffed unit, and what the night says of it."""

    clean: Store
    store: Store
    unit: int
    province: make.Province
    night: Night


@pytest.fixture(scope="module")
def stuffed(tmp_path_factory: pytest.TempPathFactory, blank_sqlite: Path) -> Iterator[Stuffed]:
    folder = tmp_path_factory.mktemp("stuffed")
    stores = []
    for name in ("clean", "stuffed"):
        copy(blank_sqlite, folder / f"{name}.sqlite")
        stores.append(Store(f"sqlite:///{folder / name}.sqlite"))
    provinces = [honest(store) for store in stores]
    unit = provinces[1].strata[25][0]
    stuff(stores[1], provinces[1], unit=unit)
    night = screen_wave(stores[1], SHELF, make.WAVE, permutations=ROUNDS)
    assert night is not None
    yield Stuffed(*stores, unit, provinces[1], night)
    for store in stores:
        store.close()


def test_a_stuffed_unit_is_found_by_name_and_nobody_else(stuffed: Stuffed) -> None:
    assert {flag.unit for flag in stuffed.night.flags} == {stuffed.unit}
    reasons = {flag.reason: flag for flag in stuffed.night.flags}
    assert {"fast", "pattern"} <= set(reasons)
    assert reasons["fast"].observed == reasons["fast"].rows == 60
    assert reasons["fast"].expected < 10
    assert dict(reasons["fast"].weeks) == dict.fromkeys(stuffed_rows.STUFFED_WEEKS, 20)
    assert stuffed.night.rules == RULES_VERSION


def test_an_honest_province_has_no_flag_and_says_how_many_false_ones_to_expect(stuffed: Stuffed) -> None:
    night = screen_wave(stuffed.clean, SHELF, make.WAVE, permutations=ROUNDS)
    assert (night.flags, night.beside, night.expected_false) == ((), (), 0.0)
    assert 0 < night.expected_if_clean < 1


def test_the_same_weeks_give_the_same_night_from_rows_and_from_files(stuffed: Stuffed, tmp_path: Path) -> None:
    again = screen_wave(stuffed.store, SHELF, make.WAVE, permutations=ROUNDS)
    filed = screen_wave(stuffed.store, SHELF, make.WAVE, permutations=ROUNDS, extract=Extract(tmp_path))
    assert replace(again, seconds=0.0) == replace(filed, seconds=0.0) == replace(stuffed.night, seconds=0.0)


def test_a_flagged_run_changes_no_byte_of_answers_or_figures(stuffed: Stuffed) -> None:
    compute(stuffed.store, SHELF, make.WAVE)
    tables = ("response", "open_response", "batch", "inbox", "fact", "released", "run")
    before = bytes_of(stuffed.store, *tables)
    found = screen_and_store(stuffed.store, SHELF, make.WAVE, permutations=ROUNDS)
    with stuffed.store.read() as session:
        assert len(list_flags(session, found.id)) == len(stuffed.night.flags)
        assert len(list_shares(session, found.id)) == len(stuffed.night.beside)
    assert bytes_of(stuffed.store, *tables) == before


def test_without_the_flagged_answers_stand_the_figures_of_a_province_where_they_never_were(stuffed: Stuffed) -> None:
    with stuffed.clean.read() as session:
        extract = ClosedWeeks(None, stuffed.night.week)
        wave = SHELF.waves[make.WAVE]
        never = count_again(session, SHELF, wave, (stuffed.night.period, extract, extract), {stuffed.unit})
    wanted = {(one.unit, one.sector): one.whole for one in never}
    assert {(one.unit, one.sector): one.without for one in stuffed.night.beside if one.without} == wanted
    shown = {(one.unit, one.sector): one for one in stuffed.night.beside}
    top = shown[stuffed.province.root, "procedures"]
    assert top.whole.n - top.n_without == 60


def test_the_figure_with_every_answer_is_the_published_one_where_no_week_is_open(sqlite_store: Store) -> None:
    province = honest(sqlite_store)
    stuff(sqlite_store, province, unit=province.strata[25][0])
    with sqlite_store.write() as session:
        session.connection().exec_driver_sql("DELETE FROM open_response")
    compute(sqlite_store, SHELF, make.WAVE)
    night = screen_wave(sqlite_store, SHELF, make.WAVE, permutations=ROUNDS)
    query = "SELECT n, value, low, high, verdict FROM fact WHERE period = ? AND unit_id = ? AND sector = ? AND indicator = ?"
    query += " AND channels = 'headline' AND side = 'receiving' AND verdict <> ''"
    with sqlite_store.read() as session:
        for one in night.beside:
            key = (night.period, one.unit, one.sector, one.whole.statistic)
            published = session.connection().exec_driver_sql(query, key).all()
            whole = one.whole
            assert [tuple(row) for row in published] == [(whole.n, whole.value, whole.low, whole.high, whole.verdict)]


def test_the_open_week_is_never_read(sqlite_store: Store) -> None:
    province = honest(sqlite_store)
    stuff(sqlite_store, province, unit=province.strata[25][0], weeks=("2026-W47",))
    night = screen_wave(sqlite_store, SHELF, make.WAVE, permutations=ROUNDS)
    assert (night.week, night.flags) == ("2026-W46", ())


def test_what_was_set_aside_at_acceptance_is_not_screened(sqlite_store: Store) -> None:
    province = honest(sqlite_store)
    stuff(sqlite_store, province, unit=province.strata[25][0], quarantine="iid_conflict")
    assert screen_wave(sqlite_store, SHELF, make.WAVE, permutations=ROUNDS).flags == ()


def test_weeks_are_screened_once_unless_it_is_asked_for(sqlite_store: Store) -> None:
    assert screen_and_store(sqlite_store, SHELF, make.WAVE) is None
    honest(sqlite_store, n=400, communes=6)
    first, second = (screen_and_store(sqlite_store, SHELF, make.WAVE).id for _ in range(2))
    third = screen_and_store(sqlite_store, SHELF, make.WAVE, again=True).id
    assert first == second != third


def test_the_newest_quarter_is_judged_beside_the_one_before() -> None:
    known = [
        Known(week, closed, "ab", 10) for week, closed in (("2026-W20", True), ("2026-W30", True), ("2026-W41", True), ("2026-W42", False))
    ]
    weeks = closed_weeks(known)
    assert [one.week for one in weeks.known] == ["2026-W30", "2026-W41"]
    assert (weeks.period, weeks.numbers["2026-W41"], weeks.since) == ("2026-Q4", 11, 10)
    assert closed_weeks(known[3:]) is None
    assert weeks.root != closed_weeks([replace(one, root="cd") for one in known]).root


@pytest.mark.parametrize(
    ("n", "left", "told"), [(50, 50, True), (50, 40, True), (50, 41, False), (19, 9, False), (12, 2, False), (20, 10, True)]
)
def test_figures_stand_side_by_side_only_where_nobody_can_be_read_off(n: int, left: int, told: bool) -> None:  # noqa: FBT001 -- a column of the table
    assert told_apart(n, left) is told


def test_the_clock_screens_a_closed_week_once(store: Store, tmp_path: Path) -> None:
    honest(store, n=400, communes=6)
    rounds = jobs.Rounds(store, Keyring.create(tmp_path / "keys"), SHELF, (0, 10), extract=str(tmp_path / "extract"))
    for _ in range(2):
        rounds._screen_once(date(2026, 11, 22))
    with store.read() as session:
        assert [(one.wave, one.week) for one in list_screenings(session, make.WAVE)] == [(make.WAVE, "2026-W46")]
        assert find_day(session, jobs.FORENSICS) == date(2026, 11, 15)


def test_a_screening_that_fails_is_told_and_waits_for_the_next_day(sqlite_store: Store, tmp_path: Path) -> None:
    honest(sqlite_store, n=200, communes=6)
    (tmp_path / "file").write_text("no folder can be here")
    rounds = jobs.Rounds(sqlite_store, Keyring.create(tmp_path / "keys"), SHELF, (0, 10), extract=str(tmp_path / "file"))
    rounds._screen_once(date(2026, 11, 22))
    with sqlite_store.read() as session:
        assert find_day(session, jobs.FORENSICS) is None
    (tmp_path / "file").unlink()
    rounds._screen_once(date(2026, 11, 22))
    with sqlite_store.read() as session:
        assert find_day(session, jobs.FORENSICS) is None
    rounds._screen_once(date(2026, 11, 23))
    with sqlite_store.read() as session:
        assert find_day(session, jobs.FORENSICS) == date(2026, 11, 15)
