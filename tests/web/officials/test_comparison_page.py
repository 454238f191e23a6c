"""The page of groups: chosen in the address, by name, never a rank; and only inside the branch."""

from __future__ import annotations

import re

import pytest

from tests.web.officials.conftest import Room
from tests.web.proof_read import proof_read

PAGE = "/officials/comparison"


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("statistic", ["overall", "pooled", "all", "mean"])
def test_every_measure_is_proof_read_in_both_languages(told: Room, statistic: str, language: str) -> None:
    answer = told.inside("head@48").get(f"{PAGE}?sector=procedures&statistic={statistic}&lang={language}")
    told.inside("head@48").get(f"{PAGE}?lang=vi")
    assert answer.status_code == 200
    proof_read(answer.text)


def test_three_groups_each_unit_with_share_interval_and_n(told: Room) -> None:
    page = told.inside("head@48").get(f"{PAGE}?sector=procedures").text
    for words in ("Chắc chắn cao hơn trung bình", "Chưa thể phân biệt với trung bình", "Chắc chắn thấp hơn trung bình"):
        assert words in page
    assert re.search(r"\d+(,\d)?% \(\d+(,\d)?–\d+(,\d)?%\)", page)
    assert "Trang này không xếp hạng." in page
    assert not re.search(r"hạng \d|huy chương|thứ nhất", page)


def test_the_first_page_leads_to_the_table_of_each_sector(told: Room) -> None:
    page = told.inside("head@48").get("/officials/?period=2026-ytd-11").text
    links = re.findall(r'href="(/officials/comparison\?[^"]+)"', page)
    assert any("sector=land" in link for link in links)
    for link in links:
        assert told.inside("head@48").get(link.replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize("query", ["sector=nowhere", "statistic=rank", "period=2031-01", "wave=nope"])
def test_what_nobody_offered_is_not_found(told: Room, query: str) -> None:
    assert told.inside("head@48").get(f"{PAGE}?{query}").status_code == 404


def test_a_sector_without_answers_in_a_period_gives_way_to_one_that_has_some(told: Room) -> None:
    assert told.inside("head@a").get(f"{PAGE}?sector=health").status_code == 200


def test_nobody_sees_units_outside_the_branch(told: Room) -> None:
    page = told.inside("head@a").get(PAGE).text
    assert set(re.findall(r"/officials/units/(\d+)", page)) <= {str(told.units["A"])}
