"""What goes wrong, and what the page says then."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from counters import FULL, IDLE, LAND, MANY, REVOKED, build_app
from flask import Flask
from flask.testing import FlaskClient
from proofreading import Page, proof_read
from sqlalchemy import text, update

from sipas.evidence.tickets import Ticket, issue, read_ticket
from sipas.store.engine import Store
from sipas.store.units import CounterCode
from sipas.terms import ZONE

FILLED = {"stage": "on_time", "respondent": "citizen", "HL": "5"}
LAST_DAY = datetime(2029, 12, 30, 23, 50, tzinfo=ZONE)  # of the demonstration's wave


def fields(client: FlaskClient, code: str = LAND) -> dict[str, str]:
    return Page(client.get(f"/k/{code}").text).fields()


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("7777777777", 404, "Không tìm thấy mã này"),
        ("nope", 404, "Không tìm thấy mã này"),
        ("x" * 500, 404, "Không tìm thấy mã này"),
        (REVOKED, 410, "Mã này không còn dùng nữa"),
        (IDLE, 410, "Hiện chưa có đợt khảo sát nào mở ở đây"),
    ],
)
def test_a_code_that_opens_nothing_says_why_and_what_to_do(client: FlaskClient, code: str, status: int, words: str) -> None:
    response = client.get(f"/k/{code}")
    assert response.status_code == status
    assert proof_read(response.text).text_of("h1") == words
    assert "0236 1022" in response.text


def test_a_closed_wave_takes_no_new_form(client: FlaskClient) -> None:
    with time_machine.travel(LAST_DAY + timedelta(hours=2), tick=False):
        assert client.get(f"/k/{LAND}").status_code == 410


def test_a_form_begun_in_time_is_taken_for_three_quarters_of_an_hour(client: FlaskClient, inbox) -> None:
    with time_machine.travel(LAST_DAY, tick=False) as clock:
        begun, late = fields(client), fields(client)
        clock.shift(timedelta(minutes=50))
        assert "Cảm ơn" in client.post(f"/k/{LAND}", data=begun | FILLED).text
        clock.shift(timedelta(minutes=10))
        refused = client.post(f"/k/{LAND}", data=late | FILLED)
        assert refused.status_code == 410
        assert "Cảm ơn Ông/Bà, phiếu đã được lưu" in client.post(f"/k/{LAND}", data=begun | FILLED).text  # a repeat is known
    assert len(inbox()) == 1


def test_an_outdated_page_comes_back_with_its_iid_and_every_answer(app: Flask, client: FlaskClient, inbox) -> None:
    keyring = app.extensions["sipas"].keyring
    with time_machine.travel(datetime(2026, 11, 18, 9, tzinfo=ZONE), tick=False) as clock:
        first = fields(client)
        clock.shift(timedelta(days=2))
        again = client.post(f"/k/{LAND}", data=first | FILLED | {"TC1": "2", "comment": "Chờ lâu"})
        page = proof_read(again.text)
        assert again.status_code == 200
        assert "Trang này mở đã lâu" in again.text
        assert not inbox()
        kept = page.fields()
        assert (kept["HL"], kept["TC1"], kept["stage"], kept["comment"]) == ("5", "2", "on_time", "Chờ lâu")
        assert read_ticket(keyring, kept["ticket"]).iid == read_ticket(keyring, first["ticket"]).iid
        assert "phiếu đã được lưu" in client.post(f"/k/{LAND}", data=kept).text
    assert len(inbox()) == 1


def test_a_questionnaire_that_changed_is_issued_again(app: Flask, client: FlaskClient, inbox) -> None:
    keyring = app.extensions["sipas"].keyring
    ticket = read_ticket(keyring, fields(client)["ticket"])
    old = Ticket(**{name: getattr(ticket, name) for name in Ticket.__slots__} | {"measure": "f" * 64})
    again = client.post(f"/k/{LAND}", data=FILLED | {"ticket": issue(keyring, old)})
    assert "Trang này mở đã lâu" in again.text
    assert not inbox()


@pytest.mark.parametrize("ticket", ["", "1.AAAA", "x" * 5000, "1.é", None])
def test_a_forged_ticket_is_refused(client: FlaskClient, inbox, ticket: str | None) -> None:
    response = client.post(f"/k/{LAND}", data=FILLED | ({} if ticket is None else {"ticket": ticket}))
    assert response.status_code == 400
    assert proof_read(response.text).text_of("h1") == "Phiếu này không gửi được"
    assert not inbox()


def test_a_ticket_of_another_code_is_refused(client: FlaskClient, inbox) -> None:
    assert client.post(f"/k/{FULL}", data=FILLED | fields(client, LAND)).status_code == 400
    assert not inbox()


def test_problems_stand_on_top_and_beside_the_field_with_everything_kept(client: FlaskClient, inbox) -> None:
    response = client.post(f"/k/{LAND}", data=fields(client) | {"TC1": "4", "comment": "Tốt", "reply": "1"})
    page = proof_read(response.text)
    assert response.status_code == 422
    assert [a.attrs["href"] for a in page.select("a") if a.attrs["href"].startswith("#") and a.attrs["href"] != "#main"] == [
        "#stage-0",
        "#respondent-0",
        "#HL-0",
    ]
    assert response.text.count("Ông/Bà chưa trả lời câu 1.") == 2
    assert page.fields() | {"ticket": ""} == {"TC1": "4", "comment": "Tốt", "reply": "1", "reminded": "1", "work": "", "ticket": ""}
    assert not inbox()


def test_the_overall_item_is_asked_for_once_and_then_let_be(client: FlaskClient, inbox) -> None:
    first = client.post(f"/k/{LAND}", data=fields(client) | {"stage": "late", "respondent": "proxy"})
    assert first.status_code == 422
    assert "cứ bấm Gửi phiếu lần nữa" in first.text
    assert "phiếu đã được lưu" in client.post(f"/k/{LAND}", data=Page(first.text).fields()).text
    assert '"HL":null' in inbox()[0].answers


@pytest.mark.parametrize(("field", "value"), [("HL", "6"), ("TC1", "' OR 1=1"), ("stage", "dreaming"), ("respondent", "x" * 3000)])
def test_a_forged_option_is_not_taken(client: FlaskClient, inbox, field: str, value: str) -> None:
    response = client.post(f"/k/{LAND}", data=fields(client) | FILLED | {field: value})
    assert response.status_code == 422
    assert "không có trong phiếu" in response.text
    assert not inbox()


def test_a_comment_of_70_kilobytes_is_refused_and_nothing_is_lost(client: FlaskClient, inbox) -> None:
    comment = "dài quá " * 7000
    response = client.post(f"/k/{LAND}", data=fields(client) | FILLED | {"comment": comment})
    assert response.status_code == 413
    assert "nhiều hơn mức 2.000" in response.text
    kept = proof_read(response.text).fields()
    assert (kept["HL"], kept["comment"]) == ("5", comment)
    assert not inbox()


def test_a_body_beyond_reading_gets_a_page_too(client: FlaskClient, inbox) -> None:
    response = client.post(f"/k/{LAND}", data={"comment": "x" * 600_000})
    assert response.status_code == 413
    assert proof_read(response.text).text_of("h1") == "Nội dung gửi lên quá dài"
    assert not inbox()


def test_an_answer_survives_the_revoking_of_its_code(client: FlaskClient, store: Store, inbox) -> None:
    begun = fields(client)
    with store.write() as session:
        session.execute(update(CounterCode).where(CounterCode.code == LAND).values(revoked=True))
    assert client.get(f"/k/{LAND}").status_code == 410
    assert "phiếu đã được lưu" in client.post(f"/k/{LAND}", data=begun | FILLED).text
    assert len(inbox()) == 1


def test_a_store_that_cannot_write_is_never_thanked_for(client: FlaskClient, store: Store) -> None:
    begun = fields(client)
    with store.write() as session:
        session.execute(text("ALTER TABLE inbox RENAME TO inbox_away"))
    response = client.post(f"/k/{LAND}", data=begun | FILLED)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "CHƯA được lưu" in response.text
    assert "Cảm ơn" not in proof_read(response.text).source


def test_looking_changes_nothing(client: FlaskClient, store: Store) -> None:
    def everything() -> list[object]:
        with store.read() as session:
            tables = ("unit", "counter", "counter_code", "inbox", "seen_iid", "open_response", "open_comment", "audit")
            return [session.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in tables]

    before = everything()
    for address in (f"/k/{LAND}", f"/K/{MANY}", f"/k/{MANY}?sector=land", f"/k/{REVOKED}", f"/k/{IDLE}", "/k/none", "/healthz"):
        client.get(address)
        assert client.head(address).data == b""
    assert everything() == before


def test_another_verb_is_refused(client: FlaskClient) -> None:
    response = client.delete(f"/k/{LAND}")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_outside_a_demonstration_its_wave_asks_nobody(app: Flask) -> None:
    house = app.extensions["sipas"]
    with time_machine.travel(datetime(2025, 12, 1, 9, tzinfo=ZONE), tick=False):
        real = build_app(house.store, house.keyring, house.shelf, SIPAS_DEMO="0").test_client()
        assert real.get(f"/k/{LAND}").status_code == 410
        assert app.test_client().get(f"/k/{LAND}").status_code == 200
