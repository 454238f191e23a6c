"""The figures that micro-data repeats: the overall share by sector and channel set, from the file's own rows and weights."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sipas.exports.microdata import Microdata
from sipas.instrument.model import OVERALL

LEAST = 10  # respondents behind a printed figure (decision 4)
LEVELS, SATISFIED = (1, 2, 3, 4, 5), (4, 5)


@dataclass(frozen=True, slots=True)
class Figure:
    """A share as the file gives it."""

    sector: str
    channels: str
    n: int
    weight: float  # sum of the weights of those who answered the overall item
    share: float  # 0-1


def list_figures(microdata: Microdata) -> Iterator[Figure]:
    """One figure for each sector and channel set with enough weighted rows, in that order."""
    sector, channels, weight, overall = (microdata.header.index(name) for name in ("sector", "channels", "weight", OVERALL))
    groups: dict[tuple[str, str], list[tuple[float, bool]]] = defaultdict(list)
    for row in microdata.rows:
        if row[weight] is not None and row[overall] in LEVELS:
            groups[str(row[sector]), str(row[channels])].append((float(row[weight] or 0), row[overall] in SATISFIED))
    for (code, channel_set), rows in sorted(groups.items()):
        if len(rows) >= LEAST:
            total = math.fsum(one for one, _ in rows)
            yield Figure(code, channel_set, len(rows), total, math.fsum(one for one, satisfied in rows if satisfied) / total)
