"""One text for one value (RFC 8785), and its hash.

Only what questionnaires are made of is written: objects, arrays, strings, integers, booleans and null. A number with a fraction is
refused rather than written in a way that another language would not repeat.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

SAFE_INTEGER = 2**53 - 1


def canonical(value: Any) -> str:
    """``value`` as canonical JSON: keys by their UTF-16 code units, no blanks, no needless escapes."""
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and abs(value) <= SAFE_INTEGER:
        return str(value)
    if isinstance(value, Mapping):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(held)}" for key, held in members) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return "[" + ",".join(map(canonical, value)) + "]"
    raise TypeError(f"{value!r} has no canonical form here: use text, whole numbers, lists and mappings")


def fingerprint(value: Any) -> str:
    """SHA-256 of the canonical text, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()
