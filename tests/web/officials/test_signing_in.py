"""Signing in: one-time passwords, codes, delays, and what a stranger is told."""

from __future__ import annotations

import re
from datetime import timedelta
from random import Random

import pytest
import time_machine
from sqlalchemy import select

from sipas.store.audit import list_audits
from sipas.store.officials import OfficialAccount, OfficialSession, SignInAttempt, delay, start_attempt
from sipas.terms import now
from sipas.web.officials.accounts import disable_official, reset_official
from sipas.web.officials.signin.secrets import current_code
from tests.web.officials.browser import OWN, Browser, token_of
from tests.web.officials.conftest import Room


def test_the_one_time_password_must_be_changed_before_anything_is_shown(room: Room) -> None:
    browser, printed = room.browser(), room.printed["head@a"]
    assert browser.sign_in(printed.account, printed.password).location == "/officials/"
    assert browser.get("/officials/units").location == "/officials/password"
    assert browser.post("/officials/password", old=printed.password, new=OWN, again=OWN).location == "/officials/"
    assert browser.get("/officials/signs").status_code == 200
    assert room.browser().sign_in(printed.account, printed.password).status_code == 401
    assert room.browser().sign_in(printed.account.upper(), OWN).status_code == 303


@pytest.mark.parametrize(
    ("new", "again"),
    [("ngắn", "ngắn"), (OWN, OWN + "x"), ("sipas sipas sipas", "sipas sipas sipas"), ("head rất dài dòng", "head rất dài dòng")],
)
def test_a_weak_or_mistyped_password_is_refused(room_on_sqlite: Room, new: str, again: str) -> None:
    browser, printed = room_on_sqlite.browser(), room_on_sqlite.printed["head@a"]
    browser.sign_in(printed.account, printed.password)
    answer = browser.post("/officials/password", old=printed.password, new=new, again=again)
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)


def test_an_analyst_needs_the_code_and_each_code_works_once(room: Room) -> None:
    printed = room.printed["analyst@48"]
    browser = room.browser()
    assert browser.sign_in(printed.account, printed.password).location.startswith("/officials/code")
    assert browser.get("/officials/").location.startswith("/officials/sign-in")
    assert browser.post("/officials/code", code="000000").status_code == 401
    assert browser.code(printed, steps=-2).status_code == 401
    assert browser.code(printed).location == "/officials/"
    thief = room.browser()
    thief.sign_in(printed.account, printed.password)
    assert thief.code(printed).status_code == 401


def test_a_plain_official_needs_no_code(room_on_sqlite: Room) -> None:
    assert room_on_sqlite.printed["official@a"].totp_secret is None
    assert room_on_sqlite.inside("official@a").get("/officials/signs").status_code == 200


def test_strangers_learn_nothing_from_the_answer(room_on_sqlite: Room) -> None:
    known = room_on_sqlite.browser().sign_in("head@a", "wrong").text
    unknown = room_on_sqlite.browser().sign_in("nobo@a", "wrong").text
    assert without_token(known).replace("head@a", "nobo@a") == without_token(unknown)


def test_five_failures_are_free_then_each_doubles_the_wait(room: Room) -> None:
    printed, browser = room.printed["head@a"], room.browser()
    with time_machine.travel(now(), tick=False) as clock:
        assert [browser.sign_in("head@a", "wrong").status_code for _ in range(6)] == [401] * 6
        assert browser.sign_in("head@a", printed.password).status_code == 429
        clock.shift(timedelta(seconds=3))
        assert browser.sign_in("head@a", printed.password).status_code == 303
    assert [delay(n) for n in (5, 6, 7, 14, 15, 40)] == [0, 2, 4, 512, 900, 900]


def test_a_thousand_guesses_in_a_quarter_of_an_hour_are_looked_at_less_than_forty_times(room_on_sqlite: Room) -> None:
    looked_at = 0
    key = b"x" * 32
    with room_on_sqlite.house.store.write() as session:
        for moment in range(0, 900_000, 900):
            if start_attempt(session, key, now=moment // 1000) == 0:
                looked_at += 1
    assert looked_at <= 40


def test_delays_for_unknown_names_are_the_same_and_name_nobody(room: Room) -> None:
    browser = room.browser()
    with time_machine.travel(now(), tick=False):
        for _ in range(6):
            browser.sign_in("khong-co-ai", "wrong")
        assert browser.sign_in("khong-co-ai", "wrong").status_code == 429
    with room.house.store.read() as session:
        rows = session.scalars(select(SignInAttempt)).all()
    assert all(b"khong" not in row.account_h for row in rows)


def test_the_session_table_holds_no_usable_id(room: Room) -> None:
    browser = room.inside("head@a")
    with room.house.store.read() as session:
        rows = session.scalars(select(OfficialSession)).all()
    cookie = browser.cookies()["sipas-session"]
    assert all(cookie.encode() not in row.hash and cookie not in row.content for row in rows)
    assert "_id" not in "".join(row.content for row in rows).replace("_user_id", "")


def test_the_id_changes_at_sign_in_and_dies_at_sign_out(room: Room) -> None:
    printed, browser = room.printed["analyst@48"], room.browser()
    browser.sign_in(printed.account, printed.password)
    pending = browser.cookies()["sipas-session"]
    browser.code(printed)
    signed_in = browser.cookies()["sipas-session"]
    assert pending != signed_in
    browser.post("/officials/password", old=printed.password, new=OWN, again=OWN)
    own = browser.cookies()["sipas-session"]
    answer = browser.post("/officials/sign-out", form="/officials/password")
    assert answer.status_code == 303
    assert "Clear-Site-Data" in answer.headers
    for old in (pending, signed_in, own):
        assert opens(room, old) is False


@pytest.mark.parametrize(
    ("account", "minutes", "alive"), [("head@a", 14, True), ("head@a", 16, False), ("admin@48", 4, True), ("admin@48", 6, False)]
)
def test_an_idle_session_ends(room_on_sqlite: Room, account: str, minutes: int, *, alive: bool) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        browser = room_on_sqlite.inside(account)
        clock.shift(timedelta(minutes=minutes))
        assert (browser.get("/officials/password").status_code == 200) is alive


def test_no_session_outlives_eight_hours(room_on_sqlite: Room) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        browser = room_on_sqlite.inside("head@a")
        for _ in range(47):
            clock.shift(timedelta(minutes=10))
            assert browser.get("/officials/password").status_code == 200
        clock.shift(timedelta(minutes=11))
        assert browser.get("/officials/password").status_code == 303


def test_a_disabled_account_is_out_at_once_and_stays_out(room: Room) -> None:
    browser = room.inside("head@a")
    disable_official(room.house.store, account="head@a", now=now())
    assert browser.get("/officials/").status_code == 303
    assert room.browser().sign_in("head@a", OWN).status_code == 401


def test_a_reset_ends_sessions_and_gives_a_new_code_secret(room: Room) -> None:
    browser, old = room.inside("analyst@48"), room.printed["analyst@48"]
    fresh = reset_official(room.house.store, account="analyst@48", keyring=room.house.keyring, rng=Random(9), now=now())
    assert browser.get("/officials/").status_code == 303
    assert (fresh.password != old.password, fresh.totp_secret != old.totp_secret) == (True, True)
    again = room.browser()
    again.sign_in("analyst@48", fresh.password)
    assert again.code(fresh).status_code == 303


def test_an_account_idle_for_45_days_is_disabled(room_on_sqlite: Room) -> None:
    room_on_sqlite.inside("head@a")
    with time_machine.travel(now() + timedelta(days=46), tick=False):
        assert room_on_sqlite.browser().sign_in("head@a", OWN).status_code == 401
    with room_on_sqlite.house.store.read() as session:
        assert session.scalars(select(OfficialAccount.active).where(OfficialAccount.account == "head@a")).one() is False


def test_what_is_kept_of_secrets_is_argon2id_and_ciphertext(room: Room) -> None:
    with room.house.store.read() as session:
        row = session.scalars(select(OfficialAccount).where(OfficialAccount.account == "analyst@48")).one()
        audits = list_audits(session)
    found = re.fullmatch(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$.+", row.password)
    assert found and int(found[1]) >= 19456
    printed = room.printed["analyst@48"]
    assert printed.totp_secret and printed.totp_secret not in row.totp_secret
    assert printed.password not in str([(audit.details, audit.official) for audit in audits])


def test_looking_at_the_sign_in_page_writes_nothing(room: Room) -> None:
    before = written(room)
    room.browser().get("/officials/sign-in")
    assert written(room) == before


def test_a_code_of_another_moment_can_be_told_from_the_secret(room_on_sqlite: Room) -> None:
    secret = room_on_sqlite.printed["analyst@48"].totp_secret
    assert secret and re.fullmatch(r"\d{6}", current_code(secret, now()))


def opens(room: Room, cookie: str) -> bool:
    client = room.app.test_client()
    client.set_cookie("sipas-session", cookie)
    return client.get("/officials/password").status_code == 200


def written(room: Room) -> int:
    with room.house.store.read() as session:
        return len(session.scalars(select(OfficialSession)).all())


def without_token(page: str) -> str:
    return page.replace(token_of(page), "")


def test_browser_takes_the_token_of_the_page(room_on_sqlite: Room) -> None:
    assert isinstance(room_on_sqlite.browser(), Browser)
