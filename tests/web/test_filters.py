"""Numbers, dates and weeks as people write them."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from sipas.terms import Week
from sipas.web.filters import FILTERS

CASES = [
    ("number", (36525,), "36.525", "36,525"),
    ("number", (1234.56, 1), "1.234,6", "1,234.6"),
    ("number", (-3.25, 2), "−3,25", "−3.25"),
    ("number", (-0.04, 1), "0,0", "0.0"),
    ("percent", (0.82669,), "82,7%", "82.7%"),
    ("percent", (0.82669, 99), "83%", "83%"),
    ("percent", (0.82669, 100), "82,7%", "82.7%"),
    ("percent", (1.0, 1000), "100,0%", "100.0%"),
    ("percent", (None,), "–", "–"),
    ("points", (0.012,), "1,2 điểm phần trăm", "1.2 percentage points"),
    ("points", (-0.05, 40), "−5 điểm phần trăm", "−5 percentage points"),
    ("date_words", (date(2026, 11, 2),), "02/11/2026", "2 November 2026"),
    ("week_words", ("2026-W47",), "tuần 16–22/11/2026", "week of 16–22 November 2026"),
    ("week_words", (Week(2026, 49),), "tuần 30/11–06/12/2026", "week of 30 November – 6 December 2026"),
    ("week_words", (Week(2026, 53),), "tuần 28/12/2026–03/01/2027", "week of 28 December 2026 – 3 January 2027"),
]


@pytest.mark.parametrize(("name", "given", "vietnamese", "english"), CASES)
def test_a_figure_is_written_as_its_reader_writes_it(name: str, given: tuple[object, ...], vietnamese: str, english: str) -> None:
    app = Flask(__name__)
    with app.test_request_context("/"):
        assert FILTERS[name](*given) == vietnamese
    with app.test_request_context("/?lang=en"):
        assert FILTERS[name](*given) == english
