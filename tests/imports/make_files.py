"""Text as the programs of Vietnamese offices save it."""

from __future__ import annotations

import unicodedata


def windows_1258(text: str) -> bytes:
    """What a Vietnamese Windows of old writes: a letter, then its tone as a sign of its own."""
    return b"".join(_letter_1258(letter) for letter in text)


def _letter_1258(letter: str) -> bytes:
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        signs = unicodedata.normalize("NFD", letter)
        tone = next(sign for sign in signs if sign in "\u0300\u0301\u0303\u0309\u0323")
        return (unicodedata.normalize("NFC", signs.replace(tone, "")) + tone).encode("cp1258")


ENCODINGS = {
    "UTF-8": lambda text: text.encode(),
    "UTF-8 with byte-order mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16 LE with byte-order mark": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "UTF-16 BE with byte-order mark": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-16 LE without byte-order mark": lambda text: text.encode("utf-16-le"),
    "windows-1258": windows_1258,
}
