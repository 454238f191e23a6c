"""What the last run decided about domains: kept with it, so that the same cells under the same rules are not decided upon twice.

A corrected frame or a new target changes no count; what is hidden then follows from what it followed from before. `sipas facts audit`
reads nothing of this: it asks anew whether anything told gives a small group away.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sipas.stats.disclosure import Margin, Told
from sipas.stats.intervals import Bools
from sipas.store.facts import find_last_run, find_paper
from sipas.store.reading import Session

PAPER = "domains-decided"
FORM = 1  # raised when the same cells would be decided upon otherwise, and for another form of the paper


@dataclass(slots=True)
class Decided:
    """Which groups were hidden, under a digest of everything that this follows from."""

    key: str = ""
    hidden: Bools = field(default_factory=lambda: np.zeros(0, np.bool_))

    def find(self, key: str) -> Bools | None:
        """What was hidden, if it was decided of just that."""
        return self.hidden if self.key == key else None

    def keep(self, key: str, hidden: Bools) -> None:
        """Have the next run find it."""
        self.key, self.hidden = key, hidden

    def paper(self) -> bytes | None:
        """A line that names what was decided upon, then a bit for each group."""
        if not self.key:
            return None
        head = json.dumps({"form": FORM, "key": self.key, "groups": len(self.hidden)}).encode()
        return zlib.compress(b"\n".join([head, np.packbits(self.hidden).tobytes()]), 1)


def read_decided(session: Session, wave: str) -> Decided:
    """What the wave's last run decided; nothing where it was another release's."""
    last = find_last_run(session, wave)
    paper = find_paper(session, last.id, PAPER) if last else None
    if not paper:
        return Decided()
    head, _, body = zlib.decompress(paper).partition(b"\n")
    told = json.loads(head)
    if told.get("form") != FORM:
        return Decided()
    return Decided(told["key"], np.unpackbits(np.frombuffer(body, np.uint8), count=told["groups"]).astype(np.bool_))


def digest_of(counts: NDArray[Any], sums: Sequence[Margin], rules: Told, *chosen: Bools) -> str:
    """Of cells, sums, rules and what was chosen among the cells: nothing else goes into a decision."""
    told = blake2b(digest_size=16)
    parts = np.fromiter(chain.from_iterable(margin.parts for margin in sums), np.int64)
    totals = np.array([(margin.total, len(margin.parts)) for margin in sums], np.int64)
    for one in (counts, totals, parts, rules.low, rules.high, rules.needed, rules.fixed, rules.worth, *chosen):
        told.update(f"{one.dtype} {one.shape}\n".encode() + one.tobytes())
    return told.hexdigest()
