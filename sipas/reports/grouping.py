"""Groups of the same people, and the sums between them that tell something: all sums of all cells at once, as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np

from sipas.reports.areas import PIECE
from sipas.reports.counting import DECIDING, HEADLINE, RECEIVING, WITH_ASIDE
from sipas.reports.lattice import ALL, FRAMED, UNFRAMED, Cell, Lattice, shorter
from sipas.stats.disclosure import Margin, Sums
from sipas.stats.intervals import Bools
from sipas.stats.verdict import HIDDEN_BELOW
from sipas.stats.weights import Ints
from sipas.store.facts import Domain

FRAMES = 3


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


def group_cells(lattice: Lattice) -> Groups:
    """Groups of the same people, and the sums that tell something."""
    counts = dict(lattice.counts)
    named = tuple(counts)
    sums: list[tuple[Cell, tuple[Cell, ...]]] = []
    for total, kind, parts, rest in _telling(lattice):
        cell, there = named[total], tuple(named[part] for part in parts)
        if rest:
            left = Cell(cell.domain, cell.frame, kind)
            counts[left] = rest
            there = (*there, left)
        sums.append((cell, there))
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


def _telling(lattice: Lattice) -> Iterator[tuple[int, str, list[int], int]]:
    """Every sum from which a reader could take something small: total and parts by position, its kind, what it leaves over.

    Where a rest is a large group, nobody can take the parts from their total.
    """
    numbers = _Numbers(lattice)
    ways = list(_ways(lattice, numbers))
    total, rank = np.concatenate([way.total for way in ways]), np.repeat(np.arange(len(ways)), [len(way.total) for way in ways])
    first = np.cumsum([0, *(len(way.total) for way in ways)])
    row = np.concatenate([way.row + begin for way, begin in zip(ways, first.tolist(), strict=False)])
    part = numbers.same(np.concatenate([way.key for way in ways]))
    row, part = row[part >= 0], part[part >= 0]
    size = np.bincount(row, minlength=len(total))
    rest = numbers.counts[total] - np.bincount(row, numbers.counts[part], len(total)).astype(np.int64)
    keep = (size > 0) & (rest >= 0) & (rest < HIDDEN_BELOW)
    begin = np.searchsorted(row, np.arange(len(total) + 1))
    for one in np.flatnonzero(keep)[np.lexsort((rank[keep], total[keep]))].tolist():
        yield int(total[one]), ways[rank[one]].kind, part[begin[one] : begin[one + 1]].tolist(), int(rest[one])


def list_sums(lattice: Lattice) -> tuple[dict[Domain, int], Sums]:
    """The people that each domain of the headline holds, by number, and every sum between them, whatever it leaves over.

    What is counted of these people, as who answered an item, adds up in the same ways.
    """
    counts = {cell: n for cell, n in lattice.counts.items() if cell.frame == ALL and cell.domain.channels == HEADLINE}
    if not counts:
        nothing = np.zeros(0, np.int64)
        return {}, Sums(nothing, nothing, nothing, 0)
    numbers = _Numbers(replace(lattice, counts=counts))
    ways = [way for way in _ways(lattice, numbers) if way.kind not in {"frame", "channels", "headline"}]
    total = np.concatenate([way.total for way in ways])
    first = np.cumsum([0, *(len(way.total) for way in ways)])
    row = np.concatenate([way.row + begin for way, begin in zip(ways, first.tolist(), strict=False)])
    part = numbers.find(np.concatenate([way.key for way in ways]))
    row, part = row[part >= 0], part[part >= 0]
    rest = numbers.counts[total] - np.bincount(row, numbers.counts[part], len(total)).astype(np.int64)
    size = np.bincount(row, minlength=len(total))
    of = _joined(
        len(counts), [(int(total[r]), int(p)) for r, p in zip(row.tolist(), part.tolist(), strict=True) if size[r] == 1 and not rest[r]]
    )
    begin = np.searchsorted(row, np.arange(len(total) + 1))
    found = set()
    for one in np.flatnonzero((size > 0) & ((size > 1) | (rest != 0))).tolist():
        whole, parts = int(of[total[one]]), tuple(sorted(of[part[begin[one] : begin[one + 1]]].tolist()))
        if rest[one] >= 0:
            found.add((whole, parts))
    sums = sorted(found)
    rows = np.repeat(np.arange(len(sums)), [len(parts) for _, parts in sums])
    inside = np.array(list(chain.from_iterable(parts for _, parts in sums)), np.int64)
    named = {cell.domain: group for cell, group in zip(counts, of.tolist(), strict=True)}
    return named, Sums(np.array([whole for whole, _ in sums], np.int64), rows, inside, int(of.max()) + 1)


class _Numbers:
    """A number for every cell that there could be: one digit for each of its words, so that words are exchanged by adding."""

    def __init__(self, lattice: Lattice) -> None:
        cells = list(lattice.counts)
        words = [dict.fromkeys(column) for column in zip(*(cell.domain for cell in cells), strict=True)] or [{}] * 5
        self.digits = [{word: digit for digit, word in enumerate(own)} for own in words]
        self.steps = np.cumprod([FRAMES, *(max(len(own), 1) for own in reversed(words))])[-2::-1].tolist()
        worth = [{word: digit * step for word, digit in own.items()} for own, step in zip(self.digits, self.steps, strict=True)]
        period, unit, side, sector, channels = worth
        self.key = np.array(
            [period[p] + unit[u] + side[s] + sector[x] + channels[c] + frame for (p, u, s, x, c), frame, _ in cells], np.int64
        )
        self.counts = np.array(list(lattice.counts.values()), np.int64)
        self.bare = np.array([cell.domain in lattice.bare for cell in cells], np.bool_)

    def digit(self, column: int) -> Ints:
        """One word of every cell: 0 for periods, 1 units, 2 sides, 3 sectors, 4 channels."""
        return np.asarray(self.key // self.steps[column] % max(len(self.digits[column]), 1), np.int64)

    @cached_property
    def frame(self) -> Ints:
        """The frame of every cell."""
        return self.key % FRAMES

    @cached_property
    def _order(self) -> Ints:
        return np.argsort(self.key)

    @cached_property
    def _sorted(self) -> Ints:
        return self.key[self._order]

    def find(self, key: Ints) -> Ints:
        """The positions of some cells, −1 for one that has no answers."""
        at = np.minimum(np.searchsorted(self._sorted, key), len(self.key) - 1)
        return np.where(self._sorted[at] == key, self._order[at], -1)

    def same(self, key: Ints) -> Ints:
        """The same, but the framed part of a domain with a frame throughout is the domain itself; so is the unframed of a bare one."""
        at, frame = self.find(key), key % FRAMES
        missing = np.flatnonzero((at < 0) & (frame != ALL))
        whole = self.find(key[missing] - frame[missing])
        at[missing] = np.where((whole >= 0) & (self.bare[whole] == (frame[missing] == UNFRAMED)), whole, -1)
        return at


@dataclass(frozen=True, slots=True)
class _Way:
    """Sums of one kind."""

    kind: str
    total: Ints  # (t,) positions
    row: Ints  # (z,) which of them each part belongs to, rising
    key: Ints  # (z,) the parts


def _ways(lattice: Lattice, numbers: _Numbers) -> Iterator[_Way]:
    """All sums that every cell is the total of: a reader may add up in each of these ways."""
    periods, units, sides, sectors, sets = numbers.digits
    side, sector, channels = numbers.digit(2), numbers.digit(3), numbers.digit(4)
    framed = np.flatnonzero((numbers.frame == ALL) & (numbers.find(numbers.key + FRAMED) >= 0))
    yield _Way("frame", framed, np.repeat(np.arange(len(framed)), 2), (numbers.key[framed, None] + np.array([FRAMED, UNFRAMED])).ravel())
    received, decided = (np.flatnonzero(side == sides.get(word, -1)) for word in (RECEIVING, DECIDING))
    yield _below(lattice, numbers, received)
    for family, own in lattice.families.items():
        yield _exchange("sectors", numbers, np.flatnonzero(sector == sectors.get(family, -1)), {3: own})
    for name in periods:
        yield from _shorter(lattice, numbers, name)
    yield _exchange("channels", numbers, np.flatnonzero(channels == sets.get(HEADLINE, -1)), {4: lattice.headline})
    yield _exchange("headline", numbers, np.flatnonzero(channels == sets.get(WITH_ASIDE, -1)), {4: (HEADLINE,)})
    unit = numbers.digit(1)
    counted = channels == sets.get(HEADLINE, -1)
    for top in lattice.tops:
        there = received[(unit[received] == units.get(top, -1)) & counted[received]]
        yield _exchange("deciders", numbers, there, {1: tuple(lattice.receivers), 2: (DECIDING,)})
    served = [units[one] for own in lattice.receivers.values() for one in own if one in units]
    there = received[np.isin(unit[received], served) & counted[received]]
    yield _exchange("deciding", numbers, there, {2: [f"{PIECE}{decides}" for decides in lattice.receivers]})
    for decides, receiving in lattice.receivers.items():
        there = decided[unit[decided] == units.get(decides, -1)]
        yield _exchange("receivers", numbers, there, {1: receiving, 2: (f"{PIECE}{decides}",)})


def _below(lattice: Lattice, numbers: _Numbers, received: Ints) -> _Way:
    """What a unit receives is what it and the units below it receive."""
    units = numbers.digits[1]
    below = [[units[one] for one in lattice.children.get(unit, ()) if one in units] for unit in units]
    size = np.array([len(own) for own in below], np.int64)
    unit = numbers.digit(1)[received]
    total, unit = received[size[unit] > 0], unit[size[unit] > 0]
    row = np.repeat(np.arange(len(total)), size[unit])
    inside = np.arange(len(row)) - np.repeat(np.cumsum(size[unit]) - size[unit], size[unit])
    digit = np.array(list(chain.from_iterable(below)), np.int64)[np.repeat((np.cumsum(size) - size)[unit], size[unit]) + inside]
    return _Way("units", total, row, numbers.key[total][row] + (digit - unit[row]) * numbers.steps[1])


def _shorter(lattice: Lattice, numbers: _Numbers, name: str) -> Iterator[_Way]:
    """The shorter periods that a period is made of; from a year to date only where there is one."""
    periods = numbers.digits[0]
    total = np.flatnonzero(numbers.digit(0) == periods[name])
    for kind, parts in shorter(name, lattice.months):
        begins = total
        if kind == "to date":
            earlier = numbers.key[total] - numbers.frame[total] + (periods.get(parts[0], -1) - periods[name]) * numbers.steps[0]
            begins = total[numbers.find(earlier) >= 0] if parts[0] in periods else total[:0]
        yield _exchange(f"{kind} {parts[0]}", numbers, begins, {0: parts})


def _exchange(kind: str, numbers: _Numbers, total: Ints, words: Mapping[int, Sequence[str | int]]) -> _Way:
    """The cells that differ from some totals in one word, or in one of several; a word that no cell has is no part."""
    key = numbers.key[total][:, None]
    for column, own in words.items():
        digits = np.array([numbers.digits[column][word] for word in own if word in numbers.digits[column]], np.int64)
        key = key + (digits - numbers.digit(column)[total][:, None]) * numbers.steps[column]
    return _Way(kind, total, np.repeat(np.arange(len(total)), key.shape[1]), key.ravel())


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
