"""Kiosks and screens for the province: gaps and clocks are seen, pairing and ending are written down, and no answer shows through."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select

from sipas.store.audit import Audit
from sipas.store.kiosks import add_kiosk, get_kiosk, get_ledger, list_standings, put_gaps, take_pairing
from sipas.store.screens import Screen, add_screen, get_screen
from sipas.store.units import list_counters
from sipas.terms import Role, now, today
from sipas.web.enrolment import kiosk_code_hash, screen_code_hash
from sipas.web.officials.accounts import add_official
from tests.web.officials.browser import Browser, token_of
from tests.web.officials.conftest import Room
from tests.web.proof_read import proof_read

KIOSK, SCREEN, PAGE = "KKKKKKKK", "SSSS", "/officials/devices"
REASON = "Máy bị mất ngày hôm qua"


@pytest.fixture
def tended(room: Room) -> Room:
    """A paired kiosk with gaps and a paired screen at unit A; both are healthy but for the gaps."""
    with room.house.store.write() as session:
        counter = list_counters(session, room.units["A"])[0].id
        kiosk = add_kiosk(session, code=KIOSK, counter_id=counter, length="full", comments=True)
        kiosk.public_key, kiosk.enrolled = b"\4" + b"\1" * 64, today() - timedelta(days=9)
        ledger = get_ledger(session, KIOSK)
        ledger.highest, ledger.seen, ledger.pending = 4321, today(), 3
        put_gaps(ledger, [(17, 17, today() - timedelta(days=5)), (40, 43, today())])
        add_screen(session, Screen(screen=SCREEN, counter_id=counter, turn=2, ahead=12, paired=today() - timedelta(days=30), heard=today()))
    return room


def address(room: Room, noun: str, unit: str = "A") -> str:
    return f"/officials/units/{room.units[unit]}/{noun}s/{KIOSK if noun == 'kiosk' else SCREEN}"


def act(room: Room, noun: str, do: str, reason: str = "", **fields: str) -> tuple[int, str]:
    """Press a button on a device's own page."""
    browser, place = room.inside("admin@48"), address(room, noun)
    page = browser.get(place).text
    state = re.search(r'name="state" value="(\w+)"', page)
    sent = {"csrf_token": token_of(page), "state": state[1] if state else "", "do": do, "reason": reason, **fields}
    answer = browser.client.post(place, data=sent)
    return answer.status_code, answer.text


def written(room: Room) -> Iterator[tuple[str, str, dict[str, str]]]:
    with room.house.store.read() as session:
        for audit in session.scalars(select(Audit).order_by(Audit.id)):
            if audit.action.startswith(("kiosk_", "screen_")):
                yield audit.action, audit.official, json.loads(audit.details)


def test_the_province_sees_what_is_missing_and_no_count_of_answers(tended: Room) -> None:
    page = tended.inside("admin@48").get(PAGE)
    proof_read(page.text)
    for said in (KIOSK, SCREEN, "Trung tâm Điện Bàn, Quầy số 1", "số 17, 40–43", "Thiếu 1 phiếu đã quá 72 giờ: số 17.", "30 ngày"):
        assert said in page.text, said
    assert "1 máy, trong đó 1 máy cần xem." in page.text
    assert "4.321" not in page.text
    assert "4.316" not in page.text
    one = tended.inside("admin@48").get(address(tended, "kiosk"))
    proof_read(one.text)
    assert "4.32" not in one.text
    assert "Máy báo còn 3 phiếu chờ gửi" in one.text
    assert not re.search(r"\d\d:\d\d", page.text + one.text)  # days alone, never a moment


def test_a_clock_that_is_wrong_is_said_with_its_cure(tended: Room) -> None:
    page = tended.inside("admin@48").get(address(tended, "screen"))
    proof_read(page.text)
    assert "Nhanh 12 giây" in page.text
    for ahead, said in ((-720, "Chậm 12 phút"), (2**31 - 1, "Nhanh hơn một giờ"), (3, "Đúng giờ")):
        with tended.house.store.write() as session:
            get_screen(session, SCREEN).ahead = ahead
        page = tended.inside("admin@48").get(address(tended, "screen"))
        assert said in page.text
        assert ("Cần chỉnh lại giờ" in page.text) is (abs(ahead) > 300)


def test_a_screen_gets_another_code_that_pairs_once(tended: Room) -> None:
    status, page = act(tended, "screen", "pair")
    assert status == 200
    proof_read(page)
    assert "Chưa có thiết bị nào hiện mã" not in page
    code = re.search(r'class="pairing">(\w{5})-(\w{5})<', page)
    assert code
    with tended.house.store.read() as session:
        assert get_screen(session, SCREEN).pairing_h == screen_code_hash(tended.house.keyring, code[1] + code[2])
    assert code[1] not in tended.inside("admin@48").get(address(tended, "screen")).text
    assert list(written(tended)) == [("screen_code", "admin@48", {"screen": SCREEN})]


def test_a_lost_tablet_is_replaced_at_its_counter_and_counts_no_more(tended: Room) -> None:
    status, page = act(tended, "kiosk", "replace", REASON)
    assert status == 200
    new, code = re.search(r"<h1>Máy (\w{8})</h1>", page), re.search(r'class="pairing">(\w{4})-(\w{4})<', page)
    assert new and code and new[1] != KIOSK
    with tended.house.store.write() as session:
        old, made = get_kiosk(session, KIOSK), get_kiosk(session, new[1])
        assert (old.revoked, made.public_key) == (today(), None)
        assert (made.counter_id, made.length, made.comments) == (old.counter_id, "full", True)
        assert take_pairing(session, kiosk_code_hash(tended.house.keyring, code[1] + code[2]), now=now()) == made.code
    assert list(written(tended)) == [
        ("kiosk_revoke", "admin@48", {"kiosk": KIOSK, "reason": REASON}),
        ("kiosk_add", "admin@48", {"kiosk": new[1], "instead_of": KIOSK, "reason": REASON}),
    ]
    assert "Chưa có máy nào nhận mã này" in page
    history = tended.inside("admin@48").get(address(tended, "kiosk")).text
    assert "Thu hồi – admin@48" in history
    assert REASON in history
    assert act(tended, "kiosk", "replace", REASON, state="paired")[0] == 409  # the same button once more makes no second kiosk


@pytest.mark.parametrize("noun", ["kiosk", "screen"])
def test_ending_wants_a_reason_and_happens_once(tended: Room, noun: str) -> None:
    for reason in ("", "ngắn", "x" * 2001):
        status, page = act(tended, noun, "revoke", reason)
        assert (status, "Mời Ông/Bà ghi lý do" in page) == (422, True)
    assert list(written(tended)) == []
    assert act(tended, noun, "revoke", REASON)[0] == 303
    page = tended.inside("admin@48").get(address(tended, noun)).text
    assert "Đã thu hồi" in page
    assert 'name="do"' not in page
    assert act(tended, noun, "revoke", REASON)[0] == 409
    assert len(list(written(tended))) == 1


def test_what_changed_meanwhile_is_shown_first(tended: Room) -> None:
    for noun, state in (("kiosk", "new"), ("screen", "paired1")):
        status, page = act(tended, noun, "revoke", REASON, state=state)
        assert (status, "Tình trạng vừa thay đổi" in page) == (409, True)
    assert act(tended, "kiosk", "pair")[0] == 409  # it has had its tablet
    for noun in ("kiosk", "screen"):
        assert act(tended, noun, "erase", REASON)[0] == 400
    assert list(written(tended)) == []


def test_only_an_administrator_of_the_province_finds_these_pages(tended: Room) -> None:
    room = tended
    made = add_official(
        room.house.store, account="admin@a", name="Cán bộ", role=Role.ADMINISTRATOR, unit_id=room.units["A"],
        keyring=room.house.keyring, rng=Random(99), now=now(),
    )  # fmt: skip
    own = Browser(room.app)
    own.enter(made)
    for browser in (own, *(room.inside(account) for account in ("head@48", "head@a", "official@a", "analyst@48", "keyer@48"))):
        for place in (PAGE, address(room, "kiosk"), address(room, "screen")):
            assert browser.get(place).status_code == 404
        token = token_of(browser.get("/officials/password").text)
        sent = {"csrf_token": token, "do": "revoke", "state": "paired", "reason": REASON}
        assert browser.client.post(address(room, "kiosk"), data=sent).status_code == 404
    assert PAGE not in own.get("/officials/signs").text
    assert PAGE in room.inside("admin@48").get("/officials/signs").text
    for noun in ("kiosk", "screen"):  # a device of another unit than the address says
        assert room.inside("admin@48").get(address(room, noun, "B")).status_code == 404
    assert list(written(room)) == []


def test_without_devices_the_page_says_how_to_add_one(room: Room) -> None:
    page = room.inside("admin@48").get(PAGE)
    proof_read(page.text)
    assert "sipas kiosks add" in page.text
    assert "sipas screens add" in page.text
    with room.house.store.read() as session:
        assert list_standings(session) == []
    english = room.inside("admin@48").get(f"{PAGE}?lang=en").text
    assert "There is no kiosk yet" in english
