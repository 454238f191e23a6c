"""`sipas surveys check` and `list`, as an operator calls them."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sipas.cli.surveys import surveys as command
from sipas.imports.fielding import field_instruments
from sipas.instrument.shelf import read_shelf
from sipas.store.engine import Store

SURVEYS = Path(__file__).resolve().parents[2] / "surveys"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SURVEYS, tmp_path / "surveys"))


def run(*words: str, database: str = "sqlite:///nowhere/sipas.sqlite") -> Result:
    return CliRunner().invoke(command, list(words), env={"SIPAS_DATABASE": database})


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "instruments/sipas-service-2023.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_check_of_what_ships_has_no_complaint(folder: Path) -> None:
    result = run("check", str(folder))
    assert (result.exit_code, result.stdout) == (0, "0 complaints\n")
    assert "Not compared with what has been answered" in result.stderr


def test_check_prints_each_complaint_and_fails(folder: Path) -> None:
    edit(folder, 'vi = "Trụ sở sạch sẽ, văn minh"\n', "")
    result = run("check", str(folder))
    assert (result.exit_code, result.stdout) == (1, "1 complaints\n")
    assert "instruments/sipas-service-2023.toml: item TC3: the Vietnamese wording" in result.stderr


def test_check_compares_with_what_has_been_fielded(folder: Path, store: Store) -> None:
    with store.write() as session:
        field_instruments(session, read_shelf(folder), day=date(2026, 11, 21))
    database = store.url.render_as_string(hide_password=False)
    assert run("check", str(folder), database=database).exit_code == 0
    edit(folder, "Trụ sở sạch sẽ, văn minh", "Trụ sở đẹp")
    result = run("check", str(folder), database=database)
    assert (result.exit_code, result.stdout) == (1, "1 complaints\n")
    assert "sipas-service-2023 has been fielded" in result.stderr


def test_check_without_tables_says_that_it_could_not_compare(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.sqlite").touch()
    result = run("check", str(folder), database=f"sqlite:///{tmp_path / 'empty.sqlite'}")
    assert result.exit_code == 0
    assert "run `sipas migrate`" in result.stderr


def test_list_names_everything_on_the_shelf() -> None:
    result = run("list", str(SURVEYS))
    assert result.exit_code == 0
    for code in ("health-inpatient-2024", "civil_status", "nam-2026", "nha-trang-2023"):
        assert f"  {code}: " in result.stdout
    assert "(2023-01-01 to 2023-12-31, history; 1 lines)" in result.stdout
    assert "joined: 0.5 services + 0.5 agency_service > 0.84; has no data until each is measured" in result.stdout
