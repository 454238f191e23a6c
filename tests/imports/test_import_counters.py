"""Counters: sectors from the shelf, codes from chance, signs that can be revoked and pointed elsewhere."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from make_units import add_local

from sipas.evidence.codes import is_code
from sipas.imports.complaints import BadFileError
from sipas.imports.counters import BadCounterError, add_code, add_counter, check_sectors, import_counters, repoint_code, revoke_code
from sipas.instrument.shelf import Shelf
from sipas.store.engine import Store
from sipas.store.units import Unit, UnknownCounterError, find_code, find_deciding, find_unit, list_counters, list_signs

DAY = date(2026, 3, 1)
HEADER = "unit;name;place;sectors;instrument;deciding"
DESK = "20341.TT;Quầy 3;tầng 1;land construction;;land:48@province"


def write(folder: Path, *rows: str) -> Path:
    path = folder / "counters.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def centre(store: Store) -> Unit:
    """The one-stop centre of Tam Kỳ."""
    add_local(store, "20341.TT")
    with store.read() as session:
        unit = find_unit(session, "20341.TT", tier="one_stop", day=DAY)
    assert unit is not None
    return unit


def test_file_of_counters_gives_each_a_code_and_a_second_run_adds_none(da_nang: Store, shelf: Shelf, tmp_path: Path) -> None:
    unit = centre(da_nang)
    path = write(tmp_path, DESK, DESK.replace("Quầy 3", "Quầy 4").replace("land:48@province", ""))
    assert import_counters(da_nang, shelf, path, day=DAY, rng=random.Random(1)).added == 2
    assert import_counters(da_nang, shelf, path, day=DAY, rng=random.Random(2)).added == 0
    with da_nang.read() as session:
        rows = list_signs(session, [unit.id])
        assert [(counter.name, counter.place, counter.sectors) for _, counter, _ in rows] == [
            ("Quầy 3", "tầng 1", "land construction"),
            ("Quầy 4", "tầng 1", "land construction"),
        ]
        assert all(code is not None and is_code(code.code) and (code.length, code.medium) == ("short", "printed") for _, _, code in rows)
        city = find_unit(session, "48", tier="province", day=DAY)
        assert city is not None
        assert find_deciding(session, unit.id, "land") == city.id
        assert find_deciding(session, unit.id, "construction") is None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (DESK.replace("20341.TT", "20341.XX"), "line 3, column unit: '20341.XX' is no unit"),
        (DESK.replace("land construction", "land fishing"), "column sectors: .* there is no sector 'fishing'; choose from land"),
        (DESK.replace("land construction", ""), "serves at least one sector"),
        (DESK.replace("land construction", "land land"), "stands twice"),
        (
            DESK.replace("construction;;", "construction;health-inpatient-2024;"),
            "'health-inpatient-2024' is not offered by land construction",
        ),
        (DESK.replace("land:48", "health:48"), "column deciding: .* names the sector 'health', which the counter does not serve"),
        (DESK.replace("land:48@province", "land:49"), "column deciding: .* names '49', which named no unit on 2026-03-01"),
        (DESK.replace("Quầy 3", ""), "column name is empty"),
        (DESK.replace("Quầy 3", "Quầy 1"), "column name: 'Quầy 1' repeats line 2"),
    ],
)
def test_fault_keeps_every_counter_out(da_nang: Store, shelf: Shelf, tmp_path: Path, row: str, said: str) -> None:
    unit = centre(da_nang)
    with pytest.raises(BadFileError, match=said):
        import_counters(da_nang, shelf, write(tmp_path, DESK.replace("Quầy 3", "Quầy 1"), row), day=DAY, rng=random.Random(1))
    with da_nang.read() as session:
        assert not list_counters(session, unit.id)
        assert find_deciding(session, unit.id, "land") is None


def test_revoked_code_is_found_and_stays_revoked(da_nang: Store) -> None:
    unit = centre(da_nang)
    with da_nang.write() as session:
        counter, code = add_counter(session, unit, name="Quầy 1", place="", sectors=["land"], rng=random.Random(1))
        assert revoke_code(session, code.code.lower()).revoked
        with pytest.raises(BadCounterError, match="was revoked and stays so"):
            repoint_code(session, code.code, counter.id)
    with da_nang.read() as session:
        found = find_code(session, code.code)
        assert found is not None
        assert found[0].revoked


def test_printed_code_can_stand_for_another_counter(da_nang: Store) -> None:
    unit = centre(da_nang)
    with da_nang.write() as session:
        _, code = add_counter(session, unit, name="Quầy 1", place="", sectors=["land"], rng=random.Random(1))
        other, _ = add_counter(session, unit, name="Quầy 2", place="", sectors=["land"], rng=random.Random(2))
        repoint_code(session, code.code, other.id)
        with pytest.raises(UnknownCounterError, match="no counter number 99"):
            repoint_code(session, code.code, 99)
        with pytest.raises(UnknownCounterError, match="no sign has the code 'XXXXXXXXXX'"):
            revoke_code(session, "XXXXXXXXXX")
    with da_nang.read() as session:
        found = find_code(session, code.code)
        assert found is not None
        assert found[1].name == "Quầy 2"


def test_code_that_is_taken_is_drawn_again(da_nang: Store) -> None:
    unit = centre(da_nang)
    with da_nang.write() as session:
        counter, first = add_counter(session, unit, name="Quầy 1", place="", sectors=["land"], rng=random.Random(1))
        again = add_code(session, counter, rng=random.Random(1), length="full", medium="link")
        assert again.code != first.code
        with pytest.raises(BadCounterError, match="a code is short or full"):
            add_code(session, counter, rng=random.Random(1), length="long")


def test_sector_of_no_shelf_is_refused(shelf: Shelf) -> None:
    check_sectors(shelf, ["health"], "health-inpatient-2024")
    with pytest.raises(BadCounterError, match="there is no sector 'sea'"):
        check_sectors(shelf, ["sea"])
