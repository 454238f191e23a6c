"""Counts of some weeks of one month: whole numbers that add up, and from which every figure follows.

The weeks that are closed are counted once and kept (`counts_files.py`); after a seal only the open week is counted anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sipas.extract.table import WeekTable
from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.indicators import Block, columns_of, detail_blocks, main_block, overall_block
from sipas.reports.sample import CHANNELS, Sample, read_sample
from sipas.stats.design import Groups, Rows, Sizes, count_sizes, gather, starts
from sipas.stats.intervals import Bools
from sipas.stats.weights import Ints

HEADLINE = "headline"
RECEIVING, DECIDING = "receiving", "deciding"
Name = tuple[str, str, str]  # channel set, side, block


@dataclass(frozen=True, slots=True)
class Counts:
    """Some weeks of one month.

    Strata are numbered by ``keys``; on the deciding side a part is numbered by ``deciding``: a stratum, and who decides (0: itself
    or not known). A batch in which nobody decides for another has no deciding side; its receiving side is the same.
    """

    keys: tuple[tuple[int, str], ...]  # unit, sector
    deciding: tuple[tuple[int, int], ...]  # stratum, deciding unit; empty where nobody decides for another
    sizes: Mapping[str, Sizes]  # by channel set; one month
    groups: Mapping[Name, Groups]
    instruments: tuple[str, ...]
    n: int
    quarantined: int


def channel_rows(sample: Sample, wave: Wave) -> dict[str, Bools]:
    """The headline and each channel that has answers, with their rows."""
    sets = {HEADLINE: np.isin(sample.channel, [CHANNELS.index(channel) for channel in wave.headline])}
    sets |= {channel: sample.channel == place for place, channel in enumerate(CHANNELS)}
    return {name: chosen for name, chosen in sets.items() if chosen.any()}


def blocks_of(shelf: Shelf, name: str, instruments: Sequence[str]) -> tuple[Block, ...]:
    """What is counted of a channel set: everything of the headline, the overall share of each single channel."""
    return (main_block(), *detail_blocks(shelf, instruments)) if name == HEADLINE else (overall_block(),)


def count(tables: Sequence[WeekTable], shelf: Shelf, wave: Wave) -> Counts:
    """Count the answers of some weeks that lie in one month."""
    sample = read_sample(tables, shelf)
    parts, part = _deciding(sample)
    sizes: dict[str, Sizes] = {}
    groups: dict[Name, Groups] = {}
    for name, chosen in channel_rows(sample, wave).items():
        rows, of_cluster = _rows(sample, chosen)
        sizes[name] = count_sizes(rows, len(sample.keys), 1)
        number = np.cumsum(chosen) - 1  # position among the chosen
        for block in blocks_of(shelf, name, tuple(sample.asked)):
            where, columns = columns_of(block, sample)
            if not (keep := chosen[where]).all():
                where = where[keep]
                columns = type(columns)(columns.u[keep], columns.member[keep], columns.told[keep])
            if not len(where):
                continue
            at = number[where]
            mine = Rows(rows.stratum[at], rows.month[at], rows.cluster[at], rows.stratum[at])
            groups[name, RECEIVING, block.name] = gather(mine, columns, block.pairs, of_cluster)
            if parts and name == HEADLINE:
                decided = Rows(mine.stratum, mine.month, mine.cluster, part[where])
                groups[name, DECIDING, block.name] = gather(decided, columns, block.pairs, of_cluster)
    return Counts(sample.keys, parts, sizes, groups, tuple(sorted(sample.asked)), sample.n, sample.quarantined)


def _rows(sample: Sample, chosen: Bools) -> tuple[Rows, Ints]:
    """The chosen rows, clusters numbered inside their stratum; and how many rows each cluster has."""
    stratum, label = sample.stratum[chosen], sample.cluster[chosen]
    begin = starts(stratum, label)  # rows of a stratum lie together by cluster
    size = np.diff(np.append(begin, len(stratum)))
    cluster = np.repeat(np.arange(len(begin)), size)
    return Rows(stratum, np.zeros_like(stratum), cluster, stratum), size


def _deciding(sample: Sample) -> tuple[tuple[tuple[int, int], ...], Ints]:
    """Strata by who decides, and the place of each row among them; nothing where nobody decides for another."""
    unit = np.array([unit for unit, _ in sample.keys], np.int64)
    decides = np.where(sample.deciding == unit[sample.stratum], 0, sample.deciding) if sample.n else sample.deciding
    if not decides.any():
        return (), np.zeros(0, np.int64)
    width = int(decides.max()) + 1
    distinct, part = np.unique(sample.stratum * width + decides, return_inverse=True)
    return tuple((int(key) // width, int(key) % width) for key in distinct), np.asarray(part, np.int64)
