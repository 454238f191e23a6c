"""The screen's door: a code pairs once, a clock's error is learnt within bounds, and nothing else is believed."""

from __future__ import annotations

import hmac
import random
import struct
from base64 import b64decode
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sipas import terms
from sipas.evidence import screen_codes
from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import read_shelf
from sipas.settings import read_settings
from sipas.store.audit import list_audits
from sipas.store.engine import Store
from sipas.store.screens import get_screen
from sipas.store.units import Counter, Unit, add_unit
from sipas.web import errors, filters, headers, language, screen
from sipas.web.enrolment import enrol_screen
from sipas.web.house import SURVEYS, House


@pytest.fixture
def app(store: Store, tmp_path: Path) -> Flask:
    made = Flask("sipas.web", static_url_path="/static")
    settings = read_settings({"SIPAS_PUBLIC_URL": "https://hailong.example.gov.vn"})
    made.extensions["sipas"] = House(settings, store, Keyring.create(tmp_path / "keys"), read_shelf(SURVEYS))
    for part in (language, filters, headers, errors, screen):
        part.register(made)
    with store.write() as session:
        unit = add_unit(session, Unit(code="20335", tier="one_stop", kind="Phường", name="Tam Kỳ", full_name="Trung tâm Tam Kỳ"))
        session.add(Counter(id=7, unit_id=unit.id, name="Quầy 3", sectors="land"))
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def enrolled(app: Flask, *, age: timedelta = timedelta()) -> tuple[str, str]:
    house = app.extensions["sipas"]
    with house.store.write() as session:
        made, code = enrol_screen(session, house.keyring, counter_id=7, rng=random.Random(1), now=terms.now() - age)
        return made.screen, code


def paired(client: FlaskClient, name: str, code: str) -> bytes:
    answer = client.post(f"/screen/{name}/pair", json={"code": f"{code[:5]}-{code[5:]}".lower()})
    assert answer.status_code == 200
    assert answer.json["address"] == "HTTPS://HAILONG.EXAMPLE.GOV.VN/S/"
    return b64decode(answer.json["key"])


def beat(client: FlaskClient, name: str, key: bytes, claimed: int) -> int:
    proof = hmac.digest(key, b"KS1|beat|" + struct.pack(">Q", claimed), "sha256").hex()
    return client.post(f"/screen/{name}/beat", json={"now": claimed, "proof": proof}).status_code


def test_a_code_pairs_once_and_gives_the_key_that_the_server_checks_with(app: Flask, client: FlaskClient) -> None:
    name, code = enrolled(app)
    key = paired(client, name, code)
    assert key == screen_codes.screen_key(app.extensions["sipas"].keyring, name, 1)
    assert client.post(f"/screen/{name}/pair", json={"code": code}).status_code == 403
    with app.extensions["sipas"].store.read() as session:
        assert [audit.official for audit in list_audits(session, action="screen_pair")] == [f"screen {name}"]


@pytest.mark.parametrize("body", [{"code": "ZZZZZZZZZZ"}, {"code": ""}, {"code": 7}, {}, [], "x", None])
def test_nothing_else_pairs(app: Flask, client: FlaskClient, body: object) -> None:
    name, _ = enrolled(app)
    assert client.post(f"/screen/{name}/pair", json=body).status_code == 403
    assert client.post("/screen/0000/pair", json=body).status_code == 403


def test_an_old_code_pairs_no_more(app: Flask, client: FlaskClient) -> None:
    name, code = enrolled(app, age=timedelta(minutes=11))
    assert client.post(f"/screen/{name}/pair", json={"code": code}).status_code == 403


def test_a_clock_is_allowed_five_minutes_and_only_the_keys_holder_says_its_time(app: Flask, client: FlaskClient, store: Store) -> None:
    name, code = enrolled(app)
    key, now = paired(client, name, code), int(terms.now().timestamp())
    for ahead, kept in ((240, 240), (-299, -299), (330, -299), (86_400, -299)):
        assert beat(client, name, key, now + ahead) == 200
        with store.read() as session:
            assert abs(get_screen(session, name).drift - kept) <= 2
    assert beat(client, name, bytes(32), now) == 403
    for body in (
        {"now": "x", "proof": ""},
        {"now": -1, "proof": "0"},
        {"now": 2**70, "proof": "0"},
        {"now": True},
        {"now": now, "proof": "é"},
    ):
        assert client.post(f"/screen/{name}/beat", json=body).status_code == 403


def test_a_screen_is_known_by_the_day_it_was_paired_and_by_what_its_clock_said_last(app: Flask, client: FlaskClient, store: Store) -> None:
    name, code = enrolled(app)
    with store.read() as session:
        fresh = get_screen(session, name)
    assert (fresh.paired, fresh.heard, fresh.ahead) == (None, None, 0)
    key, now = paired(client, name, code), int(terms.now().timestamp())
    for claimed, said in ((now + 400, 400), (0, -now), (2**53 - 1, 2**31 - 1)):
        assert beat(client, name, key, claimed) == 200
        with store.read() as session:
            known = get_screen(session, name)
        assert (known.paired, known.heard, known.drift) == (terms.today(), terms.today(), 0)
        assert abs(known.ahead - said) <= 2


def test_the_page_is_the_same_for_every_screen_and_loads_only_ours(app: Flask, client: FlaskClient) -> None:
    name, _ = enrolled(app)
    page, kept = client.get(f"/screen/{name.lower()}"), client.get("/screen/")
    assert page.data == kept.data
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    worker = client.get("/screen/worker.js")
    assert worker.mimetype == "text/javascript"
    assert "/static/screen/screen.mjs?v=" in worker.text
    assert client.get("/screen/0000").status_code == 404
