"""Every pair of text and ground can be read, in light, in dark and at high contrast."""

from __future__ import annotations

import re
from itertools import product

import pytest

from sipas.web.headers import STATIC

CSS = (STATIC / "sipas.css").read_text()
TEXTS = (
    "ink",
    "ink-soft",
    "accent",
    "wrong",
    "verdict-met",
    "verdict-not-met",
    "verdict-undecided",
    "verdict-too-few",
    "verdict-no-target",
)
GROUNDS = ("paper", "sheet", "note-tint")
PAIRS = [
    *product(TEXTS, GROUNDS),
    ("on-accent", "accent"),
    ("ink", "accent-tint"),
    ("accent", "accent-tint"),
    ("wrong", "wrong-tint"),
    ("ink", "wrong-tint"),
]
SETS = ("light", "dark", "light, more contrast", "dark, more contrast")


def tokens() -> dict[str, dict[str, str]]:
    """The colours of each set: light is the ground that the others change."""
    blocks = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block)) for block in re.findall(r":root \{(.*?)\n\s*\}", CSS, re.DOTALL)]
    light, dark, more, dark_more = blocks[:4]
    return dict(zip(SETS, (light, light | dark, light | more, light | dark | more | dark_more), strict=True))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("name", SETS)
def test_text_is_readable_on_its_ground(name: str) -> None:
    colours = tokens()[name]
    weak = {f"{text} on {ground}": round(found, 2) for text, ground in PAIRS if (found := contrast(colours[text], colours[ground])) < 4.5}
    assert not weak


@pytest.mark.parametrize("name", SETS)
def test_lines_that_carry_meaning_are_visible(name: str) -> None:
    colours = tokens()[name]
    weak = {
        f"{line} on {ground}": round(found, 2)
        for line, ground in product(("line", "satisfied", "unsatisfied"), ("paper", "sheet"))
        if (found := contrast(colours[line], colours[ground])) < 3
    }
    assert not weak


def test_the_stylesheet_stays_small_and_loads_nothing() -> None:
    assert len(CSS.encode()) < 13_000
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_the_switch_for_contrast_brings_the_colours_of_the_systems_own_setting() -> None:
    blocks = re.findall(r":root \{(.*?)\n\s*\}", CSS, re.DOTALL)
    asked = re.findall(r":root\.strong \{(.*?)\n\s*\}", (STATIC / "strong.css").read_text(), re.DOTALL)
    told = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block)) for block in (*blocks[2:4], *asked)]
    assert len(told) == 4
    assert told[:2] == told[2:]
