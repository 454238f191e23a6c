"""A counter's screen in a browser: paired once, it shows a code that opens the form as on site, with and without a network."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
import zxingcpp
from journey_steps import FLAGS, Province, need
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page
from test_every_page import check

COUNTER = "SELECT id FROM counter WHERE sectors NOT LIKE '% %' ORDER BY id"


def opened(browser: Browser, folder: Path) -> BrowserContext:
    """A display with a memory of its own, as after it was switched on."""
    return browser.browser_type.launch_persistent_context(
        str(folder), executable_path=need("chromium"), args=FLAGS, viewport={"width": 800, "height": 1280}, bypass_csp=True
    )


def read(page: Page) -> str:
    """What a telephone reads off the display."""
    page.wait_for_selector("#qr path")
    picture = Image.open(io.BytesIO(page.locator("#qr").screenshot()))
    found = zxingcpp.read_barcodes(picture)
    assert len(found) == 1
    assert found[0].text == page.locator("#qr").get_attribute("data-text")
    return found[0].text


@pytest.mark.timeout(300)
def test_a_screen_is_paired_once_and_shows_a_code_with_and_without_network(province: Province, browser: Browser, tmp_path: Path) -> None:
    told = province.command("screens", "add", "--counter", str(province.ask(COUNTER)[0][0]))
    name, code = re.search(r"Screen (\w{4})", told)[1], re.search(r"Pairing code: (\S+)", told)[1]
    display = opened(browser, tmp_path / "display")
    page = display.pages[0]
    page.goto(f"{province.address}/screen/{name}")
    page.wait_for_selector("#pairing:not([hidden])")
    check(page, "screen-pairing")
    page.fill("#code", "ZZZZZ-ZZZZZ")
    page.click("#pair button")
    page.wait_for_function("document.querySelector('#refused').textContent.includes('không đúng')")
    page.fill("#code", code.lower())
    page.click("#pair button")
    first = read(page)
    assert re.fullmatch(r"HTTPS?://[^/]+/S/[0-9A-HJKMNP-TV-Z]{18}", first)
    check(page, "screen-showing")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("caches.keys().then((names) => names.length > 0)")
    answer_behind(province, page, first)

    display.set_offline(True)
    page.reload()
    assert read(page)[:-14] == first[:-14]
    display.close()
    display = opened(browser, tmp_path / "display")  # switched off and on again, still without a network
    display.set_offline(True)
    page = display.pages[0]
    page.goto(f"{province.address}/screen/{name}")
    second = read(page)
    display.set_offline(False)
    answer_behind(province, page, second)

    other = opened(browser, tmp_path / "other")  # the code was good once
    page = other.pages[0]
    page.goto(f"{province.address}/screen/{name}")
    page.fill("#code", code)
    page.click("#pair button")
    page.wait_for_function("document.querySelector('#refused').textContent.includes('không đúng')")
    other.close()
    display.close()


def answer_behind(province: Province, display: Page, text: str) -> None:
    """Send a sheet behind the code that was read; it counts as on site."""
    before = on_site(province)
    context = display.context.browser or display.context
    page = display.context.new_page() if context is display.context else context.new_page()
    page.goto(province.address + "/s/" + text.rpartition("/")[2])
    for field in ("stage", "respondent"):
        page.locator(f"input[name={field}]").first.check()
    page.locator('input[name="HL"][value="4"]').check()
    with page.expect_navigation():
        page.click("main form button >> nth=-1")
    assert page.locator(".receipt-code").count() == 1
    assert on_site(province) == before + 1


def on_site(province: Province) -> int:
    return int(province.ask("SELECT count(*) FROM inbox WHERE channel = 'S'")[0][0])
