"""Which stratum an answer is released under: unit and sector, or the unit's parent where too few stand behind them.

A stratum belongs to a channel set: the wave's headline channels together, every other channel by itself (decision 25). It moves
to the parent unit whole, so that its population moves with it and the weights stay true.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sipas.store.microdata import Answer

K = 5  # answers that share every released mark, in the secured statistics office (decision 4)
HEADLINE = "headline"


@dataclass(frozen=True, slots=True, order=True)
class Stratum:
    """Unit and sector, over the wave, of one channel set."""

    unit_id: int
    sector: str
    channels: str  # headline, or the letter of a channel that is weighted by itself


@dataclass(frozen=True, slots=True)
class Layout:
    """What decides where an answer stands."""

    parents: Mapping[int, int | None]  # unit → the unit above
    headline: frozenset[str]  # channels that are weighted together

    def stratum(self, answer: Answer) -> Stratum:
        """Where an answer stands before anything is recoded."""
        channels = HEADLINE if answer.channel in self.headline else answer.channel
        return Stratum(answer.unit_id, answer.sector, channels)

    def depth(self, unit_id: int) -> int:
        """How many units stand above."""
        steps = 0
        while (parent := self.parents[unit_id]) is not None:
            unit_id, steps = parent, steps + 1
        return steps


def place_strata(firsts: Sequence[Stratum], instruments: Sequence[str], layout: Layout, *, k: int = K) -> Mapping[Stratum, Stratum]:
    """Each stratum's recoded one: itself, or the nearest ancestor's under which every instrument has ``k`` answers or none.

    At the root a stratum may still hold fewer than ``k``: the caller releases those answers without unit and sector.
    """
    counts: dict[Stratum, Counter[str]] = {}
    for first, instrument in zip(firsts, instruments, strict=True):
        counts.setdefault(first, Counter())[instrument] += 1
    home = {stratum: stratum for stratum in counts}
    by_depth: dict[int, set[Stratum]] = {}
    for stratum in counts:
        by_depth.setdefault(layout.depth(stratum.unit_id), set()).add(stratum)
    for level in range(max(by_depth, default=0), 0, -1):
        for stratum in sorted(by_depth.get(level, ())):
            parent = layout.parents[stratum.unit_id]
            if parent is None or min(counts[stratum].values()) >= k:
                continue
            above = replace(stratum, unit_id=parent)
            counts[above] = counts.get(above, Counter()) + counts.pop(stratum)
            by_depth.setdefault(level - 1, set()).add(above)
            home |= {above: above, stratum: above}
    return {stratum: _last(stratum, home) for stratum in home}


def _last(stratum: Stratum, home: Mapping[Stratum, Stratum]) -> Stratum:
    while home[stratum] != stratum:
        stratum = home[stratum]
    return stratum
