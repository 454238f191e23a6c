"""A one-time code and a screen's code open the same form; what they prove is kept, and none of it is told to whoever looks."""

from __future__ import annotations

import re
import statistics
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from counters import LAND
from flask import Flask
from flask.testing import FlaskClient
from proofreading import proof_read
from sqlalchemy import select

from sipas import terms
from sipas.evidence import screen_codes, tokens
from sipas.store.engine import Store
from sipas.store.inbox import Inbox
from sipas.store.screens import Screen, add_screen
from sipas.store.tokens import TokenBatch, add_batch
from sipas.store.units import Counter as Desk
from sipas.store.units import CounterCode, Unit

FILLED = {"stage": "on_time", "respondent": "citizen", "HL": "5"}
Rows = Callable[[], list[Inbox]]


def batch_of(store: Store, **changed: object) -> str:
    day = terms.today()
    given: dict[str, object] = {
        "batch": "AB12", "kid": "7", "year": day.year, "kind": "invitation", "channel": "V", "wave": "demo-2026", "sector": "land",
        "not_before": day - timedelta(days=3), "not_after": day + timedelta(days=30), "quota": 100, **changed,
    }  # fmt: skip
    with store.write() as session:
        unit = session.scalars(select(Unit)).one()
        return add_batch(session, TokenBatch(unit_id=unit.id, **given)).batch


def minted(app: Flask, **given: object) -> str:
    return tokens.mint(app.extensions["sipas"].keyring, "7", "AB12", **given)


def answer(client: FlaskClient, path: str, **changed: str) -> str:
    page = proof_read(client.get(path).text)
    response = client.post(path, data={**page.fields(), **FILLED, **changed})
    assert response.status_code == 200, response.text[:500]
    return response.text


def told(rows: Rows) -> Counter[tuple[str, str]]:
    unusual = {"fast", "burst", "off_hours", "no_pow", "repeat_device"}
    return Counter((row.channel, " ".join(sorted({*row.reasons.split()} - unusual))) for row in rows())


def test_a_one_time_code_is_verified_once_and_contested_afterwards(app: Flask, client: FlaskClient, store: Store, inbox: Rows) -> None:
    batch_of(store)
    code = minted(app)
    first, second = (answer(client, f"/t/{code}", HL=level) for level in "51")
    receipts = [re.search(r'receipt-code">([^<]+)<', page)[1] for page in (first, second)]
    assert first.replace(receipts[0], "") == second.replace(receipts[1], "")  # nobody learns whether a code was used
    assert told(inbox) == {("V", ""): 1, ("O", "contested"): 1}
    assert code not in first
    row = inbox()[0]
    assert row.counter_id is None
    assert row.sector == "land"


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_spends_nothing(app: Flask, client: FlaskClient, store: Store, inbox: Rows, method: str) -> None:
    batch_of(store)
    code = minted(app)
    for purpose in ("prefetch", "preview", ""):
        for _ in range(17):
            assert getattr(client, method)(f"/T/{code}", headers={"Sec-Purpose": purpose}).status_code == 200
    assert client.get(f"/t/{code[:4]}-{code[4:].lower()}").status_code == 200
    answer(client, f"/t/{code}")
    assert told(inbox) == {("V", ""): 1}


def test_a_spent_code_looks_and_takes_like_a_fresh_one(app: Flask, client: FlaskClient, store: Store) -> None:
    batch_of(store)
    spent, fresh = minted(app), minted(app)
    answer(client, f"/t/{spent}")
    seconds: dict[str, list[float]] = {spent: [], fresh: []}
    pages: dict[str, set[str]] = {spent: set(), fresh: set()}
    for _ in range(200):
        for code, taken in seconds.items():
            began = time.perf_counter()
            response = client.get(f"/t/{code}")
            taken.append(time.perf_counter() - began)
            pages[code].add(str(response.status_code) + re.sub(r'<input[^>]*name="ticket"[^>]*>', "", response.text))
    assert pages[spent] == pages[fresh]
    assert len(pages[spent]) == 1
    assert abs(statistics.median(seconds[spent]) - statistics.median(seconds[fresh])) < 0.010


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"overflow_of": "ZZZZ"}, "over_quota"),
        ({"not_after": terms.today() - timedelta(days=1)}, "expired"),
        ({"revoked": True}, "revoked_code"),
    ],
)
def test_what_a_batch_cannot_prove_is_open_with_its_reason(
    app: Flask, client: FlaskClient, store: Store, inbox: Rows, changed: dict[str, object], reason: str
) -> None:
    batch_of(store, **changed)
    assert "work.js" not in client.get(f"/t/{minted(app)}").text  # the form tells nothing of what the code is still worth
    answer(client, f"/t/{minted(app)}")
    assert told(inbox) == {("O", reason): 1}


def test_a_code_of_a_dossier_that_is_still_worked_on_waits(app: Flask, client: FlaskClient, store: Store, inbox: Rows) -> None:
    batch_of(store, not_before=terms.today() + timedelta(days=2))
    response = client.get(f"/t/{minted(app)}")
    assert response.status_code == 409
    assert "Hồ sơ đang được giải quyết" in response.text
    assert inbox() == []


def test_slips_of_a_class_share_one_label_and_other_codes_have_their_own(
    app: Flask, client: FlaskClient, store: Store, inbox: Rows
) -> None:
    batch_of(store, kind="slip", quota=30, label="Lớp 5A")
    for _ in range(3):
        answer(client, f"/t/{minted(app)}")
    assert len({row.cluster for row in inbox()}) == 1
    assert {row.channel for row in inbox()} == {"V"}


def test_a_code_of_no_batch_and_a_bent_one_are_refused_alike(app: Flask, client: FlaskClient) -> None:
    code = minted(app)  # no batch AB12 here
    bent = code[:-1] + ("0" if code[-1] != "0" else "1")
    pages = [client.get(f"/t/{one}") for one in (code, bent, "1" * 28)]
    assert {page.status_code for page in pages} == {404}
    assert len({page.text for page in pages}) == 1


@pytest.fixture
def screen(app: Flask, store: Store) -> Callable[[int], str]:
    """The code that a screen shows so many seconds from now."""
    with store.write() as session:
        desk = session.scalars(select(Desk).join(CounterCode, CounterCode.counter_id == Desk.id).where(CounterCode.code == LAND)).one()
        add_screen(session, Screen(screen="SC01", counter_id=desk.id, turn=1))
    key = screen_codes.screen_key(app.extensions["sipas"].keyring, "SC01", 1)
    return lambda later: screen_codes.show(key, "SC01", screen_codes.step_at(terms.now().timestamp() + later))


@pytest.mark.parametrize(("later", "expected"), [(0, ("S", "")), (-60, ("S", "")), (-150, ("O", "stale_code")), (90, ("O", "stale_code"))])
def test_a_screens_code_is_on_site_while_it_was_to_be_seen(
    client: FlaskClient, inbox: Rows, screen: Callable[[int], str], later: int, expected: tuple[str, str]
) -> None:
    answer(client, f"/s/{screen(later)}")
    assert told(inbox) == {expected: 1}
    assert inbox()[0].counter_id is not None


def test_the_fourth_sheet_of_one_step_is_open(client: FlaskClient, inbox: Rows, screen: Callable[[int], str]) -> None:
    code = screen(0)
    for _ in range(4):
        answer(client, f"/S/{code}")
    assert told(inbox) == {("S", ""): 3, ("O", "over_step"): 1}
