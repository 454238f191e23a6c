"""Which encoding a file has: found by looking, never asked."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from types import MappingProxyType

from sipas.imports.complaints import Complaint

SAVE_AS = "save it as “CSV UTF-8” and try again"
_MAGIC = MappingProxyType(
    {
        b"PK\x03\x04": "an Excel workbook or another zip file",
        b"\xd0\xcf\x11\xe0": "an old Excel workbook",
        b"%PDF": "a PDF",
        b"\x89PNG": "a picture",
        b"\xff\xd8\xff": "a picture",
        b"SQLite format 3": "a database",
    }
)
_TEXT_CONTROLS = frozenset("\t\r\n\f")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file, in NFC, and what its encoding was."""

    text: str
    encoding: str


def decode(content: bytes) -> Decoded | Complaint:
    """UTF-8 or UTF-16, with or without byte-order mark, or windows-1258 with its combining marks; a complaint for anything else."""
    for magic, what in _MAGIC.items():
        if content.startswith(magic):
            return Complaint(0, "", "", f"is {what}, not text", f"open it and {SAVE_AS}")
    decoded = _utf16(content) or _utf8(content) or _windows(content)
    if isinstance(decoded, Complaint):
        return decoded
    text = unicodedata.normalize("NFC", decoded.text)
    if any(unicodedata.category(sign) == "Cc" and sign not in _TEXT_CONTROLS for sign in set(text)):
        return Complaint(0, "", "", "holds control characters, so it is not text", SAVE_AS)
    return Decoded(text, decoded.encoding)


def _utf16(content: bytes) -> Decoded | Complaint | None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        codec = "utf-16-le" if content.startswith(b"\xff\xfe") else "utf-16-be"
        mark, body = " with byte-order mark", content[2:]
    elif codec := _zeros_lie(content[:4000]):
        mark, body = " without byte-order mark", content
    else:
        return None
    try:
        return Decoded(body.decode(codec), codec.upper().replace("-LE", " LE").replace("-BE", " BE") + mark)
    except UnicodeDecodeError as error:
        line = body[: error.start].decode(codec, "ignore").count("\n") + 1
        return Complaint(line, "", "", "breaks off in the middle of a letter", SAVE_AS)


def _zeros_lie(sample: bytes) -> str:
    """UTF-16 of Latin letters and digits has its zero bytes on one side."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    least = len(sample) // 8
    if odd > least and not even:
        return "utf-16-le"
    return "utf-16-be" if even > least and not odd else ""


def _utf8(content: bytes) -> Decoded | Complaint | None:
    marked = content.startswith(b"\xef\xbb\xbf")
    body = content[3:] if marked else content
    try:
        return Decoded(body.decode("utf-8"), "UTF-8 with byte-order mark" if marked else "UTF-8")
    except UnicodeDecodeError as error:
        lenient = body.decode("utf-8", "replace")
        broken = lenient.count("\ufffd")
        good = sum(sign > "\x7f" for sign in lenient) - broken
        if not marked and good < 3 * broken:
            return None
        line = body[: error.start].count(b"\n") + 1
        return Complaint(line, "", "", "is UTF-8 with a broken byte", SAVE_AS)


def _windows(content: bytes) -> Decoded | Complaint:
    try:
        return Decoded(content.decode("cp1258"), "windows-1258")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return Complaint(line, "", "", "is neither UTF-8 nor UTF-16 nor windows-1258", SAVE_AS)
