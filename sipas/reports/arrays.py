"""Arrays with what is said of them, as bytes and back: each in the fewest bytes that hold its numbers.

A line of JSON (what is told, and name, kind and shape of every array), then the arrays' bytes one after the other, little end first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
KINDS = ("<i1", "<i2", "<i4", "<i8")


class BadArraysError(ValueError):
    """Bytes that are not what to_bytes() made."""


def to_bytes(told: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """What is told, and the arrays: whole numbers, floats or truths."""
    small = {name: _small(array) for name, array in arrays.items()}
    head = {"told": told, "arrays": [(name, array.dtype.str, array.shape) for name, array in small.items()]}
    return b"".join((json.dumps(head, separators=(",", ":")).encode(), b"\n", *(array.tobytes() for array in small.values())))


def from_bytes(content: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """What was told, and the arrays, read-only; whole numbers in the kind that holds them."""
    try:
        begin = content.index(b"\n") + 1
        head = json.loads(content[:begin])
        arrays = {}
        for name, kind, shape in head["arrays"]:
            flat = np.frombuffer(content, kind, prod(shape), begin)
            begin += flat.nbytes
            arrays[name] = flat.reshape(shape)
    except (ValueError, KeyError, TypeError) as error:
        raise BadArraysError(str(error)) from error
    if begin != len(content):
        raise BadArraysError(f"{len(content)} bytes where {begin} are told")
    return head["told"], arrays


def _small(array: Array) -> Array:
    if array.dtype.kind not in "iu":
        return array.astype(array.dtype.newbyteorder("<"))
    least, most = int(array.min(initial=0)), int(array.max(initial=0))
    return array.astype(next(kind for kind in KINDS if np.iinfo(kind).min <= least and most <= np.iinfo(kind).max))
