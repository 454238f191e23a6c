"""A tunnel in the middle of typing a code, or of taking a form home: what was typed is there again, and a receipt's page is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page
from small_office import SHORT, Office, opened
from test_everyone_sends import lost, still_filled

TYPED = "1bqs 7jwk bk6y c5vc 2m8f 78re 10rn"
BUTTON = "main form button"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(tmp_path_factory.mktemp("tunnel")) as found:
        yield found


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def phone(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=request.param)
    yield context
    context.close()


def pressed_in_a_tunnel(phone: BrowserContext, page: Page, button: str) -> None:
    """Press without network, and go back from the browser's own error page, still without network."""
    phone.set_offline(True)
    page.locator(button).first.click(no_wait_after=True)
    if lost(page):  # else a script has kept the page, and says so
        page.go_back()
        page.wait_for_selector(button)


@pytest.mark.parametrize("path", ["/t", f"/k/{SHORT}/card", "/t?lang=en&size=large"])
def test_a_code_is_typed_once(office: Office, phone: BrowserContext, path: str) -> None:
    page = phone.new_page()
    page.goto(f"{office.address}{path}")
    page.fill("#code", TYPED)
    pressed_in_a_tunnel(phone, page, BUTTON)
    assert page.input_value("#code") == TYPED
    phone.set_offline(False)
    page.locator(BUTTON).click()
    page.wait_for_selector("#code-wrong")  # the server has it now, and knows no such code
    assert page.input_value("#code") == TYPED
    page.fill("#code", f"{TYPED} 7")
    pressed_in_a_tunnel(phone, page, BUTTON)
    assert page.input_value("#code") == f"{TYPED} 7"


def test_a_form_is_filled_once_and_the_way_home_is_shown_again(office: Office, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(office.form())
    fill_by_click(page)
    button = "button[formaction^='/later']"
    pressed_in_a_tunnel(phone, page, button)
    still_filled(page, "HL", "TC1")
    phone.set_offline(False)
    page.locator(button).click()
    page.wait_for_selector(".receipt-code")
    shown = page.inner_text(".receipt-code")
    phone.set_offline(True)
    page.locator("main a[href*='/k/']").first.click(no_wait_after=True)
    assert lost(page)
    page.go_back()
    page.wait_for_selector(".receipt-code")
    assert page.inner_text(".receipt-code") == shown
    phone.set_offline(False)


def fill_by_click(page: Page) -> None:
    for name in ("HL", "TC1"):
        page.locator(f"label[for={name}-1]").click()
    page.fill("textarea", "Chờ hơi lâu, nhưng cán bộ nhiệt tình")


def test_a_receipt_that_was_looked_up_is_not_kept(office: Office, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(f"{office.address}/r/0000000000")
    page.goto(f"{office.address}/t")
    phone.set_offline(True)
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        page.go_back()
    phone.set_offline(False)
