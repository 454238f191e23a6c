"""`sipas export`: every file of the tables, each with its audit row, or a sentence and no file."""

from __future__ import annotations

import json
import random
import zipfile

import export_rows as sealed
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from sipas.cli.export import NothingReleasedError, export
from sipas.exports.analyst import FILES
from sipas.exports.cells import NoCellsError, redressed
from sipas.exports.csv_dialect import EXCEL
from sipas.reports import facts
from sipas.store.audit import list_audits
from sipas.store.engine import Store
from sipas.store.units import UnknownUnitError


@pytest.fixture
def planted(store: Store) -> Store:
    sealed.plant(store, sealed.rows(random.Random(7), 300, units=3), units=3)
    return store


def run(store: Store, *words: object) -> Result:
    return CliRunner().invoke(export, list(map(str, words)), env={"SIPAS_DATABASE": store.url.render_as_string(hide_password=False)})


@pytest.mark.parametrize("name", [name for name in FILES if name != "cells"])
def test_each_file_is_written_and_written_down(planted: Store, tmp_path, name: str) -> None:
    out = tmp_path / "file"
    result = run(planted, name, "--wave", sealed.WAVE, "--out", out)
    assert result.output == f"{out}: {out.stat().st_size} bytes\n", result.exception
    with planted.read() as session:
        (row,) = list_audits(session)
    assert row.action == f"export_{name}"
    assert out.stat().st_mode & 0o077 == 0
    assert row.official.startswith("operator:")
    assert json.loads(row.details)["wave"] == sealed.WAVE


def test_no_audit_row_no_file(planted: Store, tmp_path) -> None:
    with planted.write() as session:
        session.execute(text("DROP TABLE audit"))
    result = run(planted, "microdata", "--wave", sealed.WAVE, "--out", tmp_path / "file")
    assert result.exception is not None
    assert list(tmp_path.glob("file")) == []


def test_before_the_first_computation_the_cure_is_named(planted: Store, tmp_path) -> None:
    card = run(planted, "scorecards", "--wave", sealed.WAVE, "--period", "2026-Q1", "--out", tmp_path / "file")
    cells = run(planted, "cells", "--wave", sealed.WAVE, "--out", tmp_path / "file")
    assert isinstance(card.exception, NothingReleasedError)
    assert isinstance(cells.exception, NoCellsError)
    assert all("run `sipas facts compute`" in str(one.exception) for one in (card, cells))


def test_after_it_scorecards_and_cells_are_written(planted: Store, tmp_path) -> None:
    facts.compute(planted, sealed.SHELF, sealed.WAVE)
    for words in (["--front"], ["--unit", "00002"]):
        for form in ("csv", "csv-excel", "json"):
            given = ["--wave", sealed.WAVE, "--period", "2026-ytd-07", "--format", form, *words, "--out", tmp_path / form]
            if words == ["--front"]:
                given += ["--unit", "00001", "--tier", "province"]
            result = run(planted, "scorecards", *given)
            assert result.exit_code == 0, result.exception
            assert "2026" in (tmp_path / form).read_text("utf-8-sig")
    assert run(planted, "cells", "--wave", sealed.WAVE, "--out", tmp_path / "cells").exit_code == 0
    assert run(planted, "bundle", "--wave", sealed.WAVE, "--out", tmp_path / "zip").exit_code == 0
    with zipfile.ZipFile(tmp_path / "zip") as archive:
        assert archive.read("cells.csv") == (tmp_path / "cells").read_bytes()


def test_a_missing_folder_is_named_before_anything_is_written_down(planted: Store, tmp_path) -> None:
    result = run(planted, "microdata", "--wave", sealed.WAVE, "--out", tmp_path / "nowhere" / "file")
    assert (result.exit_code, "there is no folder" in result.output) == (2, True)
    with planted.read() as session:
        assert list_audits(session) == []


def test_an_unknown_unit_is_a_sentence(planted: Store, tmp_path) -> None:
    facts.compute(planted, sealed.SHELF, sealed.WAVE)
    result = run(planted, "scorecards", "--wave", sealed.WAVE, "--period", "2026-ytd-07", "--unit", "99", "--out", tmp_path / "file")
    assert isinstance(result.exception, UnknownUnitError)


def test_another_dialect_changes_decimal_marks_and_nothing_else() -> None:
    plain = b'code,name,value,small,period,list\r\n00012,"\'=1,5; v1.2",0.8275,-1.5e-05,2026-11,3 0.25 -1.5\r\n'
    assert b"".join(redressed(plain, EXCEL)).decode() == (
        '\ufeffcode;name;value;small;period;list\r\n00012;"\'=1,5; v1.2";0,8275;-1,5e-05;2026-11;3 0,25 -1,5\r\n'
    )
