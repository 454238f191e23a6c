"""Whoever would rather answer at home finds a way from every door, and no way gives more evidence than there was."""

from __future__ import annotations

import re
from collections.abc import Callable

from counters import LAND
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from test_one_time_codes import answer, batch_of, minted, told
from test_one_time_codes import screen as screen  # noqa: PLC0414 -- a fixture

from sipas.store.engine import Store
from sipas.store.inbox import Inbox

Rows = Callable[[], list[Inbox]]


def later(client: FlaskClient, path: str) -> str:
    """The address that the page names."""
    ticket = re.search(r'name="ticket"[^>]*value="([^"]+)"', client.get(path).text)[1]
    page = client.post("/later", data={"ticket": ticket, "HL": "1", "stage": "on_time"})
    assert page.status_code == 200
    return re.search(r'href="https?://[^/]+(/[kt]/\w+)"', page.text)[1]


def test_a_screens_guest_takes_a_code_home_and_it_counts_once_as_on_site(
    client: FlaskClient, inbox: Rows, screen: Callable[[int], str]
) -> None:
    code = screen(0)
    home = later(client, f"/s/{code}")
    assert home.startswith("/t/")
    assert inbox() == []
    answer(client, home)
    answer(client, home, HL="2")
    assert told(inbox) == {("S", ""): 1, ("O", "contested"): 1}


def test_no_more_codes_go_home_than_answers_could_have_been_given(client: FlaskClient, inbox: Rows, screen: Callable[[int], str]) -> None:
    code = screen(0)
    ways = [later(client, f"/s/{code}") for _ in range(4)]
    assert [way[:3] for way in ways] == ["/t/", "/t/", "/t/", "/k/"]
    answer(client, f"/s/{code}")
    assert told(inbox) == {("O", "over_step"): 1}


def test_a_printed_and_a_one_time_code_stay_as_they_are(app: Flask, client: FlaskClient, store: Store, inbox: Rows) -> None:
    assert later(client, f"/k/{LAND}") == f"/k/{LAND}"
    batch_of(store)
    code = minted(app)
    assert later(client, f"/t/{code}") == f"/t/{code}"
    answer(client, f"/t/{code}")
    assert told(inbox) == {("V", ""): 1}
    with store.read() as session:
        assert len(session.scalars(select(Inbox)).all()) == 1


def test_without_a_form_there_is_nothing_to_take_home(client: FlaskClient) -> None:
    assert client.post("/later", data={"ticket": "x"}).status_code == 400
    assert client.get("/later").status_code == 405
