"""From an empty database to a printed sign, by commands alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sipas.cli import sipas
from sipas.store.engine import BadDatabaseError
from sipas.terms import SipasError


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A command on a database of its own."""
    monkeypatch.setenv("SIPAS_DATABASE", f"sqlite:///{tmp_path / 'house.sqlite'}")
    monkeypatch.setenv("SIPAS_PUBLIC_URL", "https://danhgia.example.vn")
    monkeypatch.setenv("SIPAS_DEMO", "0")

    def call(*words: str) -> Result:
        result = CliRunner().invoke(sipas, list(words))
        if isinstance(result.exception, SipasError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result

    return call


def test_tables_that_are_missing_are_named_with_the_cure(run) -> None:
    with pytest.raises(BadDatabaseError, match="run: sipas migrate"):
        run("counters", "list")


def test_from_nothing_to_a_printed_sign(run, tmp_path: Path) -> None:
    assert "402 units and 271 predecessor links added." in run("units", "import", "--province", "48").output
    assert "Nothing to do" in run("units", "import", "--province", "48").output
    assert "made from whole   49 Tỉnh Quảng Nam" in run("units", "show", "48").output
    assert "Thành phố Hội An" in run("units", "show", "503", "--day", "2025-06-30").output
    assert "70  commune      Xã" in run("units", "count").output

    local = tmp_path / "local.csv"
    head = "code;tier;kind;name;full_name;name_en;parent_code;parent_tier;valid_from\n"
    row = "20341.TT;one_stop;Trung tâm;TT;Trung tâm Phục vụ hành chính công phường Tam Kỳ;;20341;commune;2025-07-01\n"
    local.write_text(head + row, encoding="utf-8")
    assert "Units added: 1." in run("units", "import-local", str(local)).output

    desks = tmp_path / "desks.csv"
    desks.write_text("unit;name;sectors\n20341.TT;Quầy 1;land\n20341.TT;Quầy 2;civil_status others\n", encoding="utf-8")
    assert "2 counters added, 0 were already there." in run("counters", "import", str(desks)).output
    assert "added with the code" in run("counters", "add", "--unit", "20341.TT", "--name", "Quầy 3", "--sector", "land").output
    run("counters", "deciding", "--unit", "20341.TT", "--sector", "land", "--by", "48")
    code = run("counters", "code", "1", "--medium", "link").output.split()[-1].rstrip(".")
    assert f"The code {code} now stands for counter 2." in run("counters", "repoint", code, "2").output
    assert f"The code {code} is revoked" in run("counters", "revoke", code).output
    assert f"{code} short link revoked" in run("counters", "list", "--unit", "48").output

    out = tmp_path / "signs"
    assert "3 of 3" in run("signs", "print", "--unit", "20341", "--out", str(out), "--paper", "A5").output
    run("signs", "print", "--counter", "1", "--out", str(out), "--format", "svg")
    assert sorted(path.suffix for path in out.iterdir()) == [".pdf", ".pdf", ".pdf", ".svg"]
    assert "3 signs of Trung tâm" in run("signs", "set", "--unit", "20341", "--out", str(out / "sets")).output
    run("signs", "set", "--counter", "1", "--out", str(out / "sets"), "--paper", "tent-A5", "--second", "none")
    assert len(list((out / "sets").glob("*.pdf"))) == 2


def test_frame_goes_in_and_is_listed(run, tmp_path: Path) -> None:
    run("units", "import", "--province", "48")
    path = tmp_path / "frame.csv"
    path.write_text(run("frame", "template").output, encoding="utf-8")
    assert (
        "Load 1 is in force for demo-2026: 2 rows, received 184 of kind dossier."
        in run("frame", "import", str(path), "--wave", "demo-2026").output
    )
    assert "Nothing to do" in run("frame", "import", str(path), "--wave", "demo-2026").output
    assert "in force" in run("frame", "list").output


def test_unresolved_parts_are_written_out(run, tmp_path: Path) -> None:
    assert "378 named parts written" in run("units", "unresolved", "--out", str(tmp_path / "list.csv")).output


def test_sign_for_nobody_is_refused(run, tmp_path: Path) -> None:
    run("units", "import", "--province", "48")
    with pytest.raises(SipasError, match="either --unit CODE or --counter NUMBER"):
        run("signs", "print", "--out", str(tmp_path))
    with pytest.raises(SipasError, match="no counter there has a printed code"):
        run("signs", "print", "--unit", "48", "--out", str(tmp_path))
