"""Counts of several sets of answers as one: what memory holds of a month is one set of sums, however many parts it was counted in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from sipas.reports.counting import DECIDING, HEADLINE, RECEIVING, Counts, Name
from sipas.stats.design import Groups, Sizes, merge, sort_order
from sipas.stats.weights import Ints

AT_ONCE = 4  # sums that wait to be added up


def fold(counts: Iterable[tuple[str, Counts]]) -> list[tuple[str, Counts]]:
    """One set of counts for each month, added up as they come."""
    months: dict[str, list[Counts]] = {}
    for month, one in counts:
        waiting = months.setdefault(month, [])
        waiting.append(one)
        if len(waiting) > AT_ONCE:
            months[month] = [add_counts(waiting)]
    return [(month, add_counts(waiting)) for month, waiting in months.items()]


def add_counts(some: Sequence[Counts]) -> Counts:
    """The counts of parts of one month, at least one; no cluster lies in two of them."""
    if len(some) == 1:
        return some[0]
    keys = tuple(sorted({key for one in some for key in one.keys}))
    number = {key: h for h, key in enumerate(keys)}
    places = [np.array([number[key] for key in one.keys], np.int64) for one in some]
    deciding: tuple[tuple[int, int], ...] = ()
    if any(one.deciding for one in some):
        deciding = tuple(sorted({pair for one, place in zip(some, places, strict=True) for pair in pairs_of(one, place)}))
    number_of = {pair: part for part, pair in enumerate(deciding)}
    sizes: dict[str, Sizes] = {}
    groups: dict[Name, list[Groups]] = {}
    for one, place in zip(some, places, strict=True):
        for channels, size in one.sizes.items():
            add_sizes(sizes.setdefault(channels, Sizes(*(np.zeros((len(keys), 1), np.int64) for _ in range(3)))), size, place, 0)
        for name, of_part in one.groups.items():
            if name[1] == RECEIVING:
                groups.setdefault(name, []).append(renumbered(of_part, place[of_part.part], place, 0))
        parts = np.array([number_of[pair] for pair in pairs_of(one, place)] if deciding else [], np.int64)
        for name, of_part in (decided(one) if deciding else {}).items():
            groups.setdefault(name, []).append(renumbered(of_part, parts[of_part.part], place, 0))
    instruments = tuple(sorted({code for one in some for code in one.instruments}))
    n, quarantined = sum(one.n for one in some), sum(one.quarantined for one in some)
    return Counts(keys, deciding, sizes, {name: merge(parts) for name, parts in groups.items()}, instruments, n, quarantined)


def add_sizes(whole: Sizes, size: Sizes, place: Ints, month: int) -> None:
    """Put the sizes of one month where its strata stand among all."""
    for table, add in zip((whole.answers, whole.clusters, whole.squares), (size.answers, size.clusters, size.squares), strict=True):
        table[place, month] += add[:, 0]


def decided(one: Counts) -> dict[Name, Groups]:
    """The deciding side; of counts in which nobody decides for another it is the receiving side."""
    if one.deciding:
        return {name: groups for name, groups in one.groups.items() if name[1] == DECIDING}
    return {(name, DECIDING, block): groups for (name, _, block), groups in one.groups.items() if name == HEADLINE}


def pairs_of(one: Counts, place: Ints) -> list[tuple[int, int]]:
    """The stratum, under its place among all, and who decides, of each part of the deciding side."""
    return [(int(place[h]), unit) for h, unit in one.deciding or ((h, 0) for h in range(len(one.keys)))]


def renumbered(groups: Groups, part: Ints, place: Ints, month: int) -> Groups:
    """The same under the numbers of the whole, sorted by part again."""
    order = sort_order(part)
    moved = replace(groups, part=part, stratum=place[groups.stratum], month=np.full(len(part), month, np.int64))
    return Groups(*(getattr(moved, name)[order] for name in Groups.__slots__))
