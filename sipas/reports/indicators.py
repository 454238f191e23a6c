"""What is counted of each answer: the columns of every indicator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sipas.instrument.model import LENGTHS, OVERALL, Instrument
from sipas.instrument.shelf import Shelf
from sipas.reports.sample import Asked, Sample
from sipas.stats.design import Columns
from sipas.stats.domains import Indicator, products
from sipas.stats.intervals import Bools, Floats
from sipas.stats.weights import Ints

MAIN = ("overall", "pooled", "all", "mean")
KIND_SHARE, KIND_RATIO, KIND_MEAN = "share", "ratio", "mean"  # KG20, logit-t, t


@dataclass(frozen=True, slots=True)
class Block:
    """Indicators that are computed together, and the rows that can belong to them."""

    name: str
    rows: Ints  # positions in the sample, rising
    columns: Columns
    indicators: tuple[Indicator, ...]
    levels: tuple[tuple[int, ...], ...]  # of each indicator: the columns that count answers at 1 to 5; empty where not kept

    def of(self, chosen: Bools) -> Block:
        """The same for some rows of the sample only."""
        keep = chosen[self.rows]
        columns = Columns(self.columns.u[keep], self.columns.first, self.columns.second, self.columns.member[keep])
        return Block(self.name, self.rows[keep], columns, self.indicators, self.levels)

    def only(self, count: int) -> Block:
        """The same with its first indicators only."""
        return Block(self.name, self.rows, self.columns, self.indicators[:count], self.levels[:count])


def kind_of(indicator: str) -> str:
    """By which interval an indicator is judged (decision 1)."""
    if indicator == "mean":
        return KIND_MEAN
    return KIND_SHARE if indicator in {"overall", "all"} or indicator.startswith("item:") else KIND_RATIO


def counted(indicator: Indicator) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The columns that n_satisfied and the answers are counted in; a mean is told with the counts of its own item."""
    return ((0,), (1,)) if indicator.name == "mean" else (indicator.y, indicator.x)


def main_block(sample: Sample) -> Block:
    """The four measures that are named and never mixed."""
    u = np.zeros((sample.n, 7))
    for asked in sample.asked.values():
        u[asked.rows] = _main_columns(asked)
    indicators = (
        Indicator("overall", (0,), (1,), (1.0,), 0),
        Indicator("pooled", (2,), (3,), (1.0,), 1),
        Indicator("all", (4,), (5,), (1.0,), 2),
        Indicator("mean", (6,), (1,), (1.0,), 0),
    )
    first, second = products([(0, 1), (2, 3), (4, 5), (1, 6)])
    columns = Columns(u, first, second, u[:, [1, 3, 5]] > 0)
    return Block("main", np.arange(sample.n), columns, indicators, ((),) * 4)


def detail_blocks(sample: Sample, shelf: Shelf) -> tuple[Block, ...]:
    """Items of each instrument, and its factors by length."""
    blocks = []
    for code, asked in sample.asked.items():
        instrument = shelf.instruments[code]
        blocks.append(_items_block(instrument, asked))
        for place, length in enumerate(LENGTHS):
            of_length = Asked(asked.rows[there := sample.length[asked.rows] == place], asked.items, asked.codes[there])
            if len(of_length.rows):
                blocks.append(_factors_block(instrument, length, of_length))
    return tuple(blocks)


def _main_columns(asked: Asked) -> Floats:
    answered, satisfied = asked.codes > 0, asked.codes >= 4
    overall = asked.items.index(OVERALL)
    others = [place for place in range(len(asked.items)) if place != overall]
    hl = asked.codes[:, overall]
    some = answered.any(axis=1)
    return np.column_stack(
        (
            satisfied[:, overall],
            answered[:, overall],
            satisfied[:, others].sum(axis=1),
            answered[:, others].sum(axis=1),
            some & (satisfied == answered).all(axis=1),
            some,
            np.maximum(hl, 0),
        )
    ).astype(np.float64)


def _pairs(asked: Asked, items: Sequence[str]) -> Floats:
    """Satisfied and answered, item by item: columns 2k and 2k + 1."""
    codes = asked.codes[:, [asked.items.index(item) for item in items]]
    u = np.empty((len(codes), 2 * len(items)))
    u[:, 0::2], u[:, 1::2] = codes >= 4, codes > 0
    return u


def _items_block(instrument: Instrument, asked: Asked) -> Block:
    count = len(asked.items)
    levels = [(asked.codes == level).astype(np.float64) for level in range(1, 6)]
    u = np.hstack((_pairs(asked, asked.items), *levels))
    first, second = products([(2 * k, 2 * k + 1) for k in range(count)])
    indicators = tuple(Indicator(f"item:{instrument.code}:{item}", (2 * k,), (2 * k + 1,), (1.0,), k) for k, item in enumerate(asked.items))
    at = tuple(tuple(2 * count + level * count + k for level in range(5)) for k in range(count))
    return Block(f"items:{instrument.code}", asked.rows, Columns(u, first, second, asked.codes > 0), indicators, at)


def _factors_block(instrument: Instrument, length: str, asked: Asked) -> Block:
    items = {
        factor.code: tuple(item.code for item in instrument.form(length) if item.factor == factor.code and item.is_scale)
        for factor in instrument.factors
    }
    flat = tuple(item for codes in items.values() for item in codes)
    u = _pairs(asked, flat)
    indicators: list[Indicator] = []
    members: list[Bools] = []
    start = 0
    for factor, codes in items.items():
        if not codes:
            continue
        y = tuple(range(2 * start, 2 * (start + len(codes)), 2))
        x = tuple(column + 1 for column in y)
        indicators.append(Indicator(f"factor:{instrument.code}:{length}:{factor}", y, x, (1 / len(codes),) * len(codes), len(members)))
        members.append(np.asarray((u[:, x] > 0).any(axis=1)))
        start += len(codes)
    first, second = products([(*indicator.y, *indicator.x) for indicator in indicators])
    columns = Columns(u, first, second, np.column_stack(members))
    return Block(f"factors:{instrument.code}:{length}", asked.rows, columns, tuple(indicators), ((),) * len(indicators))
