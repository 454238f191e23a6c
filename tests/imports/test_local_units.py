"""A province's own units: in any order, all or none, once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sipas.imports.complaints import BadFileError
from sipas.imports.local_units import import_local_units
from sipas.store.engine import Store
from sipas.store.units import find_unit, get_unit

HEADER = "code,tier,kind,name,full_name,name_en,parent_code,parent_tier,valid_from"
OFFICE = "48.15,land_office,Văn phòng,VPĐKĐĐ,Văn phòng Đăng ký đất đai thành phố Đà Nẵng,,48,province,2025-07-01"
BRANCH = "48.15.07,land_office,Chi nhánh,Chi nhánh 7,Chi nhánh Văn phòng Đăng ký đất đai khu vực 7,,48.15,land_office,2025-07-01"


def write(folder: Path, *rows: str) -> Path:
    path = folder / "units.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def test_child_may_stand_before_its_parent_and_a_second_run_adds_nothing(da_nang: Store, tmp_path: Path) -> None:
    path = write(tmp_path, BRANCH, OFFICE)
    assert import_local_units(da_nang, path).added == 2
    assert import_local_units(da_nang, path).added == 0
    with da_nang.read() as session:
        branch = find_unit(session, "48.15.07", tier="land_office", day=date(2026, 1, 1))
        assert branch is not None
        assert get_unit(session, branch.parent_id or 0).name == "VPĐKĐĐ"
        assert branch.path.endswith(f"/{branch.parent_id}/{branch.id}/")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (BRANCH, "line 3, column parent: '48.15@land_office' is no unit at that time"),
        (OFFICE.replace("48.15", "48 15"), "line 3, column code: '48 15' holds @ or a blank"),
        (OFFICE.replace("VPĐKĐĐ,", ","), "line 3, column name is empty"),
        (OFFICE.replace("2025-07-01", "1/7/2025"), "line 3, column valid_from: '1/7/2025' is no day"),
        (OFFICE.replace(",province", ","), "line 3, column parent_code: '48' needs its tier"),
        (OFFICE.replace("2025-07-01", "2025-06-30"), "line 3, column parent: '48@province' is no unit|is no unit at that time"),
        (OFFICE.replace("VPĐKĐĐ", "V" * 201), "line 3, column name: .* is longer than 200 letters"),
    ],
)
def test_fault_keeps_the_whole_file_out(sqlite_store: Store, tmp_path: Path, row: str, said: str) -> None:
    good = "99,province,Tỉnh,Thử,Tỉnh Thử,,,,2025-07-01"
    city = "48,province,Thành phố,Đà Nẵng,Thành phố Đà Nẵng,,,,2025-07-01"
    import_local_units(sqlite_store, write(tmp_path, city))
    with pytest.raises(BadFileError, match=said):
        import_local_units(sqlite_store, write(tmp_path, good, row))
    with sqlite_store.read() as session:
        assert find_unit(session, "99", tier="province", day=date(2026, 1, 1)) is None


def test_code_in_use_for_another_name_is_refused(da_nang: Store, tmp_path: Path) -> None:
    import_local_units(da_nang, write(tmp_path, OFFICE))
    later = OFFICE.replace("VPĐKĐĐ", "VP khác").replace("2025-07-01", "2026-01-01")
    with pytest.raises(BadFileError, match="means the land_office 'VP khác' here and 'VPĐKĐĐ' in the database"):
        import_local_units(da_nang, write(tmp_path, later))
