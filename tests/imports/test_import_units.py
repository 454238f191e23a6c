"""The whole country goes in, on both databases, and a code means what it meant on the day."""

from __future__ import annotations

import csv
import shutil
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from sipas.imports.complaints import BadFileError
from sipas.imports.units import FOLDER, REFORM, UNRESOLVED, UnknownProvinceError, import_units, list_unresolved, write_unresolved
from sipas.store.engine import Store
from sipas.store.units import Predecessor, Unit, count_units, find_unit, get_unit, list_branch, list_predecessors, list_successors

BEFORE, AFTER = date(2025, 6, 30), REFORM


def test_whole_country_goes_in_once(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    begun = time.perf_counter()
    report = import_units(store, progress=said.append)
    seconds = time.perf_counter() - begun
    with capsys.disabled():
        sys.stdout.write(f"\n{report.added:,} units, {report.links_added:,} links in {seconds:.1f} s on {store.url.get_backend_name()}")
    assert report.added == 34 + 3_321 + 63 + 696 + 10_035
    assert seconds < 60  # 20 s are promised to an idle machine; this one runs other tests beside
    assert said[-2].startswith("14,149 of 14,149 units")
    again = import_units(store)
    assert (again.added, again.links_added) == (0, 0)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Unit)) == 14_149
        tiers = dict.fromkeys(("province", "district", "commune"), 0)
        for (tier, _), number in count_units(session, AFTER).items():
            tiers[tier] += number
        assert tiers == {"province": 34, "district": 0, "commune": 3_321}
        assert sum(count_units(session, BEFORE).values()) == 63 + 696 + 10_035
        assert session.scalar(select(func.count()).select_from(Predecessor)) == report.links_added == 10_205


def test_code_91_is_kien_giang_before_and_an_giang_after(store: Store) -> None:
    import_units(store, province="91")
    with store.read() as session:
        before = find_unit(session, "91", tier="province", day=BEFORE)
        after = find_unit(session, "91", tier="province", day=AFTER)
        assert before is not None
        assert after is not None
        assert (before.name, after.name) == ("Kiên Giang", "An Giang")
        assert [(link.extent, unit.name) for link, unit in list_predecessors(session, after.id)] == [
            ("whole", "An Giang"),
            ("whole", "Kiên Giang"),
        ]
        assert [unit.id for _, unit in list_successors(session, before.id)] == [after.id]


def test_one_province_brings_its_own_past_and_nothing_else(da_nang: Store) -> None:
    with da_nang.read() as session:
        assert set(session.scalars(select(Unit.name).where(Unit.tier == "province"))) == {"Đà Nẵng", "Quảng Nam"}
        city = find_unit(session, "48", tier="province", day=AFTER)
        assert city is not None
        branch = list_branch(session, city)
        assert len(branch) == 1 + 94
        ward = find_unit(session, "20341", tier="commune", day=AFTER)
        assert ward is not None
        assert (ward.full_name, ward.parent_id, ward.path) == ("Phường Tam Kỳ", city.id, f"/{city.id}/{ward.id}/")
        old = find_unit(session, "20341", tier="commune", day=BEFORE)
        assert old is not None
        assert (old.full_name, old.valid_from, old.valid_to) == ("Phường An Mỹ", None, REFORM)
        assert old.path.count("/") == 4
        assert get_unit(session, old.parent_id or 0).tier == "district"


def test_whole_country_after_one_province_adds_the_rest(da_nang: Store) -> None:
    assert import_units(da_nang).added == 14_149 - 402


def test_no_old_unit_is_whole_in_two_new_ones(da_nang: Store) -> None:
    with da_nang.read() as session:
        heirs: dict[int, list[str]] = {}
        for link in session.scalars(select(Predecessor)):
            heirs.setdefault(link.old_id, []).append(link.extent)
    assert all("whole" not in extents for extents in heirs.values() if len(extents) > 1)


def test_list_of_unresolved_parts_is_what_a_fresh_run_finds(tmp_path: Path) -> None:
    write_unresolved(tmp_path / UNRESOLVED, list_unresolved())
    assert (tmp_path / UNRESOLVED).read_text(encoding="utf-8") == (FOLDER / UNRESOLVED).read_text(encoding="utf-8"), (
        "run: sipas units unresolved --out sipas/data/administrative-units/unresolved-predecessors.csv"
    )


def test_unknown_province_is_refused_with_the_codes_of_today(sqlite_store: Store) -> None:
    with pytest.raises(UnknownProvinceError, match=r"no province '49'.* 48, "):
        import_units(sqlite_store, province="49")


def changed(folder: Path, name: str, old: str, new: str) -> Path:
    """A copy of the data with one cell changed."""
    copy = folder / "units"
    shutil.copytree(FOLDER, copy)
    text = (copy / name).read_text(encoding="utf-8")
    assert old in text
    (copy / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return copy


def test_code_that_changes_meaning_while_valid_is_refused(da_nang: Store, tmp_path: Path) -> None:
    folder = changed(tmp_path, "communes-2025.csv", "20341,48,Tam Kỳ,", "20341,48,Tam Kỳ Mới,")
    with pytest.raises(
        BadFileError, match=r"line \d+, column code: '20341' means the commune 'Tam Kỳ Mới' here and 'Tam Kỳ' in the database"
    ):
        import_units(da_nang, folder, province="48")
    with da_nang.read() as session:
        assert session.scalar(select(func.count()).select_from(Unit)) == 402


def test_code_that_stands_twice_in_one_file_is_refused_and_nothing_is_stored(store: Store, tmp_path: Path) -> None:
    folder = changed(tmp_path, "communes-2025.csv", "\n20335,", "\n20341,")
    with pytest.raises(BadFileError, match="20341"):
        import_units(store, folder, province="48")
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Unit)) == 0


def test_unit_below_nothing_is_refused_with_its_line(sqlite_store: Store, tmp_path: Path) -> None:
    folder = changed(tmp_path, "communes-2025.csv", "00004,01,", "00004,99,")
    with pytest.raises(BadFileError, match=r"communes-2025.csv .*\n  line 2, column parent: '99@province' is no unit"):
        import_units(sqlite_store, folder)


@pytest.mark.parametrize("name", ["provinces-2025.csv", "districts-before-2025-07.csv"])
def test_folder_without_a_file_or_a_column_is_refused(sqlite_store: Store, tmp_path: Path, name: str) -> None:
    folder = changed(tmp_path, name, "full_name", "long_name")
    with pytest.raises(BadFileError, match=rf"{name} .*\n  line 1, column full_name is missing"):
        import_units(sqlite_store, folder)
    (folder / name).unlink()
    with pytest.raises(BadFileError, match="is not there"):
        import_units(sqlite_store, folder)


def test_shipped_files_have_the_rows_that_the_readme_promises() -> None:
    promised = {"provinces-2025.csv": 34, "communes-2025.csv": 3_321, "provinces-before-2025-07.csv": 63}
    promised |= {"districts-before-2025-07.csv": 696, "communes-before-2025-07.csv": 10_035}
    for name, rows in promised.items():
        with (FOLDER / name).open(encoding="utf-8", newline="") as file:
            assert len(list(csv.DictReader(file))) == rows, name
