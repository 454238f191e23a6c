"""What is counted of each answer: the columns of every indicator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sipas.extract.table import Codes
from sipas.instrument.model import LENGTHS, OVERALL, Instrument
from sipas.instrument.shelf import Shelf
from sipas.reports.sample import Asked, Sample
from sipas.stats.design import LEVELS, Products
from sipas.stats.domains import Indicator, products

Bytes = NDArray[np.uint8]

NEAR = 4096  # rows
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
    overall: int = 0  # the member column of those who gave a level to the overall item


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


def overall_columns(sample: Sample) -> Bytes:
    """Satisfied and answered, of the overall item."""
    columns = np.zeros((sample.n, 2), np.uint8)
    for asked in sample.asked.values():
        overall = asked.codes[OVERALL]
        columns[asked.rows] = np.column_stack((overall >= 4, overall > 0))
    return columns


def main_columns(sample: Sample) -> Bytes:
    """The columns of ``main_block``, and last whether any other item was answered."""
    columns = np.zeros((sample.n, 8), np.uint8)
    for asked in sample.asked.values():
        if len(asked.rows) == sample.n:
            return _main_columns(asked)
        columns[asked.rows] = _main_columns(asked)
    return columns


def form_columns(items: Sequence[str], factors: Block, codes: Mapping[str, Codes], rows: int) -> Bytes:
    """Satisfied and answered, item by item (2k and 2k + 1); then for each factor whether any item of it was answered; then of all.

    ``items`` begins with the items of ``factors``; what follows belongs to no factor.
    """
    width, inner = 2 * len(items), len(factors.items)
    columns = np.empty((rows, width + len(factors.indicators) + 1), np.uint8)
    for first in range(0, rows, NEAR):  # so few rows at a time stay near the processor while their columns are written one by one
        some = columns[first : first + NEAR]
        told = np.stack([codes[item][first : first + NEAR] for item in items])
        answered = told > 0
        some[:, 0:width:2], some[:, 1:width:2] = (told >= 4).T, answered.T
        for place, one in enumerate(factors.indicators):
            some[:, width + place] = answered[[column // 2 for column in one.x]].any(axis=0)
        some[:, -1] = answered[:inner].any(axis=0)
    return columns


def _main_columns(asked: Asked) -> Bytes:
    overall = asked.codes[OVERALL]
    satisfied, answered = np.zeros(len(overall), np.uint8), np.zeros(len(overall), np.uint8)
    for item, codes in asked.codes.items():
        if item != OVERALL:
            satisfied += codes >= 4
            answered += codes > 0
    up, down = overall >= 4, overall > 0
    some = (answered > 0) | down
    every = some & (satisfied == answered) & (up == down)
    return np.column_stack((up, down, satisfied, answered, every, some, np.maximum(overall, 0), answered > 0)).astype(np.uint8)


def _items_block(instrument: Instrument) -> Block:
    items = tuple(item.code for item in instrument.items if item.is_scale)
    pairs = products([(2 * k, 2 * k + 1) for k in range(len(items))])
    indicators = tuple(Indicator(f"item:{instrument.code}:{item}", (2 * k,), (2 * k + 1,), (1.0,), k) for k, item in enumerate(items))
    levels = tuple(tuple(range(LEVELS * k, LEVELS * (k + 1))) for k in range(len(items)))
    return Block(f"items:{instrument.code}", instrument.code, "", items, pairs, indicators, levels, items.index(OVERALL))


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
    return Block(f"index:{instrument.code}:{length}", instrument.code, length, flat, pairs, (index,), ((),), 1)


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
    none = ((),) * len(indicators)
    return Block(f"factors:{instrument.code}:{length}", instrument.code, length, flat, pairs, tuple(indicators), none, len(indicators))
