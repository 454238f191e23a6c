"""Codes that people read, type and print: Crockford's base 32, which has no I, L, O and U."""

from __future__ import annotations

import random
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10  # 50 bits
LONGEST = 64  # nothing that anybody types on purpose is longer

_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, "–": None, "—": None, "_": None, ".": None})


def new_code(rng: random.Random) -> str:
    """A fresh random code."""
    return encode(rng.getrandbits(5 * LENGTH))


def encode(number: int, length: int = LENGTH) -> str:
    """``length`` characters for the lowest ``5 × length`` bits of ``number``."""
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(length)))


def normalise(text: str) -> str:
    """What was meant by what was typed: case, O and 0, I, L and 1, blanks and dashes make no difference."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).upper()
    return "".join(plain.split()).translate(_READ_AS)


def is_code(text: str) -> bool:
    """Whether a normalised text can be a code at all."""
    return len(text) == LENGTH and all(letter in ALPHABET for letter in text)
