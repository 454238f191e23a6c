"""Two people type a batch of paper with the keyboard alone; every state of the pages is free of barriers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from journey_steps import PASSWORD, Province, press
from playwright.sync_api import Browser, BrowserContext, Page
from test_every_page import check, look

KEYERS = ("keyer@demo.local", "second@demo.local")
ANSWERS = "11454304"  # stage, respondent, five factors, overall


def enter(page: Page, province: Province, account: str) -> None:
    """Sign in for the first time; whoever only types begins at the batches."""
    told = province.command("officials", "add", account, "--name", account, "--role", "keyer", "--unit", "48")
    once = re.search(r"One-time password: (\S+)", told)
    assert once, told
    page.goto(f"{province.address}/officials/sign-in")
    page.fill("[name=account]", account)
    page.fill("[name=password]", once[1])
    press(page)
    for name, value in (("old", once[1]), ("new", PASSWORD), ("again", PASSWORD)):
        page.fill(f"[name={name}]", value)
    press(page)
    assert page.url.endswith("/officials/paper"), page.url


@pytest.fixture(scope="module")
def keyers(province: Province, browser: Browser) -> Iterator[tuple[BrowserContext, BrowserContext]]:
    contexts = tuple(browser.new_context(bypass_csp=True) for _ in KEYERS)
    for context, account in zip(contexts, KEYERS, strict=True):
        enter(context.new_page(), province, account)
    yield contexts[0], contexts[1]
    for context in contexts:
        context.close()


def type_sheet(page: Page, answers: str) -> int:
    """From the field that has the focus to the button, by keys alone; how many keys that took."""
    keys = 0
    for digit in answers:
        page.keyboard.press(digit)
        page.keyboard.press("Tab")
        keys += 2
    for _ in range(3):  # the remark, the tick for help, the code
        page.keyboard.press("Tab")
        keys += 1
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return keys + 1


def test_a_batch_is_typed_with_the_keyboard_alone(province: Province, keyers: tuple[BrowserContext, BrowserContext]) -> None:
    unit, code = province.ask(
        "SELECT unit.id, unit.code || '@' || unit.tier FROM counter JOIN unit ON unit.id = counter.unit_id "
        "WHERE counter.sectors LIKE '%land%' LIMIT 1"
    )[0]
    told = province.command("paper", "batch", "--unit", str(code), "--sector", "land", "--length", "short")
    number = re.search(r"Batch (\d+)", told)[1]
    address = f"{province.address}/officials/units/{unit}/paper/{number}"
    first, second = (context.pages[0] for context in keyers)

    look(first, f"{province.address}/officials/paper", "paper-list")
    look(first, address, "paper-count")
    first.fill("[name=declared]", "3")
    press(first)
    look(first, address, "paper-typing")
    first.set_viewport_size({"width": 1280, "height": 900})
    for _ in range(3):
        first.goto(address)
        assert first.evaluate("document.activeElement.name") == "q_stage"
        assert type_sheet(first, ANSWERS) == 20
        assert "saved=" in first.url
    first.goto(f"{address}?sheet=2")
    first.fill("[name=q_HL]", "8")
    press(first, ".keying button")
    assert first.locator("[aria-invalid=true]").count() == 1
    check(first, "paper-slip")
    first.goto(address)
    press(first, "main form:has([value=end]) button")
    check(first, "paper-waits")

    look(second, address, "paper-control")
    second.set_viewport_size({"width": 1280, "height": 900})
    second.goto(address)
    type_sheet(second, ANSWERS)
    check(second, "paper-released")
    assert province.ask(f"SELECT phase FROM paper_batch WHERE id = {number}") == [("released",)]
    assert province.ask("SELECT channel, count(*) FROM inbox WHERE reasons = 'paper' GROUP BY channel") == [("P", 3)]
    assert province.ask("SELECT count(*) FROM paper_sheet") == [(0,)]
