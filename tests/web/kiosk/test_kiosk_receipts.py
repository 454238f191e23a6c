"""The receipt that a kiosk shows without network is the one that ``/r`` knows, and nobody but its respondent has it."""

from __future__ import annotations

import secrets
from datetime import timedelta
from random import Random

import make_answers as make
import pytest
import time_machine
from kiosk_world import ENVELOPES, NOON, World, answer, filled

from sipas import sealing
from sipas.evidence.receipts import drawn_receipt, receipt_code


def test_a_receipt_that_was_drawn_without_network_is_known_once_its_answer_has_come(world: World, clock: time_machine.Coordinates) -> None:
    tablet, stub = world.tablet(), secrets.token_hex(16)
    envelope = answer(tablet, content=filled(tablet, stub=stub))
    receipt = drawn_receipt(envelope["iid"], stub)
    assert world.client.get(f"/r/{receipt}").status_code == 404
    assert [world.send(tablet, envelope), world.send(tablet, envelope)] == [["stored"], ["duplicate"]]
    assert "chờ chốt trong đêm nay" in world.client.get(f"/r/{receipt}").text
    sealing.seal(world.store, world.keyring, now=NOON + timedelta(hours=11), rng=Random(1))
    page = world.client.get(f"/R/{receipt}")
    assert page.status_code == 200
    assert "tuần 16–22/11/2026" in page.text
    assert world.client.get(f"/r/{receipt_code(world.keyring, envelope['iid'].replace('-', ''))}").status_code == 404


def test_the_tablet_never_hears_a_receipt(world: World) -> None:
    tablet, stub = world.tablet(), secrets.token_hex(16)
    sent = [answer(tablet), answer(tablet, content=filled(tablet, stub=stub))]
    for _ in range(2):
        acks = world.client.post(ENVELOPES, json={"envelopes": sent}).json["acks"]
        assert [ack["receipt"] for ack in acks] == ["", ""]


@pytest.mark.parametrize("stub", ["", "abc", "G" * 32, "A" * 32, "0" * 33, 7, None, ["0" * 32]])
def test_a_page_that_draws_no_sound_stub_loses_its_receipt_and_not_its_answer(world: World, stub: object) -> None:
    tablet = world.tablet()
    envelope = answer(tablet, content=filled(tablet, stub=stub))
    assert world.send(tablet, envelope) == ["stored"]
    assert make.scalar(world.store, "SELECT count(*) FROM inbox") == 1
    assert world.client.get(f"/r/{receipt_code(world.keyring, envelope['iid'].replace('-', ''))}").status_code == 200


def test_two_answers_with_one_stub_have_two_receipts() -> None:
    stub = secrets.token_hex(16)
    iids = ["c0ffee00-0000-4000-8000-000000000001", "c0ffee00-0000-4000-8000-000000000002"]
    assert len({drawn_receipt(iid, stub) for iid in iids} | {drawn_receipt(iids[0], secrets.token_hex(16))}) == 3


def test_a_receipt_is_the_ten_characters_that_the_page_describes() -> None:
    # printf 'KS1|receipt|c0ffee00-0000-4000-8000-000000000001|000102030405060708090a0b0c0d0e0f' | sha256sum, each byte modulo 32
    assert drawn_receipt("c0ffee00-0000-4000-8000-000000000001", "000102030405060708090a0b0c0d0e0f") == "9FBPPDWERK"
