"""What people have answered cannot be edited under them."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import make_answers
import pytest

from sipas.evidence.keys import Keyring
from sipas.imports.fielding import EditedInstrumentError, field_instruments
from sipas.instrument.shelf import Shelf, read_shelf
from sipas.store.batches import Fielded
from sipas.store.engine import Store
from sipas.store.fielded import list_answered, list_fielded, read_wordings

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


def row_of(store: Store) -> Fielded:
    with store.read() as session:
        return list_fielded(session)[SERVICE]


def field(store: Store, shelf: Shelf, day: date = DAY) -> int:
    with store.write() as session:
        return field_instruments(session, shelf, day=day)


def test_instruments_of_open_waves_are_written_down_once(store: Store, surveys: Path) -> None:
    shelf = read_shelf(surveys)
    assert field(store, shelf, date(2020, 1, 1)) == 0
    assert field(store, shelf) == 5
    assert field(store, shelf) == 0
    row = row_of(store)
    assert (row.measure, row.wording) == (shelf.instruments[SERVICE].measure, 1)
    assert read_wordings(row) == shelf.instruments[SERVICE].wording_hashes


def test_edited_measure_is_refused_and_nothing_is_written(store: Store, surveys: Path) -> None:
    field(store, read_shelf(surveys))
    shelf = rewritten(surveys, ("Trụ sở sạch sẽ, văn minh", "Trụ sở đẹp"), ("wording = 1", "wording = 2"))
    with pytest.raises(EditedInstrumentError, match="save it as a new file under a new code"):
        field(store, shelf)
    assert row_of(store).wording == 1


def test_new_wording_with_its_number_comes_into_force(store: Store, surveys: Path) -> None:
    field(store, read_shelf(surveys))
    words = ("The office is clean and orderly", "The office is clean and tidy")
    with pytest.raises(EditedInstrumentError, match="write wording = 2"):
        field(store, rewritten(surveys, words))
    shelf = rewritten(surveys, ("wording = 1", "wording = 2"))
    assert field(store, shelf) == 1
    assert row_of(store).wording == 2
    assert field(store, shelf) == 0


def test_fielded_questionnaire_may_not_disappear(store: Store, surveys: Path) -> None:
    field(store, read_shelf(surveys))
    (surveys / "instruments/online-service-2026.toml").unlink()
    for sector in (surveys / "sectors").glob("*.toml"):
        sector.write_text(sector.read_text(encoding="utf-8").replace(', "online-service-2026"', ""), encoding="utf-8")
    with pytest.raises(EditedInstrumentError, match="its file is gone"):
        field(store, read_shelf(surveys))


def test_answers_fix_a_questionnaire_whose_wave_opened_while_the_server_ran(store: Store, surveys: Path, tmp_path: Path) -> None:
    shelf = read_shelf(surveys)
    instrument = shelf.instruments[SERVICE]
    make_answers.unit(store)
    place = make_answers.place(instrument=SERVICE, measure=instrument.measure)
    make_answers.accepted(store, Keyring.create(tmp_path / "keys"), place=place)
    with store.read() as session:
        assert list_answered(session, list(shelf.instruments)) == {SERVICE: frozenset({instrument.measure})}
    edited = rewritten(surveys, ("Trụ sở sạch sẽ, văn minh", "Trụ sở đẹp"))
    with pytest.raises(EditedInstrumentError, match="save it as a new file under a new code"):
        field(store, edited)
    assert field(store, shelf) == 5
