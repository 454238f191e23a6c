"""The wave's recipe applied: strata, their population by month, and the weights of one channel set."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from sipas.stats.design import Sizes
from sipas.stats.intervals import Bools
from sipas.stats.weights import Ints, Weighting, equal, weigh
from sipas.store.reading import Population

Key = tuple[int, str]  # unit, sector


@dataclass(frozen=True, slots=True)
class Strata:
    """Every stratum of answers or frame, in (unit, sector) order, with its population.

    A part is a stratum, or what one deciding unit decides of it.
    """

    months: tuple[str, ...]
    keys: tuple[Key, ...]
    population: Ints  # (H, M)
    late: Ints  # (H, M), of framed months only
    settled: Ints  # (H, M), of framed months only: what ``late`` is a share of
    framed: Bools  # (H,)
    source: Ints  # (M,) the month whose counts each month has
    provisional: Bools  # (M,) months later than the frame, filled with its last
    deciding: tuple[tuple[int, int], ...]  # (stratum, deciding unit) of each deciding part
    deciding_population: Ints  # (parts, M)


def lay_out(
    months: tuple[str, ...], answered: Collection[Key], decided: Collection[tuple[Key, int]], frame: Sequence[Population]
) -> Strata:
    """Strata of answers and a frame; ``decided`` names who decides in them (0: the unit itself, or not known)."""
    inside = [row for row in frame if row.month in months]
    keys = tuple(sorted({*answered, *((row.unit_id, row.sector) for row in inside)}))
    number = {key: place for place, key in enumerate(keys)}
    pairs = {(number[key], deciding) for key, deciding in decided}
    pairs |= {(number[row.unit_id, row.sector], row.deciding_id or 0) for row in inside}
    named = {deciding for _, deciding in pairs if deciding}
    # Only for a unit that is named as deciding for somebody is what it decides itself told apart.
    parts = tuple(sorted({(h, deciding or keys[h][0]) for h, deciding in pairs if deciding or keys[h][0] in named}))
    return _populations(months, keys, parts, inside)


def _populations(months: tuple[str, ...], keys: tuple[Key, ...], parts: tuple[tuple[int, int], ...], frame: Sequence[Population]) -> Strata:
    place = {month: number for number, month in enumerate(months)}
    number, part_number = {key: h for h, key in enumerate(keys)}, {pair: p for p, pair in enumerate(parts)}
    population, late = np.zeros((len(keys), len(months)), np.int64), np.zeros((len(keys), len(months)), np.int64)
    of_part = np.zeros((len(parts), len(months)), np.int64)
    for row in frame:
        h, m = number[row.unit_id, row.sector], place[row.month]
        population[h, m] += row.settled
        late[h, m] += row.late
        if (p := part_number.get((h, row.deciding_id or row.unit_id))) is not None:
            of_part[p, m] += row.settled
    settled = population.copy()
    known = sorted({place[row.month] for row in frame})
    source = np.array([max((k for k in known if k <= m), default=known[0] if known else m) for m in range(len(months))], np.int64)
    population, of_part = population[:, source], of_part[:, source]
    provisional = source != np.arange(len(months)) if known else np.ones(len(months), np.bool_)
    framed = population.sum(axis=1) > 0
    return Strata(months, keys, population, late, settled, framed, source, provisional, parts, of_part)


def weighting_of(strata: Strata, sizes: Sizes, verified: Ints, calibrate: Sequence[str], *, weighted: bool) -> Weighting:
    """The weights of a channel set as a design of its own; ``verified`` counts its answers of channel V by stratum."""
    if not weighted:
        return equal(sizes.answers)
    proven = (verified == sizes.answers.sum(axis=1)) & (not bool(strata.provisional.any()))
    return weigh(sizes.answers, strata.population, sizes.clusters, by_month="month" in calibrate, verified=proven)
