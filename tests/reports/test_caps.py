"""How many answers on site a counter may have: shared out from dossiers, never more in sum than there are, and what a person said stands."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sipas import jobs
from sipas.cli.screens import screens as command
from sipas.evidence.keys import Keyring
from sipas.imports.complaints import BadFileError
from sipas.instrument.shelf import Shelf, read_shelf
from sipas.reports.caps import FLOWS, busiest_days, busiest_months, derive_from_frames, share_out, working_days
from sipas.store.audit import list_audits
from sipas.store.engine import Store
from sipas.store.frame import Count, FrameLoad, add_load
from sipas.store.screens import find_cap, list_capped, list_caps, put_cap, replace_derived
from sipas.store.units import Counter, Unit, add_unit
from sipas.terms import ZONE
from sipas.web.house import SURVEYS

TODAY = date(2026, 11, 20)
LAND = Count(1, None, "land", "2026-10", "dossier", "all", 440, 380, 5, 3)  # October 2026 has 22 working days


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return read_shelf(SURVEYS)


@pytest.fixture
def office(store: Store) -> Store:
    """One unit: two counters for land, one of them for construction too, and one for births alone."""
    with store.write() as session:
        unit = add_unit(session, Unit(code="20335", tier="one_stop", kind="Phường", name="Tam Kỳ", full_name="Trung tâm Tam Kỳ"))
        for number, sectors in ((11, "land"), (12, "land construction"), (13, "civil_status")):
            session.add(Counter(id=number, unit_id=unit.id, name=f"Quầy {number}", sectors=sectors))
    return store


def loaded(store: Store, *counts: Count, wave: str = "demo-2026") -> None:
    with store.write() as session:
        add_load(session, FrameLoad(wave=wave, file_name="f.csv", sha256="0" * 64, found="", rows=len(counts)), counts)


def derived(store: Store, shelf: Shelf) -> dict[int, int]:
    with store.write() as session:
        return dict(derive_from_frames(session, shelf, TODAY, demonstration=True))


def test_a_month_has_its_mondays_to_fridays() -> None:
    assert [working_days(month) for month in ("2026-10", "2026-11", "2026-02")] == [22, 21, 20]


def test_the_busiest_month_that_is_over_speaks_and_kinds_never_add_up() -> None:
    counts = [
        LAND,
        LAND._replace(month="2026-09", received=880, filing="online"),
        LAND._replace(month="2026-09", received=220, filing="counter", deciding_id=2),
        LAND._replace(month="2026-11", received=99_999),  # still under way
        LAND._replace(sector="health", kind="visit", received=2200, settled=0),
        LAND._replace(sector="health", kind="discharge", received=440, settled=660),
        LAND._replace(sector="education", kind="pupil", received=900),
    ]
    found = busiest_months(counts, TODAY)
    assert dict(found) == {(1, "land"): 50.0, (1, "health"): 100.0}
    assert {"pupil"} & FLOWS == set()


def test_caps_of_a_unit_allow_together_no_more_than_its_dossiers() -> None:
    rng = random.Random(3)
    for _ in range(200):
        sectors = ["land", "construction", "civil_status"]
        a_day = {(1, sector): rng.uniform(0.2, 300) for sector in sectors}
        counters = [
            Counter(id=number, unit_id=1, name="Quầy", sectors=" ".join(rng.sample(sectors, rng.randint(1, 3)))) for number in range(1, 9)
        ]
        found = share_out(counters, a_day)
        served = {sector for counter in counters for sector in counter.sectors.split()}
        assert len(found) == 8
        assert sum(found.values()) <= sum(a_day[1, sector] for sector in served) + len(counters)  # each is rounded up once


def test_a_counter_with_an_uncounted_sector_has_no_cap() -> None:
    counters = [Counter(id=1, unit_id=1, name="Quầy", sectors="land construction"), Counter(id=2, unit_id=1, name="Quầy", sectors="")]
    assert dict(share_out(counters, {(1, "land"): 9.0})) == {}


def test_the_frame_gives_a_default_and_what_a_person_said_stands_over_it(office: Store, shelf: Shelf) -> None:
    loaded(office, LAND, LAND._replace(sector="construction", received=220, settled=0, late=0))
    assert derived(office, shelf) == {11: 10, 12: 20}
    with office.write() as session:
        put_cap(session, 12, 7)
        put_cap(session, 13, 0)
    assert derived(office, shelf) == {11: 10, 12: 20}
    with office.read() as session:
        assert [find_cap(session, number) for number in (11, 12, 13, 99)] == [10, 7, 0, None]
        assert list_caps(session) == [(11, 10, "frame"), (12, 7, "hand"), (13, 0, "hand")]
        assert list(list_capped(session)) == [11, 12, 13]
    with office.write() as session:
        put_cap(session, 12, None)
        put_cap(session, 13, None)
        assert [find_cap(session, number) for number in (12, 13)] == [20, None]


def test_a_newer_frame_replaces_the_older_and_a_wave_that_is_not_open_says_nothing(office: Store, shelf: Shelf) -> None:
    loaded(office, LAND)
    assert derived(office, shelf) == {11: 10}
    loaded(office, LAND._replace(received=880))
    assert derived(office, shelf) == {11: 20}
    closed = replace(shelf, waves={code: replace(wave, last_day=TODAY.replace(day=1)) for code, wave in shelf.waves.items()})
    assert derived(office, closed) == {}
    with office.read() as session:
        assert list_caps(session) == []


def test_daily_counts_stand_over_the_frame(office: Store, shelf: Shelf) -> None:
    loaded(office, LAND)
    with office.write() as session:
        replace_derived(
            session, share_out([Counter(id=11, unit_id=1, sectors="land")], busiest_days([(1, "land", 31), (1, "land", 44)])), "daily"
        )
    assert derived(office, shelf) == {11: 10}
    with office.read() as session:
        assert list_caps(session) == [(11, 44, "daily")]
    with office.write() as session:
        replace_derived(session, {}, "daily")
    assert derived(office, shelf) == {11: 10}
    with office.read() as session:
        assert list_caps(session) == [(11, 10, "frame")]


def test_the_clockwork_derives_caps_once_a_day(office: Store, shelf: Shelf, tmp_path: Path) -> None:
    loaded(office, LAND)
    rounds = jobs.Rounds(office, Keyring.create(tmp_path / "keys"), shelf, (23, 59), demo=True)
    rounds.go(now=datetime(2026, 11, 20, 9, 0, tzinfo=ZONE))
    with office.read() as session:
        assert list_caps(session) == [(11, 10, "frame")]


@pytest.fixture
def call(office: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    url = f"sqlite:///{office.path}" if office.is_sqlite else office.url.render_as_string(hide_password=False)
    monkeypatch.setenv("SIPAS_DATABASE", url)
    monkeypatch.setenv("SIPAS_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("SIPAS_DEMO", "1")

    def run(*words: str, content: str = "") -> Result:
        file = tmp_path / "ngay.csv"
        file.write_text(content, encoding="utf-8")
        return CliRunner().invoke(command, [*words, *([str(file)] if content else [])])

    return run


def test_a_file_of_days_is_read_and_the_busiest_day_speaks(call, office: Store) -> None:
    content = "Ngày;Đơn vị;Lĩnh vực;Đã giải quyết;Đã tiếp nhận\n19/11/2026;20335;Đất đai;12;31\n2026-11-18;20335;land;40;9\n2026-11-18;20335;construction;7;\n"
    told = call("caps", content=content)
    assert told.exit_code == 0, told.output or told.exception
    assert "20 a day  daily  11  Trung tâm Tam Kỳ · Quầy 11" in told.output
    assert "27 a day  daily  12" in told.output
    assert "2 counters have a cap" in told.output
    call("cap", "11", "5")
    assert "5 a day  hand   11" in call("caps").output
    assert "20 answers on site a day" in call("cap", "11", "0", "--none").output
    with office.read() as session:
        told = [(audit.action, json.loads(audit.details)) for audit in list_audits(session)]
    assert told == [
        ("caps_daily", {"file": "ngay.csv", "counters": "2"}),
        ("cap_set", {"counter": "11", "a_day": "5"}),
        ("cap_set", {"counter": "11", "lifted": "yes"}),
    ]


def test_what_is_wrong_with_a_file_is_said_and_nothing_is_changed(call, office: Store) -> None:
    content = "day,unit,sector,finished\n2026-13-01,20335,land,4\n2099-01-01,20335,land,4\n2026-11-18,nobody,land,4\n2026-11-18,20335,fish,4\n2026-11-17,20335,land,x\n2026-11-17,20335,land,4\n"
    refused = call("caps", content=content).exception
    assert isinstance(refused, BadFileError)
    for words in ("is no day", "is still to come", "is no sector", "is no whole number", "stands already on line 6"):
        assert words in str(refused), words
    with office.read() as session:
        assert list_caps(session) == []
