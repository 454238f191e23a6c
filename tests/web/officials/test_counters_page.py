"""The page of a unit's counters: who may open it, what it says, and the row it leaves behind."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from sipas.access import may_read_counters
from sipas.instrument.model import OVERALL
from sipas.store.audit import list_audits
from sipas.store.engine import Store
from sipas.store.responses import add_sealed
from sipas.store.units import Counter
from sipas.terms import Role
from tests.access.test_access import Somebody
from tests.reports import sealed_rows
from tests.web.officials.conftest import Room, with_results

NOTE = "Số liệu để cải tiến quy trình, không dùng để xếp loại cá nhân."


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, blank_sqlite: Path) -> Iterator[Room]:
    """Unit A with two busy counters and a quiet one, in the second quarter."""
    folder = tmp_path_factory.mktemp("hall")
    shutil.copy(blank_sqlite, folder / "hall.sqlite")
    store = Store(f"sqlite:///{folder / 'hall.sqlite'}")
    room = with_results(store, folder)
    for name, answers in (("Quầy A", [5] * 30 + [2] * 6), ("Quầy B", [4] * 22 + [1] * 3), ("Quầy C", [5] * 6 + [1] * 3)):
        with store.write() as session:
            counter = Counter(unit_id=room.units["A"], name=name, sectors="land")
            session.add(counter)
            session.flush()
            number = counter.id
        add_rows(store, room.units["A"], number, answers)
    yield room
    store.close()


def add_rows(store: Store, unit: int, counter: int, answers: list[int]) -> None:
    books, rng = sealed_rows.shelf(), Random(counter)
    province = sealed_rows.Province(unit, unit, ((unit, "land"),))
    rows = []
    for place, level in enumerate(answers):
        where = (unit, "land", "S", "2026-W20", bytes([counter, place // 4]) + bytes(14), 0.0)
        row = sealed_rows.one_row(books, province, rng, where)
        rows.append(row | {"counter_id": counter, "deciding_id": None, "answers": f'{{"{OVERALL}":{level}}}'})
    with store.write() as session:
        add_sealed(session, rows, closed=True)


def address(room: Room, unit: str = "A") -> str:
    return f"/officials/units/{room.units[unit]}/counters?wave=demo-2026&period=2026-Q2"


@pytest.mark.parametrize(
    ("account", "unit", "status"),
    [("head@a", "A", 200), ("head@48", "A", 200), ("head@48", "B", 200), ("head@a", "B", 404), ("head@a", "48", 404)]
    + [(account, "A", 404) for account in ("official@a", "analyst@48", "admin@48")],
)
def test_only_the_head_of_the_unit_and_of_the_province_open_it(hall: Room, account: str, unit: str, status: int) -> None:
    assert hall.inside(account).get(address(hall, unit)).status_code == status


def test_a_head_between_the_two_does_not() -> None:
    branch = Somebody(Role.HEAD, "/1/17/")
    asked = [("/1/17/", "/1/"), ("/1/17/230/", "/1/"), ("/1/17/230/", "/1/17/"), ("/1/18/", "/1/18/")]
    assert [may_read_counters(branch, path, province) for path, province in asked] == [True, False, True, False]
    assert not may_read_counters(Somebody(Role.OFFICIAL, "/1/"), "/1/", "/1/")


def test_it_says_what_it_is_for_and_hides_small_counters(hall: Room) -> None:
    page = hall.inside("head@a").get(address(hall)).text
    assert NOTE in page
    assert "Quầy A" in page
    assert "83% (" in page
    assert "Dưới 10 phiếu: không công bố để bảo vệ người trả lời." in page
    assert ">9<" not in page
    english = hall.inside("head@a").get(address(hall) + "&lang=en").text
    assert "not to be used" in english or "Results by counter" in english
    hall.inside("head@a").get(address(hall) + "&lang=vi")


def test_each_look_is_written_down(hall: Room) -> None:
    before = looks(hall)
    hall.inside("head@48").get(address(hall))
    hall.inside("official@a").get(address(hall))
    (look,) = looks(hall)[len(before) :]
    assert look == ("head@48", {"unit": hall.units["A"], "wave": "demo-2026", "period": "2026-Q2"})


def looks(room: Room) -> list[tuple[str, dict[str, object]]]:
    with room.house.store.read() as session:
        return [(row.official, json.loads(row.details)) for row in list_audits(session, action="saw_counters")]


@pytest.mark.parametrize("query", ["period=2026-11", "period=2031-Q1", "period=x", "wave=x"])
def test_what_nobody_offered_is_not_found(hall: Room, query: str) -> None:
    assert hall.inside("head@a").get(f"/officials/units/{hall.units['A']}/counters?{query}").status_code == 404


def test_the_unit_page_leads_to_it_for_those_who_may(hall: Room) -> None:
    unit = f"/officials/units/{hall.units['A']}"
    link = f"{unit}/counters"
    assert link in hall.inside("head@a").get(unit).text
    assert link in hall.inside("head@48").get(unit).text
    assert link not in hall.inside("official@a").get(unit).text


def test_nothing_below_the_unit_is_public(hall: Room) -> None:
    for page in ("/", "/phuong-phap"):
        assert "Quầy A" not in hall.browser().get(page).text
