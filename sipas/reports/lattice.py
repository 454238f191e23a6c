"""The counts that a run may publish, and every sum that a reader can make of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.areas import ADDED_UP, PIECE, Areas, ancestors, family_of, is_month, list_periods, passes
from sipas.reports.counting import HEADLINE, RECEIVING, WITH_ASIDE
from sipas.reports.design import Whole, groups_of, pieces_of, sides_of
from sipas.reports.estimation import Side
from sipas.reports.indicators import main_block, overall_block
from sipas.reports.weighting import Strata
from sipas.stats.intervals import Bools
from sipas.stats.verdict import HIDDEN_BELOW
from sipas.store.facts import TOLD, Domain, Said

ALL, FRAMED, UNFRAMED = 0, 1, 2
AS_HEADLINE = (HEADLINE, WITH_ASIDE)  # published as finely
MAIN, OVERALL = main_block().name, overall_block().name


class Cell(NamedTuple):
    """A group of people: a domain, those of it whose stratum has a frame (1) or has none (2), or what a sum leaves over.

    A domain whose side begins with ``PIECE`` is what one unit receives and another decides: no page tells it.
    """

    domain: Domain
    frame: int = ALL
    rest: str = ""  # what was taken away: units, sectors, periods, channels or deciding

    @property
    def piece(self) -> bool:
        """Whether nobody could be told of it."""
        return self.domain.side.startswith(PIECE)


@dataclass(frozen=True, slots=True)
class Lattice:
    """All domains with answers, and what they are sums of."""

    counts: dict[Cell, int]
    bare: frozenset[Domain]  # without any frame
    computed: frozenset[Domain]  # those that this run may release
    finer: Mapping[Domain, int]  # with answers, and cut too fine to be published
    children: Mapping[int, tuple[int, ...]]
    tops: tuple[int, ...]
    families: Mapping[str, tuple[str, ...]]
    headline: tuple[str, ...]
    months: tuple[str, ...]
    receivers: Mapping[int, tuple[int, ...]]  # deciding unit → receiving units


def lay_lattice(strata: Strata, whole: Whole, shelf: Shelf, wave: Wave, places: tuple[Mapping[int, str], Mapping[Domain, Said]]) -> Lattice:
    """Count every domain; ``places`` are the units' paths, and what is released."""
    paths, released = places
    sides = sides_of(strata, shelf, paths)
    pieces = pieces_of(strata, shelf)
    now = list_periods(strata.months)
    masks = now | {name: _mask(name, strata.months) for name in sorted({domain.period for domain in released}) if name not in now}
    lasting = {period for period in now if not passes(period, now)}
    counts: dict[Cell, int] = {}
    finer: dict[Domain, int] = {}
    computed: set[Domain] = set()
    bare: set[Domain] = set()
    fine = _Fineness.of(sides[RECEIVING].areas, shelf, paths)
    for channels in whole.channel_sets():
        for kind, side in (sides | pieces).items():
            for domain, n, framed in _counted(strata, whole, (channels, kind, side), masks):
                live = domain.period in (now if channels in AS_HEADLINE else lasting)
                was = released.get(domain)
                if fine.is_finer(domain) and (was is None or was.word != TOLD):
                    if live:
                        finer[domain] = n
                    continue
                if live or was is not None or kind in pieces:
                    counts[Cell(domain)] = n
                    counts |= {Cell(domain, FRAMED): framed, Cell(domain, UNFRAMED): n - framed} if 0 < framed < n else {}
                    bare |= set() if framed else {domain}
                beside = counts.get(Cell(domain._replace(channels=HEADLINE)), 0) if channels == WITH_ASIDE else 0
                if live and kind in sides and (channels != WITH_ASIDE or n - beside >= HIDDEN_BELOW):
                    computed.add(domain)
    families = {family: tuple(sorted(code for code in shelf.sectors if family_of(shelf, code) == family)) for family in ADDED_UP}
    children: dict[int, list[int]] = defaultdict(list)
    for unit, path in sorted(paths.items()):
        children[ancestors(path)[-2] if len(ancestors(path)) > 1 else 0].append(unit)
    return Lattice(
        counts, frozenset(bare), frozenset(computed), finer, {unit: tuple(kids) for unit, kids in children.items()}, fine.tops, families,
        tuple(channel.value for channel in wave.headline), strata.months, _receivers(strata),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Fineness:
    """How finely is published: a single channel by the year, a sector by month for the top and where it is a unit's only one."""

    tops: tuple[int, ...]
    single: frozenset[int]  # units with one sector
    added: frozenset[str]  # sectors that are added up to a family

    @classmethod
    def of(cls, areas: Areas, shelf: Shelf, paths: Mapping[int, str]) -> _Fineness:
        added = frozenset(code for code in shelf.sectors if family_of(shelf, code) in ADDED_UP)
        sectors: dict[int, set[str]] = defaultdict(set)
        for unit, sector in areas.keys:
            sectors[unit] |= {sector} - set(ADDED_UP)
        tops = tuple(sorted({ancestors(path)[0] for path in paths.values()}))
        return cls(tops, frozenset(unit for unit, own in sectors.items() if len(own) == 1), added)

    def is_finer(self, domain: Domain) -> bool:
        if domain.channels not in AS_HEADLINE:
            return is_month(domain.period) or "Q" in domain.period
        if domain.side != RECEIVING or not is_month(domain.period) or domain.sector not in self.added:
            return False
        return domain.unit_id not in self.tops and domain.unit_id not in self.single


def _counted(strata: Strata, whole: Whole, which: tuple[str, str, Side], masks: Mapping[str, Bools]) -> Iterator[tuple[Domain, int, int]]:
    channels, kind, side = which
    groups = groups_of(whole, channels, kind, MAIN if channels == HEADLINE else OVERALL)
    if groups is None:
        return
    base = np.zeros((len(side.stratum_of), len(strata.months)), np.int64)
    np.add.at(base, (groups.part, groups.month), groups.members[:, 0].astype(np.int64))
    tables = []
    for weight in (1, strata.framed[side.stratum_of][:, None].astype(np.int64)):
        table = np.zeros((len(side.areas.keys), len(strata.months)), np.int64)
        np.add.at(table, side.areas.domain, (base * weight)[side.areas.part])
        tables.append(table)
    for period, mask in masks.items():
        everybody, framed = (table[:, mask].sum(axis=1).tolist() for table in tables)
        for (unit, sector), n, some in zip(side.areas.keys, everybody, framed, strict=True):
            if n:
                yield Domain(period, unit, kind, sector, channels), n, some


def _receivers(strata: Strata) -> dict[int, tuple[int, ...]]:
    """For whom each deciding unit decides."""
    of: dict[int, set[int]] = defaultdict(set)
    for stratum, unit in strata.deciding:
        of[unit].add(strata.keys[stratum][0])
    return {unit: tuple(sorted(own)) for unit, own in sorted(of.items())}


def _mask(period: str, months: Sequence[str]) -> Bools:
    """The months of a period by its name."""
    year, rest = period[:4], period[5:]
    if rest.startswith("ytd-"):
        return np.array([month[:4] == year and month[5:] <= rest[4:] for month in months], bool)
    if "Q" in rest:
        return np.array([_quarter(month) == period for month in months], bool)
    return np.array([month.startswith(period) for month in months], bool)


def _quarter(month: str) -> str:
    return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"


@lru_cache(maxsize=1024)
def shorter(period: str, months: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The shorter periods that a period is made of, in every way in which a reader may add them up."""
    return tuple(_ways(period, months))


def _ways(period: str, months: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    inside = tuple(month for month, there in zip(months, _mask(period, months).tolist(), strict=True) if there)
    if is_month(period) or not inside:
        return
    yield "months", inside
    if "Q" in period:
        return
    whole = [quarter for quarter in sorted({_quarter(month) for month in inside}) if set(_months_of(quarter, months)) <= set(inside)]
    yield "quarters", (*whole, *(month for month in inside if _quarter(month) not in whole))
    for place, month in enumerate(inside):
        earlier = f"{period[:4]}-ytd-{month[5:]}"
        if earlier != period:
            yield "to date", (earlier, *inside[place + 1 :])


def _months_of(quarter: str, months: Sequence[str]) -> tuple[str, ...]:
    return tuple(month for month in months if _quarter(month) == quarter)
