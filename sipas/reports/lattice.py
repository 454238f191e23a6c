"""The counts that a run may publish, and every sum that a reader can make of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np

from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.areas import ADDED_UP, Areas, ancestors, family_of, is_month, list_periods, passes
from sipas.reports.counting import DECIDING, HEADLINE, RECEIVING, WITH_ASIDE
from sipas.reports.design import Whole, sides_of
from sipas.reports.estimation import Side
from sipas.reports.indicators import main_block, overall_block
from sipas.reports.weighting import Strata
from sipas.stats.disclosure import Margin
from sipas.stats.intervals import Bools
from sipas.stats.verdict import HIDDEN_BELOW
from sipas.stats.weights import Ints
from sipas.store.facts import TOLD, Domain, Said

ALL, FRAMED, UNFRAMED = 0, 1, 2
AS_HEADLINE = (HEADLINE, WITH_ASIDE)  # published as finely
MAIN, OVERALL = main_block().name, overall_block().name


class Cell(NamedTuple):
    """A group of people: a domain, those of it whose stratum has a frame (1) or has none (2), or what a sum leaves over."""

    domain: Domain
    frame: int = ALL
    rest: str = ""  # what was taken away: units, sectors, periods, channels or deciding


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
    decided: Mapping[tuple[int, str], tuple[int, ...]]  # deciding unit, sector → receiving units, where nobody else decides for them
    deciders: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Groups:
    """Cells that hold the same people are one group."""

    cells: tuple[Cell, ...]
    place: Mapping[Cell, int]
    of: Ints  # group of each cell
    counts: Ints
    sums: tuple[Margin, ...]
    in_sums: Bools

    def name(self, group: int) -> Cell:
        """A cell of a group, to name it by."""
        return self.cells[int(np.flatnonzero(self.of == group)[0])]

    def derived(self, told: Bools) -> Bools:
        """Groups that are no domain of their own and are large enough to be known: what told ones leave over."""
        own = np.zeros(len(self.counts), bool)
        own[self.of[[place for place, cell in enumerate(self.cells) if not cell.frame and not cell.rest]]] = True
        return ~own & (self.counts >= HIDDEN_BELOW) & ~told


def lay_lattice(strata: Strata, whole: Whole, shelf: Shelf, wave: Wave, places: tuple[Mapping[int, str], Mapping[Domain, Said]]) -> Lattice:
    """Count every domain; ``places`` are the units' paths, and what is released."""
    paths, released = places
    sides = sides_of(strata, shelf, paths)
    now = list_periods(strata.months)
    masks = now | {name: _mask(name, strata.months) for name in sorted({domain.period for domain in released}) if name not in now}
    counts: dict[Cell, int] = {}
    finer: dict[Domain, int] = {}
    computed: set[Domain] = set()
    bare: set[Domain] = set()
    fine = _Fineness.of(sides[RECEIVING].areas, shelf, paths)
    for channels in whole.channel_sets():
        for kind, side in sides.items():
            for domain, n, framed in _counted(strata, whole, (channels, kind, side), masks):
                live = domain.period in now and (channels in AS_HEADLINE or not passes(domain.period, now))
                was = released.get(domain)
                if fine.is_finer(domain) and (was is None or was.word != TOLD):
                    if live:
                        finer[domain] = n
                    continue
                if live or was is not None:
                    counts[Cell(domain)] = n
                    counts |= {Cell(domain, FRAMED): framed, Cell(domain, UNFRAMED): n - framed} if 0 < framed < n else {}
                    bare |= set() if framed else {domain}
                if live and (channels != WITH_ASIDE or n - counts.get(Cell(domain._replace(channels=HEADLINE)), 0) >= HIDDEN_BELOW):
                    computed.add(domain)
    families = {family: tuple(sorted(code for code in shelf.sectors if family_of(shelf, code) == family)) for family in ADDED_UP}
    children: dict[int, list[int]] = defaultdict(list)
    for unit, path in sorted(paths.items()):
        children[ancestors(path)[-2] if len(ancestors(path)) > 1 else 0].append(unit)
    return Lattice(
        counts, frozenset(bare), frozenset(computed), finer, {unit: tuple(kids) for unit, kids in children.items()}, fine.tops, families,
        tuple(channel.value for channel in wave.headline), strata.months, *_decided(strata, whole),
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
    groups = whole.groups.get((channels, kind, MAIN if channels == HEADLINE else OVERALL))
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


def _decided(strata: Strata, whole: Whole) -> tuple[dict[tuple[int, str], tuple[int, ...]], tuple[int, ...]]:
    """Where a deciding unit decides all that some units receive of a sector; and all deciding units."""
    deciders: dict[int, set[int]] = defaultdict(set)
    of: dict[tuple[int, str], set[int]] = defaultdict(set)
    told = whole.groups.get((HEADLINE, DECIDING, MAIN))
    for part in np.unique(told.part).tolist() if told is not None else ():
        stratum, unit = strata.deciding[part]
        deciders[stratum].add(unit)
        of[unit, strata.keys[stratum][1]].add(stratum)
    alone = {key: own for key, own in of.items() if all(deciders[stratum] == {key[0]} for stratum in own)}
    units = {key: tuple(sorted(strata.keys[stratum][0] for stratum in own)) for key, own in alone.items()}
    return units, tuple(sorted({unit for unit, _ in of}))


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


def group_cells(lattice: Lattice) -> Groups:
    """Groups of the same people, and the sums that tell something."""
    counts = dict(lattice.counts)
    sums: list[tuple[Cell, tuple[Cell, ...]]] = []
    for cell in list(counts):
        for kind, parts in _sums_of(lattice, cell):
            there = tuple(same for part in parts if (same := _same(lattice, part)) in lattice.counts)
            total, rest = cell, counts[cell] - sum(counts[part] for part in there)
            if rest < 0 and len(there) == 1:  # more was received than is known to be decided
                total, there, rest = there[0], (cell,), -rest
            if not there or not 0 <= rest < HIDDEN_BELOW:
                continue  # nobody can take these parts from their total, or what is left over is a large group
            if rest:
                left = Cell(total.domain, total.frame, kind)
                counts[left] = rest
                there = (*there, left)
            sums.append((total, there))
    cells = tuple(counts)
    place = {cell: number for number, cell in enumerate(cells)}
    of = _joined(len(cells), [(place[cell], place[there[0]]) for cell, there in sums if len(there) == 1])
    n = np.zeros(int(of.max(initial=-1)) + 1, np.int64)
    n[of] = np.array([counts[cell] for cell in cells], np.int64)
    margins = {
        Margin(int(of[place[cell]]), tuple(sorted(int(of[place[part]]) for part in there))) for cell, there in sums if len(there) > 1
    }
    in_sums = np.zeros(len(n), bool)
    in_sums[list(chain.from_iterable((margin.total, *margin.parts) for margin in margins))] = True
    return Groups(cells, place, of, n, tuple(sorted(margins)), in_sums)


def _same(lattice: Lattice, cell: Cell) -> Cell:
    """The framed part of a domain that has a frame throughout is the domain itself, and so is the unframed of one that has none."""
    if cell.frame == ALL or cell in lattice.counts:
        return cell
    return Cell(cell.domain) if (cell.domain in lattice.bare) == (cell.frame == UNFRAMED) else Cell(cell.domain, rest="nobody")


def _sums_of(lattice: Lattice, cell: Cell) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    """The sums that a cell is the total of, by kind."""
    (period, unit, side, sector, channels), frame = cell.domain, cell.frame

    def cells(*domains: Domain) -> tuple[Cell, ...]:
        return tuple(Cell(domain, frame) for domain in domains)

    if frame == ALL and Cell(cell.domain, FRAMED) in lattice.counts:
        yield "frame", (Cell(cell.domain, FRAMED), Cell(cell.domain, UNFRAMED))
    if side == RECEIVING:
        yield "units", cells(*(Domain(period, below, side, sector, channels) for below in lattice.children.get(unit, ())))
    if sector in lattice.families:
        yield "sectors", cells(*(Domain(period, unit, side, one, channels) for one in lattice.families[sector]))
    for kind, parts in _shorter(period, lattice.months):
        if kind != "to date" or Cell(Domain(parts[0], unit, side, sector, channels)) in lattice.counts:
            yield f"{kind} {parts[0]}", cells(*(Domain(one, unit, side, sector, channels) for one in parts))
    if channels == HEADLINE:
        yield "channels", cells(*(Domain(period, unit, side, sector, one) for one in lattice.headline))
    if channels == WITH_ASIDE:
        yield "headline", cells(Domain(period, unit, side, sector, HEADLINE))
    yield from _decided_of(lattice, cell)


def _decided_of(lattice: Lattice, cell: Cell) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    """What a unit decided is what some units received; and what all decided is nearly what the top received."""
    (period, unit, side, sector, channels), frame = cell.domain, cell.frame
    if side == DECIDING and (unit, sector) in lattice.decided:
        yield "deciding", tuple(Cell(Domain(period, one, RECEIVING, sector, channels), frame) for one in lattice.decided[unit, sector])
    if side == RECEIVING and unit in lattice.tops and channels == HEADLINE:
        yield "deciders", tuple(Cell(Domain(period, one, DECIDING, sector, channels), frame) for one in lattice.deciders)


@lru_cache(maxsize=1024)
def _shorter(period: str, months: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
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


def _joined(size: int, pairs: Sequence[tuple[int, int]]) -> Ints:
    """Numbers from 0 for the sets that pairs join."""
    parent = list(range(size))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for first, second in pairs:
        parent[root(first)] = root(second)
    return np.unique([root(one) for one in range(size)], return_inverse=True)[1].astype(np.int64)
