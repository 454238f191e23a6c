"""Tables of details of which programmes have shown what they may tell: kept with a run, so that the next need not show it again."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from sipas.stats.disclosure import Rules, Sums, leave_no_circle, list_circles
from sipas.stats.intervals import Bools
from sipas.stats.weights import Ints
from sipas.store.facts import find_last_run, find_paper
from sipas.store.reading import Session

PAPER = "details-proved"
FORM = 1  # of the paper; one of another form is not read

Title = tuple[str, str, bool]  # block, indicator, weighted


class Proof(NamedTuple):
    """A table that leaves no small group alone."""

    over: str  # digest of its sums and rules
    counts: Ints
    away: Bools  # told by the closed form, and taken away for a circle's sake
    kept: Bools  # told


@dataclass(frozen=True, slots=True)
class Proofs:
    """What earlier programmes showed, and what those of this run did, by the table's title.

    What was shown of a table holds for the same table, for one that tells less, and for one that has grown out of it: then only
    groups that had no answer are looked at. Anything else is shown anew.
    """

    before: Mapping[Title, Proof] = field(default_factory=dict)
    made: dict[Title, Proof] = field(default_factory=dict)
    tell: Callable[[str], None] = lambda _: None

    def settle(self, titles: Sequence[Title], counts: Ints, told: Bools, sums: Sums, rules: Rules) -> Bools:
        """What of many tables over the same sums stays told: (cells, tables), as ``counts`` and ``told``."""
        kept, over = told.copy(), _digest_of(sums, rules)
        asked = 0
        for column in np.flatnonzero(told.any(axis=0)).tolist():
            one, own = counts[:, column], told[:, column]
            away = self._known(titles[column], over, one, own, (sums, rules.least))
            if away is None:
                away = own & ~leave_no_circle(one, own, sums, rules)
                asked += 1
            kept[:, column] = own & ~away
            self.made[titles[column]] = Proof(over, one.copy(), away, kept[:, column].copy())
        if asked:
            self.tell(f"{asked} tables of details looked at by programmes, {len(self.made)} in all")
        return kept

    def _known(self, title: Title, over: str, counts: Ints, told: Bools, table: tuple[Sums, int]) -> Bools | None:
        """What must be taken away from a table by what is known of an earlier one; None if that does not settle it."""
        proof = self.before.get(title)
        if proof is None or proof.over != over or not _grown(proof.counts, counts, table[0]):
            return None
        kept = told & ~proof.away
        if bool((kept & ~proof.kept).any()):
            return None
        return None if list_circles(counts, kept, *table, shown=proof.counts) else told & proof.away

    def paper(self) -> bytes | None:
        """The tables of this run, or of the last that had any: a line that names them, then numbers; all are over the same sums."""
        known = self.made or self.before
        titles = sorted(known)
        if not titles:
            return None
        proofs = [known[title] for title in titles]
        counts, away, kept = (np.array([proof[place] for proof in proofs]) for place in (1, 2, 3))
        head = json.dumps({"form": FORM, "over": proofs[0].over, "shape": counts.shape, "titles": titles}).encode()
        return zlib.compress(b"\n".join([head, counts.astype("<i4").tobytes() + np.packbits([away, kept]).tobytes()]), 1)


def read_proofs(session: Session, wave: str, tell: Callable[[str], None]) -> Proofs:
    """What the wave's last run knew."""
    last = find_last_run(session, wave)
    paper = find_paper(session, last.id, PAPER) if last else None
    if not paper:
        return Proofs({}, {}, tell)
    head, _, body = zlib.decompress(paper).partition(b"\n")
    told = json.loads(head)
    if not isinstance(told, dict) or told.get("form") != FORM:
        return Proofs({}, {}, tell)  # another release's: every table is asked again
    shape, size = told["shape"], int(np.prod(told["shape"]))
    counts = np.frombuffer(body, "<i4", size).astype(np.int64).reshape(shape)
    away, kept = np.unpackbits(np.frombuffer(body, np.uint8, offset=4 * size), count=2 * size).astype(np.bool_).reshape(2, *shape)
    titles = [(block, name, weighted) for block, name, weighted in told["titles"]]
    return Proofs({title: Proof(told["over"], counts[t], away[t], kept[t]) for t, title in enumerate(titles)}, {}, tell)


def _grown(before: Ints, now: Ints, sums: Sums) -> bool:
    """Whether nothing was taken away, from no cell and from nothing that a sum leaves over."""
    return bool((now >= before).all() and (sums.left_over(now) >= sums.left_over(before)).all())


def _digest_of(sums: Sums, rules: Rules) -> str:
    told = blake2b(digest_size=16)
    for one in (sums.total, sums.row, sums.part, rules.fixed, rules.worth, np.array([sums.cells, rules.least])):
        told.update(one.tobytes())
    return told.hexdigest()
