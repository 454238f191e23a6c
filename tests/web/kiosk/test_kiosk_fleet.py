"""Kiosks behind a bad network lose nothing and double nothing, even when the server is killed; and the checker sees a build that does.

The full numbers (5 × 1,000 answers, ten kills) run in tests/benchmarks/kiosks.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from kiosk_fleet import Member, Outcome, Post, check, drain_all, furnish, load, run
from kiosk_world import ENVELOPES
from sqlalchemy.orm import Session

from sipas.app import create_app
from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import Shelf
from sipas.settings import read_settings
from sipas.store.engine import Store
from sipas.web.house import House

KIOSKS, ANSWERS = 5, 40


class ForgetfulStore(Store):
    """The broken build: every third write is acknowledged and thrown away."""

    turn = 0

    @contextmanager
    def write(self) -> Iterator[Session]:
        with super().write() as session:
            yield session
            ForgetfulStore.turn += 1
            if ForgetfulStore.turn % 3 == 0:
                session.flush()
                session.connection().exec_driver_sql("ROLLBACK")
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")


def sent_through(folder: Path, shelf: Shelf, store_class: type[Store]) -> Post:
    store, keyring = store_class(f"sqlite:///{folder}/fleet.sqlite"), Keyring.open(folder / "keys")
    app = create_app(House(read_settings({"SIPAS_DEMO": "1"}), store, keyring, shelf))

    def post(body: bytes) -> tuple[int, bytes]:
        reply = app.test_client().post(ENVELOPES, data=body)
        return reply.status_code, reply.data

    return post


def story(folder: Path, shelf: Shelf, *, store_class: type[Store] = Store, trusting: bool = False) -> tuple[list[Member], Outcome]:
    members = furnish(folder, KIOSKS)
    load(members, ANSWERS, Random(3))
    for member in members:
        member.trusting = trusting
    drain_all(members, sent_through(folder, shelf, store_class), 3, portal=0.5 if trusting else 0.1)
    return members, check(folder, members)


def assert_whole(members: list[Member], outcome: Outcome) -> None:
    assert (outcome.counted, outcome.quarantined) == (KIOSKS * ANSWERS, KIOSKS)
    assert (outcome.lost, outcome.unexpected, outcome.unsigned) == (0, 0, 0)
    assert outcome.gaps == {member.tablet.code: member.dropped for member in members}
    assert [member.queue for member in members] == [[]] * KIOSKS
    assert [len(member.held) for member in members] == [1] * KIOSKS


def test_a_fleet_arrives_once_through_portals_and_lost_replies(tmp_path: Path, shelf: Shelf) -> None:
    assert_whole(*story(tmp_path, shelf))


def test_a_fleet_arrives_once_though_the_server_is_killed(tmp_path: Path) -> None:
    members, outcome, how = run(tmp_path, kiosks=KIOSKS, answers=ANSWERS, kills=2, seed=5)
    assert how["kills"] >= 1
    assert_whole(members, outcome)


def test_the_checker_sees_a_kiosk_that_believes_a_portal(tmp_path: Path, shelf: Shelf) -> None:
    _, outcome = story(tmp_path, shelf, trusting=True)
    assert outcome.unsigned > 0
    assert outcome.lost > 0


def test_the_checker_sees_a_server_that_acknowledges_before_it_has_stored(tmp_path: Path, shelf: Shelf) -> None:
    _, outcome = story(tmp_path, shelf, store_class=ForgetfulStore)
    assert outcome.lost > 0


@pytest.mark.parametrize("seed", [1, 2])
def test_every_tenth_answer_is_sent_twice_and_one_with_other_content(tmp_path: Path, seed: int) -> None:
    members = furnish(tmp_path, 1)
    load(members, 30, Random(seed))
    assert len(members[0].queue) == 30 + 3 + 1
    assert len({one["iid"] for one in members[0].queue}) == 30
