"""The Merkle tree of RFC 6962: one root for a week's leaves."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

EMPTY = hashlib.sha256(b"").digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in their order; of no leaf, the hash of nothing.

    RFC 6962 splits at the largest power of two below n. Pairing neighbours level by level, and lifting a last odd one as it is,
    makes the same tree without recursion.
    """
    if not leaves:
        return EMPTY
    level = list(leaves)
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        level = [*pairs, level[-1]] if len(level) % 2 else pairs
    return level[0]
