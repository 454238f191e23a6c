"""The planner: a form whose answer is an address, its figures those of the pillar, its complaints beside their fields."""

from __future__ import annotations

import math
import re
from urllib.parse import urlencode

import pytest

from sipas.stats.fieldwork import Wish, plan_survey
from tests.web.officials.conftest import Room
from tests.web.proof_read import proof_read

WELL = "population=12.500&expected=93&target=90&margin=3&response=40&deff=1,5"


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("query", ["", WELL, "expected=&response=0"])
def test_every_state_is_proof_read_in_both_languages(told: Room, query: str, language: str) -> None:
    proof_read(told.inside("head@48").get(f"/officials/planner?{query}&lang={language}").text)
    told.inside("head@48").get("/officials/planner?lang=vi")


def cells(page: str) -> list[str]:
    return [text.replace(".", "") for text in re.findall(r'<td class="figure"[^>]*>([^<]+)</td>', page)]


@pytest.mark.parametrize(
    ("population", "expected", "target", "margin", "response", "deff"),
    [
        ("12.500", "93", "90", "3", "40", "1,5"),
        ("", "93%", "90", "2.5", "70", "1"),
        ("900", "80", "90", "", "100", "2"),
        ("12 500", "50", "", "3", "40", "1"),
    ],
)
def test_the_figures_are_those_of_the_pillar(
    told: Room, population: str, expected: str, target: str, margin: str, response: str, deff: str
) -> None:
    query = (
        f"population={population}&expected={expected.replace('%', '%25')}&target={target}&margin={margin}&response={response}&deff={deff}"
    )
    answer = told.inside("head@48").get(f"/officials/planner?{query}")
    assert answer.status_code == 200
    people = float(re.sub(r"\D", "", population)) if population else math.inf

    def share(text: str) -> float | None:
        return float(text.strip("%").replace(",", ".")) / 100 if text else None

    wish = Wish(margin=share(margin), target=share(target), deff=float(deff.replace(",", ".")), response_rate=share(response) or 1.0)
    plan = plan_survey(people, share(expected) or 0.0, wish)
    wanted: list[str] = []
    for size in (plan.to_show, plan.for_margin):
        if size is not None:
            wanted += [str(size.answers), str(size.invitations)]
    if plan.yamane is not None:
        wanted += [str(plan.yamane), "–"]
    assert cells(answer.text) == wanted


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("population", "abc"), ("population", "-5"), ("population", "1.2.3"), ("population", "0"), ("population", "9" * 30),
        ("expected", ""), ("expected", "101"), ("expected", "nan"), ("expected", "inf"), ("target", "0"), ("margin", "0"), ("margin", "60"),
        ("response", "0"), ("response", ""), ("deff", "0,5"), ("deff", "<b>"),
    ],
)  # fmt: skip
def test_a_wrong_number_is_answered_beside_its_field_and_the_others_stay(told: Room, field: str, text: str) -> None:
    given = dict(part.split("=") for part in WELL.split("&")) | {field: text}
    answer = told.inside("head@48").get(f"/officials/planner?{urlencode(given)}")
    assert answer.status_code == 422
    page = proof_read(answer.text)
    wrong = [one["name"] for one in page.all("input") if one.get("aria-invalid")]
    assert wrong == [field]
    assert f'id="{field}-problem"' in answer.text
    kept = {one["name"]: one["value"] for one in page.all("input") if one.get("name") in given}
    assert all(kept[name] == value for name, value in given.items() if name != field)
    assert "<b>" not in answer.text


def test_neither_target_nor_margin_is_no_plan(told: Room) -> None:
    answer = told.inside("head@48").get("/officials/planner?expected=93&response=40&deff=1")
    assert answer.status_code == 422
    assert "Mời nhập chỉ tiêu, hoặc sai số, hoặc cả hai." in answer.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("expected=90&target=90&response=40&deff=1", "Không số phiếu nào đủ cho mục đích này."),
        ("population=900&expected=91&target=90&response=40&deff=1", "Không thực hiện được với số hồ sơ này"),
        ("population=20&expected=99&target=90&response=100&deff=1", "Dưới 30 phiếu thì không có kết luận"),
        ("expected=80&target=90&response=100&deff=1", "Chứng tỏ chưa đạt chỉ tiêu 90%"),
    ],
)
def test_what_cannot_be_shown_is_said(told: Room, query: str, words: str) -> None:
    answer = told.inside("head@48").get(f"/officials/planner?{query}")
    assert answer.status_code == 200
    assert words in answer.text


def test_it_needs_no_results(room_on_sqlite: Room) -> None:
    assert room_on_sqlite.inside("head@48").get(f"/officials/planner?{WELL}").status_code == 200
