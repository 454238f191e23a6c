"""Who would rather answer at home takes a code from the kiosk: once, on site, for seven days."""

from __future__ import annotations

import re
from datetime import timedelta

import make_answers as make
import pytest
import time_machine
from kiosk_world import NOON, World

from sipas.store.kiosks import get_kiosk
from sipas.web.kiosk.deferrals import STOCK


def answer_at_home(world: World, address: str) -> None:
    """Open the address of a code, choose the sector, and send the sheet."""
    page = world.client.get(f"{address}?sector=land", follow_redirects=True)
    ticket = re.search(r'name="ticket"[^>]*value="([^"]+)"', page.text)[1]
    sent = world.client.post(page.request.path, data={"ticket": ticket, "stage": "on_time", "respondent": "citizen", "HL": "5"})
    assert sent.status_code == 200, sent.text


def test_a_beat_fills_the_stock_and_no_more(world: World) -> None:
    tablet = world.tablet()
    codes = world.beat(tablet, codes=3)["codes"]
    assert len(codes) == STOCK - 3
    assert {(code["first"], code["until"]) for code in codes} == {("2026-11-18", "2026-11-25")}
    assert all(code["address"].endswith(f"/T/{code['code']}") and len(code["rows"]) == len(code["rows"][0]) for code in codes)
    assert world.beat(tablet, codes=STOCK)["codes"] == []


def test_a_revoked_kiosk_gets_no_codes(world: World) -> None:
    tablet = world.tablet()
    with world.store.write() as session:
        get_kiosk(session, tablet.code).revoked = NOON.date()
    assert world.beat(tablet, codes=0)["codes"] == []


@pytest.mark.parametrize(("days", "told"), [(0, ("S", "")), (7, ("S", "")), (8, ("O", "expired"))])
def test_a_code_counts_on_site_for_seven_days(world: World, clock: time_machine.Coordinates, days: int, told: tuple[str, str]) -> None:
    [code] = world.beat(world.tablet(), codes=STOCK - 1)["codes"]
    clock.shift(timedelta(days=days))
    answer_at_home(world, f"/t/{code['code']}")
    [(channel, reasons, counter)] = make.rows(world.store, "SELECT channel, reasons, counter_id FROM inbox")
    assert (channel, " ".join(sorted({*reasons.split()} - {"fast", "off_hours", "no_pow"}))) == told
    assert counter == world.counter


def test_a_code_counts_on_site_once(world: World) -> None:
    [code] = world.beat(world.tablet(), codes=STOCK - 1)["codes"]
    for _ in range(2):
        answer_at_home(world, f"/t/{code['code']}")
    assert sorted(channel for (channel,) in make.rows(world.store, "SELECT channel FROM inbox")) == ["O", "S"]
