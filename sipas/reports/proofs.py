"""Tables of details of which programmes have shown what they may tell: kept with a run, so that the next need not show it again."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

from sipas.stats.disclosure import Rules, Sums, leave_no_circle
from sipas.stats.intervals import Bools
from sipas.stats.weights import Ints
from sipas.store.facts import find_last_run, find_paper
from sipas.store.reading import Session

PAPER = "details-proved"


@dataclass(frozen=True, slots=True)
class Proofs:
    """What earlier programmes found, and what those of this run did: by a table's digest, the cells that they took away.

    A table is its counts, what the closed form leaves told, the sums and the rules; all of it is in the digest, so that what was
    found of a table holds whenever the same table comes again.
    """

    before: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    made: dict[str, tuple[int, ...]] = field(default_factory=dict)
    tell: Callable[[str], None] = lambda _: None

    def settle(self, counts: Ints, told: Bools, sums: Sums, rules: Rules) -> Bools:
        """What of many tables over the same sums stays told: (cells, tables)."""
        kept, common = told.copy(), _digest_of(sums, rules)
        asked = 0
        for column in np.flatnonzero(told.any(axis=0)).tolist():
            one, own = counts[:, column], told[:, column]
            digest = blake2b(common + one.tobytes() + np.packbits(own).tobytes(), digest_size=16).hexdigest()
            away = self.before.get(digest, self.made.get(digest))
            if away is None:
                away = tuple(np.flatnonzero(own & ~leave_no_circle(one, own, sums, rules)).tolist())
                asked += 1
            self.made[digest] = away
            kept[list(away), column] = False
        if asked:
            self.tell(f"{len(self.made)} tables of details looked at by programmes")
        return kept

    def paper(self) -> bytes:
        """The tables of this run."""
        return zlib.compress(json.dumps(self.made, sort_keys=True).encode())


def read_proofs(session: Session, wave: str, tell: Callable[[str], None]) -> Proofs:
    """What the wave's last run knew."""
    last = find_last_run(session, wave)
    paper = find_paper(session, last.id, PAPER) if last else None
    known = json.loads(zlib.decompress(paper)) if paper else {}
    return Proofs({digest: tuple(away) for digest, away in known.items()}, {}, tell)


def _digest_of(sums: Sums, rules: Rules) -> bytes:
    told = blake2b(digest_size=16)
    for one in (sums.total, sums.row, sums.part, rules.fixed, rules.worth, np.array([sums.cells, rules.least])):
        told.update(one.tobytes())
    return told.digest()
