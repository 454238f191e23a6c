"""The pages of unusual signs: who may see them, what they say, and that a decision changes nothing but the log."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from sipas.reports.facts import compute
from sipas.reports.forensics import screen_and_store
from sipas.stats.forensics import RULES_VERSION
from sipas.store.audit import list_audits
from sipas.store.engine import Store
from sipas.store.forensics import list_dispositions
from sipas.terms import Role, now
from sipas.web.officials.accounts import add_official
from tests.reports import sealed_rows as make
from tests.reports.stuffed_rows import ROUNDS, bytes_of, honest, stuff
from tests.web.officials.browser import Browser
from tests.web.officials.conftest import Room, furnish
from tests.web.proof_read import proof_read

PAGE = "/officials/forensics"
WHY = "Đã xem sổ hồ sơ: đợt trả kết quả tập trung."


@dataclass(frozen=True)
class Flagged:
    """A room whose newest screening flags one unit."""

    room: Room
    unit: int
    other: int

    @property
    def analyst(self) -> Browser:
        return self.room.inside("analyst@48")


@pytest.fixture(scope="module")
def flagged(tmp_path_factory: pytest.TempPathFactory, blank_sqlite: Path) -> Iterator[Flagged]:
    folder = tmp_path_factory.mktemp("flagged")
    shutil.copy(blank_sqlite, folder / "flagged.sqlite")
    store = Store(f"sqlite:///{folder / 'flagged.sqlite'}")
    province = honest(store, n=5200)
    unit, other = province.strata[25][0], province.strata[0][0]
    stuff(store, province, unit=unit)
    compute(store, make.shelf(), make.WAVE)
    screen_and_store(store, make.shelf(), make.WAVE, permutations=ROUNDS)
    yield Flagged(furnish(store, folder, units={"48": province.root, "A": unit, "B": other}), unit, other)
    store.close()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_pages_are_proof_read_in_both_languages(flagged: Flagged, language: str) -> None:
    for address in (PAGE, f"{PAGE}/{flagged.unit}"):
        answer = flagged.analyst.get(f"{address}?lang={language}")
        flagged.analyst.get(f"{PAGE}?lang=vi")
        assert answer.status_code == 200
        proof_read(answer.text)


def test_before_the_first_screening_the_page_says_when_it_comes(told: Room) -> None:
    answer = told.inside("analyst@48").get(PAGE)
    assert "Chưa có lần rà soát nào." in answer.text
    proof_read(answer.text)


def test_the_list_names_units_reasons_false_alarms_and_accuses_nobody(flagged: Flagged) -> None:
    page = flagged.analyst.get(PAGE).text
    for words in (
        "Dấu hiệu bất thường, chưa phải kết luận", "Trả lời nhanh bất thường", "Một bộ câu trả lời lặp lại nhiều lần", "được nêu nhầm",
        RULES_VERSION, "Không phiếu nào bị sửa hay bị bỏ.", "Tính mọi phiếu:", "Không tính phiếu có dấu hiệu:", "Chưa có quyết định",
    ):  # fmt: skip
        assert words in page
    assert re.findall(rf"{PAGE}/(\d+)", page) == [str(flagged.unit)]
    assert not re.search(r"gian lận|vi phạm|sai phạm|gian dối|thủ phạm", page)


def test_the_unit_shows_observed_against_usual_and_each_result_with_and_without(flagged: Flagged) -> None:
    page = flagged.analyst.get(f"{PAGE}/{flagged.unit}").text
    assert "60 phiếu" in page
    assert "dưới 1 phiếu" in page
    assert "tuần 09–15/11/2026" in page
    assert len(re.findall(r"\d+(,\d)?% \(\d+(,\d)?–\d+(,\d)?%\)", page)) >= 3
    assert "Không phiếu nào có dấu hiệu" in page


@pytest.mark.parametrize("account", ["official@a", "head@a", "admin@48", "head@48"])
def test_every_other_role_finds_no_page_and_no_form(flagged: Flagged, account: str) -> None:
    browser = flagged.room.inside(account)
    for address in (PAGE, f"{PAGE}/{flagged.unit}"):
        assert browser.get(address).status_code == 404
        assert "/officials/forensics" not in browser.get("/officials/signs").text
    assert decide(browser, flagged.unit).status_code == 404


def test_nobody_decides_about_the_unit_that_one_belongs_to(flagged: Flagged) -> None:
    house = flagged.room.house
    printed = add_official(
        house.store, account="analyst@a", name="x", role=Role.ANALYST, unit_id=flagged.unit, keyring=house.keyring, rng=Random(9), now=now()
    )
    browser = flagged.room.browser()
    browser.enter(printed)
    assert str(flagged.unit) not in re.findall(rf"{PAGE}/(\d+)", browser.get(PAGE).text)
    assert browser.get(f"{PAGE}/{flagged.unit}").status_code == 404
    before = decided(flagged)
    assert decide(browser, flagged.unit).status_code == 404
    assert decided(flagged) == before


def test_a_unit_without_a_flag_has_no_page(flagged: Flagged) -> None:
    answer = flagged.analyst.get(f"{PAGE}/{flagged.other}")
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert decide(flagged.analyst, flagged.other).status_code == 404


@pytest.mark.parametrize("query", ["wave=nope", "period=2026-Q1", "period=2026-11"])
def test_what_nobody_offered_is_not_found(flagged: Flagged, query: str) -> None:
    assert flagged.analyst.get(f"{PAGE}?{query}").status_code == 404


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"decision": ""}, 422),
        ({"decision": "delete"}, 422),
        ({"reason": "  vì  "}, 422),
        ({"reason": "x" * 2001}, 422),
        ({"screening": "99"}, 409),
    ],
)
def test_a_decision_without_its_parts_is_asked_for_again_and_not_written(flagged: Flagged, fields: dict[str, str], status: int) -> None:
    before = decided(flagged)
    answer = decide(flagged.analyst, flagged.unit, **fields)
    assert answer.status_code == status
    proof_read(answer.text)
    assert decided(flagged) == before


def test_a_decision_is_logged_with_its_reason_and_changes_no_answer_and_no_figure(flagged: Flagged) -> None:
    store = flagged.room.house.store
    tables = ("response", "open_response", "batch", "fact", "released", "run", "screening", "screening_flag", "screening_share")
    before, headline = bytes_of(store, *tables), flagged.analyst.get("/officials/").text
    answer = decide(flagged.analyst, flagged.unit, decision="set_aside")
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, f"{PAGE}/{flagged.unit}")
    assert bytes_of(store, *tables) == before
    assert without_token(flagged.analyst.get("/officials/").text) == without_token(headline)
    with store.read() as session:
        audit = list_audits(session, action="decided_flag")[-1]
        made, week = list_dispositions(session, make.WAVE, "2026-Q4")[-1]
    told = json.loads(audit.details)
    assert (audit.official, told["unit"], told["decision"], told["reason"]) == ("analyst@48", flagged.unit, "set_aside", WHY)
    assert (made.reason, made.official, week) == (WHY, "analyst@48", "2026-W46")
    page = flagged.analyst.get(f"{PAGE}/{flagged.unit}").text
    assert f"Lý do: {WHY}" in page
    assert "Để riêng" in flagged.analyst.get(PAGE).text


def decide(browser: Browser, unit: int, **fields: str):
    """Send the form as the page of the unit would; where there is none, with the token of another."""
    page = browser.get(f"{PAGE}/{unit}")
    seen = re.search(r'name="screening" value="(\d+)"', page.text)
    form = f"{PAGE}/{unit}" if page.status_code == 200 else "/officials/password"
    told = {"decision": "keep", "reason": WHY, "screening": seen[1] if seen else "1"} | fields
    return browser.post(f"{PAGE}/{unit}", form=form, **told)


def decided(flagged: Flagged) -> int:
    with flagged.room.house.store.read() as session:
        return len(list_dispositions(session, make.WAVE, "2026-Q4")) + len(list_audits(session, action="decided_flag"))


def without_token(page: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page)
