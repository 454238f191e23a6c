"""What goes wrong on the way, in a real browser with scripts and without: each ends with one receipt, and nothing is typed twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route
from small_office import SHORT, Office, opened

from sipas.evidence.keys import Keyring
from sipas.evidence.tickets import issue, read_ticket

SEND = "main form button[type=submit] >> nth=0"
WORDS = "Chờ hơi lâu, nhưng cán bộ nhiệt tình"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def phone(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, has_touch=True, reduced_motion="reduce", java_script_enabled=request.param
    )
    yield context
    context.close()


def fill(page: Page, *names: str) -> None:
    for name in names:
        page.locator(f"label[for={name}-1]").tap()
    page.fill("textarea", WORDS)


def still_filled(page: Page, *names: str) -> None:
    for name in names:
        assert page.locator(f"#{name}-1").is_checked(), name
    assert page.input_value("textarea") == WORDS


def send(page: Page) -> str:
    """Press the button; the receipt that comes."""
    page.locator(SEND).tap()
    page.wait_for_selector(".receipt-code", timeout=20_000)
    return receipt_of(page.content())


def receipt_of(source: str) -> str:
    return re.search(r'class="receipt-code">(\S+)</p>', source)[1]


def go_back_to_the_form(page: Page) -> None:
    page.go_back()
    page.wait_for_selector(SEND)


def lost(page: Page) -> bool:
    """Whether the browser's own page of a failed connection came, and not our note; asked from outside, since scripts may be off."""
    for _ in range(100):
        if page.url.startswith("chrome-error:"):
            page.wait_for_load_state()
            return True
        if page.locator("form [role=alert]").count():
            return False
        page.wait_for_timeout(100)
    raise AssertionError(f"nothing happened at {page.url}")


def in_the_tunnel(phone: BrowserContext, page: Page) -> None:
    """Press send without network, and come out at the form: by itself where scripts run, by the back button where not."""
    phone.set_offline(True)
    page.locator(SEND).tap()
    if lost(page):
        go_back_to_the_form(page)
    else:
        assert "Các câu trả lời vẫn còn đủ" in page.locator("form [role=alert]").inner_text()


def test_a_tunnel_in_the_middle(office: Office, phone: BrowserContext) -> None:
    before = len(office.waiting())
    page = phone.new_page()
    page.goto(office.form())
    fill(page, "stage", "respondent", "HL", "TC1")
    in_the_tunnel(phone, page)
    still_filled(page, "stage", "respondent", "HL", "TC1")
    phone.set_offline(False)
    send(page)
    assert len(office.waiting()) == before + 1


def test_a_tunnel_after_problems_were_shown(office: Office, phone: BrowserContext) -> None:
    before = len(office.waiting())
    page = phone.new_page()
    page.goto(office.form())
    fill(page, "TC1")
    page.locator(SEND).tap()
    page.wait_for_selector(".problems")
    fill(page, "stage", "respondent", "HL")
    in_the_tunnel(phone, page)
    still_filled(page, "stage", "respondent", "HL", "TC1")
    phone.set_offline(False)
    send(page)
    assert len(office.waiting()) == before + 1


def test_a_reply_that_was_lost(office: Office, phone: BrowserContext) -> None:
    before = len(office.waiting())
    page = phone.new_page()
    page.goto(office.form())
    fill(page, "stage", "respondent", "HL")
    unheard: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            unheard.append(receipt_of(route.fetch().text()))  # stored by the server …
            route.abort("connectionreset")  # … and never heard of
        else:
            route.continue_()

    page.route("**/k/**", lose)
    page.locator(SEND).tap()
    assert lost(page)
    assert len(office.waiting()) == before + 1
    page.unroute("**/k/**")
    go_back_to_the_form(page)
    still_filled(page, "stage", "respondent", "HL")
    assert [send(page)] == unheard
    assert len(office.waiting()) == before + 1


def test_a_double_tap(office: Office, phone: BrowserContext) -> None:
    before = len(office.waiting())
    page = phone.new_page()
    page.goto(office.form())
    fill(page, "stage", "respondent", "HL")
    posted: list[str] = []

    def slowly(route: Route) -> None:
        posted.append(route.request.method)
        route.continue_()

    page.route("**/k/**", slowly)
    page.locator(SEND).dblclick(no_wait_after=True)
    page.wait_for_selector(".receipt-code")
    assert posted
    assert len(office.waiting()) == before + 1
    assert not any(apart for _, apart in office.waiting()[before:])


def test_the_back_button_after_the_receipt(office: Office, phone: BrowserContext) -> None:
    before = len(office.waiting())
    page = phone.new_page()
    page.goto(office.form())
    fill(page, "stage", "respondent", "HL")
    first = send(page)
    go_back_to_the_form(page)
    still_filled(page, "stage", "respondent", "HL")
    assert send(page) == first
    page.reload()
    assert receipt_of(page.content()) == first
    assert len(office.waiting()) == before + 1
    go_back_to_the_form(page)
    page.locator("label[for=HL-4]").tap()
    assert send(page) == first
    assert "Lần gửi đầu được giữ nguyên" in page.content()
    assert len(office.waiting()) == before + 2  # the second is set apart and never counted
    assert sum(apart for _, apart in office.waiting()) >= 1


def test_the_next_person_on_the_same_phone(office: Office, phone: BrowserContext) -> None:
    before = len(office.waiting())
    page = phone.new_page()
    page.goto(office.form())
    fill(page, "stage", "respondent", "HL")
    first = send(page)
    for again in ("link", "scan"):
        page.click("main a.button") if again == "link" else page.goto(office.form())
        page.wait_for_selector(SEND)
        assert page.locator("input:checked").count() == 0
        assert page.input_value("textarea") == ""
        fill(page, "stage", "respondent", "HL")
        assert send(page) != first
    assert len(office.waiting()) == before + 3


def test_a_page_that_was_open_for_two_days(office: Office, phone: BrowserContext) -> None:
    before = len(office.waiting())
    page = phone.new_page()
    page.goto(office.form())
    fill(page, "stage", "respondent", "HL")
    keyring = Keyring.open(Path(office.environment["SIPAS_KEYS"]))
    ticket = read_ticket(keyring, page.locator("input[name=ticket]").get_attribute("value"))
    days = int(timedelta(days=2).total_seconds())
    old = replace(ticket, issued=ticket.issued - days, expires=ticket.expires - days)
    page.evaluate("(old) => { document.forms[0].ticket.value = old; }", issue(keyring, old))
    page.locator(SEND).tap()
    page.wait_for_selector("[role=status]")
    assert "Trang này mở đã lâu" in page.locator("[role=status]").inner_text()
    still_filled(page, "stage", "respondent", "HL")
    assert len(office.waiting()) == before
    send(page)
    assert len(office.waiting()) == before + 1


def test_the_choice_of_showing_survives_the_way(office: Office, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(office.form(SHORT, "?lang=en&size=large"))
    page.locator(SEND).tap()
    page.wait_for_selector(".problems")
    assert page.locator("html").get_attribute("class") == "large"
    fill(page, "stage", "respondent", "HL")
    send(page)
    assert page.locator("html").get_attribute("class") == "large"
    page.click("main a.button")
    page.wait_for_selector(SEND)
    assert page.locator("html").get_attribute("class") == "large"
    assert page.locator("html").get_attribute("lang") == "en"
