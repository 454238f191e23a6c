"""Cell keys: counts rounded to base 5 by a number that belongs to the answers themselves, never drawn at a request."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sipas.stats.disclosure.tables import BadTableError, Ints

BASE = 5
Keys = NDArray[np.uint64]


def record_keys(ids: Sequence[bytes], secret: bytes) -> Keys:
    """A fixed number for every answer, from its random id and a secret.

    Parameters
    ----------
    ids : (n,) bytes
        Ids of closed weeks, which never change again.
    secret : bytes
        16 to 64 bytes, kept with the other keys: who has it can undo the rounding.

    Returns
    -------
    (n,) uint64

    Raises
    ------
    ValueError
        The secret is too short or too long.

    References
    ----------
    Fraser & Wooton (2005), UNECE/Eurostat work session on statistical data confidentiality (the cell-key method).
    """
    if not 16 <= len(secret) <= 64:
        raise ValueError(f"secret: {len(secret)} bytes; give 16 to 64 random ones")
    digests = b"".join(hashlib.blake2b(id_, digest_size=8, key=secret, person=b"cell-key").digest() for id_ in ids)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def cell_keys(keys: Keys, cell: Ints, cells: int) -> Keys:
    """The key of each cell: the sum of its answers' keys modulo 2^64, so that the same answers have the same key in any table.

    Parameters
    ----------
    keys : (n,) uint64
        Of every answer.
    cell : (n,) int
        From 0.
    cells : int
        How many cells there are.

    Returns
    -------
    (m,) uint64
        0 for an empty cell.

    References
    ----------
    Fraser & Wooton (2005).
    """
    made = np.zeros(cells, np.uint64)
    np.add.at(made, cell, keys)
    return made


def rounded(counts: Ints, keys: Keys, *, base: int = BASE) -> Ints:
    """Counts rounded to a multiple of ``base``, up with the chance of the remainder, by the cell's key: unbiased, and always the same.

    Parameters
    ----------
    counts : (m,) int
        True counts.
    keys : (m,) uint64
        The cells' keys.
    base : int
        At least 2.

    Returns
    -------
    (m,) int
        Less than ``base`` away; a multiple of ``base`` stays. Sums of rounded counts are not rounded sums: say so beside them.

    Raises
    ------
    BadTableError
        A negative count, or a base below 2.

    References
    ----------
    Statistics page section 11; Hundepool et al. (2012), Statistical Disclosure Control, section 5.4 (rounding).
    """
    if base < 2 or (counts.size and counts.min() < 0):
        raise BadTableError(f"base {base}, least count {counts.min(initial=0)}: rounding wants a base of 2 or more and counts of 0 or more")
    rest = counts % base
    # A key of few answers is already evenly spread, but its low bits are mixed once more: sums must not share their draw with a part.
    draw = (keys * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(11)
    return np.asarray(counts - rest + base * (draw.astype(np.float64) / 2.0**53 * base < rest), np.int64)
