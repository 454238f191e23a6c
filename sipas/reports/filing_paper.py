"""The cells file's part of strata that are calibrated on filing: constants by month cell and filing, and sums of their clusters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sipas.reports.arrays import Array
from sipas.reports.filing import FilingDesign
from sipas.reports.rows import joined

CONSTANTS = ("strata", "cell", "fold", "weight", "answers", "products", "clusters", "omega")  # of Margins
SUMS = ("part", "month", "total", "member", "with_size", "product")  # of Moments
Row = dict[str, object]  # what a row says by column


def pack_filing(design: FilingDesign, head: str, arrays: dict[str, Array]) -> list[list[str]]:
    """Add a design's arrays under a head; side and block of each of its moments."""
    arrays |= {f"{head}.{name}": getattr(design.margins, name) for name in CONSTANTS}
    for number, moments in enumerate(design.moments.values()):
        arrays |= {f"{head}.{number}.{name}": getattr(moments, name) for name in SUMS}
    return [[*where] for where in design.moments]


def filed_strata(arrays: Mapping[str, Array], head: str) -> list[int]:
    """The strata whose constants stand here and not among those of plain cells."""
    return list(map(int, arrays.get(f"{head}.strata", ())))


def margin_rows(arrays: Mapping[str, Array], head: str, cells: Array, months: Sequence[str]) -> Iterator[Row]:
    """The month cells of every stratum: weights and constants by filing. ``cells`` numbers them by stratum and month."""
    constants = {name: arrays[f"{head}.{name}"] for name in CONSTANTS}
    for k, stratum in enumerate(constants["strata"].tolist()):
        own = constants["cell"][k]
        for cell in range(int(own.max()) + 1):
            within = np.flatnonzero(own == cell)
            lists: Row = {
                "list1": " ".join(months[m] for m in within.tolist()),
                "list2": _whole(constants["answers"][k, cell]),
                "list3": _real(constants["weight"][k, cell]),
                "list4": _whole(constants["products"][k, cell]),
                "list5": _whole(constants["fold"][k]),
            }
            omega, clusters = float(constants["omega"][k, cell]), int(constants["clusters"][k, cell])
            place: Row = {"stratum": stratum, "cell": int(cells[stratum, within[0]]), "n": int(constants["answers"][k, cell].sum())}
            yield place | {"x1": repr(omega), "x2": clusters} | lists


def filed_rows(
    arrays: Mapping[str, Array], head: str, where: Sequence[Sequence[str]], months: Sequence[str], deciding: Sequence[Sequence[int]]
) -> Iterator[Row]:
    """Sums over the clusters of a stratum (of one deciding unit) in a month; ``deciding`` are the deciding parts, a stratum and a unit."""
    for number, (side, block) in enumerate(where):
        sums = {name: arrays[f"{head}.{number}.{name}"] for name in SUMS}
        total, member = (joined(sums[name].reshape(len(sums[name]), -1)) for name in ("total", "member"))
        for place, (part, month) in enumerate(zip(sums["part"].tolist(), sums["month"].tolist(), strict=True)):
            stratum, decides = deciding[part] if side == "deciding" else (part, "")
            lists: Row = {"list1": total[place], "list2": _real(sums["with_size"][place]), "list3": _real(sums["product"][place])}
            said: Row = {"side": side, "block": block, "deciding": decides, "period": months[month], "stratum": stratum}
            yield said | lists | {"list4": member[place]}


def _whole(table: Array) -> str:
    return " ".join(map(str, table.ravel().tolist()))


def _real(table: np.ndarray[Any, Any]) -> str:
    """Seventeen digits: the numbers themselves."""
    return " ".join(map(repr, table.ravel().tolist()))
