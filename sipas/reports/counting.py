"""Counts of some weeks of one month: whole numbers that add up, and from which every figure follows.

The weeks that are closed are counted once and kept (`counts_files.py`); after a seal only the open week is counted anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sipas.extract.table import Codes, WeekTable
from sipas.instrument.model import LENGTHS, OVERALL, Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.indicators import Block, detail_blocks, form_columns, main_block, main_columns, overall_block
from sipas.reports.sample import CHANNELS, Sample, read_sample
from sipas.stats.counts import Tally, add_tallies, count_levels, group, select, tally
from sipas.stats.design import Groups, Products, Rows, Sizes, count_sizes, starts
from sipas.stats.intervals import Bools
from sipas.stats.weights import Ints

HEADLINE = "headline"
WITH_ASIDE = "aside"  # the headline and its answers in quarantine: told only where ten were set aside
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
    """The headline, each channel that has answers, and the headline with what was set aside, where something was; with their rows."""
    headline = np.isin(sample.channel, [CHANNELS.index(channel) for channel in wave.headline])
    sets = {HEADLINE: headline & ~sample.aside}
    sets |= {channel: (sample.channel == place) & ~sample.aside for place, channel in enumerate(CHANNELS)}
    # Every batch has this set, with something aside or not: batches are added up.
    sets[WITH_ASIDE] = headline
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
    laid: dict[bytes, _Laid] = {}  # by the rows that are chosen: where nothing was set aside, or one channel is all, sets are the same
    for name, chosen in channel_rows(sample, wave).items():
        if (key := chosen.tobytes()) not in laid:
            laid[key] = _lay(sample, chosen)
        one = laid[key]
        sizes[name] = one.sizes
        if name != HEADLINE:
            groups[name, RECEIVING, overall_block().name] = one.overall()
            continue
        sides = {RECEIVING: (one.there, one.totals)}
        if parts:
            deciding = replace(one.there, rows=replace(one.there.rows, part=_taken(part, chosen)))
            sides[DECIDING] = deciding, _main_totals(deciding)
        for side, (there, totals) in sides.items():
            groups[name, side, main_block().name] = _main(there, totals)
            groups |= {(name, side, block): made for block, made in _details(there, shelf).items()}
    return Counts(sample.keys, parts, sizes, groups, tuple(sorted(sample.asked)), int((~sample.aside).sum()), int(sample.aside.sum()))


@dataclass(frozen=True, slots=True)
class _Laid:
    """Some rows of a sample as they lie in the design."""

    sizes: Sizes
    there: Chosen
    totals: Tally  # of the columns of the main block, which begin with those of the overall share
    overall: Callable[[], Groups]  # worked out once, when somebody asks


def _lay(sample: Sample, chosen: Bools) -> _Laid:
    there = Chosen(sample, chosen, *_rows(sample, chosen))
    totals = _main_totals(there)

    @cache
    def overall() -> Groups:
        return group(totals, totals.columns[:, :2], totals.columns[:, 1:2], overall_block().pairs, there.sizes)

    return _Laid(count_sizes(there.rows, len(sample.keys), 1), there, totals, overall)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The rows of one channel set on one side."""

    sample: Sample
    chosen: Bools  # of the sample
    rows: Rows  # of the chosen
    sizes: Ints  # of their clusters

    def of(self, where: Ints) -> tuple[Rows, Bools]:
        """Those of some positions in the sample that are chosen, and which they are."""
        keep = self.chosen[where]
        if len(where) == len(self.rows.part) and keep.all():
            return self.rows, keep
        at = (np.cumsum(self.chosen) - 1)[where[keep]]
        return Rows(self.rows.stratum[at], self.rows.month[at], self.rows.cluster[at], self.rows.part[at]), keep


def _taken(table: NDArray[Any], chosen: Bools) -> Any:
    """The chosen rows of a table; the table itself where they are all."""
    return table if chosen.all() else table[chosen]


def _main_totals(there: Chosen) -> Tally:
    return tally(there.rows, _taken(main_columns(there.sample), there.chosen))


def _main(there: Chosen, totals: Tally) -> Groups:
    return group(totals, totals.columns[:, :7], totals.columns[:, [1, 7, 5]], main_block().pairs, there.sizes)


def _details(there: Chosen, shelf: Shelf) -> dict[str, Groups]:
    """Every other block of the headline, from cluster totals that are taken once for each form of each instrument."""
    made: dict[str, Groups] = {}
    for code, asked in there.sample.asked.items():
        rows, keep = there.of(asked.rows)
        if not keep.any():
            continue
        codes = {item: _taken(code_of, keep) for item, code_of in asked.codes.items()}
        blocks = {block.name: block for block in detail_blocks(shelf, [code])}
        items = blocks[f"items:{code}"]
        forms = []
        for place, length in enumerate(LENGTHS):
            inside = there.sample.length[asked.rows[keep]] == place
            if inside.any():
                some = Rows(*(_taken(getattr(rows, name), inside) for name in Rows.__slots__))
                of_form = _Form.of(items, blocks[f"factors:{code}:{length}"], blocks[f"index:{code}:{length}"])
                forms.append(of_form.count(some, {item: _taken(code_of, inside) for item, code_of in codes.items()}, there.sizes))
                made |= forms[-1][1]
        if len(forms) > 1:  # a cluster may have answered both, and what is multiplied is its total over them
            joined = add_tallies([totals for totals, _ in forms])
            made[items.name] = group(joined, joined.columns, joined.columns[:, 1::2], items.pairs, there.sizes)
        made[items.name] = replace(made[items.name], levels=count_levels(rows, [codes[item] for item in items.items]))
    return made


@dataclass(frozen=True, slots=True)
class _Form:
    """One form of an instrument: its cluster totals are grouped once, and each block takes from that what it tells."""

    items: Block
    factors: Block
    index: Block
    flat: tuple[str, ...]  # every item of the instrument, those of the form's factors first

    @classmethod
    def of(cls, items: Block, factors: Block, index: Block) -> _Form:
        return cls(items, factors, index, (*factors.items, *(item for item in items.items if item not in factors.items)))

    def count(self, rows: Rows, codes: Mapping[str, Codes], sizes: Ints) -> tuple[Tally, dict[str, Groups]]:
        """The cluster totals, with a place for every item of the instrument; and the blocks, as if nobody had answered another form."""
        totals = tally(rows, form_columns(self.flat, self.factors, codes, len(rows.part)))
        items, width = len(self.flat), 2 * len(self.flat)
        columns = np.array([column for item in self.items.items for column in (2 * self.flat.index(item), 2 * self.flat.index(item) + 1)])
        own = Products(columns[self.items.pairs.first], columns[self.items.pairs.second])
        every = np.union1d(_number(self.index.pairs, width), _number(own, width))
        u, members = totals.columns[:, :width], totals.columns[:, [*range(1, width, 2), *range(width, totals.columns.shape[1])]]
        whole = group(totals, u, members, Products(every // width, every % width), sizes)
        overall, last = self.flat.index(OVERALL), members.shape[1] - 1
        inner = np.arange(2 * len(self.factors.items))

        def told(block: Block, columns: Ints, members: Sequence[int], pairs: Products) -> tuple[str, Groups]:
            return block.name, select(whole, columns, np.array(members), np.searchsorted(every, _number(pairs, width)))

        made = (
            told(self.factors, inner, [*range(items, last), overall], self.factors.pairs),
            told(self.index, inner, [last, overall], self.index.pairs),
            told(self.items, columns, [self.flat.index(item) for item in self.items.items], own),
        )
        return replace(totals, columns=totals.columns[:, columns]), dict(made)


def _number(pairs: Products, width: int) -> Ints:
    """A rising number for each pair of columns."""
    return pairs.first * width + pairs.second


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
