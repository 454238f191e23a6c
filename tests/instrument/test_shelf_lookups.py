"""Which wave and which instrument answer for a counter, and in which words people are asked."""

from __future__ import annotations

from datetime import date

import pytest
from make_surveys import SURVEYS

from sipas.instrument import flow
from sipas.instrument.shelf import UnknownInstrumentError, read_shelf
from sipas.instrument.speech import in_language

SHELF = read_shelf(SURVEYS)
SERVICE = SHELF.instruments["sipas-service-2023"]


@pytest.mark.parametrize(
    ("day", "demonstration", "code"),
    [
        (date(2025, 11, 23), True, None),
        (date(2025, 11, 24), True, "demo-2026"),
        (date(2029, 12, 30), True, "demo-2026"),
        (date(2029, 12, 31), True, None),
        (date(2025, 12, 28), False, None),
        (date(2025, 12, 29), False, "nam-2026"),
        (date(2027, 1, 3), False, "nam-2026"),
    ],
)
def test_wave_is_open_from_its_first_to_its_last_day(day: date, demonstration: bool, code: str | None) -> None:  # noqa: FBT001 -- a case
    wave = SHELF.wave_for("land", day, demonstration=demonstration)
    assert (wave.code if wave else None) == code


def test_no_wave_holds_an_unknown_sector() -> None:
    assert SHELF.wave_for("moon", date(2026, 11, 21), demonstration=False) is None


@pytest.mark.parametrize(
    ("sector", "override", "code"),
    [
        ("health", "", "health-outpatient-2024"),
        ("health", "health-inpatient-2024", "health-inpatient-2024"),
        ("land", "online-service-2026", "online-service-2026"),
        ("land", "health-inpatient-2024", "sipas-service-2023"),
    ],
)
def test_counter_may_name_another_instrument_of_its_sector(sector: str, override: str, code: str) -> None:
    assert SHELF.instrument_for(SHELF.waves["nam-2026"], sector, override).code == code


def test_counter_that_names_no_instrument_of_the_shelf_is_refused() -> None:
    with pytest.raises(UnknownInstrumentError, match="no instrument 'sipas-2019'"):
        SHELF.instrument_for(SHELF.waves["nam-2026"], "land", "sipas-2019")


def test_wave_lists_every_instrument_it_may_ask() -> None:
    assert [one.code for one in SHELF.instruments_of(SHELF.waves["nam-2026"])] == sorted(SHELF.instruments)


@pytest.mark.parametrize("stage", flow.STAGES)
def test_result_factor_follows_the_stage(stage: str) -> None:
    for length in ("short", "full"):
        factors = {item.factor for item in flow.shown(SERVICE, length, stage)}
        assert ("KQ" in factors) == (stage in {"on_time", "late", "returned"})


def test_short_form_does_not_ask_how_a_dossier_was_filed() -> None:
    assert flow.asked(SERVICE, "short") == ("stage", "respondent")
    assert flow.asked(SERVICE, "full") == ("stage", "respondent", "filing")


def test_everything_asked_first_has_words_in_both_languages() -> None:
    for what, codes in {"stage": flow.STAGES, "respondent": flow.RESPONDENTS, "filing": flow.FILINGS}.items():
        assert tuple(flow.WORDS[what]) == codes
        assert all({*words} == {"vi", "en"} for words in (*flow.WORDS[what].values(), flow.QUESTIONS[what]))


@pytest.mark.parametrize(("language", "said"), [("en", "Land"), ("en-GB", "Land"), ("km", "Đất đai"), ("vi", "Đất đai")])
def test_language_falls_back_to_vietnamese(language: str, said: str) -> None:
    assert in_language(SHELF.sectors["land"].name, language) == said
