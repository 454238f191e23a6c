"""What a kiosk gives to those who would rather answer at home: on site for seven days, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from counters import CLINIC, LAND
from flask import Flask
from flask.testing import FlaskClient
from proofreading import proof_read
from sqlalchemy import select

from sipas import terms
from sipas.minting import DEFERRALS_A_DAY, BadBatchError, Minted, mint_deferrals
from sipas.store.engine import Store
from sipas.store.inbox import Inbox
from sipas.store.units import Counter as Desk
from sipas.store.units import CounterCode, UnknownCounterError

FILLED = {"stage": "on_time", "respondent": "citizen", "HL": "5"}
Rows = Callable[[], list[Inbox]]


def desk_of(store: Store, code: str) -> int:
    with store.read() as session:
        return session.scalars(select(Desk.id).join(CounterCode, CounterCode.counter_id == Desk.id).where(CounterCode.code == code)).one()


@pytest.fixture
def fetch(app: Flask, store: Store) -> Callable[..., list[Minted]]:
    keyring = app.extensions["sipas"].keyring

    def codes(count: int = 1, *, at: str = LAND) -> list[Minted]:
        with store.write() as session:
            return mint_deferrals(session, keyring, counter_id=desk_of(store, at), wave="demo-2026", count=count, now=terms.now())

    return codes


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(terms.now(), tick=True) as traveller:
        yield traveller


def answer(client: FlaskClient, code: str) -> None:
    page = proof_read(client.get(f"/t/{code}").text)
    assert client.post(f"/t/{code}", data={**page.fields(), **FILLED}).status_code == 200


def told(rows: Rows) -> Counter[tuple[str, str]]:
    return Counter(
        (row.channel, " ".join(sorted({*row.reasons.split()} - {"fast", "burst", "off_hours", "no_pow", "repeat_device"})))
        for row in rows()
    )


def test_a_code_to_answer_later_is_on_site_on_its_seventh_day_and_open_on_the_eighth(
    client: FlaskClient, fetch: Callable[..., list[Minted]], inbox: Rows, clock: time_machine.Traveller
) -> None:
    first, second = fetch(2)
    assert first.last == terms.today() + timedelta(days=7)
    clock.shift(timedelta(days=7))
    answer(client, first.code)
    assert told(inbox) == {("S", ""): 1}
    clock.shift(timedelta(days=1))
    answer(client, second.code)
    assert told(inbox) == {("S", ""): 1, ("O", "expired"): 1}


def test_a_code_to_answer_later_counts_once_and_at_its_own_counter(
    client: FlaskClient, store: Store, fetch: Callable[..., list[Minted]], inbox: Rows
) -> None:
    (minted,) = fetch(at=CLINIC)
    for _ in range(2):
        answer(client, minted.code)
    assert told(inbox) == {("S", ""): 1, ("O", "contested"): 1}
    assert {(row.counter_id, row.sector) for row in inbox()} == {(desk_of(store, CLINIC), "health")}


def test_a_counter_has_one_batch_a_day_and_what_is_beyond_its_stock_is_open(
    client: FlaskClient, fetch: Callable[..., list[Minted]], inbox: Rows
) -> None:
    stock = fetch(DEFERRALS_A_DAY)
    (beyond,) = fetch()
    assert len({minted.code[2:6] for minted in stock}) == 1
    assert beyond.over_quota
    answer(client, beyond.code)
    assert told(inbox) == {("O", "over_quota"): 1}


@pytest.mark.parametrize("count", [0, -1, DEFERRALS_A_DAY + 1])
def test_a_stock_has_its_bounds(fetch: Callable[..., list[Minted]], count: int) -> None:
    with pytest.raises(BadBatchError, match=rf"not {count}"):
        fetch(count)


def test_a_counter_that_is_not_there_gets_no_codes(app: Flask, store: Store) -> None:
    with store.write() as session, pytest.raises(UnknownCounterError):
        mint_deferrals(session, app.extensions["sipas"].keyring, counter_id=999, wave="demo-2026", count=1, now=terms.now())
