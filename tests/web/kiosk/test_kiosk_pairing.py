"""A tablet becomes a kiosk by a code that works once, for ten minutes, and only for who holds the key."""

from __future__ import annotations

from datetime import timedelta

import make_answers as make
import pytest
import time_machine
from kiosk_client import Tablet
from kiosk_world import NOON, PAIR, World, pair_request

from sipas.evidence.curves import to_text
from sipas.store.kiosks import get_kiosk
from sipas.web.enrolment import KioskStateError, new_kiosk_code
from sipas.web.kiosk.pairing import MOST_WRONG


def blank() -> Tablet:
    return Tablet("", b"", b"")


def status(world: World, tablet: Tablet, code: str) -> int:
    return world.client.post(PAIR, json=pair_request(tablet, code)).status_code


def test_a_code_pairs_one_tablet_once(world: World) -> None:
    kiosk, code = world.enrol()
    first, second = blank(), blank()
    assert [status(world, first, code), status(world, second, code), status(world, first, code)] == [201, 403, 403]
    with world.store.read() as session:
        assert get_kiosk(session, kiosk).public_key == first.point


@pytest.mark.parametrize(("minutes", "expected"), [(0, 201), (10, 201), (11, 403), (24 * 60, 403)])
def test_a_code_lives_ten_minutes(world: World, clock: time_machine.Coordinates, minutes: int, expected: int) -> None:
    _, code = world.enrol()
    clock.shift(timedelta(minutes=minutes))
    assert status(world, blank(), code) == expected


def test_a_code_may_be_typed_in_any_way(world: World) -> None:
    kiosk, code = world.enrol(seed=5)
    assert status(world, blank(), f" {code[:4].lower()}-{code[4:].lower()} ".replace("0", "O").replace("1", "l")) == 201
    assert kiosk != code


def test_neither_code_nor_its_plain_hash_is_kept(world: World) -> None:
    kiosk, code = world.enrol()
    kept = str(make.rows(world.store, "SELECT * FROM kiosk_pairing"))
    assert code not in kept
    assert kiosk in kept


def test_a_tablet_must_hold_the_key_that_it_shows(world: World) -> None:
    _, code = world.enrol()
    good, other = pair_request(blank(), code), pair_request(blank(), code)
    bad = [good | {"sig": other["sig"]}, good | {"key": other["key"]}, good | {"key": "AAAA"}, good | {"key": to_text(b"\4" + b"\1" * 64)}]
    for sent in [*bad, {}, {"code": 5, "key": None, "sig": []}, good | {"code": "é" * 8}]:
        assert world.client.post(PAIR, json=sent).status_code == 403
    assert world.client.post(PAIR, json=good).status_code == 201


def test_too_many_wrong_codes_stop_all_for_ten_minutes(world: World, clock: time_machine.Coordinates) -> None:
    _, code = world.enrol(now=NOON + timedelta(minutes=10))
    tablet = blank()
    assert {status(world, tablet, f"{n:08d}") for n in range(MOST_WRONG)} == {403}
    assert status(world, tablet, code) == 429
    clock.shift(timedelta(minutes=10))
    assert status(world, tablet, code) == 201


def test_a_kiosk_with_a_tablet_gets_no_second_one(world: World) -> None:
    kiosk, code = world.enrol()
    assert status(world, blank(), code) == 201
    with pytest.raises(KioskStateError, match="revoke it and add a new one"), world.store.write() as session:
        new_kiosk_code(session, world.keyring, get_kiosk(session, kiosk), rng=None, now=NOON)


def test_a_new_code_makes_the_old_one_worthless(world: World) -> None:
    from random import Random

    kiosk, old = world.enrol()
    with world.store.write() as session:
        new = new_kiosk_code(session, world.keyring, get_kiosk(session, kiosk), rng=Random(4), now=NOON)
    assert [status(world, blank(), old), status(world, blank(), new)] == [403, 201]
