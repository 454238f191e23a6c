"""Whatever a browser sends is a sheet, or a list of what to mend."""

from __future__ import annotations

import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make_surveys import SURVEYS

from sipas.instrument import flow
from sipas.instrument.sheet import Problems, Sheet, read_sheet
from sipas.instrument.shelf import read_shelf

SHELF = read_shelf(SURVEYS)
SERVICE = SHELF.instruments["sipas-service-2023"]
VISIT = SHELF.instruments["health-outpatient-2024"]
ASKED = {"stage": "on_time", "respondent": "citizen"}
SHORT = {item.code: "4" for item in SERVICE.form("short")}
NAMES = ["stage", "respondent", "filing", "comment", "reply", *(item.code for item in SERVICE.items)]


def slips(raw: dict[str, str], *, length: str = "short", reminded: bool = False) -> list[tuple[str, str]]:
    found = read_sheet(SERVICE, length, raw, reminded=reminded)
    return [(problem.field, problem.kind) for problem in found.items] if isinstance(found, Problems) else []


def sheet(raw: dict[str, str], *, length: str = "short", reminded: bool = False) -> Sheet:
    found = read_sheet(SERVICE, length, raw, reminded=reminded)
    assert isinstance(found, Sheet), found
    return found


def test_short_sheet_holds_its_six_answers_and_did_not_ask_filing() -> None:
    read = sheet(ASKED | SHORT)
    assert dict(read.answers) == dict.fromkeys(["TC1", "TT2", "CC1", "KQ1", "PA2", "HL"], 4)
    assert (read.stage, read.respondent, read.filing) == ("on_time", "citizen", "not_asked")


def test_no_opinion_is_kept_apart_from_an_item_left_blank() -> None:
    read = sheet(ASKED | SHORT | {"TC1": "0", "TT2": ""})
    assert (read.answers["TC1"], read.answers["TT2"]) == (0, None)


def test_result_is_not_read_while_there_is_none() -> None:
    read = sheet(ASKED | SHORT | {"stage": "waiting"})
    assert "KQ1" not in read.answers


@pytest.mark.parametrize("stage", ["on_time", "late", "returned"])
def test_result_is_read_once_there_is_one(stage: str) -> None:
    assert sheet(ASKED | SHORT | {"stage": stage}).answers["KQ1"] == 4


def test_overall_item_is_asked_for_once() -> None:
    raw = {key: value for key, value in (ASKED | SHORT).items() if key != "HL"}
    assert slips(raw) == [("HL", "overall_missing")]
    assert sheet(raw, reminded=True).answers["HL"] is None


@pytest.mark.parametrize("what", ["stage", "respondent"])
def test_what_is_asked_first_is_asked_for_once_too(what: str) -> None:
    raw = {key: value for key, value in (ASKED | SHORT).items() if key != what}
    assert slips(raw) == [(what, f"{what}_missing")]
    read = sheet(raw, reminded=True)
    assert getattr(read, what) == "left_blank"
    assert read.answers["KQ1"] == sheet(ASKED | SHORT).answers["KQ1"]


def test_no_opinion_overall_is_an_answer_and_brings_no_reminder() -> None:
    assert sheet(ASKED | SHORT | {"HL": "0"}).answers["HL"] == 0


def test_everything_to_mend_is_told_at_once_in_form_order() -> None:
    raw = {"TC1": "6", "D_SEX": "robot", "filing": "pigeon", "comment": "x" * 2001}
    assert slips(raw, length="full") == [
        ("stage", "stage_missing"),
        ("respondent", "respondent_missing"),
        ("filing", "forged_option"),
        ("TC1", "forged_option"),
        ("D_SEX", "forged_option"),
        ("HL", "overall_missing"),
        ("comment", "comment_too_long"),
    ]


@pytest.mark.parametrize("forged", ["6", "-1", "5.0", "05", " 5", "٥", "True", "null", "5\x00"])
def test_level_that_the_form_does_not_offer_is_forged(forged: str) -> None:
    assert slips(ASKED | SHORT | {"HL": forged}, reminded=True) == [("HL", "forged_option")]


def test_item_of_the_other_form_is_not_taken() -> None:
    assert "TC2" not in sheet(ASKED | SHORT | {"TC2": "1", "D_SEX": "male"}).answers


def test_filing_of_the_full_form_may_stay_open() -> None:
    full = ASKED | {"HL": "5"}
    assert sheet(full, length="full").filing == "left_blank"
    assert sheet(full | {"filing": "online"}, length="full").filing == "online"


def test_hospital_is_asked_no_stage() -> None:
    read = read_sheet(VISIT, "short", {"HL": "3", "stage": "late"}, reminded=False)
    assert isinstance(read, Sheet)
    assert (read.stage, read.respondent, read.filing) == ("not_asked", "not_asked", "not_asked")
    assert len(read.answers) == 6


def test_comment_is_kept_composed_trimmed_and_without_control_characters() -> None:
    read = sheet(ASKED | SHORT | {"comment": "  Cha\u0309o\r\nba\u0323n\x00\ud800\r ", "reply": "1"})
    assert read.comment == "Chảo\nbạn"
    assert read.wants_reply


def test_reply_without_a_comment_is_no_wish() -> None:
    assert not sheet(ASKED | SHORT | {"comment": "  ", "reply": "1"}).wants_reply


def test_comment_is_measured_after_composition() -> None:
    assert len(sheet(ASKED | SHORT | {"comment": "a\u0309" * 2000}).comment) == 2000


def test_seventy_kilobytes_of_comment_are_a_slip() -> None:
    found = read_sheet(SERVICE, "short", ASKED | SHORT | {"comment": "ả" * 70_000}, reminded=False)
    assert isinstance(found, Problems)
    assert dict(found.items[0].params) == {"limit": 2000, "length": 70_000}


@given(
    raw=st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), st.sampled_from([*"012345", "late", "male"]) | st.text()),
    length=st.sampled_from(["short", "full"]),
    reminded=st.booleans(),
)
def test_any_strings_are_read_without_raising(raw: dict[str, str], length: str, reminded: bool) -> None:  # noqa: FBT001 -- given by Hypothesis
    for instrument in (SERVICE, VISIT):
        found = read_sheet(instrument, length, raw, reminded=reminded)
        if isinstance(found, Sheet):
            assert [item.code for item in flow.shown(instrument, length, found.stage)] == list(found.answers)
            found.comment.encode()
            assert "\x00" not in found.comment


def test_full_form_is_read_in_a_tenth_of_a_millisecond() -> None:
    raw = ASKED | {"filing": "counter", "comment": "Cảm ơn"} | {item.code: "4" for item in SERVICE.items if item.is_scale}
    best = min(timeit.repeat(lambda: read_sheet(SERVICE, "full", raw, reminded=False), number=200, repeat=20)) / 200
    assert best < 100e-6, f"{best * 1e6:.0f} µs"
