"""What is counted of each answer: the columns of every indicator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sipas.extract.table import Codes
from sipas.instrument.model import LENGTHS, OVERALL, Instrument
from sipas.instrument.shelf import Shelf
from sipas.reports.sample import Asked, Sample
from sipas.stats.design import LEVELS, Columns, Products
from sipas.stats.domains import Indicator, products
from sipas.stats.weights import Ints

MAIN = ("overall", "pooled", "all", "mean")
KIND_SHARE, KIND_RATIO, KIND_MEAN = "share", "ratio", "mean"  # KG20, logit-t, t


@dataclass(frozen=True, slots=True)
class Block:
    """Indicators that are counted together, from the same columns."""

    name: str
    instrument: str  # whose answers; empty for all
    length: str  # of which form; empty for both
    items: tuple[str, ...]
    pairs: Products
    indicators: tuple[Indicator, ...]
    levels: tuple[tuple[int, ...], ...]  # of each indicator: where the answers at 1 to 5 are counted; empty where they are not


def kind_of(indicator: str) -> str:
    """By which interval an indicator is judged (decision 1)."""
    if indicator == "mean":
        return KIND_MEAN
    return KIND_SHARE if indicator in {"overall", "all"} or indicator.startswith("item:") else KIND_RATIO


def counted(indicator: Indicator) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The columns that n_satisfied and the answers are counted in; a mean is told with the counts of its own item."""
    return ((0,), (1,)) if indicator.name == "mean" else (indicator.y, indicator.x)


def overall_block() -> Block:
    """The overall share alone: what single channels are told with."""
    return Block("overall", "", "", (), products([(0, 1)]), (Indicator("overall", (0,), (1,), (1.0,), 0),), ((),))


def main_block() -> Block:
    """The four measures that are named and never mixed."""
    indicators = (
        Indicator("overall", (0,), (1,), (1.0,), 0),
        Indicator("pooled", (2,), (3,), (1.0,), 1),
        Indicator("all", (4,), (5,), (1.0,), 2),
        Indicator("mean", (6,), (1,), (1.0,), 0),
    )
    return Block("main", "", "", (), products([(0, 1), (2, 3), (4, 5), (1, 6)]), indicators, ((),) * 4)


def detail_blocks(shelf: Shelf, instruments: Iterable[str]) -> tuple[Block, ...]:
    """Items of each instrument, and its factors by length."""
    blocks = []
    for code in sorted(instruments):
        blocks.append(_items_block(shelf.instruments[code]))
        blocks += [make(shelf.instruments[code], length) for length in LENGTHS for make in (_factors_block, _index_block)]
    return tuple(blocks)


def columns_of(block: Block, sample: Sample) -> tuple[Ints, Columns]:
    """The rows of a sample that can belong to a block, rising, and their columns."""
    if not block.instrument:
        return np.arange(sample.n), _across(block, sample)
    if (asked := sample.asked.get(block.instrument)) is None:
        return np.zeros(0, np.int64), _empty(block)
    rows, codes = asked.rows, [asked.codes[item] for item in block.items]
    if block.length:
        there = sample.length[rows] == LENGTHS.index(block.length)
        rows, codes = rows[there], [code[there] for code in codes]
    u = _pairs(codes, len(rows))
    if not block.name.startswith("items:"):
        return rows, Columns(u, np.column_stack([u[:, one.x].any(axis=1) for one in block.indicators]), np.zeros((len(rows), 0), np.int8))
    return rows, Columns(u, u[:, 1::2] > 0, np.column_stack(codes))


def _across(block: Block, sample: Sample) -> Columns:
    """Columns over all instruments: each has the overall item."""
    width = 1 + max(column for one in block.indicators for column in (*one.y, *one.x))
    u = np.zeros((sample.n, width), np.int16)
    for asked in sample.asked.values():
        u[asked.rows] = _overall_columns(asked) if width == 2 else _main_columns(asked)
    return Columns(u, u[:, [1, 3, 5] if width > 2 else [1]] > 0, np.zeros((sample.n, 0), np.int8))


def _empty(block: Block) -> Columns:
    none = np.zeros((0, 2 * len(block.items)), np.int8)
    told = len(block.items) if block.name.startswith("items:") else 0
    return Columns(none, np.zeros((0, len(block.indicators)), np.bool_), np.zeros((0, told), np.int8))


def _overall_columns(asked: Asked) -> Ints:
    overall = asked.codes[OVERALL]
    return np.column_stack((overall >= 4, overall > 0))


def _main_columns(asked: Asked) -> Ints:
    overall = asked.codes[OVERALL]
    satisfied, answered = np.zeros(len(overall), np.int16), np.zeros(len(overall), np.int16)
    for item, codes in asked.codes.items():
        if item != OVERALL:
            satisfied += codes >= 4
            answered += codes > 0
    up, down = overall >= 4, overall > 0
    some = (answered > 0) | down
    every = some & (satisfied == answered) & (up == down)
    return np.column_stack((up, down, satisfied, answered, every, some, np.maximum(overall, 0)))


def _pairs(codes: Sequence[Codes], rows: int) -> Codes:
    """Satisfied and answered, item by item: columns 2k and 2k + 1."""
    u = np.empty((rows, 2 * len(codes)), np.int8)
    for place, code in enumerate(codes):
        u[:, 2 * place], u[:, 2 * place + 1] = code >= 4, code > 0
    return u


def _items_block(instrument: Instrument) -> Block:
    items = tuple(item.code for item in instrument.items if item.is_scale)
    pairs = products([(2 * k, 2 * k + 1) for k in range(len(items))])
    indicators = tuple(Indicator(f"item:{instrument.code}:{item}", (2 * k,), (2 * k + 1,), (1.0,), k) for k, item in enumerate(items))
    levels = tuple(tuple(range(LEVELS * k, LEVELS * (k + 1))) for k in range(len(items)))
    return Block(f"items:{instrument.code}", instrument.code, "", items, pairs, indicators, levels)


def _items_of(instrument: Instrument, length: str) -> dict[str, tuple[str, ...]]:
    """The scale items of each factor in a form; factors without one are not there."""
    items = {
        factor.code: tuple(item.code for item in instrument.form(length) if item.factor == factor.code and item.is_scale)
        for factor in instrument.factors
    }
    return {factor: codes for factor, codes in items.items() if codes}


def _index_block(instrument: Instrument, length: str) -> Block:
    """All items of a form in one composite, its factors weighing the same: every covariance between one person's items is counted."""
    items = _items_of(instrument, length)
    flat = tuple(item for codes in items.values() for item in codes)
    share = tuple(1 / len(items) / len(codes) for codes in items.values() for _ in codes)
    y = tuple(range(0, 2 * len(flat), 2))
    index = Indicator(f"index:{instrument.code}:{length}", y, tuple(column + 1 for column in y), share, 0)
    pairs = products([range(2 * len(flat))])
    return Block(f"index:{instrument.code}:{length}", instrument.code, length, flat, pairs, (index,), ((),))


def _factors_block(instrument: Instrument, length: str) -> Block:
    items = _items_of(instrument, length)
    flat = tuple(item for codes in items.values() for item in codes)
    indicators: list[Indicator] = []
    start = 0
    for factor, codes in items.items():
        y = tuple(range(2 * start, 2 * (start + len(codes)), 2))
        name = f"factor:{instrument.code}:{length}:{factor}"
        indicators.append(Indicator(name, y, tuple(column + 1 for column in y), (1 / len(codes),) * len(codes), len(indicators)))
        start += len(codes)
    pairs = products([(*indicator.y, *indicator.x) for indicator in indicators])
    return Block(f"factors:{instrument.code}:{length}", instrument.code, length, flat, pairs, tuple(indicators), ((),) * len(indicators))
