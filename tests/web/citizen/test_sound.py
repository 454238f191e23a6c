"""Recorded questions: what is taken, what the form plays, and how the files are served."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest
from counters import FULL, LAND, build_app, furnish
from flask.testing import FlaskClient
from proofreading import Page, proof_read

from sipas.evidence.keys import Keyring
from sipas.instrument import recordings
from sipas.instrument.recordings import EVERY_FORM, BadRecordingError, Recording, check_sound, format_of, take
from sipas.instrument.shelf import Shelf
from sipas.store.engine import Store

FORM = "sipas-service-2023"
MP3 = (b"\xff\xfb\x90\x00" + bytes(413)) * 40
OGG = b"OggS" + bytes(24) + b"OpusHead" + bytes(400)
M4A = b"\x00\x00\x00\x18ftypM4A " + bytes(64) + b"mp4a" + bytes(400)
KNOWN = ("vi", "en", "km")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "sound"


def put(folder: Path, item: str, *, language: str = "km", form: str = FORM, content: bytes = MP3, ending: str = "mp3") -> Recording:
    target = folder / language / form / f"{item}.{ending}"
    one = Recording(
        language, form, item, target, hashlib.sha256(content).hexdigest(), 'Chị "Sa" \\ Rương', "Tổ dịch thuật", date(2026, 11, 22)
    )
    recordings.add(folder, Path("elsewhere"), content, one)
    return one


@pytest.fixture
def client(store: Store, tmp_path: Path, shelf: Shelf, folder: Path) -> FlaskClient:
    furnish(store)
    return build_app(store, Keyring.create(tmp_path / "keys"), shelf, SIPAS_LANGUAGES="km", SIPAS_SOUND=str(folder)).test_client()


def players(client: FlaskClient, query: str, code: str = LAND) -> dict[str, str]:
    page = proof_read(client.get(f"/k/{code}{query}").text)
    return {player.attrs["aria-labelledby"].removesuffix("-listen"): player.attrs["src"] for player in page.select("audio")}


def test_a_recording_is_heard_in_its_own_language_only(client: FlaskClient, folder: Path) -> None:
    assert players(client, "?lang=km") == {}
    for item in ("TC1", "HL", "TC2"):
        put(folder, item)
    for item in ("promise", "stage", "thanks"):
        put(folder, item, form=EVERY_FORM)
    heard = players(client, "?lang=km")
    assert list(heard) == ["promise", "stage", "TC1", "HL"]
    assert list(players(client, "?lang=km", FULL)) == ["promise", "stage", "TC1", "TC2", "HL"]
    assert players(client, "?lang=vi") == {}
    fields = Page(client.get(f"/k/{LAND}?lang=km").text).fields()
    done = client.post(f"/k/{LAND}?lang=km", data=fields | {"stage": "on_time", "respondent": "citizen", "HL": "5"}).text
    assert [player.attrs["aria-labelledby"] for player in proof_read(done).select("audio")] == ["thanks-listen"]


def test_a_player_has_a_name_and_fetches_nothing_by_itself(client: FlaskClient, folder: Path) -> None:
    put(folder, "TC1")
    page = proof_read(client.get(f"/k/{LAND}?lang=km").text)
    (player,) = page.select("audio")
    assert set(player.attrs) == {"controls", "preload", "src", "aria-labelledby"}
    assert [span.text for span in page.select("span", id="TC1-listen")] == ["Nghe câu 3"]
    assert "media-src 'self'" in client.get(f"/k/{LAND}").headers["Content-Security-Policy"]


def test_a_file_is_served_whole_in_parts_and_once(client: FlaskClient, folder: Path) -> None:
    put(folder, "TC1")
    address = players(client, "?lang=km")["TC1"]
    whole = client.get(address)
    assert (whole.status_code, whole.data, whole.mimetype) == (200, MP3, "audio/mpeg")
    assert "max-age=31536000" in whole.headers["Cache-Control"]
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert "Set-Cookie" not in whole.headers
    part = client.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, MP3[10:20], f"bytes 10-19/{len(MP3)}")
    assert client.get(address, headers={"Range": "bytes=9999999-"}).status_code == 416
    assert client.get(address, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304


def test_another_recording_has_another_address_at_once(client: FlaskClient, folder: Path) -> None:
    put(folder, "TC1")
    before = players(client, "?lang=km")["TC1"]
    put(folder, "TC1", content=MP3 * 2)
    after = players(client, "?lang=km")["TC1"]
    assert before.split("?")[0] == after.split("?")[0]
    assert before != after
    put(folder, "TC1", content=OGG, ending="ogg")
    assert players(client, "?lang=km")["TC1"].startswith(f"/sound/km/{FORM}/TC1.ogg?")
    assert client.get(after).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        f"/sound/km/{FORM}/TC2.mp3",
        "/sound/km/recordings.toml",
        f"/sound/../{FORM}/TC1.mp3",
        "/sound/km/..%2f..%2fkeys/root.mp3",
        f"/sound/km/{FORM}/TC1.ogg",
        f"/sound/xx/{FORM}/TC1.mp3",
        f"/sound/KM/{FORM}/TC1.mp3",
    ],
)
def test_only_what_is_listed_is_served(client: FlaskClient, folder: Path, address: str) -> None:
    put(folder, "TC1")
    (folder / "km" / FORM / "TC2.mp3").write_bytes(MP3)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (MP3, "mp3"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x05" + b"title" + MP3, "mp3"),
        (OGG, "ogg"),
        (M4A, "m4a"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", ""),
        (b"OggS" + bytes(200), ""),
        (b"<html>", ""),
        (b"\xff\xfb", ""),
        (b"", ""),
        (b"ID3", ""),
    ],
)
def test_the_format_is_what_the_bytes_are(content: bytes, kind: str) -> None:
    assert format_of(content) == kind


@pytest.mark.parametrize(
    ("name", "content", "form", "item", "words"),
    [
        ("a.mp3", OGG, FORM, "TC1", "a.mp3 holds ogg: save it"),
        ("a.wav", b"RIFF" + bytes(50), FORM, "TC1", "is no MP3, Ogg"),
        ("a.mp3", MP3 * 40, FORM, "TC1", "more than 512: save it as mono speech"),
        ("a.mp3", MP3, FORM, "TC99", "has no item 'TC99': choose from TC1"),
        ("a.mp3", MP3, "nothing", "TC1", "there is no questionnaire 'nothing': choose from every-form"),
        ("a.mp3", MP3, EVERY_FORM, "TC1", "choose from promise, stage"),
        ("a.mp3", None, FORM, "TC1", "cannot be read"),
    ],
)
def test_what_cannot_be_played_is_not_taken(
    tmp_path: Path, shelf: Shelf, name: str, content: bytes | None, form: str, item: str, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(BadRecordingError, match=words.replace("(", r"\(")):
        take(tmp_path / name, shelf.instruments, form, item)


def test_a_good_folder_has_no_complaint_and_a_bad_one_names_each(folder: Path, shelf: Shelf) -> None:
    put(folder, "TC1")
    put(folder, "stage", form=EVERY_FORM, content=OGG, ending="ogg")
    assert check_sound(folder, shelf.instruments, KNOWN) == ()
    (one, two), faults = recordings.read_list(folder, "km")
    assert (one.speaker, two.media_type, faults) == ('Chị "Sa" \\ Rương', "audio/ogg", ())
    (folder / "km" / FORM / "TC1.mp3").write_bytes(MP3 * 2)
    (folder / "km" / FORM / "stray.mp3").write_bytes(MP3)
    (folder / "xx").mkdir()
    with (folder / "km" / "recordings.toml").open("a") as listed:
        listed.write('\n[[recording]]\nfile = "../../etc/x.mp3"\nsha256 = "0"\nspeaker = "A"\nheard_by = "B"\nday = 2026-11-22\n')
        listed.write('\n[[recording]]\nfile = "a/HL.mp3"\nsha256 = "0"\nspeaker = "A"\nheard_by = ""\nday = 2026-11-22\n')
        listed.write('\n[[recording]]\nfile = "a/HL.mp3"\nsha256 = "0"\nspeaker = "A"\nheard_by = "B"\nday = "soon"\n')
    told = [str(complaint) for complaint in check_sound(folder, shelf.instruments, KNOWN)]
    for words in (
        f"km/{FORM}/TC1.mp3: is another file than recordings.toml tells of",
        f"km/{FORM}/stray.mp3: is not in recordings.toml",
        "xx: is no language of the program",
        "recording 3: '../../etc/x.mp3' is not of the form",
        "recording 4: lacks one of file, sha256, speaker, heard_by",
        "recording 5: day is not a day",
    ):
        assert any(line.startswith((words, f"km/recordings.toml: {words}")) for line in told), (words, told)
    assert len(told) == 6


def test_a_broken_list_plays_nothing_and_stops_nothing(client: FlaskClient, folder: Path, shelf: Shelf) -> None:
    put(folder, "TC1")
    (folder / "km" / "recordings.toml").write_text("[[recording")
    assert players(client, "?lang=km") == {}
    assert "cannot be read" in str(check_sound(folder, shelf.instruments, KNOWN)[0])
