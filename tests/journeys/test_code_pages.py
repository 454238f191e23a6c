"""Typed codes and receipts in a real browser: without script, by keyboard, in five languages, without a barrier."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from small_office import LANGUAGES, MANY, SHORT, Office, opened
from sqlalchemy import select
from test_every_page import check, look

from sipas import terms
from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import read_shelf
from sipas.minting import BatchPlan, Minted, mint, open_batch
from sipas.store.engine import Store
from sipas.store.units import Unit
from sipas.web.house import SURVEYS


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(tmp_path_factory.mktemp("codes")) as found:
        yield found


@pytest.fixture(scope="module")
def cards(office: Office) -> list[Minted]:
    store, day = Store(f"sqlite:///{office.database}"), terms.today()
    with store.write() as session:
        unit = session.scalars(select(Unit.id)).first() or 0
        plan = BatchPlan(
            kind="card", wave="demo-2026", unit_id=unit, sector="land", quota=9, ten_digits=True,
            not_before=day, not_after=day + timedelta(days=9),
        )  # fmt: skip
        found = mint(session, Keyring.open(Path(office.environment["SIPAS_KEYS"])), open_batch(session, read_shelf(SURVEYS), plan), 9)
    store.close()
    return found


def page_of(browser: Browser, *, script: bool = True) -> Page:
    return browser.new_context(bypass_csp=True, java_script_enabled=script).new_page()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_for_codes_has_a_barrier(office: Office, browser: Browser, cards: list[Minted], language: str) -> None:
    page = page_of(browser)
    for path in ("/t", f"/k/{SHORT}/card", "/r", "/y", "/r/0000000000", "/y/0000000000", f"/k/{MANY}"):
        look(page, f"{office.address}{path}?lang={language}", f"codes{path}-{language}")
    for path, typed in (("/t", "abc"), ("/t", "1" * 28), ("/t", "1234567890"), (f"/k/{SHORT}/card", "12"), ("/r", "?")):
        page.goto(f"{office.address}{path}?lang={language}")
        page.fill("#code", typed)
        page.press("#code", "Enter")
        assert page.locator("#code-wrong").count() == 1
        assert page.input_value("#code") == typed, "nothing is typed twice"
        check(page, f"codes{path}-{typed[:3].replace('?', 'x')}-wrong-{language}")
    page.context.close()


def test_a_card_is_typed_answered_and_found_again_without_script_and_by_keyboard(
    office: Office, browser: Browser, cards: list[Minted]
) -> None:
    page = page_of(browser, script=False)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{office.address}/k/{SHORT}?lang=en")
    page.focus("text=Do you have a card with ten digits?")
    page.keyboard.press("Enter")
    page.wait_for_url("**/card?lang=en")
    digits = cards[0].digits
    page.focus("#code")
    page.keyboard.type(f"{digits[:5]} {digits[5:]}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/t/{cards[0].code}?lang=en")
    page.check("input[name=HL][value='2']", force=True)
    for name in ("stage", "respondent"):
        page.locator(f"input[name={name}]").first.check(force=True)
    page.locator("main form button").last.click()
    receipt = page.inner_text(".receipt-code")
    page.click("text=See whether your form has been recorded")
    page.wait_for_url(f"**/r/{receipt}?lang=en")
    assert "waits for tonight" in page.inner_text("h1")
    assert receipt in page.inner_text("main")
    page.context.close()
