"""Keyers at work: they read the page, type numbers and press the button, hidden fields included."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from sqlalchemy import select
from werkzeug.test import TestResponse

from sipas.imports.paper import Wanted, add_batch
from sipas.store.inbox import Inbox
from sipas.store.paper import PaperBatch, get_paper_batch
from sipas.store.units import get_unit
from sipas.terms import today
from tests.web.officials.browser import Browser, token_of
from tests.web.officials.conftest import Room

HIDDEN = re.compile(r'<input type="hidden" name="(round|entry|version)" value="([^"]*)">')
ANSWERS = {"stage": "1", "respondent": "1", "TC1": "4", "TT2": "5", "CC1": "4", "KQ1": "3", "PA2": "0", "HL": "4"}


@dataclass(frozen=True)
class Batch:
    """One batch of paper in a room, and the two who type it."""

    room: Room
    number: int
    unit: int

    @property
    def address(self) -> str:
        return f"/officials/units/{self.unit}/paper/{self.number}"

    @property
    def first(self) -> Browser:
        return self.room.inside("keyer@48")

    @property
    def second(self) -> Browser:
        return self.room.inside("second@48")

    def keep(self, browser: Browser, sheet: int, /, *, again: bool = False, **fields: str) -> TestResponse:
        """Type one sheet; ``again`` opens what was typed of it before."""
        page = browser.get(f"{self.address}?sheet={sheet}" if again else self.address)
        typed = {f"q_{code}": key for code, key in ANSWERS.items()} | dict(HIDDEN.findall(page.text))
        sent = typed | {"csrf_token": token_of(page.text), "do": "keep", "sheet": str(sheet)} | fields
        return browser.client.post(self.address, data={name: value for name, value in sent.items() if value})

    def act(self, browser: Browser, do: str, **fields: str) -> TestResponse:
        return browser.post(self.address, do=do, **fields)

    def row(self) -> PaperBatch:
        with self.room.house.store.read() as session:
            return get_paper_batch(session, self.number)

    def picked(self) -> list[int]:
        """The sheets that the second keyer is asked for."""
        said = re.search(r"phiếu số: ([\d, ]+)\.", self.second.get(self.address).text)
        return [int(number) for number in said[1].split(", ")] if said else []

    def inbox(self) -> list[Inbox]:
        with self.room.house.store.read() as session:
            return list(session.scalars(select(Inbox)))


def batch_of(room: Room, *, unit: str = "A", declared: int | None = 12, **wanted: str) -> Batch:
    """A batch of short land forms of a unit."""
    house = room.house
    with house.store.write() as session:
        made = add_batch(
            session, house.shelf, get_unit(session, room.units[unit]), None,
            Wanted("land", **{"length": "short"} | wanted, declared=declared),
            day=today(), demonstration=True, rng=Random(declared),
        )  # fmt: skip
        return Batch(room, made.id, made.unit_id)
