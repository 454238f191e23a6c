"""What ships under `surveys/` is whole, and says what the decisions say."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType

import pytest
from make_surveys import SURVEYS

from sipas.instrument.checks import check_folder
from sipas.instrument.model import Instrument
from sipas.instrument.shelf import read_shelf
from sipas.terms import Channel, Week

SHELF = read_shelf(SURVEYS)
ALL = pytest.mark.parametrize("instrument", SHELF.instruments.values(), ids=list(SHELF.instruments))
LEVELS = ("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng")
OVERALL = MappingProxyType(
    {
        "sipas-service-2023": "Nhìn chung, Ông/Bà hài lòng ở mức nào về việc phục vụ trong lần làm thủ tục này?",
        "online-service-2026": "Nhìn chung, Ông/Bà hài lòng ở mức nào về việc phục vụ trong lần làm thủ tục trực tuyến này?",
        "health-outpatient-2024": "Nhìn chung, Ông/Bà hài lòng ở mức nào về lần khám bệnh này?",
        "health-inpatient-2024": "Nhìn chung, Ông/Bà hài lòng ở mức nào về đợt điều trị này?",
        "education-parents-2019": "Nhìn chung, Ông/Bà hài lòng ở mức nào về dịch vụ giáo dục của nhà trường?",
    }
)
ITEMS = MappingProxyType(
    {
        "sipas-service-2023": {"TC": 4, "TT": 4, "CC": 5, "KQ": 3, "PA": 3},
        "online-service-2026": {"TC": 3, "KB": 3, "TD": 2, "HT": 2, "KQ": 2},
        "health-outpatient-2024": {"A": 5, "B": 10, "C": 8, "D": 4, "E": 4},
        "health-inpatient-2024": {"A": 5, "B": 7, "C": 11, "D": 7, "E": 6},
        "education-parents-2019": {"TC": 7, "CS": 8, "MT": 5, "HD": 6, "KQ": 5},
    }
)


def test_nothing_that_ships_has_a_fault() -> None:
    assert check_folder(SURVEYS) == ()


def test_five_instruments_ship() -> None:
    assert sorted(SHELF.instruments) == sorted(OVERALL)


@ALL
def test_factors_hold_the_items_of_their_source(instrument: Instrument) -> None:
    counted = {factor.code: sum(item.factor == factor.code for item in instrument.items) for factor in instrument.factors}
    assert counted == ITEMS[instrument.code]


@ALL
def test_short_form_is_one_item_a_factor_and_the_overall_one(instrument: Instrument) -> None:
    short = instrument.form("short")
    assert [item.factor for item in short] == [*(factor.code for factor in instrument.factors), None]
    assert len(short) == 6
    assert short[-1].code == "HL"


@ALL
def test_overall_item_is_worded_as_decided(instrument: Instrument) -> None:
    assert instrument.get_item("HL").text["vi"] == OVERALL[instrument.code]


@ALL
def test_scale_words_are_the_official_five(instrument: Instrument) -> None:
    assert instrument.scales["satisfaction"].levels["vi"] == LEVELS


@ALL
def test_words_for_zero_follow_the_field(instrument: Instrument) -> None:
    health = instrument.code.startswith("health")
    expected = "Không sử dụng / không có ý kiến" if health else "Chưa gặp / không có ý kiến"
    assert {item.not_met["vi"] for item in instrument.items if item.is_scale} == {expected}


@ALL
def test_every_choice_can_be_declined_and_stands_in_the_full_form_alone(instrument: Instrument) -> None:
    choices = [item for item in instrument.items if not item.is_scale]
    assert {"D_SEX", "D_AGE", "D_SCHOOLING", "D_AREA"} <= {item.code for item in choices}
    assert {item.options["declined"]["vi"] for item in choices} == {"Không muốn trả lời"}
    assert not {item.code for item in choices} & {item.code for item in instrument.form("short")}


@ALL
def test_demographics_are_asked_alike_everywhere(instrument: Instrument) -> None:
    service = SHELF.instruments["sipas-service-2023"]
    for code in ("D_SEX", "D_AGE", "D_SCHOOLING", "D_AREA"):
        assert (instrument.get_item(code).text, instrument.get_item(code).options) == (
            service.get_item(code).text,
            service.get_item(code).options,
        )


@ALL
def test_every_instrument_says_that_it_is_a_paraphrase(instrument: Instrument) -> None:
    assert instrument.based_on["vi"].startswith("Biên soạn theo ")
    assert "không phải nguyên văn" in instrument.based_on["vi"]
    assert all(item.evidence for item in instrument.items)


def test_who_is_rated_follows_decision_eleven() -> None:
    service = SHELF.instruments["sipas-service-2023"]
    sides = {factor.code: factor.side for factor in service.factors}
    assert sides == {"TC": "receiving", "TT": "deciding", "CC": "receiving", "KQ": "deciding", "PA": "receiving"}
    assert [factor.code for factor in service.factors if factor.needs_result] == ["KQ"]


def test_hospitals_and_schools_are_asked_neither_stage_nor_filing() -> None:
    for code in ("health-outpatient-2024", "health-inpatient-2024", "education-parents-2019"):
        assert SHELF.instruments[code].asks == ()


def test_every_sector_is_in_every_wave() -> None:
    sectors = {"land", "construction", "investment", "civil_status", "others", "health", "education"}
    assert {*SHELF.sectors} == sectors
    assert all({*wave.sectors} == sectors for wave in SHELF.waves.values())


def test_demonstration_wave_is_the_one_agreed() -> None:
    wave = SHELF.waves["demo-2026"]
    assert (wave.first_day, wave.last_day) == (date(2025, 11, 24), date(2029, 12, 30))
    assert (wave.headline, wave.calibrate) == ((Channel.VERIFIED, Channel.ON_SITE), ("month",))
    assert wave.demonstration


def test_the_year_2026_is_its_statistical_year() -> None:
    wave = SHELF.waves["nam-2026"]
    assert not wave.demonstration
    assert Week.of(wave.first_day).previous().thursday.year == 2025
    assert {Week.of(day).thursday.year for day in (wave.first_day, wave.last_day)} == {2026}
    assert Week.of(wave.last_day).next().thursday.year == 2027


def test_no_unverified_promise_ships() -> None:
    assert {promise.evidence for promise in SHELF.targets.values()} <= {"V", "V2", "ours"}
    assert [code for code, promise in SHELF.targets.items() if promise.demonstration] == ["demo-2026"]


def test_nha_trang_promises_strictly_more_and_joins_two_indicators() -> None:
    [target] = SHELF.targets["nha-trang-2023"].lines
    assert (target.operator, target.value) == (">", 0.84)
    assert dict(target.combine) == {"agency_service": 0.5, "services": 0.5}
