"""The demonstration in a database: everything through the doors, once, and never beside anything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from sipas.demo import building
from sipas.demo.loading import BadDemoError
from sipas.evidence.keys import Keyring
from sipas.instrument.sheet import Sheet, read_sheet
from sipas.instrument.shelf import Shelf, read_shelf
from sipas.intake import Origin, Place, accept
from sipas.store import health
from sipas.store.engine import Store
from sipas.store.facts import Fact
from sipas.store.inbox import Inbox
from sipas.store.responses import OpenResponse, Response
from sipas.store.units import Counter, Unit, add_unit
from sipas.terms import ZONE, Channel, Week
from sipas.web.house import SURVEYS

TODAY = date(2026, 11, 20)
SHEETS = 1_200


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.create(tmp_path / "keys")


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return read_shelf(SURVEYS)


def contents(store: Store) -> list[tuple[object, ...]]:
    """Every sealed answer without what chance gives it: the same in two builds."""
    with store.read() as session:
        rows = [*session.query(Response), *session.query(OpenResponse)]
        return sorted((row.week, row.unit_id, row.counter_id or 0, row.sector, row.channel, row.stage, row.answers) for row in rows)


def test_everything_is_built_and_the_same_seed_builds_the_same(
    sqlite_store: Store, postgres_store: Store, tmp_path: Path, shelf: Shelf
) -> None:
    for number, store in enumerate((sqlite_store, postgres_store)):
        told: list[tuple[str, int, int]] = []
        keyring = Keyring.create(tmp_path / f"keys{number}")
        report = building.build(store, keyring, shelf, today=TODAY, sheets=SHEETS, progress=lambda *step, told=told: told.append(step))
        assert (report.units, report.counters, report.weeks, report.sheets) == (60, 150, 52, SHEETS)
        assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
        assert told[-1][1:] == (1000, 1000)
        whole(store)
        with pytest.raises(BadDemoError, match="already"):
            building.build(store, keyring, shelf, today=TODAY, sheets=SHEETS)
    assert len(contents(sqlite_store)) == SHEETS
    assert contents(sqlite_store) == contents(postgres_store)


def whole(store: Store) -> None:
    """Everything is sealed and computed, and the open week is open."""
    assert building.state_of(store) == "complete"
    with store.read() as session:
        assert session.query(Inbox).count() == 0
        assert {row.week for row in session.query(OpenResponse)} == {str(Week.of(TODAY))}
        assert session.query(Fact).filter(Fact.indicator == "overall", Fact.n >= 30).count() > 0


def test_a_database_that_holds_something_else_is_refused(store: Store, keyring: Keyring, shelf: Shelf) -> None:
    with store.write() as session:
        add_unit(session, Unit(code="1", tier="province", kind="Tỉnh", name="Một", full_name="Tỉnh Một"))
    with pytest.raises(BadDemoError, match=r"something else \(unit\)"):
        building.build(store, keyring, shelf, today=TODAY, sheets=SHEETS)
    assert health.list_filled(store) == ["unit"]


def test_a_load_that_stopped_half_way_is_refused(sqlite_store: Store, keyring: Keyring, shelf: Shelf) -> None:
    def stop(_text: str, done: int, _total: int) -> None:
        if done > 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        building.build(sqlite_store, keyring, shelf, today=TODAY, sheets=SHEETS, progress=stop)
    assert building.state_of(sqlite_store) == "partial"
    with pytest.raises(BadDemoError, match="half-way"):
        building.build(sqlite_store, keyring, shelf, today=TODAY, sheets=SHEETS)


def test_somebody_who_answers_while_it_loads_is_counted_once_and_in_the_open_week(
    sqlite_store: Store, keyring: Keyring, shelf: Shelf
) -> None:
    answer = visitor(sqlite_store, keyring, shelf)
    building.build(sqlite_store, keyring, shelf, today=TODAY, sheets=SHEETS, progress=answer)
    rows = contents(sqlite_store)
    mine = [row for row in rows if '"PA2":2' in str(row[6]) and row[0] == str(Week.of(TODAY)) and row[5] == "inquiry"]
    assert (len(rows), len(mine)) == (SHEETS + 1, 1)


def visitor(store: Store, keyring: Keyring, shelf: Shelf) -> Callable[[str, int, int], None]:
    """Answers once, when half of the year is loaded, by the real clock."""
    instrument = shelf.instruments["sipas-service-2023"]
    sheet = read_sheet(instrument, "short", {"stage": "inquiry", "respondent": "citizen", "HL": "3", "PA2": "2"}, reminded=True)
    assert isinstance(sheet, Sheet)
    waiting = [True]

    def look(_text: str, done: int, _total: int) -> None:
        if done < 500 or not waiting:
            return
        waiting.clear()
        with store.write() as session:
            counter = session.query(Counter).filter(Counter.sectors == "civil_status").first()
            assert counter is not None
            place = Place(
                *(counter.unit_id, None, counter.id, "civil_status", False, "", "demo-2026"),
                *(instrument.code, instrument.measure, 1, "short", "vi"),
            )
            now = datetime(2026, 11, 20, 9, 30, tzinfo=ZONE)
            accept(session, keyring, sheet, place, Origin(Channel.OPEN), iid="5" * 32, now=now)

    return look
