"""Nha Trang's promise of 2023, which joins agencies with public service units: told, and never judged by half of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sipas.reports.judging import find_target
from sipas.reports.lines import Line
from sipas.reports.lining import Place, agency_lines, read_line
from sipas.reports.released import Shown
from sipas.store.units import Unit
from sipas.terms import last_thursday
from tests.reports import sealed_rows

NHA_TRANG = (("district", "568"), ("province", "56"))
WARD = (("commune", "22333"), *NHA_TRANG)


def place(chain: tuple[tuple[str, str], ...], period: str) -> Place:
    shelf = sealed_rows.shelf()
    wave = replace(shelf.waves["nam-2026"], demonstration=False)
    return Place(shelf, wave, Unit(id=7, code=chain[0][1], tier=chain[0][0], path="/1/7/"), chain, period)


def agency(chain: tuple[tuple[str, str], ...], period: str) -> Line:
    (line,) = agency_lines(place(chain, period))
    return line


@pytest.mark.parametrize("chain", [NHA_TRANG, WARD])
@pytest.mark.parametrize("period", ["2023", "2023-Q2", "2023-12"])
def test_where_it_was_in_force_it_has_its_words_and_no_data(chain: tuple[tuple[str, str], ...], period: str) -> None:
    line = agency(chain, period)
    assert (line.indicator, line.verdict, line.estimate) == ("agency_service", "no_data", None)
    assert line.target
    assert (line.target.value, line.target.operator, line.target.set_code, line.target.expired) == (0.84, ">", "nha-trang-2023", False)
    assert line.name["vi"] == "Tính gộp: Dịch vụ sự nghiệp công (50%) + Sự phục vụ của cơ quan hành chính (50%)"
    assert line.name["en"] == "Joined: Public services (50%) + Service of administrative agencies (50%)"


@pytest.mark.parametrize(
    ("chain", "period"), [(NHA_TRANG, "2024"), (NHA_TRANG, "2022-Q4"), (NHA_TRANG, "2025-12"), (NHA_TRANG[1:], "2023")]
)
def test_elsewhere_and_at_other_times_the_nations_stands(chain: tuple[tuple[str, str], ...], period: str) -> None:
    line = agency(chain, period)
    assert line.target
    assert (line.target.set_code, line.verdict) == ("quoc-gia-2025", "no_data")
    assert line.name["vi"] == "Sự phục vụ của cơ quan hành chính"


def test_where_it_is_the_only_promise_it_is_history_as_long_as_the_city_stood() -> None:
    alone = place(NHA_TRANG, "2024")
    only = replace(alone.shelf, targets={"nha-trang-2023": alone.shelf.targets["nha-trang-2023"]})
    (line,) = agency_lines(replace(alone, shelf=only))
    assert line.target
    assert (line.target.set_code, line.target.expired, line.verdict) == ("nha-trang-2023", True, "no_data")
    asked = [line.target for line in agency_lines(replace(alone, shelf=only, period="2025-Q4"))]
    assert asked in ([], [None])


@pytest.mark.parametrize("sector", ["health", "education", "land"])
def test_it_judges_no_single_sector(sector: str) -> None:
    there = place(NHA_TRANG, "2023")
    found = find_target(there.shelf, there.wave, there.chain, sector, last_thursday("2023"))
    assert found
    assert found.set.code == "quoc-gia-2025"
    assert read_line(there, Shown({}), sector).verdict == "no_data"
