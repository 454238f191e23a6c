"""A kiosk from pairing to the sealed database: without network, over restarts, past a captive portal, and clean after each person."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from journey_steps import Province
from kiosk_steps import (
    Road,
    all_sent,
    fill,
    found_in,
    kept,
    look,
    met_the_portal,
    pair,
    promise,
    send,
    tablet,
    tries_until,
    try_to_send,
    waiting,
)
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser
MOST_BYTES = 120 * 1024
SECRET = "dấu riêng của một người 7391"
ON_SITE = "SELECT count(*) FROM inbox WHERE channel = 'S' AND counter_id = 1"


@pytest.fixture
def road(province: Province) -> Road:
    return Road(province.address)


def test_answers_survive_reload_restart_portal_and_forgery_and_arrive_once(
    browser: Browser, province: Province, road: Road, tmp_path: Path
) -> None:
    (before,) = province.ask(ON_SITE)[0]
    with tablet(browser, tmp_path, road) as page:
        code = pair(page, province)
        for count, state in enumerate(("half", "forged"), start=1):  # no heartbeat is due that would mend what a stranger's word did
            road.state, asked = state, road.portal_answers
            fill(page)
            send(page)
            page.clock.fast_forward(10_000)
            met_the_portal(page, road, since=asked)
            waiting(page, count)
        road.state = "cut"
        page.reload()
        waiting(page, 2)
        fill(page)
        send(page)
        waiting(page, 3)
        expect(page.locator("#tally")).to_have_text("Hôm nay máy này đã nhận 3 ý kiến")
    road.state = "portal"
    with tablet(browser, tmp_path, road) as page:
        waiting(page, 3)
        for state in ("portal", "half", "half", "forged", "forged"):
            road.state, asked = state, road.portal_answers
            try_to_send(page)
            met_the_portal(page, road, since=asked)
            waiting(page, 3)
        page.reload()
        waiting(page, 3)
        assert province.ask(ON_SITE)[0] == (before,)
        road.state = "through"
        all_sent(page)
    assert province.ask(ON_SITE)[0] == (before + 3,)
    told = province.command("kiosks", "list")
    assert "3 answers received, 0 missing, 0 waiting, 0 held" in told.split(code)[1]


def test_a_minute_without_a_touch_leaves_nothing_of_the_person_before(
    browser: Browser, province: Province, road: Road, tmp_path: Path
) -> None:
    with tablet(browser, tmp_path, road) as page:
        pair(page, province, "--comments")
        clean, length = kept(page), page.evaluate("history.length")
        fill(page)
        page.fill("#comment", SECRET)
        assert SECRET not in kept(page)  # a person's words stand in a field alone
        page.clock.fast_forward(46_000)
        expect(page.get_by_role("alertdialog")).to_contain_text("Ông/Bà còn đang trả lời không?")
        page.get_by_role("button", name="Tôi vẫn đang trả lời").click()
        expect(page.locator("#comment")).to_have_value(SECRET)
        page.clock.fast_forward(59_000)
        page.clock.fast_forward(2_000)
        page.get_by_role("heading", name="Mời Ông/Bà cho ý kiến về lần phục vụ này").wait_for()
        assert page.locator("textarea, [role=alertdialog], [aria-pressed=true]:not(.tongue)").count() == 0
        assert without_figures(kept(page)) == without_figures(clean)
        assert page.evaluate("history.length") == length
        fill(page)
        page.fill("#comment", SECRET)
        send(page)
        page.clock.fast_forward(30_000)
        waiting(page, 0)
        left = kept(page)
        assert '"envelope"' in left
        assert SECRET not in left
        assert '"answers"' not in left
    assert found_in(tmp_path, SECRET) == []
    assert province.ask(f"SELECT count(*) FROM inbox WHERE comment = '{SECRET}'")[0] == (1,)


def test_the_search_of_a_profile_finds_what_is_stored_in_the_open(browser: Browser, province: Province, road: Road, tmp_path: Path) -> None:
    with tablet(browser, tmp_path, road) as page:
        page.evaluate("(words) => localStorage.setItem('left', words)", SECRET)
        assert SECRET in kept(page)
    assert found_in(tmp_path, SECRET)


def test_without_a_promise_to_keep_answers_none_are_taken(browser: Browser, road: Road, tmp_path: Path) -> None:
    with tablet(browser, tmp_path, road, promised=False) as page:
        page.get_by_role("heading", name="Trình duyệt không hứa giữ lại phiếu").wait_for()
        promise(page.context, page, road)
        page.get_by_role("button", name="Thử lại").click()
        page.get_by_role("heading", name="Ghép máy vào quầy").wait_for()
        page.fill("#code", "AAAA-AAAA")
        page.get_by_role("button", name="Ghép máy").click()
        expect(page.get_by_role("alert")).to_contain_text("Mã ghép không đúng")


def test_the_page_installs_within_its_weight_and_asks_nobody_else(browser: Browser, province: Province, road: Road, tmp_path: Path) -> None:
    asked: list[str] = []
    with tablet(browser, tmp_path, road) as page:
        page.on("request", lambda request: asked.append(request.url))
        pair(page, province)
        page.wait_for_timeout(500)
        carried = road.carried
        page.reload()
        waiting(page, 0)
    assert carried <= MOST_BYTES, f"one-time install, questions and codes: {carried:,} bytes on the wire"
    assert {re.match(r"\w+://[^/]+", url)[0] for url in asked} == {road.address}


def test_a_revoked_kiosk_says_so_and_takes_nothing_more(browser: Browser, province: Province, road: Road, tmp_path: Path) -> None:
    with tablet(browser, tmp_path, road) as page:
        code = pair(page, province)
        province.command("kiosks", "revoke", code)
        refused = page.get_by_role("heading", name="Máy này đã thôi nhận ý kiến")
        tries_until(page, lambda time: expect(refused).to_be_visible(timeout=time))
        assert page.locator(".choice").count() == 0


def test_a_server_that_was_set_back_is_sent_again_what_it_had_acknowledged(
    browser: Browser, province: Province, road: Road, tmp_path: Path
) -> None:
    with tablet(browser, tmp_path, road) as page:
        code = pair(page, province)
        for _ in range(2):
            fill(page)
            send(page)
            waiting(page, 0)
        (stored,) = province.ask(ON_SITE)[0]
        with sqlite3.connect(province.database) as base:  # the inbox and the ledger of a copy from before
            base.execute("DELETE FROM inbox WHERE channel = 'S' AND counter_id = 1")
            base.execute("UPDATE kiosk_ledger SET highest = 0, head = '', gaps = '[]' WHERE kiosk = ?", (code,))
        for turn in range(1, 100):
            if province.ask(ON_SITE)[0] == (2,):
                break
            if turn % 30 == 0:
                try_to_send(page)
            page.wait_for_timeout(100)
    assert stored >= 2
    assert province.ask(ON_SITE)[0] == (2,)


def test_a_store_that_is_full_says_so_and_thanks_for_nothing(browser: Browser, province: Province, road: Road, tmp_path: Path) -> None:
    with tablet(browser, tmp_path, road) as page:
        pair(page, province)
        fill(page)
        page.evaluate("() => { IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError') } }")
        page.locator("#send:not([disabled])").click()
        page.get_by_role("heading", name="Máy không ghi được phiếu này").wait_for()
        page.get_by_role("button", name="Xong").click()
        expect(page.locator("#tally")).to_have_text("Hôm nay máy này đã nhận 0 ý kiến")


@pytest.mark.parametrize("wide", [False, True], ids=["upright", "wide"])
def test_every_screen_is_accessible(browser: Browser, province: Province, road: Road, tmp_path: Path, *, wide: bool) -> None:
    shape = "wide" if wide else "upright"
    with tablet(browser, tmp_path, road, wide=wide) as page:
        look(page, f"pairing-{shape}")
        pair(page, province, "--comments")
        look(page, f"poster-{shape}")
        page.get_by_role("button", name="Để về nhà trả lời").click()
        page.get_by_role("heading", name="Mã để về nhà trả lời").wait_for()
        look(page, f"home-{shape}")
        page.get_by_role("button", name="Xong").click()
        page.get_by_role("button", name="English").click()
        page.get_by_role("heading", name="Please tell us how you were served today").wait_for()
        look(page, f"poster-en-{shape}")
        page.get_by_role("button", name="Tiếng Việt").click()
        page.locator(".list .choice").first.click()
        look(page, f"respondent-{shape}")
        page.keyboard.press("Tab")
        page.locator(".list .choice").first.click()
        look(page, f"item-{shape}")
        page.get_by_role("button", name="Bỏ qua câu này").click()
        page.get_by_role("button", name="Quay lại").click()
        while not page.locator(".note").count():
            page.get_by_role("button", name="Bỏ qua câu này").click()
        look(page, f"reminder-{shape}")
        page.locator(".scale .choice[data-value='3']").click()
        look(page, f"ready-{shape}")
        page.clock.fast_forward(46_000)
        page.get_by_role("alertdialog").wait_for()
        look(page, f"warning-{shape}")
        page.get_by_role("button", name="Tôi vẫn đang trả lời").click()
        page.locator("#send:not([disabled])").click()
        page.get_by_role("heading", name="Cảm ơn Ông/Bà, phiếu đã được nhận").wait_for()
        look(page, f"thanks-{shape}")


def test_a_scale_is_one_stop_of_the_tab_key_and_arrows_move_in_it(browser: Browser, province: Province, road: Road, tmp_path: Path) -> None:
    with tablet(browser, tmp_path, road) as page:
        pair(page, province)
        page.locator(".list .choice").first.focus()
        assert page.locator(".list .choice[tabindex='0']").count() == 1
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        page.get_by_text("Câu 2 trong 8").wait_for()
        page.get_by_role("button", name="Quay lại").click()
        expect(page.locator("[aria-pressed=true]:not(.tongue)")).to_have_attribute("data-value", "late")


def without_figures(text: str) -> str:
    """What is kept, but for moments, numbers and hashes, which change by themselves."""
    return re.sub(r"[0-9]+", "", text)
