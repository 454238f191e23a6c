"""What people have answered cannot be edited under them."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from sipas.imports.fielding import EditedInstrumentError, field_instruments
from sipas.instrument.shelf import Shelf, read_shelf
from sipas.store.engine import Store
from sipas.store.fielded import list_fielded, read_fielded, read_wordings

SURVEYS = Path(__file__).resolve().parents[2] / "surveys"
SERVICE = "sipas-service-2023"
DAY = date(2026, 11, 21)


@pytest.fixture
def surveys(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SURVEYS, tmp_path / "surveys"))


def rewritten(surveys: Path, *changes: tuple[str, str]) -> Shelf:
    path = surveys / f"instruments/{SERVICE}.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return read_shelf(surveys)


def field(store: Store, shelf: Shelf, day: date = DAY) -> int:
    with store.write() as session:
        return field_instruments(session, shelf, day=day)


def test_instruments_of_open_waves_are_written_down_once(store: Store, surveys: Path) -> None:
    shelf = read_shelf(surveys)
    assert field(store, shelf, date(2020, 1, 1)) == 0
    assert field(store, shelf) == 5
    assert field(store, shelf) == 0
    row = read_fielded(store)[SERVICE]
    assert (row.measure, row.wording) == (shelf.instruments[SERVICE].measure, 1)
    assert read_wordings(row) == shelf.instruments[SERVICE].wording_hashes


def test_edited_measure_is_refused_and_nothing_is_written(store: Store, surveys: Path) -> None:
    field(store, read_shelf(surveys))
    shelf = rewritten(surveys, ("Trụ sở sạch sẽ, văn minh", "Trụ sở đẹp"), ("wording = 1", "wording = 2"))
    with pytest.raises(EditedInstrumentError, match="save it as a new file under a new code"):
        field(store, shelf)
    with store.read() as session:
        assert list_fielded(session)[SERVICE].wording == 1


def test_new_wording_with_its_number_comes_into_force(store: Store, surveys: Path) -> None:
    field(store, read_shelf(surveys))
    words = ("The office is clean and orderly", "The office is clean and tidy")
    with pytest.raises(EditedInstrumentError, match="write wording = 2"):
        field(store, rewritten(surveys, words))
    shelf = rewritten(surveys, ("wording = 1", "wording = 2"))
    assert field(store, shelf) == 1
    assert read_fielded(store)[SERVICE].wording == 2
    assert field(store, shelf) == 0


def test_fielded_questionnaire_may_not_disappear(store: Store, surveys: Path) -> None:
    field(store, read_shelf(surveys))
    (surveys / "instruments/online-service-2026.toml").unlink()
    for sector in (surveys / "sectors").glob("*.toml"):
        sector.write_text(sector.read_text(encoding="utf-8").replace(', "online-service-2026"', ""), encoding="utf-8")
    with pytest.raises(EditedInstrumentError, match="its file is gone"):
        field(store, read_shelf(surveys))
