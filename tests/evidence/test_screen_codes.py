"""The changing code of a screen: taken while it was to be seen, and not before or after."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from sipas.evidence import screen_codes
from sipas.evidence.codes import ALPHABET
from sipas.evidence.keys import Keyring
from sipas.evidence.screen_codes import BadScreenCodeError

MOMENT = 1_795_000_020.0  # the beginning of a step


@pytest.fixture
def key(tmp_path: Path) -> bytes:
    return screen_codes.screen_key(Keyring.create(tmp_path / "keys"), "0AZ9", 1)


@pytest.mark.parametrize(
    ("later", "fresh"),
    [(0, True), (60, True), (90, True), (119, True), (120, False), (150, False), (-30, True), (-60, False), (86_400, False)],
)
def test_a_code_lives_for_two_minutes(key: bytes, later: int, *, fresh: bool) -> None:
    text = screen_codes.show(key, "0AZ9", screen_codes.step_at(MOMENT))
    code = screen_codes.read_screen_code(key, text.lower())
    assert code.screen == "0AZ9"
    assert code.is_fresh(MOMENT + later) is fresh


def test_the_clock_of_a_screen_may_run_ahead_by_what_is_known_of_it(key: bytes) -> None:
    code = screen_codes.read_screen_code(key, screen_codes.show(key, "0AZ9", screen_codes.step_at(MOMENT + 240)))
    assert not code.is_fresh(MOMENT)
    assert code.is_fresh(MOMENT, drift=240)


def test_no_bent_code_and_no_other_screens_key_is_taken(key: bytes, tmp_path: Path) -> None:
    text = screen_codes.show(key, "0AZ9", 59_833_334)
    rng = random.Random(4)
    for _ in range(5_000):
        at, other = rng.randrange(len(text)), rng.choice(ALPHABET)
        bent = text[:at] + other + text[at + 1 :]
        if bent != text:
            with pytest.raises(BadScreenCodeError):
                screen_codes.read_screen_code(key, bent)
    stranger = screen_codes.screen_key(Keyring.create(tmp_path / "other"), "0AZ9", 1)
    with pytest.raises(BadScreenCodeError):
        screen_codes.read_screen_code(stranger, text)
    assert screen_codes.screen_of(text) == "0AZ9"
    assert screen_codes.screen_of("short") is None
