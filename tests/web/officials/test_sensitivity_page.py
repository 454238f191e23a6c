"""The page that tries other ways: linked from each sector, one sentence on top, marks where the verdict differs."""

from __future__ import annotations

import re

import pytest

from sipas.reports.filing_told import FilingTold
from sipas.web.officials.sensitivity import Say
from tests.web.officials.conftest import Room
from tests.web.proof_read import proof_read


def page_of(told: Room, query: str = "") -> str:
    answer = told.inside("head@48").get(f"/officials/units/{told.units['48']}/sensitivity{query}")
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("sector", ["procedures", "land", "education"])
def test_every_sector_is_proof_read_in_both_languages(told: Room, sector: str, language: str) -> None:
    proof_read(page_of(told, f"?sector={sector}&lang={language}"))
    page_of(told, "?lang=vi")


def test_one_sentence_on_top_and_a_mark_at_each_way_that_differs(told: Room) -> None:
    for sector in ("procedures", "land", "civil_status", "education", "health"):
        page = page_of(told, f"?sector={sector}")
        marks = page.count('class="mark"')
        said = re.search(r'<li class="finding">(.*?)</li>', page, re.DOTALL)
        assert said
        assert re.search(r"giữ nguyên ở cả \d+ cách tính khác" if marks == 0 else rf"\b{marks} trong \d+ cách tính khác", said[1])
        for words in ("Không gắn quyền số", "Khoảng tin cậy Wilson", "Tính thêm kênh O"):
            assert words in page


def test_the_units_page_leads_to_it_for_each_published_sector(told: Room) -> None:
    page = told.inside("head@48").get(f"/officials/units/{told.units['48']}").text
    links = re.findall(r'href="(/officials/units/\d+/sensitivity\?[^"]+)"', page)
    assert len(links) >= 7
    for link in links:
        assert told.inside("head@48").get(link.replace("&amp;", "&")).status_code == 200


def test_what_nobody_offered_is_not_found(told: Room) -> None:
    browser = told.inside("head@48")
    for query in ("sector=nowhere", "period=2031-01"):
        assert browser.get(f"/officials/units/{told.units['48']}/sensitivity?{query}").status_code == 404
    assert told.inside("head@a").get(f"/officials/units/{told.units['B']}/sensitivity").status_code == 404


def test_a_month_without_a_published_figure_says_so(told: Room) -> None:
    pages = [page_of(told, f"?period=2026-{month:02d}&sector=investment") for month in range(1, 11)]
    assert any("chưa có kết quả nào của đơn vị được công bố" in page for page in pages)


@pytest.mark.parametrize(
    ("language", "words"), [("vi", "Nộp trực tiếp + Có người hỗ trợ nộp"), ("en", "In person + Somebody helped me file")]
)
def test_what_was_done_with_ways_of_filing_is_told_in_both_languages(told: Room, language: str, words: str) -> None:
    alone = tuple((reason, 2) for reason in ("contradiction", "few_clusters", "not_in_frame", "not_told", "one_cell"))
    with told.app.test_request_context(f"/?lang={language}"):
        said = Say.filing(FilingTold(True, alone, ((("counter", "assisted"), 3),), 1))
        full = Say.filing(FilingTold(False, (), (), 0))
    assert len(said) == 8
    assert len(set(said)) == 8
    assert words in said[6]
    assert len(full) == 2
    assert "tháng" not in full[0] and "month" not in full[0]
