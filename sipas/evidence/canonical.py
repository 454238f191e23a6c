"""One canonical JSON: the bytes that are hashed and signed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def canonical_text(value: Mapping[str, Any]) -> str:
    """A JSON object with sorted keys and no blanks.

    It equals RFC 8785 for what we put in: ASCII keys, strings in NFC, integers, booleans, null and objects of these; never a float.
    """
    return _ENCODE(value)


def canonical(value: Mapping[str, Any]) -> bytes:
    """The same as UTF-8, ready to be hashed."""
    return _ENCODE(value).encode()
