"""The designs of a run: all counts on one numbering, the weights and constants of every channel set, and the two sides of its domains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.adding import add_sizes, decided, pairs_of, renumbered
from sipas.reports.areas import PIECE, deciding_areas, pieces_areas, receiving_areas
from sipas.reports.counting import DECIDING, HEADLINE, RECEIVING, WITH_ASIDE, Counts, Name
from sipas.reports.estimation import Design, Side
from sipas.reports.filing import Filing
from sipas.reports.sample import CHANNELS
from sipas.reports.weighting import Strata, weighting_of
from sipas.stats.design import Groups, Sizes, constants, merge
from sipas.stats.weights import Ints


@dataclass(frozen=True, slots=True)
class Whole:
    """A wave's counts on one numbering: strata and months of ``Strata``."""

    sizes: Mapping[str, Sizes]  # channel set
    groups: Mapping[Name, Groups]
    filing: Filing | None = None  # where the wave's recipe names it

    def channel_sets(self) -> tuple[str, ...]:
        """The headline, each channel that has answers, and the headline with what was set aside, if anything was."""
        names = [name for name in (HEADLINE, *CHANNELS) if name in self.sizes]
        all_, counted = (self.sizes[name].answers.sum() if name in self.sizes else 0 for name in (WITH_ASIDE, HEADLINE))
        return (*names, WITH_ASIDE) if all_ > counted else tuple(names)


def join(strata: Strata, counts: Sequence[tuple[str, Counts]]) -> Whole:
    """The counts of several months, or parts of them, added up."""
    number = {key: h for h, key in enumerate(strata.keys)}
    month_of = {month: m for m, month in enumerate(strata.months)}
    sizes: dict[str, Sizes] = {}
    groups: dict[Name, list[Groups]] = {}
    for month, one in counts:
        m, place = month_of[month], np.array([number[key] for key in one.keys], np.int64)
        for name, size in one.sizes.items():
            whole = sizes.setdefault(name, Sizes(*(np.zeros(strata.population.shape, np.int64) for _ in range(3))))
            add_sizes(whole, size, place, m)
        for (name, side, block), some in one.groups.items():
            if side == RECEIVING:
                groups.setdefault((name, side, block), []).append(renumbered(some, place[some.part], place, m))
        parts = _parts(strata, one, place) if strata.deciding else place
        for (name, side, block), some in (decided(one) if strata.deciding else {}).items():
            part = parts[some.part]
            groups.setdefault((name, side, block), []).append(renumbered(_those(some, part >= 0), part[part >= 0], place, m))
    return Whole(sizes, {name: merge(some) for name, some in groups.items()})


def designs_of(strata: Strata, whole: Whole, wave: Wave, name: str) -> tuple[Design, ...]:
    """A channel set as a design of its own: weighted, where there is a frame, and unweighted."""
    sizes = whole.sizes[name]
    answers = sizes.answers.sum(axis=1)
    verified = whole.sizes["V"].answers.sum(axis=1) if "V" in whole.sizes and name in {HEADLINE, "V"} else np.zeros_like(answers)
    if name == HEADLINE and "V" not in wave.headline:
        verified = np.zeros_like(answers)
    made = []
    for weighted in (True, False):
        usable = strata.framed if weighted else np.ones(len(strata.keys), np.bool_)
        if not (usable & (answers > 0)).any():
            continue
        weighting = weighting_of(strata, sizes, verified, wave.calibrate, weighted=weighted)
        filing = whole.filing.design(name, weighting, sizes) if weighted and whole.filing else None
        made.append(Design(name, weighted, sizes, weighting, constants(sizes, weighting), usable, filing))
    return tuple(made)


def sides_of(strata: Strata, shelf: Shelf, paths: Mapping[int, str]) -> dict[str, Side]:
    """Receiving units with their branches, and deciding units."""
    numbers = np.arange(len(strata.keys), dtype=np.int64)
    sides = {RECEIVING: Side(receiving_areas(strata, shelf, paths), numbers, strata.population, strata.late, strata.settled)}
    if strata.deciding:
        nothing = np.zeros_like(strata.deciding_population)
        of_part = np.array([stratum for stratum, _ in strata.deciding], np.int64)
        sides[DECIDING] = Side(deciding_areas(strata, shelf), of_part, strata.deciding_population, nothing, nothing)
    return sides


def pieces_of(strata: Strata, shelf: Shelf) -> dict[str, Side]:
    """What each unit decides, by who receives it: nobody is told of it, and what is told of both sides is a sum of it."""
    nothing = np.zeros_like(strata.deciding_population)
    of_part = np.array([stratum for stratum, _ in strata.deciding], np.int64)
    areas = (pieces_areas(strata, shelf, unit) for unit in sorted({unit for _, unit in strata.deciding}))
    return {own.side: Side(own, of_part, strata.deciding_population, nothing, nothing) for own in areas}


def groups_of(whole: Whole, channels: str, kind: str, block: str) -> Groups | None:
    """The counts that a side, or a piece of the deciding side, is made of."""
    return whole.groups.get((channels, DECIDING if kind.startswith(PIECE) else kind, block))


def _parts(strata: Strata, one: Counts, place: Ints) -> Ints:
    """The part of the whole for each part of some counts; −1 where it belongs to no deciding unit that is told."""
    number = {pair: part for part, pair in enumerate(strata.deciding)}
    return np.array([number.get((h, unit or strata.keys[h][0]), -1) for h, unit in pairs_of(one, place)], np.int64)


def _those(groups: Groups, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Groups:
    return Groups(*(getattr(groups, name)[keep] for name in Groups.__slots__))
