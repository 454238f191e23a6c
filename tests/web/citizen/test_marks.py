"""Answers without a code of their own are all taken; what their phone, browser and network tell is a word, and nothing else is kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from counters import LAND
from flask import Flask
from flask.testing import FlaskClient

from sipas.evidence import tickets, work
from sipas.store.engine import Store
from sipas.store.inbox import Inbox

FILLED = {"stage": "on_time", "respondent": "citizen", "HL": "5"}
PATH = f"/k/{LAND}"
Rows = Callable[[], list[Inbox]]


def opened(client: FlaskClient, address: str = "127.0.0.1") -> dict[str, str]:
    page = client.get(PATH, environ_base={"REMOTE_ADDR": address}).text
    return {"ticket": re.search(r'name="ticket"[^>]*value="([^"]+)"', page)[1], **FILLED}


def sent(client: FlaskClient, fields: dict[str, str], address: str = "127.0.0.1", **changed: str) -> None:
    answer = client.post(PATH, data={**fields, **changed}, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == 200
    assert "receipt-code" in answer.text


def reasons(rows: Rows) -> list[set[str]]:
    return [set(row.reasons.split()) & {"no_pow", "repeat_device", "burst_net"} for row in rows()]


def test_a_phone_that_did_its_work_leaves_no_mark(client: FlaskClient, inbox: Rows) -> None:
    fields = opened(client)
    sent(client, fields, work=work.solve(fields["ticket"], work.COST))
    assert reasons(inbox) == [set()]
    assert inbox()[0].channel == "O"


def test_without_script_the_form_works_and_says_so(client: FlaskClient, inbox: Rows) -> None:
    sent(client, opened(client))
    assert reasons(inbox) == [{"no_pow"}]


def test_no_renewed_replayed_cheap_or_bent_solution_is_believed(app: Flask, inbox: Rows) -> None:
    """A number chosen without work fits once in 256, so forty tickets of each kind may be lucky three times together, and no more."""
    keyring = app.extensions["sipas"].keyring
    one = opened(app.test_client())
    good, ticket = work.solve(one["ticket"], work.COST), tickets.read_ticket(keyring, one["ticket"])
    assert work.is_done(one["ticket"], good, work.COST)

    def believed(changes: list[dict[str, object]]) -> int:
        made = [replace(ticket, **change) for change in changes]
        return sum(work.is_done(tickets.issue(keyring, other), good, other.work) for other in made)

    assert believed([{"iid": tickets.new_iid()} for _ in range(40)]) <= 3  # replayed for another sheet
    assert believed([{"expires": ticket.expires + later} for later in range(1, 41)]) <= 3  # the ticket was renewed since
    assert believed([{"work": work.COST + more} for more in range(1, 41)]) <= 3  # solved at a lower cost than was asked
    assert not any(work.is_done(one["ticket"], bent, work.COST) for bent in ("", "9" * 30, "-1", "٣", "1e3", f" {good}", f"{good}.0"))
    sent(app.test_client(), one, work="0" * 8)
    assert reasons(inbox) == [{"no_pow"}]


def test_a_hundred_answers_of_one_browser_are_marked_and_the_browser_is_not(app: Flask, store: Store, inbox: Rows) -> None:
    client, stranger = app.test_client(), app.test_client()
    for _ in range(100):
        sent(client, opened(client))
    assert sum("repeat_device" in marks for marks in reasons(inbox)) == 99
    sent(stranger, opened(stranger))
    assert sum("repeat_device" in marks for marks in reasons(inbox)) == 99
    kept = {one.get_cookie("ks_seen").value for one in (client, stranger)}
    assert len(kept) == 1, "the cookie is the same for everybody"
    if store.is_sqlite:
        files = b"".join(path.read_bytes() for path in store.path.parent.glob(store.path.name + "*") if path.is_file())
        assert kept.pop().encode() not in files


def test_five_hundred_citizens_behind_one_address_are_all_taken(app: Flask, inbox: Rows) -> None:
    for number in range(500):
        client = app.test_client()
        fields = opened(client, f"203.0.113.{number % 250}")
        sent(client, fields, f"203.0.113.{number % 250}", HL=str(1 + number % 5))
    told = Counter("burst_net" in marks for marks in reasons(inbox))
    assert told == {False: 120, True: 380}
    assert {row.channel for row in inbox()} == {"O"}


def test_a_busy_network_is_asked_for_more_work_and_another_is_not(app: Flask) -> None:
    keyring = app.extensions["sipas"].keyring
    for _ in range(31):
        client = app.test_client()
        sent(client, opened(client, "203.0.113.9"), "203.0.113.9")
    costs = {
        address: tickets.read_ticket(keyring, opened(app.test_client(), address)["ticket"]).work
        for address in ("203.0.113.200", "198.51.100.7", "127.0.0.1", "2001:db8::1")
    }
    assert costs == {"203.0.113.200": 4_000, "198.51.100.7": 1_000, "127.0.0.1": 1_000, "2001:db8::1": 1_000}


def test_a_form_opened_before_the_upgrade_is_still_taken(client: FlaskClient, app: Flask, inbox: Rows) -> None:
    fields, keyring = opened(client), app.extensions["sipas"].keyring
    ticket = tickets.read_ticket(keyring, fields["ticket"])
    body = tickets.json.dumps([getattr(ticket, name) for name in tickets._NAMES][:-1], separators=(",", ":"), ensure_ascii=False).encode()
    old = "1." + tickets.base64.urlsafe_b64encode(body + tickets._mac(keyring, body)).decode().rstrip("=")
    sent(client, fields | {"ticket": old})
    assert reasons(inbox) == [set()]
