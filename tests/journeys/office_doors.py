"""The doors of the small office as addresses: printed, screen's and one-time codes, each fresh."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import BrowserContext, Page
from small_office import FULL, MANY, SHORT, Office
from sqlalchemy import select

from sipas import terms
from sipas.evidence import screen_codes
from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import read_shelf
from sipas.minting import BatchPlan, mint, open_batch
from sipas.store.engine import Store
from sipas.store.screens import Screen, add_screen
from sipas.store.units import CounterCode, Unit
from sipas.web.house import SURVEYS

SCREEN, CARDS = "SC01", 200
COUNTER = "1"


class Doors:
    """What a citizen may open; every one-time code is handed out once."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.keyring = Keyring.open(Path(office.environment["SIPAS_KEYS"]))
        store, day = Store(f"sqlite:///{office.database}"), terms.today()
        with store.write() as session:
            counter = session.scalars(select(CounterCode).where(CounterCode.code == SHORT)).one().counter_id
            add_screen(session, Screen(screen=SCREEN, counter_id=counter, turn=1))
            plan = BatchPlan(
                kind="card", wave="demo-2026", unit_id=session.scalars(select(Unit.id)).one(), sector="land", quota=CARDS,
                not_before=day, not_after=day + timedelta(days=9),
            )  # fmt: skip
            self.cards = [one.code for one in mint(session, self.keyring, open_batch(session, read_shelf(SURVEYS), plan), CARDS)]
        store.close()

    def path(self, door: str) -> str:
        """Where a door leads, without the language."""
        if door == "/s short":
            step = screen_codes.step_at(terms.now().timestamp())
            return f"/s/{screen_codes.show(screen_codes.screen_key(self.keyring, SCREEN, 1), SCREEN, step)}"
        if door == "/t short":
            return f"/t/{self.cards.pop()}"
        known = {
            "/k short": f"/k/{SHORT}",
            "/k full": f"/k/{FULL}",
            "/k which sector": f"/k/{MANY}",
            "/k sector chosen": f"/k/{MANY}?sector=land",
            "/t typed": "/t",
            "ten digits typed": f"/k/{SHORT}/card",
        }
        return known[door]

    def install(self, context: BrowserContext, address: str) -> Page:
        """A tablet becomes a kiosk: the page, its worker, questions, codes for home."""
        page = context.pages[0]
        order = {"origin": address, "permissions": ["durableStorage"]}
        context.new_cdp_session(page).send("Browser.grantPermissions", order)
        page.goto(f"{address}/kiosk/")
        told = self.office.command("kiosks", "add", "--counter", COUNTER).stdout
        page.fill("#code", re.search(r"Pairing code: (\S+)", told)[1])
        page.get_by_role("button", name="Ghép máy").click()
        page.get_by_role("heading", name="Mời Ông/Bà cho ý kiến về lần phục vụ này").wait_for()
        page.evaluate("async () => { await navigator.serviceWorker.ready }")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(1_500)
        return page
