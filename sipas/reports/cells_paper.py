"""What a run keeps so that its figures can be repeated: counts and constants as arrays, small and compressed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sipas.instrument.shelf import Shelf
from sipas.reports.areas import family_of
from sipas.reports.arrays import Array, from_bytes, to_bytes
from sipas.reports.counting import RECEIVING
from sipas.reports.estimation import Design
from sipas.reports.filing_paper import pack_filing
from sipas.reports.indicators import Block, counted
from sipas.reports.releasing import Published
from sipas.reports.weighting import Strata

CELLS = "cells.npz"
GROUPS = ("total", "with_size", "product", "members", "clusters", "levels")  # in the order of the file's lists
CONSTANTS = ("squares", "weight", "omega", "beta", "gamma")


@dataclass(frozen=True, slots=True)
class Paper:
    """A run's paper, read again: what is said in words and short lists, and the arrays by name."""

    told: Mapping[str, Any]
    arrays: Mapping[str, Array]


def pack(strata: Strata, shelf: Shelf, paths: Mapping[int, str], published: Sequence[Published]) -> bytes:
    """The counts and constants behind what a run releases."""
    arrays: dict[str, Array] = {}
    parts = [_part(part, place, arrays) for place, part in enumerate(published) if part.moved]
    told = {
        "months": strata.months,
        "paths": sorted(paths.items()),
        "sectors": {sector: family_of(shelf, sector) for sector in sorted({sector for _, sector in strata.keys})},
        "strata": strata.keys,
        "deciding": strata.deciding,
        "parts": parts,
    }
    arrays["population"] = strata.population.sum(axis=1)
    return zlib.compress(to_bytes(told, arrays), 1)


def unpack(content: bytes) -> Paper:
    """A paper as it was packed."""
    return Paper(*from_bytes(zlib.decompress(content)))


def _part(part: Published, place: int, arrays: dict[str, Array]) -> dict[str, object]:
    """One channel set on one side: its designs once, on the receiving side, and its blocks."""
    designs = part.designs if part.side == RECEIVING else ()
    filing: dict[str, list[list[str]]] = {}  # by design, of the margins that it has
    for number, design in enumerate(designs):
        arrays |= _design(design, f"{place}.d{number}")
        if design.filing:
            filing[str(number)] = pack_filing(design.filing, f"{place}.d{number}.filing", arrays)
    for number, (_, groups) in enumerate(part.groups):
        head = f"{place}.b{number}"
        arrays |= {f"{head}.{name}": getattr(groups, name) for name in ("part", "stratum", "month", *GROUPS)}
    return {
        "place": place,
        "channels": part.channels,
        "side": part.side,
        "designs": [design.weighted for design in designs],
        "blocks": [_block(block) for block, _ in part.groups],
    } | ({"filing": filing} if filing else {})


def _design(design: Design, head: str) -> dict[str, Array]:
    cells = design.cells
    return {
        f"{head}.answers": design.sizes.answers.sum(axis=1),
        f"{head}.clusters": cells.clusters.astype(np.int64),
        f"{head}.fraction": cells.fraction,
        f"{head}.usable": design.usable,
        f"{head}.cell": design.weighting.cell,
        f"{head}.n": cells.n.astype(np.int64),
        f"{head}.stratum": cells.stratum,
        **{f"{head}.{name}": getattr(cells, name) for name in CONSTANTS},
    }


def _block(block: Block) -> dict[str, object]:
    indicators = [
        {"name": one.name, "member": one.member, "y": one.y, "x": one.x, "share": one.share, "counted": counted(one), "levels": levels}
        for one, levels in zip(block.indicators, block.levels, strict=True)
    ]
    return {"name": block.name, "first": block.pairs.first.tolist(), "second": block.pairs.second.tolist(), "indicators": indicators}
