"""The page of signs: whole sets, single papers, a second language, and what cannot be printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sipas.store.engine import Store
from sipas.store.units import CounterCode, list_counters
from tests.exports.pdf_objects import Pdf
from tests.exports.pdf_ua import faults
from tests.web.officials.conftest import Room, furnish
from tests.web.proof_read import proof_read

PAGE = "/officials/signs"


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("account", ["head@48", "official@a", "admin@48"])
def test_the_page_is_proof_read(room_on_sqlite: Room, language: str, account: str) -> None:
    answer = room_on_sqlite.inside(account).get(f"{PAGE}?lang={language}")
    assert answer.status_code == 200
    proof_read(answer.text)


def test_a_unit_prints_all_its_signs_at_once(room_on_sqlite: Room) -> None:
    unit = room_on_sqlite.units["A"]
    answer = room_on_sqlite.inside("head@a").get(f"/officials/units/{unit}/signs.pdf")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="bo-bang-ma-{unit}.pdf"'
    assert faults(answer.data) == []
    assert len(list(Pdf(answer.data).pages())) == 4


def test_the_chosen_second_language_is_carried_to_every_file(room_on_sqlite: Room) -> None:
    browser = room_on_sqlite.inside("head@a")
    assert "second=en" in browser.get(PAGE).text
    alone = browser.get(f"{PAGE}?second=none").text
    assert "second=none" in alone
    assert "second=en" not in alone
    unit = room_on_sqlite.units["A"]
    spoken, silent = (browser.get(f"/officials/units/{unit}/signs.pdf?second={second}").data for second in ("en", "none"))
    assert spoken != silent
    assert browser.get(f"{PAGE}?second=xx").status_code == 404


def test_another_units_signs_and_unknown_papers_are_not_found(room_on_sqlite: Room) -> None:
    browser, units = room_on_sqlite.inside("head@a"), room_on_sqlite.units
    for address in (
        f"/officials/units/{units['B']}/signs.pdf",
        f"/officials/units/{units['A']}/signs/AAAAAAAA{units['A']:02d}.pdf?paper=A3",
        f"/officials/units/{units['A']}/signs/AAAAAAAA{units['A']:02d}.docx",
        f"/officials/units/{units['A']}/signs/AAAAAAAA{units['B']:02d}.pdf",
    ):
        assert browser.get(address).status_code == 404, address


def test_an_address_that_no_phone_opens_is_told_instead_of_printed(sqlite_store: Store, tmp_path: Path) -> None:
    room = furnish(sqlite_store, tmp_path, public_url="http://127.0.0.1:8000", demo=False)
    answer = room.inside("head@a").get(f"/officials/units/{room.units['A']}/signs.pdf")
    assert answer.status_code == 409
    assert "SIPAS_PUBLIC_URL" in answer.text
    proof_read(answer.text)


def test_links_and_revoked_codes_stand_on_no_sign(room_on_sqlite: Room) -> None:
    unit = room_on_sqlite.units["A"]
    with room_on_sqlite.house.store.write() as session:
        counter = list_counters(session, unit)[0]
        session.add(CounterCode(code="LLLLLLLLLL", counter_id=counter.id, medium="link"))
        session.add(CounterCode(code="RRRRRRRRRR", counter_id=counter.id, revoked=True))
    browser = room_on_sqlite.inside("head@a")
    page = browser.get(PAGE).text
    assert f"AAAAAAAA{unit:02d}" in page
    for code in ("LLLLLLLLLL", "RRRRRRRRRR"):
        assert code not in page
        assert browser.get(f"/officials/units/{unit}/signs/{code}.pdf").status_code == 404
    assert len(list(Pdf(browser.get(f"/officials/units/{unit}/signs.pdf").data).pages())) == 4
