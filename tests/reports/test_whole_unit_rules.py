"""Whole units in the nightly screening: dossiers of months that are over, one line for every questionnaire, and rows that can be named."""

from __future__ import annotations

import pytest

from sipas.extract import Extract
from sipas.reports.flagged import read_case, read_flagged
from sipas.reports.forensics import screen_and_store, screen_wave
from sipas.reports.proposing import find_rows
from sipas.reports.whole_units import EVERY, whole_months
from sipas.stats.forensics import RULES_VERSION
from sipas.store.engine import Store
from sipas.store.forensics import find_last_screening, list_flags
from sipas.store.frame import Count, FrameLoad, add_load, list_handled
from sipas.store.proposals import Proposal
from tests.reports import sealed_rows as make
from tests.reports.stuffed_rows import ROUNDS, honest, stuff

SHELF = make.shelf()
OCTOBER = ("2026-W40", "2026-W41", "2026-W42", "2026-W43", "2026-W44")


def whole_flags(store: Store) -> dict[tuple[int, str], object]:
    night = screen_wave(store, SHELF, make.WAVE, permutations=ROUNDS)
    return {(flag.unit, flag.reason): flag for flag in night.flags if flag.instrument == EVERY}


def test_a_unit_with_more_answers_than_dossiers_in_a_month_that_is_over_is_flagged(sqlite_store: Store) -> None:
    province = honest(sqlite_store)
    unit = province.strata[25][0]
    stuff(sqlite_store, province, unit=unit, n=400, weeks=OCTOBER, reasons="")
    flags = whole_flags(sqlite_store)
    assert {place for place, _ in flags} == {unit}
    assert {"volume", "over_dossiers"} <= {reason for _, reason in flags}
    assert flags[unit, "over_dossiers"].observed > flags[unit, "over_dossiers"].expected > 0
    assert flags[unit, "volume"].rows == 0, "it is about the whole unit"


def test_the_month_that_is_not_over_is_no_measure_of_volume(sqlite_store: Store) -> None:
    province = honest(sqlite_store)
    stuff(sqlite_store, province, unit=province.strata[25][0], n=400, weeks=("2026-W45", "2026-W46"), reasons="")
    assert {"volume", "over_dossiers"}.isdisjoint(reason for _, reason in whole_flags(sqlite_store))


def test_codes_used_twice_are_flagged_named_and_told_without_a_questionnaire(sqlite_store: Store) -> None:
    province = honest(sqlite_store)
    unit = province.strata[25][0]
    stuff(sqlite_store, province, unit=unit, n=40, reasons="contested", channel="O")
    screen_and_store(sqlite_store, SHELF, make.WAVE, permutations=ROUNDS)
    with sqlite_store.read() as session:
        screening = find_last_screening(session, make.WAVE, "2026-Q4")
        flag = next(one for one in list_flags(session, screening.id, unit) if one.reason == "contested")
        assert (flag.instrument, flag.length, flag.rows, screening.rules) == (EVERY, EVERY, 40, RULES_VERSION)
        keys = find_rows(session, Extract(None), SHELF, screening, flag)
        named = session.connection().exec_driver_sql("SELECT week, id FROM response WHERE reasons = 'contested'")
        assert list(keys) == sorted((week, response) for week, response in named)
        flagged = read_flagged(session, SHELF, wave=make.WAVE, period="2026-Q4", branch=f"/{province.root}/")
        reason = next(one for one in flagged.find(unit).reasons if one.reason == "contested")
        assert (reason.title, reason.names_answers, reason.observed) == ({}, True, 40)
        like = Proposal(screening_id=screening.id, unit_id=unit, instrument=EVERY, length=EVERY, sign="contested")
        assert read_case(session, SHELF, like, make.WAVE)[0] == reason


def test_answers_set_aside_are_no_volume(sqlite_store: Store) -> None:
    province = honest(sqlite_store)
    stuff(sqlite_store, province, unit=province.strata[25][0], n=400, weeks=OCTOBER, reasons="", quarantine="iid_conflict")
    assert whole_flags(sqlite_store) == {}


def test_a_wave_without_a_frame_has_no_volume_to_judge(sqlite_store: Store) -> None:
    province = honest(sqlite_store)
    stuff(sqlite_store, province, unit=province.strata[25][0], n=400, weeks=OCTOBER, reasons="")
    with sqlite_store.write() as session:
        session.connection().exec_driver_sql("DELETE FROM frame_count")
    assert {"volume", "over_dossiers"}.isdisjoint(reason for _, reason in whole_flags(sqlite_store))


@pytest.mark.parametrize(
    ("weeks", "months"),
    [
        (OCTOBER, {"2026-10": [0, 1, 2, 3, 4]}),
        ((*OCTOBER, "2026-W45"), {"2026-10": [0, 1, 2, 3, 4]}),
        (OCTOBER[:4], {}),
        (OCTOBER[1:], {}),
    ],
)
def test_a_month_counts_when_all_its_weeks_do(weeks: tuple[str, ...], months: dict[str, list[int]]) -> None:
    assert whole_months({week: number for number, week in enumerate(weeks)}) == months


def test_dossiers_of_several_kinds_do_not_add_up_and_those_of_several_filings_do(sqlite_store: Store) -> None:
    unit = make.add_province(sqlite_store, communes=1).strata[0][0]
    counts = [
        Count(unit, None, "land", "2026-10", "dossier", "online", 10, 7, 0, 0),
        Count(unit, None, "land", "2026-10", "dossier", "post", 5, 9, 0, 0),
        Count(unit, None, "land", "2026-10", "visit", "all", 12, 3, 0, 0),
    ]
    with sqlite_store.write() as session:
        load = add_load(session, FrameLoad(wave=make.WAVE, file_name="f", sha256="0", found="", rows=3), counts)
        assert list_handled(session, load.id) == [(unit, "land", "2026-10", 16)]
