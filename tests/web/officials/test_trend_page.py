"""The page of a sector over time: linked from the unit's page, a sentence on top, and its four states."""

from __future__ import annotations

import re

import pytest

from tests.web.officials.conftest import Room
from tests.web.proof_read import proof_read


def page_of(told: Room, query: str = "", unit: str = "48") -> str:
    answer = told.inside("head@48").get(f"/officials/units/{told.units[unit]}/trend{query}")
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("query", ["?sector=procedures", "?sector=land&step=quarter", "?sector=education"])
def test_every_series_is_proof_read_in_both_languages(told: Room, query: str, language: str) -> None:
    proof_read(page_of(told, f"{query}&lang={language}"))
    page_of(told, "?lang=vi")


def test_a_sentence_says_up_down_or_neither_with_its_interval(told: Room) -> None:
    said = re.search(r'<li class="finding">(.*?)</li>', page_of(told, "?sector=procedures"), re.DOTALL)
    assert said
    assert re.search(r"Xu hướng (tăng|giảm)|Chưa thấy xu hướng rõ", said[1])
    assert re.search(r"điểm phần trăm \(từ −?\d+,\d\d đến −?\d+,\d\d\)", said[1])


def test_few_quarters_are_shown_and_not_tested(told: Room) -> None:
    page = page_of(told, "?sector=procedures&step=quarter")
    assert "cần ít nhất 6 kỳ" in page
    assert "<figure" in page
    assert "chưa đủ các tháng" in page


def test_the_units_page_leads_to_it(told: Room) -> None:
    links = re.findall(
        r'href="(/officials/units/\d+/trend\?[^"]+)"', told.inside("head@48").get(f"/officials/units/{told.units['48']}").text
    )
    assert len(links) >= 7
    for link in links:
        assert told.inside("head@48").get(link.replace("&amp;", "&")).status_code == 200


def test_what_nobody_offered_is_not_found(told: Room) -> None:
    for query in ("?sector=nowhere", "?step=week", "?sector=land&step=day"):
        assert told.inside("head@48").get(f"/officials/units/{told.units['48']}/trend{query}").status_code == 404
    assert told.inside("head@a").get(f"/officials/units/{told.units['B']}/trend").status_code == 404


def test_a_series_with_too_few_answers_says_what_is_missing(told: Room) -> None:
    pages = [page_of(told, f"?sector={sector}", "A") for sector in ("land", "construction", "investment", "others", "civil_status")]
    assert all("Chưa đủ số phiếu" in page or "<figure" in page for page in pages)


def test_a_month_that_may_not_be_told_says_why_and_gives_no_count(told: Room) -> None:
    page = page_of(told, "?sector=education&step=month", "B")
    rows = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
    hidden = [row for row in rows if "không công bố để bảo vệ người trả lời" in row.lower()]
    assert hidden
    assert all(row.count(">–<") == 1 and "%" not in row for row in hidden)
