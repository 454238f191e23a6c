"""The wave's recipe applied: strata, their population by month, and the weights of one channel set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sipas.reports.sample import CHANNELS, Sample
from sipas.stats.design import Rows
from sipas.stats.intervals import Bools
from sipas.stats.weights import Ints, Weighting, equal, weigh
from sipas.store.reading import Population


@dataclass(frozen=True, slots=True)
class Strata:
    """Every stratum of answers or frame, in (unit, sector) order, with its population.

    A part is a stratum, or what one deciding unit decides of it; ``0`` is every deciding unit together.
    """

    keys: tuple[tuple[int, str], ...]  # unit, sector
    population: Ints  # (H, M)
    late: Ints  # (H, M), of framed months only
    settled: Ints  # (H, M), of framed months only: what ``late`` is a share of
    framed: Bools  # (H,)
    provisional: Bools  # (M,) months later than the frame, filled with its last
    deciding: tuple[tuple[int, int], ...]  # (stratum, deciding unit) of each deciding part
    deciding_population: Ints  # (parts, M)

    @property
    def number(self) -> dict[tuple[int, str], int]:
        return {key: place for place, key in enumerate(self.keys)}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each row of the sample stands, in all channels alike."""

    stratum: Ints
    deciding_part: Ints  # −1 where the deciding unit is not known


def lay_out(sample: Sample, frame: Sequence[Population]) -> tuple[Strata, Layout]:
    """Strata of a sample and a frame, and the place of each row among them."""
    inside = [row for row in frame if row.month in sample.months]
    units, sectors = sample.unit.tolist(), [sample.sectors[sector] for sector in sample.sector.tolist()]
    keys = tuple(sorted({*zip(units, sectors, strict=True), *((row.unit_id, row.sector) for row in inside)}))
    number = {key: place for place, key in enumerate(keys)}
    stratum = [number[key] for key in zip(units, sectors, strict=True)]
    pairs = set(zip(stratum, sample.deciding.tolist(), strict=True))
    pairs |= {(number[row.unit_id, row.sector], row.deciding_id or 0) for row in inside}
    named = {deciding for _, deciding in pairs if deciding}
    # Only for a unit that is named as deciding for somebody is what it decides itself told apart.
    parts = tuple(sorted({(h, deciding or keys[h][0]) for h, deciding in pairs if deciding or keys[h][0] in named}))
    place = {pair: part for part, pair in enumerate(parts)}
    part = [place.get((h, d or unit), -1) for h, d, unit in zip(stratum, sample.deciding.tolist(), units, strict=True)]
    return _populations(sample.months, keys, parts, inside), Layout(np.array(stratum, np.int64), np.array(part, np.int64))


def _populations(
    months: tuple[str, ...], keys: tuple[tuple[int, str], ...], parts: tuple[tuple[int, int], ...], frame: Sequence[Population]
) -> Strata:
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
    provisional = np.ones(len(months), np.bool_)
    for m in range(len(months) if known else 0):
        source = max((k for k in known if k <= m), default=known[0])
        provisional[m] = source != m
        population[:, m], of_part[:, m] = population[:, source], of_part[:, source]
    framed = population.sum(axis=1) > 0
    return Strata(keys, population, late, settled, framed, provisional, parts, of_part)


def weighting_of(sample: Sample, strata: Strata, rows: Rows, chosen: Bools, calibrate: Sequence[str], *, weighted: bool) -> Weighting:
    """The weights of the ``chosen`` rows, as a design of their own."""
    shape = strata.population.shape
    answers, clusters = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    np.add.at(answers, (rows.stratum, rows.month), 1)
    if not weighted:
        return equal(answers)
    _, first = np.unique(rows.cluster, return_index=True)
    np.add.at(clusters, (rows.stratum[first], rows.month[first]), 1)
    others = np.bincount(rows.stratum, sample.channel[chosen] != CHANNELS.index("V"), shape[0])
    verified = (others == 0) & (not bool(strata.provisional.any()))
    return weigh(answers, strata.population, clusters, by_month="month" in calibrate, verified=verified)
