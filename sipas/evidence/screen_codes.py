"""The changing code of a counter's screen: ``screen (4) | step (6) | mac (8)``, a new one every thirty seconds.

The screen computes it from its own key and its clock, without a network; ``sipas/web/static/screen.js`` does the same sum.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from sipas.evidence.codes import ALPHABET, encode, normalise
from sipas.evidence.keys import Keyring
from sipas.terms import SipasError

STEP = 30  # seconds
LENGTH = 18
SIGNED = 10
BEHIND, AHEAD = 3, 1  # steps that are still, and already, taken
ANSWERS_A_STEP = 3
FARTHEST = 300  # seconds that a screen's clock may be wrong before it must be set right


class BadScreenCodeError(SipasError):
    """A code that no screen of ours has shown."""


@dataclass(frozen=True, slots=True)
class ScreenCode:
    """What a sound code says: which screen showed it, and in which step."""

    screen: str
    step: int

    def is_fresh(self, moment: float, drift: float = 0.0) -> bool:
        """Whether a code read at ``moment`` (Unix seconds) was on the screen; ``drift`` is how far the screen's clock runs ahead."""
        now = step_at(moment + drift)
        return now - BEHIND <= self.step <= now + AHEAD


def step_at(moment: float) -> int:
    """The step of a moment, Unix seconds."""
    return int(moment // STEP)


def screen_key(keyring: Keyring, screen: str, turn: int) -> bytes:
    """The key of a screen since its last enrolment; it is given to the screen once."""
    return keyring.derive(f"screen/{screen}/{turn}")


def show(key: bytes, screen: str, step: int) -> str:
    """The code of a step."""
    signed = f"{screen}{encode(step, 6)}"
    return signed + _mac(key, signed)


def screen_of(text: str) -> str | None:
    """The screen that a text names, before anything is proved; None where it is no such code."""
    plain = normalise(text)
    return plain[:4] if len(plain) == LENGTH and all(letter in ALPHABET for letter in plain) else None


def read_screen_code(key: bytes, text: str) -> ScreenCode:
    """The code that was scanned; BadScreenCodeError for one that the key did not make."""
    plain = normalise(text)
    if screen_of(plain) is None or not hmac.compare_digest(plain[SIGNED:], _mac(key, plain[:SIGNED])):
        raise BadScreenCodeError("this code was on none of our screens: scan the screen again")
    return ScreenCode(plain[:4], decode(plain[4:SIGNED]))


def decode(text: str) -> int:
    """The number that characters of the alphabet stand for."""
    number = 0
    for letter in text:
        number = number * 32 + ALPHABET.index(letter)
    return number


def _mac(key: bytes, signed: str) -> str:
    digest = hmac.digest(key, f"KS1|ctr|{signed}".encode(), "sha256")
    return encode(int.from_bytes(digest[:5], "big"), LENGTH - SIGNED)
