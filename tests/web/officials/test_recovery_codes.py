"""Recovery codes: ten, shown once, kept hashed, each good for one sign-in."""

from __future__ import annotations

import json
import re
from random import Random

from sqlalchemy import select

from sipas.store.audit import list_audits
from sipas.store.officials import RecoveryCode
from sipas.terms import now
from sipas.web.officials.accounts import reset_official
from tests.web.officials.browser import OWN, Browser
from tests.web.officials.conftest import Room

PAGE = "/officials/recovery-codes"
CODE = re.compile(r"<code>([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})</code>")


def make(room: Room, browser: Browser) -> list[str]:
    assert browser.get(PAGE).status_code == 200
    return CODE.findall(browser.post(PAGE).text)


def enter_with(room: Room, code: str, **fields: str) -> Browser:
    browser = room.browser()
    browser.sign_in("analyst@48", OWN)
    browser.post("/officials/recovery", code=code, **fields)
    return browser


def opens(browser: Browser) -> bool:
    return browser.get("/officials/units").status_code == 200


def audits(room: Room, action: str) -> list[dict[str, int]]:
    with room.house.store.read() as session:
        return [json.loads(row.details) for row in list_audits(session, action=action)]


def test_ten_codes_are_shown_once_and_each_signs_in_once(room: Room) -> None:
    inside = room.inside("analyst@48")
    codes = make(room, inside)
    assert len(set(codes)) == 10
    assert CODE.findall(inside.get(PAGE).text) == []
    assert opens(enter_with(room, codes[0]))
    assert not opens(enter_with(room, codes[0]))
    assert opens(enter_with(room, codes[1].replace("-", " ").upper()))
    assert audits(room, "recovery_made") == [{}]
    assert audits(room, "recovery_used") == [{"left": 9}, {"left": 8}]
    assert "còn 8 mã" in inside.get(PAGE).text


def test_no_code_is_kept_readable(room: Room) -> None:
    codes = make(room, room.inside("analyst@48"))
    with room.house.store.read() as session:
        kept = [row.hash for row in session.scalars(select(RecoveryCode))]
    assert len({len(one) for one in kept} | {32}) == 1
    assert not any(code.encode() in one or code.replace("-", "").encode() in one for code in codes for one in kept)


def test_new_codes_end_the_old(room_on_sqlite: Room) -> None:
    inside = room_on_sqlite.inside("analyst@48")
    old, new = make(room_on_sqlite, inside), make(room_on_sqlite, inside)
    assert not opens(enter_with(room_on_sqlite, old[0]))
    assert opens(enter_with(room_on_sqlite, new[0]))


def test_a_reset_ends_them_too(room_on_sqlite: Room) -> None:
    codes = make(room_on_sqlite, room_on_sqlite.inside("analyst@48"))
    house = room_on_sqlite.house
    printed = reset_official(house.store, account="analyst@48", keyring=house.keyring, rng=Random(9), now=now())
    browser = room_on_sqlite.browser()
    browser.sign_in("analyst@48", printed.password)
    assert browser.post("/officials/recovery", code=codes[0]).status_code == 401


def test_a_code_is_its_owners_alone(room_on_sqlite: Room) -> None:
    codes = make(room_on_sqlite, room_on_sqlite.inside("analyst@48"))
    room_on_sqlite.inside("admin@48")
    other = room_on_sqlite.browser()
    other.sign_in("admin@48", OWN)
    assert other.post("/officials/recovery", code=codes[0]).status_code == 401
    assert opens(enter_with(room_on_sqlite, codes[0]))


def test_a_recovery_code_without_the_password_opens_nothing(room_on_sqlite: Room) -> None:
    codes = make(room_on_sqlite, room_on_sqlite.inside("analyst@48"))
    stranger = room_on_sqlite.browser()
    assert stranger.get("/officials/recovery").location == "/officials/sign-in"
    assert stranger.post("/officials/recovery", form="/officials/sign-in", code=codes[0]).location == "/officials/sign-in"


def test_signed_in_with_one_no_data_and_no_new_codes_can_be_had(room_on_sqlite: Room) -> None:
    browser = enter_with(room_on_sqlite, make(room_on_sqlite, room_on_sqlite.inside("analyst@48"))[0])
    for address in (PAGE, "/officials/downloads/data/codebook/csv"):
        assert browser.get(address).location.startswith("/officials/confirm")
    browser.post("/officials/password", old=OWN, new=OWN + "x", again=OWN + "x")
    assert browser.get(PAGE).location.startswith("/officials/confirm")


def test_wrong_codes_wait_as_long_as_wrong_one_time_codes(room_on_sqlite: Room) -> None:
    room_on_sqlite.inside("analyst@48")
    browser = room_on_sqlite.browser()
    browser.sign_in("analyst@48", OWN)
    found = [browser.post("/officials/recovery", code="0000-0000-0000").status_code for _ in range(7)]
    assert found == [401] * 6 + [429]
    assert browser.code(room_on_sqlite.printed["analyst@48"]).status_code == 401


def test_those_without_a_second_factor_have_none(room_on_sqlite: Room) -> None:
    assert [room_on_sqlite.inside(account).get(PAGE).status_code for account in ("head@a", "official@a")] == [404, 404]


def test_it_leads_where_one_wanted_to_go_and_nowhere_else(room_on_sqlite: Room) -> None:
    codes = make(room_on_sqlite, room_on_sqlite.inside("analyst@48"))
    for code, wanted, to in zip(codes, ("/officials/units", "//evil.example"), ("/officials/units", "/officials/"), strict=False):
        browser = room_on_sqlite.browser()
        browser.sign_in("analyst@48", OWN)
        assert browser.post("/officials/recovery", code=code, next=wanted).location == to
