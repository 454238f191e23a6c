"""Passwords that others try first: refused, whatever is put around them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

LIST = Path(__file__).resolve().parents[3] / "data" / "weak-passwords" / "weak-passwords.txt"
LEAST, MOST = 12, 128
LEAST_OWN = 4  # characters that no known word or date explains
LEAST_NAME = 4  # a shorter name of a unit or a person is in too many words
LEAST_ACCOUNT = 3
PROGRAM = "sipas"
LOOKS_LIKE = str.maketrans("@4301!$57", "aaeoiisst")
DATE = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])[-./]?(?:0?[1-9]|1[0-2])[-./]?(?:19|20)\d\d|(?:19|20)\d\d[-./]?(?:0[1-9]|1[0-2])[-./]?(?:0[1-9]|[12]\d|3[01])"
)


def weakness(password: str, account: str, names: Iterable[str] = ()) -> str:
    """Why a password is refused: ``short``, ``long``, ``account``, ``name`` or ``common``; empty where it is not.

    ``names`` are those of the person and the unit. Case, tone marks, blanks and digits that stand for letters hide nothing.
    """
    if len(unicodedata.normalize("NFKC", password)) < LEAST:
        return "short"
    if len(password) > MOST:
        return "long"
    plain = folded(password)
    spellings = plain, plain.translate(LOOKS_LIKE)
    own = folded(account.partition("@")[0])
    if len(own) >= LEAST_ACCOUNT and any(own in spelling for spelling in spellings):
        return "account"
    if any(name in spelling for name in _told(names) for spelling in spellings):
        return "name"
    if len(set(plain)) < 5 or any(PROGRAM in spelling for spelling in spellings) or unexplained(plain) < LEAST_OWN:
        return "common"
    return ""


def folded(text: str) -> str:
    """Small letters without tone marks or blanks: “Mật khẩu” is ``matkhau``."""
    apart = unicodedata.normalize("NFKD", text).lower().replace("đ", "d")
    return "".join(letter for letter in apart if not unicodedata.combining(letter) and not letter.isspace())


def unexplained(plain: str) -> int:
    """How many characters belong to no known password, date or run of one character."""
    taken = [False] * len(plain)
    for spelling in (plain, plain.translate(LOOKS_LIKE)):
        for first in range(len(spelling)):
            for length in range(min(longest(), len(spelling) - first), 3, -1):
                if spelling[first : first + length] in known():
                    taken[first : first + length] = [True] * length
                    break
    for found in (*DATE.finditer(plain), *re.finditer(r"(.)\1\1+", plain)):
        taken[found.start() : found.end()] = [True] * (found.end() - found.start())
    return taken.count(False)


@cache
def known() -> frozenset[str]:
    """The list that ships with the program."""
    return frozenset(LIST.read_text("utf-8").split())


@cache
def longest() -> int:
    return max(map(len, known()))


def _told(names: Iterable[str]) -> list[str]:
    return [name for name in map(folded, names) if len(name) >= LEAST_NAME]
