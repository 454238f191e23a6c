"""What dots, commas and blanks mean is found from the whole file."""

from __future__ import annotations

import pytest

from sipas.imports.counts import find_style, read_count
from sipas.imports.frame_words import read_month


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["36525", "7"], [36525, 7]),
        (["36.525", "7"], [36525, 7]),
        (["36,525", "7"], [36525, 7]),
        (["36 525", "7"], [36525, 7]),
        (["36\u00a0525"], [36525]),
        (["1.234.567"], [1234567]),
        (["1.234,00", "5"], [1234, 5]),
        (["1,234.0", "5"], [1234, 5]),
        (["12.0"], [12]),
        (["1.234", "1,5"], [1234, "is not a whole number"]),
        (["1.234", "1.5"], ["is not a whole number", "is not a whole number"]),
        (["0.500"], ["is not a whole number"]),
        (["1.23.4", "1.234"], ["is not a number", 1234]),
        (["−5", "(5)", "-"], ["is negative", "is negative", "is not a number"]),
        (["", "x", "٣"], ["is empty", "is not a number", "is not a number"]),
        (["100000000"], ["is too large to be true"]),
    ],
)
def test_numbers_are_read_as_meant(cells: list[str], numbers: list[int | str]) -> None:
    style = find_style(cells)
    assert [read_count(cell, style) for cell in cells] == numbers


@pytest.mark.parametrize(
    "text", ["2026-03", "3/2026", "03-2026", "tháng 3/2026", "T3/2026", "2026/3", "01/03/2026", "2026-03-01", "2026-03-01 00:00:00"]
)
def test_month_is_read_in_its_usual_forms(text: str) -> None:
    assert read_month(text) == "2026-03"


@pytest.mark.parametrize("text", ["", "2026", "2026-00", "2026-13", "03/26", "2026-03-15", "15/03/2026", "Mar-26"])
def test_anything_else_is_no_month(text: str) -> None:
    assert read_month(text) is None
