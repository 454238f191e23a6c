"""A kiosk is told which questions were recorded, where they lie and what they must be; the files themselves come apart."""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from pathlib import Path

import pytest
from kiosk_world import NOON, SETTINGS, World, furnish

from sipas.app import create_app
from sipas.evidence.keys import Keyring
from sipas.instrument import recordings
from sipas.instrument.recordings import LIST, Recording
from sipas.instrument.shelf import Shelf
from sipas.settings import read_settings
from sipas.store.engine import Store
from sipas.web.house import House

FORM = "sipas-service-2023"
MP3 = (b"\xff\xfb\x90\x00" + bytes(413)) * 40


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return tmp_path / "sound"


@pytest.fixture
def heard(sqlite_store: Store, tmp_path: Path, shelf: Shelf, sound: Path, clock: object) -> World:
    keyring = Keyring.create(tmp_path / "keys")
    settings = read_settings({**SETTINGS, "SIPAS_LANGUAGES": "km", "SIPAS_SOUND": str(sound)})
    return World(create_app(House(settings, sqlite_store, keyring, shelf)), sqlite_store, keyring, shelf, furnish(sqlite_store))


def record(sound: Path, language: str, form: str, item: str, content: bytes = MP3) -> None:
    target = sound / language / form / f"{item}.mp3"
    one = Recording(language, form, item, target, hashlib.sha256(content).hexdigest(), "ai đó", "ai đó", date(2026, 11, 18))
    recordings.add(sound, Path("elsewhere"), content, one)


def test_a_kiosk_hears_of_what_its_counter_asks_in_the_languages_that_are_switched_on(heard: World, sound: Path) -> None:
    for language in ("vi", "km", "cjm"):
        record(sound, language, FORM, "TC1")
    record(sound, "km", "every-form", "promise")
    record(sound, "km", "health-inpatient-2024", "HL")
    told = heard.beat(heard.tablet())["bundle"]["recorded"]
    assert set(told) == {f"vi/{FORM}/TC1", f"km/{FORM}/TC1", "km/every-form/promise"}
    for one in told.values():
        file = heard.client.get(one["address"])
        assert file.status_code == 200
        assert one["integrity"] == f"sha256-{base64.b64encode(hashlib.sha256(file.data).digest()).decode()}"


def test_another_recording_is_other_questions_and_none_is_no_byte_more(heard: World, sound: Path) -> None:
    tablet = heard.tablet()
    silent = heard.beat(tablet)
    assert silent["bundle"]["recorded"] == {}
    record(sound, "vi", FORM, "TC1")
    first = heard.beat(tablet, have=silent["hash"])
    record(sound, "vi", FORM, "TC1", MP3 * 2)
    second = heard.beat(tablet, have=first["hash"])
    addresses = {said["bundle"]["recorded"][f"vi/{FORM}/TC1"]["address"] for said in (first, second)}
    assert len(addresses) == 2
    assert heard.beat(tablet, have=second["hash"])["bundle"] is None


def test_a_list_that_cannot_be_read_takes_the_recordings_and_nothing_else(heard: World, sound: Path) -> None:
    record(sound, "vi", FORM, "TC1")
    (sound / "vi" / LIST).write_text("[[recording", "utf-8")
    said = heard.beat(heard.tablet())
    assert said["bundle"]["recorded"] == {}
    assert said["bundle"]["offers"]
    assert said["now"] == int(NOON.timestamp())
