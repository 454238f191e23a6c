"""The province's pages of kiosks and screens in a browser: every state, both languages, and pairing anew from the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from journey_steps import PASSWORD, press
from playwright.sync_api import Browser, BrowserContext
from small_office import Office, opened
from test_every_page import check, look

from sipas.store.engine import Store
from sipas.store.kiosks import add_kiosk, get_ledger, put_gaps
from sipas.store.screens import Screen, add_screen
from sipas.store.units import list_branch, list_counters, list_summits
from sipas.terms import now, today
from sipas.web.officials.signin.secrets import current_code

KIOSKS = {"NEW00000": "new", "GAPS0000": "paired", "G0NE0000": "revoked"}
SCREENS = {"NEW0": 0, "SLAW": 3, "GANE": 1}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("devices")
    with opened(folder) as served:
        furnish(folder / "office.sqlite")
        yield served


def furnish(database: Path) -> None:
    """A kiosk and a screen in every state, and one of each with everything wrong."""
    store = Store(f"sqlite:///{database}")
    with store.write() as session:
        counter = list_counters(session, list_branch(session, list_summits(session, today())[0])[0].id)[0].id
        for code, state in KIOSKS.items():
            kiosk = add_kiosk(session, code=code, counter_id=counter, length="short", comments=False)
            if state != "new":
                kiosk.public_key, kiosk.enrolled = b"\4" + b"\1" * 64, today() - timedelta(days=40)
            kiosk.revoked = today() if state == "revoked" else None
        ledger = get_ledger(session, "GAPS0000")
        ledger.highest, ledger.pending, ledger.held, ledger.breaks, ledger.durable = 1200, 31, 4, 2, "unknown"
        ledger.seen, ledger.version = today() - timedelta(days=6), "2026-11-01"
        put_gaps(ledger, [(first, first + first % 7, today() - timedelta(days=first // 30)) for first in range(17, 300, 24)])
        for name, turn in SCREENS.items():
            paired = today() - timedelta(days=400) if turn == 3 else None
            add_screen(session, Screen(screen=name, counter_id=counter, turn=turn, paired=paired, heard=paired, ahead=-900 * (turn == 3)))
    store.close()


@pytest.fixture(scope="module")
def room(office: Office, browser: Browser) -> Iterator[BrowserContext]:
    """An administrator who has signed in with a second factor."""
    told = office.command(
        "officials", "add", "quantri", "--name", "Quản trị", "--role", "administrator", "--unit", "20335", "--tier", "one_stop"
    )
    assert told.returncode == 0, told.stdout + told.stderr
    password, secret = re.search(r"password: (\S+)", told.stdout), re.search(r"secret=([A-Z2-7]+)", told.stdout)
    assert password
    assert secret
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True, java_script_enabled=True)
    page = context.new_page()
    page.goto(f"{office.address}/officials/sign-in")
    page.fill("[name=account]", "quantri")
    page.fill("[name=password]", password[1])
    press(page)
    page.fill("[name=code]", current_code(secret[1], now()))
    press(page)
    for name, value in (("old", password[1]), ("new", PASSWORD), ("again", PASSWORD)):
        page.fill(f"[name={name}]", value)
    press(page)
    yield context
    context.close()


def place(room: BrowserContext, office: Office, noun: str, code: str) -> str:
    """The address of one device, from the list."""
    page = room.pages[0]
    page.goto(f"{office.address}/officials/devices?lang=vi")
    link = page.locator(f"a[href$='/{noun}s/{code}']")
    return f"{office.address}{link.get_attribute('href')}"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_list_has_no_barrier(office: Office, room: BrowserContext, language: str) -> None:
    look(room.pages[0], f"{office.address}/officials/devices?lang={language}", f"devices-{language}")


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(("noun", "code"), [*(("kiosk", code) for code in KIOSKS), *(("screen", code) for code in SCREENS)])
def test_a_device_has_no_barrier_in_any_state(office: Office, room: BrowserContext, noun: str, code: str, language: str) -> None:
    look(room.pages[0], f"{place(room, office, noun, code)}?lang={language}", f"{noun}-{code}-{language}")


def test_pairing_codes_and_refusals_have_no_barrier(office: Office, room: BrowserContext) -> None:
    page = room.pages[0]
    page.goto(place(room, office, "screen", "SLAW"))
    press(page, "main button[value=pair]")
    assert re.fullmatch(r"\w{5}-\w{5}", page.locator(".pairing").inner_text())
    check(page, "screen-pairing-code")
    page.goto(place(room, office, "kiosk", "GAPS0000"))
    page.evaluate("document.querySelector('textarea').removeAttribute('required')")
    press(page, "main button[value=revoke]")
    assert page.locator(".problems").count() == 1
    check(page, "kiosk-refused")
    page.fill("textarea", "Máy bị rơi vỡ màn hình sáng nay")
    press(page, "main button[value=replace]")
    assert re.fullmatch(r"\w{4}-\w{4}", page.locator(".pairing").inner_text())
    check(page, "kiosk-replaced")
