"""The composite index on a unit's page: a line of its own, under its own name, with how it is made, and never judged."""

from __future__ import annotations

import re

import pytest

from sipas.reports.scorecard import read_unit
from sipas.store.units import get_unit
from tests.reports import sealed_rows
from tests.web.officials.conftest import Room
from tests.web.proof_read import proof_read


def page_of(told: Room, query: str = "") -> str:
    answer = told.inside("head@48").get(f"/officials/units/{told.units['48']}{query}")
    assert answer.status_code == 200
    return answer.text


def part(page: str) -> str:
    found = re.search(r"<h3>(?:Chỉ số tổng hợp các yếu tố|Composite index of the factors)</h3>(.*?)<h3>", page, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_index_has_its_interval_its_answers_and_its_weights(told: Room, language: str) -> None:
    page = page_of(told, f"?lang={language}")
    proof_read(page)
    page_of(told, "?lang=vi")
    found = part(page)
    assert re.search(r"\d+([,.]\d)?% \(\d+([,.]\d)?–\d+([,.]\d)?%\)", found)
    assert "20% (số câu: 1)" in found or "20% (items: 1)" in found
    assert "không phải là tỷ lệ người hài lòng" in found or "not a share of satisfied people" in found


def test_the_index_carries_no_verdict(told: Room) -> None:
    assert 'class="verdict' not in part(page_of(told))


def test_a_quarter_offers_the_longer_period(told: Room) -> None:
    assert "Mời Ông/Bà chọn kỳ dài hơn" in part(page_of(told, "?period=2026-Q2"))


def test_weights_add_up_and_name_every_item_of_the_form(told: Room) -> None:
    with told.house.store.read() as session:
        unit = get_unit(session, told.units["48"])
        page = read_unit(session, sealed_rows.shelf(), wave=sealed_rows.WAVE, period="2026-ytd-11", unit=unit)
    told_of = [(card.line.sector, index) for card in page.cards for index in card.indices]
    assert {"procedures", "education", "health"} <= {sector for sector, _ in told_of}
    for _, index in told_of:
        form = {item.code for item in sealed_rows.shelf().instruments[index.instrument].form(index.length) if item.is_scale} - {"HL"}
        assert sum(weight.share for weight in index.weights) == pytest.approx(1)
        assert {item for weight in index.weights for item in weight.items} == form
        assert index.estimate.low <= index.estimate.value <= index.estimate.high
