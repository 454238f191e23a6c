"""Codes that people type: ten digits at their own unit alone, 28 characters anywhere; who guesses is slowed down."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from counters import IDLE, LAND, MANY, REVOKED
from flask import Flask
from flask.testing import FlaskClient
from proofreading import proof_read
from sqlalchemy import select

from sipas import terms
from sipas.minting import BatchPlan, Minted, mint, open_batch
from sipas.store.engine import Store
from sipas.store.inbox import Inbox
from sipas.store.tokens import get_batch
from sipas.store.units import Counter as Desk
from sipas.store.units import CounterCode, Unit, add_unit

LINK = "Có thẻ mã 10 số?"
HERE, THERE = {"REMOTE_ADDR": "203.0.113.7"}, {"REMOTE_ADDR": "198.51.100.7"}
Rows = Callable[[], list[Inbox]]


@pytest.fixture
def cards(app: Flask, store: Store) -> list[Minted]:
    house, day = app.extensions["sipas"], terms.today()
    with store.write() as session:
        unit = session.scalars(select(Unit)).one()
        plan = BatchPlan(
            kind="card", wave="demo-2026", unit_id=unit.id, sector="land", quota=20, ten_digits=True,
            not_before=day, not_after=day + timedelta(days=30),
        )  # fmt: skip
        return mint(session, house.keyring, open_batch(session, house.shelf, plan), 20)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(terms.now().replace(hour=10), tick=True) as traveller:
        yield traveller


def wrong_digits(cards: list[Minted], count: int) -> list[str]:
    rng = random.Random(1)
    return [f"{card.digits[:4]}{(int(card.digits[4:]) + rng.randrange(1, 999_999)) % 1_000_000:06d}" for card in (cards * 20)[:count]]


def test_ten_digits_lead_from_the_units_page_to_the_cards_form(client: FlaskClient, cards: list[Minted], inbox: Rows) -> None:
    for code in (LAND, MANY):
        form = client.get(f"/k/{code}").text
        assert LINK in form
        assert f'href="/k/{code}/card"' in form
        proof_read(client.get(f"/k/{code}/card").text)
    digits = cards[3].digits
    sent = client.post(f"/k/{LAND}/card", data={"code": f" {digits[:5]}-{digits[5:]} "})
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/t/{cards[3].code}")
    page = proof_read(client.get(sent.headers["Location"]).text)
    client.post(sent.headers["Location"], data={**page.fields(), "stage": "on_time", "respondent": "citizen", "HL": "5"})
    assert [row.channel for row in inbox()] == ["V"]


def test_the_link_is_there_only_where_cards_are_in_force(client: FlaskClient, store: Store, cards: list[Minted]) -> None:
    assert LINK in client.get(f"/k/{LAND}").text
    with store.write() as session:
        get_batch(session, cards[0].code[2:6]).revoked = True
    assert LINK not in client.get(f"/k/{LAND}").text
    assert client.post(f"/k/{LAND}/card", data={"code": cards[0].digits}).status_code == 303  # counts as open, but is not refused


def test_a_card_of_another_unit_opens_nothing_here(client: FlaskClient, store: Store, cards: list[Minted]) -> None:
    with store.write() as session:
        other = add_unit(session, Unit(code="2", tier="one_stop", kind="Phường", name="B", full_name="Trung tâm B"))
        desk = Desk(unit_id=other.id, name="Quầy 1", sectors="land")
        session.add(desk)
        session.flush()
        session.add(CounterCode(code="N000000000", counter_id=desk.id, length="short", revoked=False))
    response = client.post("/k/N000000000/card", data={"code": cards[0].digits})
    assert response.status_code == 422
    assert "Chưa đúng mã của đơn vị này" in response.text


@pytest.mark.parametrize("typed", ["", "12345", "12345678901", "abcdefghij", "<script>", "٤" * 10, "1" * 500])
def test_what_is_no_ten_digits_is_asked_again_and_not_counted(client: FlaskClient, cards: list[Minted], typed: str) -> None:
    for _ in range(8):
        response = client.post(f"/k/{LAND}/card", data={"code": typed}, environ_base=HERE)
        assert response.status_code == 422
        assert "đúng 10 chữ số" in response.text
        assert "<script>" not in response.text


def test_five_wrong_tens_shut_the_page_for_that_network_even_to_the_right_digits(
    client: FlaskClient, cards: list[Minted], clock: time_machine.Traveller
) -> None:
    path = f"/k/{LAND}/card"
    told = [client.post(path, data={"code": digits}, environ_base=HERE).status_code for digits in wrong_digits(cards, 6)]
    assert told == [422] * 5 + [429]
    refused = client.post(path, data={"code": cards[0].digits}, environ_base=HERE)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "600")
    assert "sau mười phút" in proof_read(refused.text).text_of("main")
    assert client.post(path, data={"code": cards[0].digits}, environ_base=THERE).status_code == 303
    assert client.get(f"/t/{cards[0].code}", environ_base=HERE).status_code == 200, "the card's own code is never stopped"
    clock.shift(601)
    assert client.post(path, data={"code": cards[0].digits}, environ_base=HERE).status_code == 303


def test_sixty_wrong_tens_from_everywhere_shut_the_units_page_for_an_hour(
    client: FlaskClient, cards: list[Minted], clock: time_machine.Traveller
) -> None:
    path = f"/k/{LAND}/card"
    for number, digits in enumerate(wrong_digits(cards, 60)):
        assert client.post(path, data={"code": digits}, environ_base={"REMOTE_ADDR": f"10.{number}.0.1"}).status_code == 422
    for code in (LAND, MANY):
        assert client.post(f"/k/{code}/card", data={"code": cards[0].digits}, environ_base=THERE).status_code == 429
    clock.shift(3_601)
    assert client.post(path, data={"code": cards[0].digits}, environ_base=THERE).status_code == 303


def test_behind_a_proxy_that_names_no_network_nobody_shuts_out_anybody(client: FlaskClient, cards: list[Minted]) -> None:
    loopback = {"REMOTE_ADDR": "127.0.0.1"}
    for digits in wrong_digits(cards, 20):
        assert client.post(f"/k/{LAND}/card", data={"code": digits}, environ_base=loopback).status_code == 422
    assert client.post(f"/k/{LAND}/card", data={"code": cards[0].digits}, environ_base=loopback).status_code == 303


@pytest.mark.parametrize("code", ["nothing", "0000000000", "1" * 28, "A" * 18])
def test_no_card_page_behind_what_is_no_printed_code(client: FlaskClient, code: str) -> None:
    assert client.get(f"/k/{code}/card").status_code == 404
    assert client.post(f"/k/{code}/card", data={"code": "1234567890"}).status_code == 404


def test_a_revoked_sign_has_no_card_page_and_one_without_survey_has(client: FlaskClient) -> None:
    assert client.get(f"/k/{REVOKED}/card").status_code == 410
    assert client.get(f"/k/{IDLE}/card").status_code == 200


def test_a_typed_code_opens_the_form_however_it_is_written(client: FlaskClient, cards: list[Minted]) -> None:
    proof_read(client.get("/T").text)
    code = cards[0].code
    grouped = "-".join(code[at : at + 4] for at in range(0, 28, 4)).lower().replace("0", "o").replace("1", "l")
    for typed in (code, grouped, f"  {grouped} "):
        assert client.post("/t?lang=en", data={"code": typed}).headers["Location"] == f"/t/{code}?lang=en"
    assert client.post("/t", data={"code": f"{LAND[:5]}-{LAND[5:]}"}).headers["Location"] == f"/k/{LAND}"


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "28 chữ và số"), ("ABC", "28 chữ và số"), ("1" * 28, "so lại từng nhóm"), ("1234567890", "Có thẻ mã 10 số"), ('"><b>', "28 chữ")],
)
def test_a_code_that_is_none_comes_back_to_be_mended(client: FlaskClient, typed: str, said: str) -> None:
    response = client.post("/t", data={"code": typed})
    assert response.status_code == 422
    page = proof_read(response.text)
    assert said in page.text_of("main")
    assert "<b>" not in response.text


def test_ten_wrong_codes_a_minute_are_enough_and_a_sound_one_always_passes(
    client: FlaskClient, cards: list[Minted], clock: time_machine.Traveller
) -> None:
    bent = [cards[0].code[:-2] + f"{number:02d}" for number in range(13)]
    bent = [code for code in bent if code != cards[0].code][:12]
    told = [client.get(f"/t/{code}", environ_base=HERE).status_code for code in bent]
    assert told == [404] * 10 + [429] * 2
    assert client.post("/t", data={"code": bent[0]}, environ_base=HERE).status_code == 429
    assert client.get(f"/t/{bent[0]}", environ_base=THERE).status_code == 404
    assert client.get(f"/t/{cards[0].code}", environ_base=HERE).status_code == 200
    assert client.get(f"/k/{LAND}", environ_base=HERE).status_code == 200
    clock.shift(61)
    assert client.get(f"/t/{bent[0]}", environ_base=HERE).status_code == 404


def test_two_hundred_wrong_codes_a_minute_from_everywhere_are_enough(
    client: FlaskClient, cards: list[Minted], clock: time_machine.Traveller
) -> None:
    for number in range(200):
        assert client.get(f"/t/{'1' * 28}", environ_base={"REMOTE_ADDR": f"10.{number}.0.1"}).status_code == 404
    assert client.get(f"/t/{'1' * 28}", environ_base=THERE).status_code == 429
    assert client.get(f"/t/{cards[0].code}", environ_base=THERE).status_code == 200


def test_no_address_is_kept_in_a_bucket(app: Flask, client: FlaskClient) -> None:
    client.get(f"/t/{'1' * 28}", environ_base=HERE)
    buckets = app.extensions["sipas_buckets"]
    assert len(buckets._moments) == 2
    assert "203.0.113" not in repr(vars(buckets))
