"""Words for people: the wording of a language, and text as it is kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import TypeVar

LEADING = "vi"  # the authoritative language: every text has it, and every other falls back to it
UNKEEPABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # databases refuse NUL and lone surrogates

Spoken = TypeVar("Spoken")


def in_language(wording: Mapping[str, Spoken], language: str) -> Spoken:
    """The wording in ``language``, in its main language (``en`` for ``en-GB``), or in Vietnamese."""
    if language in wording:
        return wording[language]
    main = language.partition("-")[0]
    return wording[main] if main in wording else wording[LEADING]


def clean(text: str) -> str:
    """``text`` as it is kept everywhere: NFC, LF, trimmed, without control characters (decision 17)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", UNKEEPABLE.sub("", text)).strip()
