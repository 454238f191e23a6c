"""What is typed from paper: numbers of boxes become the values that a form on the screen would send."""

from __future__ import annotations

import pytest

from sipas.instrument.keying import count_differing, paper_fields, read_typed
from sipas.instrument.sheet import Sheet, read_sheet
from sipas.instrument.shelf import read_shelf
from sipas.web.house import SURVEYS

SHELF = read_shelf(SURVEYS)
SERVICE = SHELF.instruments["sipas-service-2023"]


@pytest.mark.parametrize("length", ["short", "full"])
@pytest.mark.parametrize("code", SHELF.instruments)
def test_every_box_is_a_value_that_the_instrument_accepts(code: str, length: str) -> None:
    instrument = SHELF.instruments[code]
    fields = paper_fields(instrument, length)
    for place in range(6):
        typed = {field.code: field.boxes[min(place, len(field.boxes) - 1)].key for field in fields}
        read = read_typed(fields, typed)
        assert read.wrong == ()
        assert isinstance(read_sheet(instrument, length, read.raw, reminded=True), Sheet)
        assert {field.code: field.key_of(read.raw[field.code]) for field in fields} == typed


def test_numbers_of_boxes_become_codes() -> None:
    read = read_typed(paper_fields(SERVICE, "short"), {"stage": "2", "respondent": "1", "TC1": "5", "HL": "0", "KQ1": ""})
    assert read.raw == {"stage": "late", "respondent": "citizen", "TC1": "5", "HL": "0"}
    assert read.wrong == ()


@pytest.mark.parametrize("slip", ["7", "9", "x", "12", "4 ", "４", " ", "-1", "4" * 5000, "\x00"])
def test_a_slip_is_named_and_a_wide_digit_is_read(slip: str) -> None:
    read = read_typed(paper_fields(SERVICE, "short"), {"HL": slip})
    if slip.strip() in {"4", "４"}:
        assert read.raw == {"HL": "4"}
    elif not slip.strip():
        assert read == read_typed(paper_fields(SERVICE, "short"), {})
    else:
        assert read.wrong == ("HL",)


def test_fields_that_two_people_read_differently_are_counted() -> None:
    assert count_differing(("a", "b", "c"), {"a": "1", "b": "2"}, {"a": "1", "c": "3"}) == 2
    assert count_differing(("a",), {"a": "1", "b": "2"}, {"a": "1", "b": "9"}) == 0
