"""The frame: found by looking, complained about by line, taken whole or not at all, on both databases."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from make_files import ENCODINGS
from make_units import add_local
from sqlalchemy import func, select

from sipas.imports.complaints import BadFileError
from sipas.imports.frame import UnknownWaveError, import_frame, template
from sipas.imports.units import import_units
from sipas.instrument.shelf import Shelf
from sipas.store.engine import Store
from sipas.store.frame import FrameCount, FrameLoad, get_frame, list_counts, list_loads
from sipas.store.units import get_unit

WAVE = "demo-2026"
HEADER = "Đơn vị;Đơn vị giải quyết;Lĩnh vực;Tháng;Loại;Hình thức nộp;Tiếp nhận;Đã giải quyết;Giải quyết trễ hạn;Quá hạn"
ROW = "20341;48@province;Đất đai;2026-03;hồ sơ;tất cả;1.234;1.200;12;3"
OTHER = "20335;;civil_status;04/2026;;trực tuyến;70;70;0;0"
SEPARATORS = {";": "semicolons", ",": "commas", "\t": "tabs", "|": "bars"}


def write(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "dan-mau.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def faults(store: Store, shelf: Shelf, path: Path) -> list[tuple[int, str, str]]:
    """Line, column and fault of every complaint; and nothing may have been stored."""
    with pytest.raises(BadFileError) as refused:
        import_frame(store, shelf, path, wave=WAVE)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(FrameLoad)) == 0
        assert session.scalar(select(func.count()).select_from(FrameCount)) == 0
    return [(one.line, one.column, one.fault) for one in refused.value.complaints]


def test_rows_are_kept_as_the_file_has_them(da_nang: Store, shelf: Shelf, tmp_path: Path) -> None:
    report = import_frame(da_nang, shelf, write(tmp_path, ROW, OTHER), wave=WAVE)
    assert (report.rows, report.repeated, report.received) == (2, False, {"dossier": 1304})
    assert report.found == "Found UTF-8, columns parted by semicolons, a dot between thousands (1.234 was read as 1234), 2 rows."
    with da_nang.read() as session:
        load = get_frame(session, WAVE)
        assert load is not None
        first, second = list_counts(session, load.id)
        assert get_unit(session, first.unit_id).full_name == "Phường Tam Kỳ"
        assert get_unit(session, first.deciding_id or 0).full_name == "Thành phố Đà Nẵng"
        assert first[2:] == ("land", "2026-03", "dossier", "all", 1234, 1200, 12, 3)
        assert second[1:] == (None, "civil_status", "2026-04", "dossier", "online", 70, 70, 0, 0)


@pytest.mark.parametrize(("encoding", "separator"), list(product(ENCODINGS, SEPARATORS)))
def test_encoding_and_separator_are_found_and_said(
    sqlite_store: Store, shelf: Shelf, tmp_path: Path, encoding: str, separator: str
) -> None:
    import_units(sqlite_store, province="48")
    text = "\r\n".join([HEADER, ROW, OTHER.replace("70;70", '"70";"70"')]).replace(";", separator) + "\r\n"
    path = tmp_path / "frame.txt"
    path.write_bytes(ENCODINGS[encoding](text))
    report = import_frame(sqlite_store, shelf, path, wave=WAVE)
    assert report.found.startswith(f"Found {encoding}, columns parted by {SEPARATORS[separator]}, ")
    assert report.received == {"dossier": 1304}


def test_template_is_a_frame(da_nang: Store, shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "mau.csv"
    path.write_text(template(), encoding="utf-8")
    assert import_frame(da_nang, shelf, path, wave=WAVE).received == {"dossier": 184}


def test_english_headers_without_the_optional_columns_do(da_nang: Store, shelf: Shelf, tmp_path: Path) -> None:
    path = write(tmp_path, "20341,health,2026-05,900,900,0,0", header="unit,sector,month,received,settled,settled late,overdue")
    assert import_frame(da_nang, shelf, path, wave=WAVE).received == {"visit": 900}


def test_newest_load_is_in_force_and_the_same_file_is_not_stored_twice(da_nang: Store, shelf: Shelf, tmp_path: Path) -> None:
    first = import_frame(da_nang, shelf, write(tmp_path, ROW), wave=WAVE)
    assert import_frame(da_nang, shelf, write(tmp_path, ROW), wave=WAVE).repeated
    second = import_frame(da_nang, shelf, write(tmp_path, OTHER), wave=WAVE)
    with da_nang.read() as session:
        in_force = get_frame(session, WAVE)
        assert in_force is not None
        assert in_force.id == second.load_id
        assert [load.id for load in list_loads(session, WAVE)] == [first.load_id, second.load_id]
        assert len(list_counts(session, first.load_id)) == 1


@pytest.mark.parametrize(
    ("cell", "other", "column", "fault"),
    [
        ("20341;", "99999;", "Đơn vị", "is no unit"),
        ("20341;", ";", "Đơn vị", "is empty"),
        ("48@province", "502@district", "Đơn vị giải quyết", "named no unit on 2026-03-26"),
        ("Đất đai", "Đất", "Lĩnh vực", "is no sector"),
        ("2026-03", "2026-13", "Tháng", "is no month"),
        ("2026-03", "2024-03", "Tháng", "is outside the wave demo-2026"),
        ("hồ sơ", "học sinh", "Loại", "does not fit the sector land"),
        ("hồ sơ", "con trâu", "Loại", "is nothing that a frame counts"),
        ("tất cả", "bồ câu", "Hình thức nộp", "is no way of filing"),
        ("1.234", "-5", "Tiếp nhận", "is negative"),
        ("1.234", "12,5", "Tiếp nhận", "is not a whole number"),
        ("1.234", "", "Tiếp nhận", "is empty"),
        ("1.234", "nhiều", "Tiếp nhận", "is not a number"),
        ("1.234", "999999999", "Tiếp nhận", "is too large to be true"),
        ("1.200;12", "11;12", "Giải quyết trễ hạn", "is more than the 11 settled"),
    ],
)
def test_fault_is_named_with_line_and_column(
    da_nang: Store, shelf: Shelf, tmp_path: Path, cell: str, other: str, column: str, fault: str
) -> None:
    assert cell in ROW
    path = write(tmp_path, OTHER, "", ROW.replace(cell, other))
    assert faults(da_nang, shelf, path) == [(4, column, fault)]


def test_every_fault_is_told_at_once_and_fifty_are_shown(da_nang: Store, shelf: Shelf, tmp_path: Path) -> None:
    path = write(tmp_path, *(ROW.replace("20341", f"9{number:04d}") for number in range(60)))
    with pytest.raises(BadFileError) as refused:
        import_frame(da_nang, shelf, path, wave=WAVE)
    assert refused.value.count == 60
    said = str(refused.value).splitlines()
    assert said[0] == "dan-mau.csv was not taken and nothing of it was stored: 60 faults."
    assert said[1] == "  line 2, column Đơn vị: '90000' is no unit; correct the code, or load the unit with: sipas units import-local"
    assert (len(said), said[-1]) == (52, "  … and 10 more.")


def test_repeated_row_names_the_first(da_nang: Store, shelf: Shelf, tmp_path: Path) -> None:
    path = write(tmp_path, ROW, OTHER, ROW.replace("1.234", "5"))
    assert faults(da_nang, shelf, path) == [(4, "Đơn vị", "repeats line 2: same unit, sector, month, kind and filing")]


def test_total_beside_its_own_parts_is_refused(da_nang: Store, shelf: Shelf, tmp_path: Path) -> None:
    path = write(tmp_path, ROW, ROW.replace("tất cả", "trực tuyến"))
    assert faults(da_nang, shelf, path) == [(3, "Hình thức nộp", "stands beside line 2, which counts the same dossiers")]


def test_lost_leading_zeros_are_recognised(store: Store, shelf: Shelf, tmp_path: Path) -> None:
    import_units(store, province="01")
    path = write(tmp_path, ROW.replace("20341", "4").replace("48@province", ""))
    with pytest.raises(BadFileError, match="leading zeros of 004 or 00004"):
        import_frame(store, shelf, path, wave=WAVE)


def test_code_that_two_tiers_share_asks_for_its_tier(da_nang: Store, shelf: Shelf, tmp_path: Path) -> None:
    add_local(da_nang, "20341", tier="one_stop")
    with pytest.raises(BadFileError, match=r"is the code of several units; write one of 20341@commune \(Tam Kỳ\), 20341@one_stop"):
        import_frame(da_nang, shelf, write(tmp_path, ROW), wave=WAVE)
    assert import_frame(da_nang, shelf, write(tmp_path, ROW.replace("20341", "20341@one_stop")), wave=WAVE).rows == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf \r\n", "the file is empty"),
        (HEADER.encode(), "has a header and nothing below"),
        (b"PK\x03\x04" + bytes(60), "is an Excel workbook or another zip file, not text; open it and save it as “CSV UTF-8”"),
        (bytes(range(256)) * 8, "so it is not text|neither UTF-8"),
        ((HEADER + "\n" + ROW + "\n").encode()[:-30] + b"\xe1\xbb;\n", "line 2 is UTF-8 with a broken byte"),
        (
            HEADER.replace("Tháng", "Năm").encode() + b"\n" + ROW.encode(),
            "line 1, column month is missing from the header; name a column 'month'",
        ),
        (HEADER.replace("Quá hạn", "Tháng").encode() + b"\n" + ROW.encode(), "column month: 'Tháng' stands twice in the header"),
        ((HEADER + "\n" + ROW + ";9").encode(), "line 2 has more cells than the header's 10"),
        ((HEADER + '\n"' + ROW).encode(), "line 2 has a quotation mark that is not closed"),
    ],
)
def test_file_that_cannot_be_read_says_why(da_nang: Store, shelf: Shelf, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "dan-mau.csv"
    path.write_bytes(content)
    with pytest.raises(BadFileError, match=said):
        import_frame(da_nang, shelf, path, wave=WAVE)


def test_unknown_wave_is_refused(store: Store, shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(UnknownWaveError, match="there is no wave 'demo-2062'; choose from demo-2026"):
        import_frame(store, shelf, tmp_path / "none.csv", wave="demo-2062")


def test_a_wave_calibrated_on_filing_wants_a_frame_that_tells_it(da_nang: Store, shelf: Shelf, tmp_path: Path) -> None:
    wave = replace(shelf.waves[WAVE], calibrate=("month", "filing"))
    books = replace(shelf, waves={WAVE: wave})
    path = write(tmp_path, ROW)
    assert faults(da_nang, books, path) == [(0, "Hình thức nộp", f"names no way of filing, and waves/{WAVE}.toml calibrates on it")]
    assert import_frame(da_nang, books, write(tmp_path, ROW, OTHER), wave=WAVE).rows == 2  # some units tell it
    assert import_frame(da_nang, books, write(tmp_path, "20341;;health;2026-03;;;9;9;0;0"), wave=WAVE).rows == 1
