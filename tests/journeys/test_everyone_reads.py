"""The citizen's pages for everybody: five languages, large letters, strong contrast, keyboard, small screens; no script needed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page
from small_office import FULL, GONE, LANGUAGES, MANY, SHORT, Office, opened, record

AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
BOTH = "&size=large&contrast=more"
SHOWN = [("vi", "&size=large"), ("vi", "&contrast=more"), *((language, shown) for language in LANGUAGES for shown in ("", BOTH))]
CODES = (("/t", "typed"), (f"/k/{SHORT}/card", "card"), ("/r", "receipt"), ("/y", "reply"))  # where a code is typed
PICTURES = os.environ.get("SIPAS_SCREENSHOTS")
SEND = "main form button[type=submit] >> nth=0"
# What can be tapped, by its own box: a radio's is its label's.
SMALL = """() => [...document.querySelectorAll("a, button, summary, .option label, .tick label, textarea, audio")]
  .filter((one) => !one.matches(".skip"))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.height < 44 || box.width < 44))
  .map(([one, box]) => `${one.textContent.trim() || one.tagName}: ${box.width} x ${box.height}`)"""
OUTLINED = """() => {
  const at = document.activeElement, shown = at.type == "radio" ? at.nextElementSibling : at, style = getComputedStyle(shown);
  return style.outlineStyle == "none" ? 0 : parseFloat(style.outlineWidth);
}"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    record(folder, "km", "every-form", "promise", "stage", "comment", "thanks")
    record(folder, "km", "sipas-service-2023", "TC1", "HL")
    with opened(folder) as office:
        yield office


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 320, "height": 640}, reduced_motion="reduce", bypass_csp=True)
    yield context
    context.close()


def look(page: Page, name: str) -> None:
    """No barrier, no sideways scroll, nothing too small to hit."""
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
    assert page.evaluate(SMALL) == [], name
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def choose(page: Page, *names: str) -> None:
    for name in names:
        page.locator(f"label[for={name}-1]").click()
        assert page.locator(f"#{name}-1").is_checked()


@pytest.mark.parametrize(("language", "shown"), SHOWN)
def test_no_state_of_the_form_has_a_barrier(office: Office, phone: BrowserContext, language: str, shown: str) -> None:
    page = phone.new_page()
    query, name = f"?lang={language}{shown}", f"{language}{shown.replace('&', '-').replace('=', '-')}"
    states = ((GONE, "gone"), ("nothing", "unknown"), (FULL, "full"), (MANY, "sectors"))
    for code, state in states if not shown else states[-1:]:
        page.goto(office.form(code, query))
        look(page, f"{name}-{state}")
    for path, state in CODES if not shown else []:
        page.goto(f"{office.address}{path}{query}")
        look(page, f"{name}-{state}")
        page.fill("#code", "123")
        page.click(SEND)
        page.wait_for_selector("[aria-invalid]")
        look(page, f"{name}-{state}-wrong")
    page.goto(office.form(MANY, query))
    page.click(".choices a >> nth=0")
    look(page, f"{name}-form")
    page.click(SEND)
    assert page.locator(".problems").count() == 1
    look(page, f"{name}-problems")
    choose(page, "stage", "respondent", "HL")
    page.fill("textarea", "Xin thêm ghế ngồi")
    page.locator("label[for=reply]").click()
    page.click(SEND)
    assert page.locator(".receipt-code").count() == 2
    look(page, f"{name}-thanks")
    assert page.locator("html").get_attribute("lang") == language
    assert (page.locator("html").get_attribute("class") or "").split() == [
        word for word, asked in (("large", "size"), ("strong", "contrast")) if asked in shown
    ]
    assert {cookie["name"] for cookie in phone.cookies()} <= {"ks_seen"}  # the same word for everybody who answered


def test_letters_twice_as_large_fit_a_narrow_screen(office: Office, phone: BrowserContext) -> None:
    page = phone.new_page()
    for language in ("vi", "en", "km"):
        for code in (MANY, FULL, GONE):
            page.goto(office.form(code, f"?lang={language}"))
            page.add_style_tag(content="html { font-size: 200% !important }")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, (language, code)
            assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 36
    page.goto(office.form())
    choose(page, "stage", "respondent", "HL")
    page.click(SEND)
    page.add_style_tag(content="html { font-size: 200% !important }")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/twice-as-large-thanks.png", full_page=True)


def test_the_switches_switch_and_can_be_switched_back(office: Office, phone: BrowserContext) -> None:
    page = phone.new_page()

    def press(link: str, then: str) -> None:
        page.click(link)
        page.wait_for_url(then)

    page.goto(office.form(MANY))
    small = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    press("text=Chữ to", "**size=large")
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == pytest.approx(1.5 * small)
    press("text=Tương phản cao", "**contrast=more")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    press(".choices a >> nth=1", "**sector=construction**")
    press("text=English", "**lang=en**")
    assert page.locator("html").get_attribute("class") == "large strong"
    press("text=Normal letters", "**lang=en&contrast=more")
    press("text=Normal colours", "**lang=en")
    press("text=Tiếng Việt", "**lang=vi")
    assert page.locator("html").get_attribute("class") is None
    assert "construction" in page.url
    choose(page, "stage", "respondent", "HL")


def test_who_asked_the_system_for_contrast_has_it_without_a_switch(office: Office, browser: Browser) -> None:
    colours = "['--ink', '--paper', '--accent', '--line'].map((name) => getComputedStyle(document.documentElement).getPropertyValue(name))"
    for scheme in ("light", "dark"):
        asked = browser.new_context(contrast="more", color_scheme=scheme)
        plain = browser.new_context(color_scheme=scheme)
        one, other = asked.new_page(), plain.new_page()
        one.goto(office.form())
        other.goto(office.form(query="?contrast=more"))
        assert one.evaluate(colours) == other.evaluate(colours)
        assert not one.locator(".contrast").is_visible()
        assert other.locator(".contrast").is_visible()
        asked.close()
        plain.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_scale_is_one_stop_and_arrows_move(office: Office, browser: Browser, *, scripts: bool) -> None:
    context = browser.new_context(java_script_enabled=scripts, viewport={"width": 320, "height": 640}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(office.form(FULL))
    stops: list[str] = []
    while len(stops) < 80:
        page.keyboard.press("Tab")
        stop = page.evaluate("document.activeElement.name || document.activeElement.href || document.activeElement.tagName")
        if stop == "BODY":
            break
        assert page.evaluate(OUTLINED) >= 2, f"{stop} shows no focus"
        stops.append(stop)
    groups = page.evaluate("[...new Set([...document.querySelectorAll('input[type=radio]')].map((one) => one.name))]")
    assert [stop for stop in stops if stop in groups] == groups
    assert stops[stops.index("comment") :][:3] == ["comment", "reply", "BUTTON"]
    page.locator("#TC1-0").focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.id") == "TC1-3"
    assert page.locator("#TC1-3").is_checked()
    page.keyboard.press("ArrowUp")
    assert page.locator("#TC1-2").is_checked()
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_the_whole_journey_goes_by_keyboard(office: Office, browser: Browser, *, scripts: bool) -> None:
    context = browser.new_context(java_script_enabled=scripts, reduced_motion="reduce")
    page = context.new_page()
    page.goto(office.form(MANY))
    press_until(page, lambda: "sector=" in page.evaluate("document.activeElement.href || ''"))
    page.keyboard.press("Enter")
    page.wait_for_url("**sector=**")
    press_until(page, lambda: page.evaluate("document.activeElement.type") == "submit")
    page.keyboard.press("Enter")
    page.wait_for_selector(".problems")
    assert page.evaluate("document.activeElement.id") == "problems"  # read out at once, and the next stop is its first link
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#stage-0"
    for name in ("stage", "respondent", "HL"):
        press_until(page, lambda name=name: page.evaluate("document.activeElement.name") == name)
        page.keyboard.press("Space")
    press_until(page, lambda: page.evaluate("document.activeElement.type") == "submit")
    page.keyboard.press("Enter")
    page.wait_for_selector(".receipt-code")
    context.close()


def press_until(page: Page, reached) -> None:
    for _ in range(60):
        if reached():
            return
        page.keyboard.press("Tab")
    raise AssertionError("not reached with the Tab key")


def test_a_font_is_fetched_by_its_own_pages_alone(office: Office, browser: Browser) -> None:
    for language in LANGUAGES:
        context = browser.new_context(viewport={"width": 320, "height": 640})
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(office.form(SHORT, f"?lang={language}"))
        page.wait_for_load_state("networkidle")
        fonts = [address for address in asked if "woff2" in address]
        assert len(fonts) <= (1 if language in {"km", "cjm"} else 0), language
        assert {address.split("/")[2] for address in asked if address.startswith("http")} == {office.address.split("/")[2]}
        context.close()


def test_the_fonts_that_ship_can_be_read_by_a_browser(office: Office, browser: Browser) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(office.form(query="?lang=km"))
    for script in ("khmer", "cham"):
        load = "async (script) => (await new FontFace('Try', `url(/static/fonts/noto-sans-${script}.woff2)`).load()).status"
        assert page.evaluate(load, script) == "loaded"
    context.close()


def test_the_page_is_read_where_the_folder_of_recordings_is_empty(tmp_path: Path, browser: Browser) -> None:
    with opened(tmp_path) as bare:
        context = browser.new_context()
        page = context.new_page()
        page.goto(bare.form(query="?lang=km"))
        assert page.locator("audio").count() == 0
        context.close()
