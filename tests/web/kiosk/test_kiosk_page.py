"""The page, its worker and its files: the same for everybody, under a strict policy, each under its hash."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from kiosk_world import SETTINGS, World

from sipas.app import create_app
from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import Shelf
from sipas.settings import read_settings
from sipas.store.engine import Store
from sipas.web.house import House
from sipas.web.kiosk.files import FOLDER

IDB = "84a1b83a821969a36592964874997757d8bde798dc1b89a5891391bd29e5c08c"


@pytest.fixture
def sqlite_world(sqlite_store: Store, tmp_path: Path, shelf: Shelf) -> World:
    """One database is enough: none has a part in this."""
    keyring = Keyring.create(tmp_path / "keys")
    return World(create_app(House(read_settings(SETTINGS), sqlite_store, keyring, shelf)), sqlite_store, keyring, shelf, 0)


def kept(world: World) -> dict[str, object]:
    """What the service worker is told to keep."""
    head = world.client.get("/kiosk/sw.js").text.splitlines()[0]
    return json.loads(head.removeprefix("self.KIOSK = ").removesuffix(";"))


def test_every_kept_file_has_the_hash_that_was_promised(sqlite_world: World) -> None:
    listed = kept(sqlite_world)["files"]
    assert "/kiosk/" in listed
    for address, integrity in listed.items():
        reply = sqlite_world.client.get(address)
        assert reply.status_code == 200, address
        assert integrity == f"sha256-{base64.b64encode(hashlib.sha256(reply.data).digest()).decode()}", address
        assert "/kiosk/app/" not in address or reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_page_is_the_same_in_whatever_way_it_is_asked_for(sqlite_world: World) -> None:
    pages = {
        sqlite_world.client.get(f"/kiosk/{query}", headers=headers).text
        for query in ("", "?lang=en")
        for headers in ({}, {"Accept-Language": "en"})
    }
    assert len(pages) == 1


def test_the_policy_lets_in_our_own_files_alone(sqlite_world: World) -> None:
    for address in ("/kiosk/", "/kiosk/sw.js"):
        reply = sqlite_world.client.get(address)
        policy = dict(part.split(" ", 1) for part in reply.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["connect-src"] == policy["style-src"] == policy["worker-src"] == "'self'"
        assert "unsafe" not in reply.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in reply.headers
    page = sqlite_world.client.get("/kiosk/").text
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    assert not re.search(r"\son\w+=|style=|<a ", page)


def test_every_module_that_is_imported_is_kept(sqlite_world: World) -> None:
    names = {address.split("/", 4)[4] for address in kept(sqlite_world)["files"] if address.startswith("/kiosk/app/")}
    imported = {name for path in FOLDER.glob("*.js") for name in re.findall(r'(?:from |import\()"\./([^"]+)"', path.read_text("utf-8"))}
    assert imported <= names
    assert {"keep.js", "screen/lean-qr.mjs"} <= imported


@pytest.mark.parametrize(
    "address",
    ["/kiosk/app/000000000000/main.js", "/kiosk/app/{version}/no.js", "/kiosk/app/{version}/sw.js", "/kiosk/app/{version}/../views.py"],
)
def test_another_version_or_file_is_not_found(sqlite_world: World, address: str) -> None:
    version = next(iter(name.split("/")[3] for name in kept(sqlite_world)["files"] if "/app/" in name))
    assert sqlite_world.client.get(address.format(version=version)).status_code == 404


def test_the_manifest_makes_the_page_installable(sqlite_world: World) -> None:
    told = json.loads(sqlite_world.client.get("/kiosk/manifest.webmanifest").text)
    assert (told["start_url"], told["scope"], told["display"]) == ("/kiosk/", "/kiosk/", "fullscreen")
    assert {sqlite_world.client.get(icon["src"]).mimetype for icon in told["icons"]} == {"image/png"}


def test_the_vendored_script_is_the_one_that_was_read() -> None:
    assert hashlib.sha256((FOLDER / "vendor" / "idb.js").read_bytes()).hexdigest() == IDB
    assert IDB in (Path(__file__).resolve().parents[3] / "docs" / "kiosk.md").read_text("utf-8")


def test_a_language_that_is_switched_on_brings_its_words_its_mark_and_its_font(sqlite_world: World) -> None:
    house = House(read_settings({**SETTINGS, "SIPAS_LANGUAGES": "km"}), sqlite_world.store, sqlite_world.keyring, sqlite_world.shelf)
    client = create_app(house).test_client()
    words = json.loads(re.search(r'id="words">(.*?)</script>', client.get("/kiosk/").text)[1])
    assert set(words) == {"vi", "en", "km"}
    assert words["vi"]["words"].keys() == words["en"]["words"].keys() > words["km"]["words"].keys()
    assert (words["km"]["reviewed"], words["km"]["script"]) == (False, "Khmr")
    listed = json.loads(client.get("/kiosk/sw.js").text.splitlines()[0].removeprefix("self.KIOSK = ").removesuffix(";"))["files"]
    for name in ("script-khmr.css", "fonts/noto-sans-khmer.woff2"):
        address = next(one for one in listed if one.endswith(name))
        assert client.get(address).status_code == 200
    assert kept(sqlite_world)["files"].keys() & listed.keys() == {"/kiosk/"}
