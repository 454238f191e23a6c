"""Pages of results, from sealed answers to the words an official reads; and what may be taken away."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from sipas.store.audit import list_audits
from sipas.terms import now
from sipas.web import pictures
from sipas.web.officials.signin.secrets import current_code
from tests.web.officials.browser import OWN
from tests.web.officials.conftest import Room, furnish
from tests.web.proof_read import proof_read

PAGES = ("/officials/", "/officials/units", "/officials/downloads", "/officials/signs", "/officials/password")
PERIOD = "2026-ytd-11"


def test_every_page_is_proof_read_in_both_languages(told: Room) -> None:
    browser = told.inside("head@48")
    for address in (*PAGES, f"/officials/units/{told.units['A']}"):
        for language in ("vi", "en"):
            answer = browser.get(f"{address}?lang={language}")
            assert answer.status_code == 200, address
            assert proof_read(answer.text).all("html")[0]["lang"] == language
    assert proof_read(browser.get("/officials/").text).all("html")[0]["lang"] == "en"  # kept with the session
    browser.get("/officials/?lang=vi")


def test_the_first_page_says_share_interval_n_target_verdict_and_change(told: Room) -> None:
    page = told.inside("official@a").get("/officials/").text
    assert "Số liệu tính đến lần chốt gồm tuần 16–22/11/2026." in page
    assert "Không phải Chỉ số SIPAS do Bộ Nội vụ công bố." in page
    assert page.count("khoảng 95 trong 100 khoảng tính được sẽ chứa tỷ lệ thực") == 1
    assert re.search(r"\d+(,\d)?%, (cao|thấp) hơn chỉ tiêu \d+(,\d)? điểm phần trăm", page)
    assert re.search(r"≥ \d\d%", page)
    assert "lũy kế từ đầu năm đến hết tháng 11/2026" in page


def test_the_picture_stands_beside_its_table_with_words_of_its_own(told: Room) -> None:
    page = proof_read(told.inside("head@48").get("/officials/").text)
    images = page.all("img")
    assert len(images) == 1
    assert (images[0]["src"] or "").startswith("data:image/svg+xml;base64,")


def test_a_picture_is_kept_with_the_run_and_shown_from_there(told: Room) -> None:
    browser = told.inside("head@48")
    browser.get("/officials/")
    kept = "data:image/svg+xml;base64,S0VQVA=="
    with told.house.store.write() as session:
        named = session.execute(text("UPDATE run_paper SET content = :kept WHERE name LIKE 'picture/vi/%'"), {"kept": kept.encode()})
        assert named.rowcount >= 2  # the wide one and the narrow one
    pictures._kept.cache_clear()  # another process, as it were
    assert kept in browser.get("/officials/").text
    with told.house.store.write() as session:
        session.execute(text("DELETE FROM run_paper WHERE name LIKE 'picture/%'"))
    pictures._kept.cache_clear()
    assert kept not in browser.get("/officials/").text


@pytest.mark.parametrize("period", ["2026-11", "2026-Q4", "2025"])
@pytest.mark.parametrize("channels", ["headline", "V", "O"])
def test_period_and_channel_are_chosen_in_the_address(told: Room, period: str, channels: str) -> None:
    answer = told.inside("head@48").get(f"/officials/?period={period}&channels={channels}")
    assert answer.status_code == 200
    assert f'<option value="{period}" selected>' in answer.text


@pytest.mark.parametrize("query", ["period=2031-01", "channels=X", "wave=nam-2026", "period=2026-11'--", "wave=nope"])
def test_what_nobody_offered_is_not_found(told: Room, query: str) -> None:
    assert told.inside("head@48").get(f"/officials/?{query}").status_code == 404


def test_a_small_group_tells_no_count(told: Room) -> None:
    page = told.inside("head@48").get("/officials/?period=2026-11").text
    for n in re.findall(r"(\d+) phiếu<", page):
        assert int(n) >= 10


def test_the_unit_page_shows_both_weightings_and_counters_only_to_the_head(told: Room) -> None:
    address = f"/officials/units/{told.units['A']}?period={PERIOD}"
    head, plain = (told.inside(account).get(address).text for account in ("head@a", "official@a"))
    assert "Có quyền số" in head
    assert "Không quyền số" in head
    assert "Độ bao phủ" in head
    assert ("Số phiếu theo quầy" in head, "Số phiếu theo quầy" in plain) == (True, False)


def test_units_stand_by_name_and_only_those_of_the_branch(told: Room) -> None:
    everywhere = told.inside("head@48").get("/officials/units").text
    inside = told.inside("head@a").get("/officials/units").text
    names = re.findall(r"/officials/units/\d+[^>]*>([^<]+)</a></th>", everywhere)
    assert names == sorted(names)
    assert set(re.findall(r"/officials/units/(\d+)\?", inside)) <= {str(told.units["A"])}


@pytest.mark.parametrize("kind", ["csv", "csv-excel", "json"])
def test_a_scorecard_leaves_with_one_audit_row(told: Room, kind: str) -> None:
    answer = told.inside("official@a").get(f"/officials/downloads/scorecard/{kind}?period={PERIOD}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    if kind == "json":
        json.loads(answer.text)
    with told.house.store.read() as session:
        rows = [row for row in list_audits(session, action="took_scorecard") if json.loads(row.details)["format"] == kind]
    assert [row.official for row in rows] == ["official@a"]
    assert re.fullmatch("[0-9a-f]{64}", json.loads(rows[0].details)["sha256"])


def test_data_want_a_fresh_code_and_then_leave_with_an_audit_row(told_on_both: Room) -> None:
    told, printed = told_on_both, told_on_both.printed["analyst@48"]
    with time_machine.travel(now(), tick=False) as clock:
        browser = told.inside("analyst@48")
        assert browser.get("/officials/downloads/data/cells/csv").status_code == 200
        clock.shift(timedelta(minutes=11))
        away = browser.get("/officials/downloads/data/bundle/csv-excel")
        assert away.location.startswith("/officials/confirm?next=")
        assert printed.totp_secret
        back = browser.post(away.location, code=current_code(printed.totp_secret, now()), next="/officials/downloads/data/bundle/csv-excel")
        answer = browser.get(back.location)
    assert answer.status_code == 200
    assert "microdata.csv" in zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    with told.house.store.read() as session:
        assert [row.official for row in list_audits(session) if row.action.startswith("took_")] == ["analyst@48"] * 2


@pytest.mark.parametrize("what", ["cells", "microdata", "codebook", "population", "page", "bundle"])
def test_nobody_else_takes_data(told: Room, what: str) -> None:
    for account in ("official@a", "head@48", "admin@48"):
        assert told.inside(account).get(f"/officials/downloads/data/{what}/csv").status_code == 404
    with told.house.store.read() as session:
        assert [row for row in list_audits(session) if row.action == f"took_{what}"] == []


def test_before_the_first_facts_the_page_says_what_to_do(room_on_sqlite: Room) -> None:
    browser = room_on_sqlite.inside("head@48")
    assert "Chưa có kết quả" in browser.get("/officials/").text
    assert browser.get("/officials/downloads/scorecard/csv").status_code == 409


def test_signs_are_offered_for_the_branch_and_printed(room_on_sqlite: Room) -> None:
    browser = room_on_sqlite.inside("head@a")
    addresses = [
        address["href"] or ""
        for address in proof_read(browser.get("/officials/signs").text).all("a")
        if "/signs/" in (address["href"] or "")
    ]
    assert addresses
    assert all(f"/units/{room_on_sqlite.units['A']}/" in address for address in addresses)
    assert browser.get(addresses[0].replace("&amp;", "&")).data.startswith(b"%PDF")


def test_behind_https_the_cookie_is_bound_to_its_host(sqlite_store, tmp_path) -> None:
    room = furnish(sqlite_store, tmp_path, public_url="https://danhgia.example.vn")
    client = room.app.test_client()
    client.get("/officials/sign-in", base_url="https://localhost")
    set_cookies = client.get("/officials/sign-in", base_url="https://localhost").headers.getlist("Set-Cookie")
    for cookie in set_cookies:
        assert cookie.startswith("__Host-sipas")
        assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert OWN
