"""The answers of some weeks by cluster and filing: whole numbers, from which figures follow once the weights of each filing are known.

Only of strata in which every answer tells its filing; of the others only how many do not. See `docs/methods/filing.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sipas.extract.table import WeekTable
from sipas.instrument.model import LENGTHS, OVERALL, Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.counting import HEADLINE, channel_rows
from sipas.reports.indicators import Block, detail_blocks, form_columns, main_block, main_columns, overall_block, overall_columns
from sipas.reports.sample import Sample, read_sample, read_word
from sipas.stats.counts import lane_sums
from sipas.stats.design import sort_order, starts
from sipas.stats.intervals import Bools
from sipas.stats.two_margins import Crossed
from sipas.stats.weights import Ints

FILINGS = ("counter", "assisted", "online", "post")  # who came to an office, and who did not: each two are a pair
NAMED = len(FILINGS)
Key = tuple[int, str]
Columns = tuple[list[int], list[int]]  # of the sums, and of the members


@dataclass(frozen=True, slots=True)
class Form:
    """Sums over the respondents of a cluster, deciding unit and filing who answered one form."""

    cluster: Ints
    decides: Ints  # 0: the unit itself, or not known
    filing: Ints
    columns: NDArray[Any]


@dataclass(frozen=True, slots=True)
class FiledSet:
    """One channel set: its clusters, and what they answered."""

    stratum: Ints  # (J,) of each cluster
    sizes: Ints  # (J, F + 1) respondents by filing; last those whose filing is not known
    forms: Mapping[str, Form]  # overall, main, or instrument:length


@dataclass(frozen=True, slots=True)
class FiledCounts:
    """Some weeks of one month."""

    keys: tuple[Key, ...]  # unit and sector of each stratum
    sets: Mapping[str, FiledSet]


@dataclass(frozen=True, slots=True)
class Layouts:
    """Where each block's columns stand in the columns of a form; found once, because a block lists thousands of products."""

    shelf: Shelf
    _details: dict[str, dict[str, Block]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _columns: dict[tuple[str, str], Columns | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def details(self, code: str) -> Mapping[str, Block]:
        """The detail blocks of an instrument, by name."""
        if code not in self._details:
            self._details[code] = {block.name: block for block in detail_blocks(self.shelf, [code])}
        return self._details[code]

    def flat(self, code: str, length: str) -> tuple[Block, tuple[str, ...]]:
        """A form's factors, and all items in the order of its columns."""
        blocks = self.details(code)
        factors = blocks[f"factors:{code}:{length}"]
        return factors, (*factors.items, *(item for item in blocks[f"items:{code}"].items if item not in factors.items))

    def blocks(self, one: FiledSet, name: str) -> tuple[Block, ...]:
        """The blocks that the forms of a channel set are counted for."""
        codes = sorted({form.partition(":")[0] for form in one.forms} - {"overall", "main"})
        return (
            (main_block(), *(block for code in codes for block in self.details(code).values())) if name == HEADLINE else (overall_block(),)
        )

    def columns(self, block: Block, form: str) -> Columns | None:
        """Where a form's columns hold those of a block, and the members of its indicators; None where the form is not of that block."""
        if (block.name, form) not in self._columns:
            self._columns[block.name, form] = self._find(block, form)
        return self._columns[block.name, form]

    def _find(self, block: Block, form: str) -> Columns | None:
        if block.name in {"overall", "main"}:
            found = ([0, 1], [1]) if form == "overall" else (list(range(7)), [1, 7, 5])
            return found if form == block.name else None
        code, _, length = form.partition(":")
        if block.instrument != code or block.length not in {"", length}:
            return None
        factors, flat = self.flat(code, length)
        overall, inner = 2 * flat.index(OVERALL) + 1, list(range(2 * len(factors.items)))
        some = 2 * len(flat) + len(factors.indicators)  # after the items whether a factor was answered, last whether any item of them was
        if block.name.startswith("items:"):
            both = [[2 * flat.index(item), 2 * flat.index(item) + 1] for item in block.items]
            return [column for pair in both for column in pair], [answered for _, answered in both]
        return inner, [some, overall] if block.name.startswith("index:") else [*range(2 * len(flat), some), overall]


def count_filed(tables: Sequence[WeekTable], layouts: Layouts, wave: Wave) -> FiledCounts:
    """Count the answers of some weeks that lie in one month."""
    sample = read_sample(tables, layouts.shelf)
    filing = read_word(tables, layouts.shelf, "filing", FILINGS)
    sets = {name: _count_set(sample, filing, chosen, layouts, name) for name, chosen in channel_rows(sample, wave).items()}
    return FiledCounts(sample.keys, sets)


def _count_set(sample: Sample, filing: Ints, chosen: Bools, layouts: Layouts, name: str) -> FiledSet:
    rows = np.flatnonzero(chosen)
    stratum, label = sample.stratum[rows], sample.cluster[rows]
    begin = starts(stratum, label)  # rows of a stratum lie together by cluster
    cluster = np.repeat(np.arange(len(begin)), np.diff(np.append(begin, len(rows))))
    sizes = np.bincount(cluster * (NAMED + 1) + filing[rows], minlength=len(begin) * (NAMED + 1)).reshape(len(begin), NAMED + 1)
    silent = np.bincount(stratum[begin], sizes[:, NAMED], len(sample.keys)) > 0
    told = ~silent[stratum]
    place = np.full(sample.n, -1, np.int64)  # of each row's cluster; −1: not chosen, or its stratum has answers without a filing
    place[rows[told]] = cluster[told]
    forms = {form: _sum_form(sample, (filing, place), at, columns) for form, at, columns in _forms(sample, layouts, name)}
    kept = {form: made for form, made in forms.items() if len(made.cluster)}
    return FiledSet(stratum[begin], sizes.astype(np.int64), kept)


def _forms(sample: Sample, layouts: Layouts, name: str) -> Iterator[tuple[str, Ints, NDArray[Any]]]:
    """What is counted of a channel set: a name, the rows in the sample, and their columns."""
    everybody = np.arange(sample.n)
    if name != HEADLINE:
        yield "overall", everybody, overall_columns(sample)
        return
    yield "main", everybody, main_columns(sample)
    for code, asked in sample.asked.items():
        for number, length in enumerate(LENGTHS):
            inside = np.flatnonzero(sample.length[asked.rows] == number)
            factors, flat = layouts.flat(code, length)
            codes = {item: answers[inside] for item, answers in asked.codes.items()}
            yield f"{code}:{length}", asked.rows[inside], form_columns(flat, factors, codes, len(inside))


def _sum_form(sample: Sample, where: tuple[Ints, Ints], at: Ints, columns: NDArray[Any]) -> Form:
    filing, place = where[0][at], where[1][at]
    keep = place >= 0
    filing, cluster, at = filing[keep], place[keep], at[keep]
    unit = np.array([unit for unit, _ in sample.keys], np.int64)
    decides = np.where(sample.deciding[at] == unit[sample.stratum[at]], 0, sample.deciding[at]) if len(at) else at
    order = sort_order(cluster, decides, filing)
    begin = starts(cluster[order], decides[order], filing[order])
    return Form(cluster[order][begin], decides[order][begin], filing[order][begin], lane_sums(columns[keep][order], begin))


def cross(strata: Sequence[Key], months: int, counts: Iterable[tuple[int, FiledCounts]]) -> dict[str, Crossed]:
    """Who answered by stratum, month and filing, of every channel set, from the counts of all months (numbered)."""
    number = {key: h for h, key in enumerate(strata)}
    found: dict[str, Crossed] = {}
    for month, one in counts:
        place = np.array([number[key] for key in one.keys], np.int64)
        for name, made in one.sets.items():
            whole = found.setdefault(name, _nobody(len(strata), months))
            at, sizes = place[made.stratum], made.sizes.astype(np.int64)
            when = np.full(len(at), month)
            named = sizes[:, :NAMED]
            np.add.at(whole.answers, (at, when), sizes)
            np.add.at(whole.clusters, at, np.hstack([named > 0, (named[:, ::2] + named[:, 1::2]) > 0]).astype(np.int64))
            np.add.at(whole.products, (at, when), named[:, :, None] * named[:, None, :])
    return found


def _nobody(strata: int, months: int) -> Crossed:
    shapes = ((strata, months, NAMED + 1), (strata, NAMED + NAMED // 2), (strata, months, NAMED, NAMED))
    return Crossed(*(np.zeros(shape, np.int64) for shape in shapes))
