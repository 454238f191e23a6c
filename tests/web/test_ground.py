"""Headers, gzip, files and refusals: what every door stands on."""

from __future__ import annotations

import gzip
import re
from types import SimpleNamespace

import pytest
from flask import Flask, Response, render_template_string
from flask.testing import FlaskClient

from sipas.settings import read_settings
from sipas.store.engine import Store
from sipas.web import errors, filters, headers, language
from sipas.web.errors import REFUSALS


def build(store: Store | None = None, **settings: str) -> Flask:
    app = Flask("sipas.web", static_url_path="/static")
    app.extensions["sipas"] = SimpleNamespace(settings=read_settings(settings), store=store)
    app.config.update(SECRET_KEY="x", MAX_CONTENT_LENGTH=64 * 1024)
    for part in (language, filters, headers, errors):
        part.register(app)
    app.add_url_rule("/long", view_func=lambda: "<p>" + "dài " * 1000, endpoint="long")
    app.add_url_rule("/broken", view_func=lambda: 1 / 0, endpoint="broken")
    app.add_url_rule("/own", view_func=lambda: Response("x", headers={"Cache-Control": "max-age=60"}), endpoint="own")
    app.add_url_rule(
        "/words", view_func=lambda: render_template_string("{{ _('Gửi phiếu') }} {{ 0.827|percent }} {{ lang }}"), endpoint="words"
    )
    return app


@pytest.fixture
def client() -> FlaskClient:
    return build().test_client()


@pytest.mark.parametrize("address", ["/long", "/broken", "/nowhere", "/own", "/static/sipas.css"])
def test_every_answer_carries_the_headers(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    for name, value in headers.HEADERS.items():
        assert answer.headers[name] == value
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Set-Cookie" not in answer.headers


def test_pages_are_not_kept_unless_a_view_says_so(client: FlaskClient) -> None:
    assert client.get("/long").headers["Cache-Control"] == "no-store"
    assert client.get("/own").headers["Cache-Control"] == "max-age=60"


def test_transport_security_is_promised_on_https_alone() -> None:
    client = build(SIPAS_PUBLIC_URL="https://khaosat.example.vn").test_client()
    assert client.get("/long").headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_long_pages_are_packed_for_who_unpacks(client: FlaskClient) -> None:
    packed = client.get("/long", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data).decode() == client.get("/long").text
    assert len(packed.data) == int(packed.headers["Content-Length"]) < 200
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_a_file_has_an_address_of_its_content_and_is_kept_long(client: FlaskClient) -> None:
    (address,) = re.findall(r'href="(/static/[^"]+)"', client.get("/nowhere").text)
    assert re.fullmatch(r"/static/sipas\.css\?v=[0-9a-f]{10}", address)
    file = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert "max-age=31536000" in file.headers["Cache-Control"]
    assert file.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(file.data) == (headers.STATIC / "sipas.css").read_bytes()


def test_an_unknown_file_is_an_error_of_the_programmer() -> None:
    with pytest.raises(KeyError):
        headers.asset(headers.fingerprints(headers.STATIC), "nothing.css")


def test_a_fault_of_ours_says_so_without_details(client: FlaskClient) -> None:
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert "lỗi ở phía máy chủ" in answer.text
    assert "ZeroDivision" not in answer.text


@pytest.mark.parametrize("kind", REFUSALS)
def test_every_refusal_has_its_page_in_both_languages(kind: type[Exception]) -> None:
    app, refusal = build(), REFUSALS[kind]
    pages = {}
    for chosen in ("vi", "en"):
        with app.test_request_context(f"/?lang={chosen}"):
            answer = app.make_response(errors.refuse(refusal, kind("why")))
        assert (answer.status_code, answer.headers.get("Retry-After")) == (refusal.status, str(refusal.retry) if refusal.retry else None)
        pages[chosen] = re.search(r"<h1>(.+)</h1>", answer.get_data(as_text=True))[1]
    assert pages["vi"] != pages["en"]


def test_a_balancer_learns_whether_the_store_can_be_read(store: Store) -> None:
    assert build(store).test_client().get("/healthz").text == "ok\n"


def test_a_balancer_learns_of_a_store_that_is_gone(sqlite_store: Store) -> None:
    client = build(sqlite_store).test_client()
    sqlite_store.close()
    sqlite_store.path.unlink()
    for beside in ("-wal", "-shm"):
        sqlite_store.path.with_name(sqlite_store.path.name + beside).unlink(missing_ok=True)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "20")


def test_a_language_is_chosen_by_the_address_alone(client: FlaskClient) -> None:
    assert client.get("/words").text == "Gửi phiếu 82,7% vi"
    assert client.get("/words?lang=en").text == "Send 82.7% en"
    assert client.get("/words?lang=xx").text == "Gửi phiếu 82,7% vi"
    assert client.get("/words", headers={"Accept-Language": "en"}).text == "Gửi phiếu 82,7% vi"


def test_a_door_may_prefer_a_language_and_the_address_overrules_it() -> None:
    app = build()
    with app.test_request_context("/"):
        language.prefer("en")
        assert language.current_language() == "en"
        language.prefer("xx")
        assert language.current_language() == "en"
    with app.test_request_context("/?lang=vi"):
        language.prefer("en")
        assert language.current_language() == "vi"


def test_the_link_to_another_language_keeps_the_rest_of_the_address() -> None:
    with build().test_request_context("/x?sector=land&lang=vi&a=%22"):
        assert language.address_in("en") == "?sector=land&a=%22&lang=en"


def test_an_instruments_wording_falls_back_to_vietnamese() -> None:
    with build().test_request_context("/?lang=en"):
        assert language.in_words({"vi": "Đất đai", "en": "Land"}) == "Land"
        assert language.in_words({"vi": "Đất đai"}) == "Đất đai"
