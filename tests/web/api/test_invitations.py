"""A dossier in, a one-time code out; whatever is wrong is said with its field and its cure, as JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from asking import ASKED, DOSSIER, NAME, Ask
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from sipas import terms
from sipas.evidence import tokens
from sipas.store.engine import Store
from sipas.store.tokens import IssuedDossier, TokenBatch
from sipas.terms import Week


def read(response: TestResponse) -> dict[str, Any]:
    assert isinstance(response.json, dict)
    return response.json


def problem(response: TestResponse, status: int, field: str = "") -> str:
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    said = read(response)
    assert (said["status"], said.get("field", "")) == (status, field)
    return str(said["detail"])


def test_a_dossier_gets_a_code_that_opens_the_form(app: Flask, client: FlaskClient, ask: Ask) -> None:
    response = ask()
    assert response.status_code == 201
    assert response.mimetype == "application/json"
    said = read(response)
    assert tokens.read_token(app.extensions["sipas"].keyring, said["code"])
    assert said["address"] == f"HTTPS://DANHGIA.EXAMPLE.VN/T/{said['code']}"
    assert said["valid_from"] == Week.of(terms.today()).monday.isoformat()
    assert said["valid_until"] == (Week.of(terms.today()).sunday + timedelta(weeks=8)).isoformat()
    assert "note" not in said
    page = client.get(f"/T/{said['code']}")
    assert page.status_code == 200
    assert "Phường Tam Kỳ" in page.text


def test_a_second_invitation_is_refused_however_the_dossier_is_written(ask: Ask) -> None:
    assert ask().status_code == 201
    detail = problem(ask(dossier=f"  {DOSSIER.lower()} "), 409, "dossier")
    assert "already" in detail
    assert DOSSIER not in detail
    assert ask(dossier="000.00.18.H17-261105-0008").status_code == 201


@pytest.mark.parametrize("dossier", ["H57.132-260804-0583", "000.00.19.H47-260105-0001", "H17.18-261105-000123"])
def test_official_numbers_of_both_forms_need_no_note(ask: Ask, dossier: str) -> None:
    assert "note" not in read(ask(dossier=dossier))


@pytest.mark.parametrize("dossier", ["BN-2026/11/77", "7", "Hồ sơ số 5", "٣٤٥"])
def test_a_strange_number_is_taken_with_a_note(ask: Ask, dossier: str) -> None:
    response = ask(dossier=dossier)
    assert response.status_code == 201
    assert "compare the number" in read(response)["note"]
    assert problem(ask(dossier=dossier), 409, "dossier")


def test_a_code_of_a_later_day_begins_with_that_week_and_waits_until_then(client: FlaskClient, ask: Ask) -> None:
    due = terms.today() + timedelta(days=16)
    said = read(ask(not_before=due.isoformat(), procedure="1.011441"))
    assert said["valid_from"] == Week.of(due).monday.isoformat()
    assert client.get(f"/t/{said['code']}").status_code == 409
    assert read(ask(dossier="x", not_before="2020-01-01"))["valid_from"] == Week.of(terms.today()).monday.isoformat()


@pytest.mark.parametrize(
    ("changed", "status", "field"),
    [
        ({"dossier": None}, 422, "dossier"),
        ({"dossier": ""}, 422, "dossier"),
        ({"dossier": "   "}, 422, "dossier"),
        ({"dossier": 261105}, 422, "dossier"),
        ({"dossier": ["x"]}, 422, "dossier"),
        ({"dossier": "x" * 65}, 422, "dossier"),
        ({"dossier": "a\0b"}, 422, "dossier"),
        ({"dossier": "a\nb"}, 422, "dossier"),
        ({"unit": None}, 422, "unit"),
        ({"unit": "99999"}, 404, "unit"),
        ({"unit": "20335@ward"}, 404, "unit"),
        ({"unit": "20194"}, 403, "unit"),
        ({"unit": "48"}, 403, "unit"),
        ({"sector": None}, 422, "sector"),
        ({"sector": "cooking"}, 422, "sector"),
        ({"not_before": "24/11/2026"}, 422, "not_before"),
        ({"not_before": "2026-13-01"}, 422, "not_before"),
        ({"not_before": "2099-01-05"}, 422, "not_before"),
        ({"not_before": 20261124}, 422, "not_before"),
        ({"procedure": {"code": 1}}, 422, "procedure"),
        ({"notbefore": "2026-11-24"}, 422, "notbefore"),
    ],
)
def test_what_is_wrong_is_told_with_its_field_and_nothing_is_minted(
    ask: Ask, store: Store, changed: dict[str, object], status: int, field: str
) -> None:
    assert problem(ask(**changed), status, field).startswith(f"{field}:")
    with store.read() as session:
        assert session.scalars(select(TokenBatch)).all() == []
        assert session.scalars(select(IssuedDossier)).all() == []


@pytest.mark.parametrize(
    ("content", "mimetype", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"x"', "application/json", 400),
        (b"\xff\xfe{}", "application/json", 400),
        (b"[" * 4000, "application/json", 400),
        (b"{}", "application/x-www-form-urlencoded", 415),
        (b"{" + b" " * 5000 + b"}", "application/json", 413),
    ],
)
def test_a_body_that_is_no_invitation(client: FlaskClient, secret: str, content: bytes, mimetype: str, status: int) -> None:
    assert problem(client.post("/api/v1/invitations", data=content, content_type=mimetype, auth=(NAME, secret)), status)


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_nothing_can_be_read(client: FlaskClient, method: str) -> None:
    response = getattr(client, method)("/api/v1/invitations")
    problem(response, 405)
    assert response.headers["Allow"] == "POST"


def test_whoever_is_not_known_is_told_nothing_more(client: FlaskClient, secret: str) -> None:
    wrong = [
        None,
        f"Bearer {NAME}.{secret}x",
        f"Bearer nobody.{secret}",
        f"Bearer cu.{secret}",
        f"Bearer {secret}",
        "Bearer ",
        "Basic !!!",
        "Basic",
        "Digest x=1",
    ]
    said = set()
    for header in wrong:
        response = client.post("/api/v1/invitations", json=ASKED, headers={"Authorization": header} if header else {})
        said.add(problem(response, 401))
        assert "Basic" in response.headers["WWW-Authenticate"]
    for name in (NAME, "cu", "nobody", ""):
        said.add(problem(client.post("/api/v1/invitations", json=ASKED, auth=(name, "wrong")), 401))
    assert len(said) == 1


def test_a_bearer_is_as_good_as_name_and_secret(client: FlaskClient, secret: str) -> None:
    response = client.post("/api/v1/invitations", json=ASKED, headers={"Authorization": f"Bearer {NAME}.{secret}"})
    assert response.status_code == 201


def test_no_session_and_no_cookie_come_of_it(ask: Ask) -> None:
    assert "Set-Cookie" not in ask().headers


def test_a_database_that_refuses_is_a_503_and_the_same_can_be_sent_again(ask: Ask, store: Store) -> None:
    with store.write() as session:
        session.execute(text("ALTER TABLE issued_dossier RENAME TO away"))
    response = ask()
    assert "send the same again" in problem(response, 503)
    assert response.headers["Retry-After"] == "20"
    assert DOSSIER not in response.text
    with store.write() as session:
        session.execute(text("ALTER TABLE away RENAME TO issued_dossier"))
    assert ask().status_code == 201
