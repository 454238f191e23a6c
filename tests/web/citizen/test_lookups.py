"""A receipt tells that a sheet is here and since which week; a reply code that a comment is. Neither tells what it says."""

from __future__ import annotations

import random
import re
from datetime import timedelta

import pytest
from counters import LAND
from flask import Flask
from flask.testing import FlaskClient
from proofreading import proof_read

from sipas import sealing, terms
from sipas.store.engine import Store
from sipas.terms import Week

FILLED = {"stage": "on_time", "respondent": "citizen", "HL": "2", "comment": "Chờ lâu quá", "reply": "1"}


@pytest.fixture
def given(client: FlaskClient) -> tuple[str, str]:
    """The receipt and the reply code of one sheet, and the link that leads from the page."""
    page = proof_read(client.get(f"/k/{LAND}").text)
    said = client.post(f"/k/{LAND}", data={**page.fields(), **FILLED}).text
    receipt, reply = re.findall(r'receipt-code">([^<]+)<', said)
    assert f'href="/r/{receipt}"' in said
    return receipt, reply


def seal(app: Flask, store: Store, *, days: int = 0) -> None:
    sealing.seal(store, app.extensions["sipas"].keyring, now=terms.now() + timedelta(days=days), rng=random.Random(1))


def test_a_receipt_waits_for_the_night_and_tells_its_week_afterwards(
    app: Flask, client: FlaskClient, store: Store, given: tuple[str, str]
) -> None:
    receipt, _ = given
    week = Week.of(terms.today())
    waiting = client.get(f"/r/{receipt}")
    assert waiting.status_code == 200
    assert "Số liệu được chốt mỗi đêm" in proof_read(waiting.text).text_of("main")
    for days in (0, 8):
        seal(app, store, days=days)
        for path in (f"/r/{receipt}", f"/R/{receipt.lower().replace('0', 'o')}"):
            main = proof_read(client.get(path).text).text_of("main")
            assert f"{week.monday:%d}" in main
            assert f"{week.sunday:%d/%m/%Y}" in main
    english = proof_read(client.get(f"/r/{receipt}?lang=en").text)
    assert "was recorded in week" in english.text_of("main")
    for secret in ("Chờ lâu", "Tam Kỳ", "land", "Quầy"):
        assert secret not in client.get(f"/r/{receipt}").text


def test_a_reply_code_tells_the_month_and_honestly_that_there_is_no_reply(
    app: Flask, client: FlaskClient, store: Store, given: tuple[str, str]
) -> None:
    _, reply = given
    assert "đêm nay" in proof_read(client.get(f"/y/{reply}").text).text_of("main")
    month = Week.of(terms.today()).month
    for days in (0, 40):
        seal(app, store, days=days)
        main = proof_read(client.get(f"/Y/{reply}").text).text_of("main")
        assert f"tháng {month[5:]}/{month[:4]}" in main
        assert "chưa có câu trả lời nào" in main
        assert "Chờ lâu" not in main


def test_a_receipt_is_no_reply_code_and_the_reverse(client: FlaskClient, given: tuple[str, str]) -> None:
    receipt, reply = given
    assert client.get(f"/y/{receipt}").status_code == 404
    assert client.get(f"/r/{reply}").status_code == 404


@pytest.mark.parametrize("letter", ["r", "y", "R", "Y"])
def test_a_code_can_be_typed(client: FlaskClient, given: tuple[str, str], letter: str) -> None:
    code = given[letter.lower() == "y"]
    proof_read(client.get(f"/{letter}").text)
    sent = client.post(f"/{letter}?lang=en", data={"code": f" {code.lower()} "})
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/{letter.lower()}/{code.replace('-', '')}?lang=en")


@pytest.mark.parametrize("typed", ["", "ABC", "1" * 11, "UUUUUUUUUU", "<b>", "x" * 900])
@pytest.mark.parametrize("letter", ["r", "y"])
def test_what_is_no_code_is_asked_again(client: FlaskClient, letter: str, typed: str) -> None:
    response = client.post(f"/{letter}", data={"code": typed})
    assert response.status_code == 422
    assert "10 chữ và số. Mời" in proof_read(response.text).text_of("main")
    assert "<b>" not in response.text


def test_who_guesses_receipts_is_slowed_down_and_who_has_one_is_not(client: FlaskClient, given: tuple[str, str]) -> None:
    here = {"REMOTE_ADDR": "203.0.113.7"}
    told = [client.get(f"/r/{number:010d}", environ_base=here).status_code for number in range(22)]
    assert told == [404] * 20 + [429] * 2
    assert client.get(f"/r/{given[0]}", environ_base=here).status_code == 200
