"""What every door costs on the wire: each byte that came, whoever asked for it, with headers."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from journey_steps import FLAGS, need
from kiosk_steps import Road
from office_doors import Doors
from playwright.sync_api import Browser
from small_office import Office, opened
from wire_meter import Wire

pytestmark = pytest.mark.browser
A_FORM, AN_INSTALL = 30_000, 120_000  # bytes
FORMS = ("/k short", "/k full", "/k which sector", "/k sector chosen", "/s short", "/t short", "/t typed", "ten digits typed")
KHMER = "fonts/noto-sans-khmer.woff2"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(tmp_path_factory.mktemp("weights")) as found:
        yield found


@pytest.fixture(scope="module")
def doors(office: Office) -> Doors:
    return Doors(office)


def test_every_form_comes_within_thirty_kilobytes(office: Office, doors: Doors, browser: Browser) -> None:
    wire = Wire(office.address)
    for language, door in [*(("vi", door) for door in FORMS), ("en", "/k short"), ("en", "/k full")]:
        path = doors.path(door)
        page = browser.new_page()
        wire.clear()
        page.goto(f"{wire.address}{path}{'&' if '?' in path else '?'}lang={language}&size=large&contrast=more", wait_until="networkidle")
        page.close()
        assert wire.requests > 1, "a page without its look was not the page"
        assert wire.down <= A_FORM, f"{door} in {language}: {wire.down:,} bytes in {wire.requests} requests"
    wire.shutdown()


def test_a_kiosk_in_five_languages_is_installed_within_its_weight(office: Office, doors: Doors, browser: Browser, tmp_path: Path) -> None:
    wire = Wire(office.address)
    context = browser.browser_type.launch_persistent_context(tmp_path, executable_path=need("chromium"), args=FLAGS)
    page = doors.install(context, wire.address)
    kept = page.evaluate("async () => (await (await caches.open((await caches.keys())[0])).keys()).map((one) => one.url)")
    context.close()
    wire.shutdown()
    assert any(KHMER in address for address in kept)
    assert wire.down <= AN_INSTALL, f"{wire.down:,} bytes in {wire.requests} requests"


def test_what_a_captive_portal_left_in_the_browser_is_not_installed(office: Office, doors: Doors, browser: Browser, tmp_path: Path) -> None:
    shell = urllib.request.urlopen(f"{office.address}/kiosk/").read().decode()
    font = f"{re.search(r'/kiosk/app/[0-9a-f]+/', shell)[0]}{KHMER}"
    road = Road(office.address)
    context = browser.browser_type.launch_persistent_context(tmp_path, executable_path=need("chromium"), args=FLAGS)
    page = context.pages[0]
    road.state = "portal"
    page.goto(f"{road.address}/portal")
    read = "async (address) => (await (await fetch(address)).text()).slice(0, 15)"
    assert page.evaluate(read, font) == "<!doctype html>"
    road.state = "through"
    assert page.evaluate(read, font) == "<!doctype html>", "the browser was to believe the portal"
    page = doors.install(context, road.address)
    found = "async (address) => (await (await caches.match(address)).text()).slice(0, 4)"
    assert page.evaluate(found, font) == "wOF2"
    context.close()
