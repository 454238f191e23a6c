"""Why a column of changes is empty, and where one is not."""

from __future__ import annotations

import re

import pytest

from tests.web.officials.conftest import Room

WHY = "Chưa có kỳ trước để so sánh."


def page(told: Room, query: str = "") -> str:
    return told.inside("head@48").get(f"/officials/?{query}").text


def test_the_first_years_page_says_why_and_leads_to_the_newest_quarter(told: Room) -> None:
    first = page(told)
    assert WHY in first
    (address, words) = re.findall(r'<a href="(/officials/[^"]*period=2026-Q4[^"]*)">([^<]+)</a>', first)[0]
    assert words == "Xem quý IV/2026 so với quý trước"
    quarter = told.inside("head@48").get(address.replace("&amp;", "&")).text
    assert WHY not in quarter
    assert "điểm phần trăm" in quarter


@pytest.mark.parametrize(
    ("period", "said"), [("2026-11", False), ("2026-Q3", False), ("2026-Q4", False), ("2025-Q4", True), ("2025", True)]
)
def test_it_is_said_only_where_nothing_came_before(told: Room, period: str, *, said: bool) -> None:
    assert (WHY in page(told, f"period={period}")) is said


def test_the_link_keeps_the_channel(told: Room) -> None:
    assert re.search(r"period=2026-Q4&amp;channels=V", page(told, "channels=V"))
