"""Pictures: they carry what the table says, in the reader's numbers, and nothing that the policy forbids."""

from __future__ import annotations

import base64
from xml.etree import ElementTree as ET

import pytest

from sipas.web.charts import SIGNS, Bar, Dot, Picture, bars, dots
from sipas.web.series_chart import Mark, series, series_spec

ROWS = [Dot("Đất đai", 0.791, 0.762, 0.82, 0.9, "not_met"), Dot("Y tế", 0.86, 0.81, 0.9, None, "no_target")]
WORDS = ("một", "hai", "ba", "bốn", "năm")


def svg_of(address: str) -> ET.Element:
    return ET.fromstring(base64.b64decode(address.removeprefix("data:image/svg+xml;base64,")))


def texts(picture: Picture) -> str:
    return " ".join(svg_of(picture.wide).itertext())


def test_sectors_stand_in_the_order_given_with_the_target_named() -> None:
    words = texts(dots(ROWS, language="vi", target_word="chỉ tiêu"))
    assert words.index("Đất đai") < words.index("Y tế")
    assert words.count("chỉ tiêu") == 1
    assert "80%" in words


@pytest.mark.parametrize("verdict", SIGNS)
def test_every_verdict_has_a_sign(verdict: str) -> None:
    drawn = svg_of(dots([Dot("x", 0.8, 0.7, 0.9, 0.85, verdict)], language="vi", target_word="t").wide)
    assert any(SIGNS[verdict][1] in (element.get("stroke") or "") for element in drawn.iter())


def test_shapes_differ_where_colours_cannot_be_seen() -> None:
    assert len({(shape, filled) for shape, _, filled in SIGNS.values()}) == len(SIGNS)


def test_items_carry_their_share_and_the_level_words() -> None:
    words = texts(bars([Bar("TC1. Nơi ngồi chờ", (1, 2, 3, 40, 54), "94,0%")], language="vi", words=WORDS))
    assert all(word in words for word in (*WORDS, "94,0%", "TC1. Nơi ngồi chờ"))


def test_a_label_is_text_and_never_markup() -> None:
    words = texts(dots([Dot("<script>alert(1)</script>", 0.8, 0.7, 0.9, None, "met")], language="vi", target_word="t"))
    assert "<script>" in words


def test_the_same_figures_make_the_same_picture() -> None:
    first = dots(ROWS, language="vi", target_word="chỉ tiêu")
    assert dots(ROWS, language="vi", target_word="chỉ tiêu") == first
    assert first.narrow != first.wide


SERIES = [
    Mark("11/2025", 82.0, 75.0, 88.0, None, 0, ""),
    Mark("12/2025", None, None, None, None, 1, ""),
    Mark("1/2026", 85.0, 79.0, 90.0, 90.0, 100, "1"),
    Mark("2/2026", 86.0, 80.0, 91.0, 90.0, 100, ""),
]


def test_a_series_names_its_periods_its_target_and_its_breaks() -> None:
    words = texts(series(SERIES, language="vi", target_word="chỉ tiêu"))
    assert all(word in words for word in ("11", "2025", "12", "2026", "chỉ tiêu", "%"))
    assert words.count("chỉ tiêu") == 1
    assert words.count("2026") == 1


def test_no_ribbon_crosses_a_break_or_a_period_that_is_not_told() -> None:
    drawn = svg_of(series(SERIES, language="vi", target_word="chỉ tiêu").wide)
    lines = [element.get("d") for element in drawn.iter() if (element.get("stroke") or "") == "#1f4e79" and "L" in (element.get("d") or "")]
    assert len(lines) == 1  # from the first month of the new series to the second


def test_a_mean_has_the_whole_scale_and_no_percent() -> None:
    spec = series_spec([Mark("2025", 4.1, 4.0, 4.2, None, 0, "")], "chỉ tiêu", "", narrow=True)
    assert spec["layer"][0]["encoding"]["y"]["scale"]["domain"] == [1, 5]
    assert "%" not in spec["layer"][0]["encoding"]["y"]["axis"]["labelExpr"]


def test_a_long_series_labels_some_of_its_periods_and_each_year_once() -> None:
    months = [Mark(f"{month % 12 + 1}/{2024 + month // 12}", 80.0, 70.0, 90.0, None, 0, "") for month in range(36)]
    words = texts(series(months, language="vi", target_word="chỉ tiêu"))
    assert [words.count(year) for year in ("2024", "2025", "2026")] == [1, 1, 1]
    axis = series_spec(months, "chỉ tiêu", "%", narrow=True)["layer"][0]["encoding"]["x"]["axis"]
    assert len(axis["values"]) == 5
    assert axis["values"][-1] == 35
