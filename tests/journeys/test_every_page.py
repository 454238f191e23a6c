"""Every page, in both languages: no violation of WCAG 2.2 A/AA, no horizontal scrolling at 320 px, nothing from elsewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from journey_steps import Province, press, sign_in
from playwright.sync_api import Browser, BrowserContext, Page, Request

AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PUBLIC = ("/", "/phuong-phap", "/gioi-han", "/k/nothing-here", "/no-such-page", "/officials/sign-in")
ROOM = (
    "/officials/",
    "/officials/units",
    "/officials/comparison",
    "/officials/planner",
    "/officials/planner?expected=x",
    "/officials/downloads",
    "/officials/signs",
    "/officials/password",
)
PICTURES = os.environ.get("SIPAS_SCREENSHOTS")  # a folder for looking at the pages


@pytest.fixture(scope="module")
def room(province: Province, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    sign_in(context.new_page(), province, "canbo@demo.local")
    yield context
    context.close()


def look(page: Page, address: str, name: str) -> None:
    """Open a page at both widths; axe, scrolling and origins."""
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    page.on("request", note)
    page.goto(address)
    check(page, name)
    page.remove_listener("request", note)
    origin = address.split("/", 3)[:3]
    assert {request.url.split("/", 3)[2] for request in asked} <= {origin[2], ""}


def check(page: Page, name: str) -> None:
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        found = Axe().run(page, options=AXE)
        assert found.violations_count == 0, f"{name} at {width} px: {found.generate_report()}"
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name}: {wide} px wide in a window of {width}"
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name.strip('/').replace('/', '-').replace('?', '-') or 'front'}-{width}.png", full_page=True)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_has_no_barrier(province: Province, browser: Browser, path: str, language: str) -> None:
    context = browser.new_context(bypass_csp=True)
    look(context.new_page(), f"{province.address}{path}?lang={language}", f"{path}-{language}")
    context.close()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_methods_and_limits_print_on_two_pages(province: Province, browser: Browser, language: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{province.address}/phuong-phap?lang={language}")
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    context.close()
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 2


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", [*ROOM, "unit", "sensitivity", "trend", "drivers"])
def test_a_page_of_the_room_has_no_barrier(province: Province, room: BrowserContext, path: str, language: str) -> None:
    if path in {"unit", "sensitivity", "trend", "drivers"}:
        unit = province.ask("SELECT unit_id FROM counter GROUP BY unit_id ORDER BY count(*) DESC")[0][0]
        path = f"/officials/units/{unit}" + ("" if path == "unit" else f"/{path}")
    look(room.pages[0], f"{province.address}{path}{'&' if '?' in path else '?'}lang={language}", f"{path}-{language}")


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("sectors", ["one", "several"])
@pytest.mark.parametrize("length", ["short", "full"])
def test_the_form_has_no_barrier_in_any_state(province: Province, browser: Browser, language: str, sectors: str, length: str) -> None:
    found = province.ask(
        f"SELECT k.code FROM counter c JOIN counter_code k ON k.counter_id = c.id WHERE k.length = '{length}' "
        f"AND c.sectors {'NOT LIKE' if sectors == 'one' else 'LIKE'} '% %' ORDER BY k.code"
    )
    if not found:
        pytest.skip(f"the demonstration has no {length} code of a counter with {sectors} sectors")
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    name = f"form-{sectors}-{length}-{language}"
    look(page, f"{province.address}/k/{found[0][0]}?lang={language}", name)
    if sectors == "several":
        press(page, "main ul a >> nth=0")
        check(page, f"{name}-chosen")
    press(page, "main form button >> nth=-1")
    assert page.locator(".problems").count() == 1
    check(page, f"{name}-problems")
    for radio in ("stage", "respondent"):
        if page.locator(f"input[name={radio}]").count():
            page.locator(f"input[name={radio}]").first.check()
    press(page, "main form button >> nth=-1")
    if page.locator(".problems").count():
        press(page, "main form button >> nth=-1")
    check(page, f"{name}-thanks")
    assert page.locator(".receipt-code").count() == 1
    assert {cookie["name"] for cookie in context.cookies()} <= {"ks_seen"}  # the same word for everybody who answered
    context.close()
