"""The page of key drivers: linked from the unit's page, groups instead of ranks, its caveats, and what it says of too few answers."""

from __future__ import annotations

import re

import pytest

from tests.web.officials.conftest import Room
from tests.web.proof_read import proof_read


def page_of(told: Room, query: str = "", unit: str = "48") -> str:
    answer = told.inside("head@48").get(f"/officials/units/{told.units[unit]}/drivers{query}")
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("sector", ["procedures", "education", "construction"])
def test_every_sector_is_proof_read_in_both_languages(told: Room, sector: str, language: str) -> None:
    proof_read(page_of(told, f"?sector={sector}&lang={language}"))
    page_of(told, "?lang=vi")


def test_each_form_says_what_stands_out_how_much_is_explained_and_from_how_many(told: Room) -> None:
    page = page_of(told, "?sector=procedures")
    forms = page.count('<section class="sector">')
    assert forms == 2
    assert len(re.findall(r'<li class="finding">(?:Đi liền với|Chưa thấy yếu tố nào)', page)) == forms
    assert len(re.findall(r"giải thích \d+% sự khác nhau về mức hài lòng chung \(từ \d+% đến \d+%\)", page)) == forms
    assert len(re.findall(r"Tính trên \d+ phiếu", page)) == forms
    assert page.count("<figure") == forms
    assert "không gộp với nhau" in page


def test_it_says_that_association_is_no_cause(told: Room) -> None:
    assert "không phải nguyên nhân" in page_of(told)
    assert "Không dùng trang này để xếp hạng đơn vị" in page_of(told)


def test_few_answers_are_answered_with_what_is_missing(told: Room) -> None:
    page = page_of(told, "?sector=investment", "A")
    assert "cần ít nhất 30 phiếu" in page
    assert "<figure" not in page


def test_the_units_page_leads_to_it(told: Room) -> None:
    links = re.findall(
        r'href="(/officials/units/\d+/drivers\?[^"]+)"', told.inside("head@48").get(f"/officials/units/{told.units['48']}").text
    )
    assert len(links) >= 7
    for link in links:
        assert told.inside("head@48").get(link.replace("&amp;", "&")).status_code == 200


def test_what_nobody_offered_is_not_found(told: Room) -> None:
    assert told.inside("head@48").get(f"/officials/units/{told.units['48']}/drivers?sector=nowhere").status_code == 404
    assert told.inside("head@a").get(f"/officials/units/{told.units['B']}/drivers").status_code == 404


def test_the_first_page_leads_to_both_pages_of_its_own_unit(told: Room) -> None:
    page = told.inside("head@48").get("/officials/").text
    for name in ("trend", "drivers"):
        (link,) = re.findall(rf'href="(/officials/units/\d+/{name}\?[^"]+)"', page)
        assert f"/units/{told.units['48']}/" in link
        assert told.inside("head@48").get(link.replace("&amp;", "&")).status_code == 200
