"""The cells file: everything needed to repeat each published figure, as one long CSV; `docs/cells-file.md` explains it.

Its numbers are exact counts and cross-products of clusters, never weighted sums, and the constants of the design.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from sipas.instrument.shelf import Shelf
from sipas.reports.areas import family_of
from sipas.reports.estimation import Design
from sipas.reports.indicators import Block, counted
from sipas.reports.releasing import Published
from sipas.reports.rows import joined
from sipas.reports.sample import Sample
from sipas.reports.weighting import Strata
from sipas.stats.design import Groups
from sipas.store.facts import find_paper, list_shown_runs, stream_shown
from sipas.store.reading import Session

CELLS = "cells.csv.gz"
HEADER = (
    "kind", "run", "channels", "side", "weighted", "block", "unit", "sector", "deciding", "period", "indicator",
    "stratum", "cell", "n", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "list1", "list2", "list3", "list4", "list5",
)  # fmt: skip
FACT_FIELDS = (
    "run_id", "channels", "side", "weighted", "unit_id", "sector", "period", "indicator", "n", "population",
    "value", "se", "low", "high", "df", "n_kish", "d_pool", "fraction",
)  # fmt: skip
Cell = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Told:
    """What the file says of the run beside its figures."""

    sample: Sample
    strata: Strata
    shelf: Shelf
    paths: Mapping[int, str]


def read_cells(session: Session, wave: str) -> Iterator[bytes]:
    """The cells of every run that a released figure belongs to, under one header; each row names its run."""
    yield (",".join(HEADER) + "\r\n").encode()
    for run in list_shown_runs(session, wave):
        if (paper := find_paper(session, run.id, CELLS)) is not None:
            yield gzip.decompress(paper)
            facts = stream_shown(session, run.id, FACT_FIELDS)
            yield from ("".join(map(_fact_row, some)).encode() for some in _batches(facts))


def pack(told: Told, published: Sequence[Published], run_id: int) -> bytes:
    """The rows of one run, compressed; without the header, and without the facts, which the database holds already."""
    text = "".join(f"{row}\r\n" for row in _rows(told, published, str(run_id)))
    return gzip.compress(text.encode(), compresslevel=1, mtime=0)


def _rows(told: Told, published: Sequence[Published], run: str) -> Iterator[str]:
    for unit, path in sorted(told.paths.items()):
        yield _line({"kind": "unit", "run": run, "unit": unit, "list1": path.replace("/", " ").strip()})
    for sector in sorted({sector for _, sector in told.strata.keys}):
        yield _line({"kind": "sector", "run": run, "sector": sector, "block": family_of(told.shelf, sector)})
    for part in published:
        if not part.moved:
            continue
        if part.side == "receiving":
            for design in part.designs:
                yield from _design_rows(told, design, run)
        for block, groups in part.groups:
            yield from _block_rows(part, block, run)
            yield from _group_rows(told, part, (block.name, groups), run)


def _design_rows(told: Told, design: Design, run: str) -> Iterator[str]:
    """Strata and calibration cells of one channel set, weighted or not."""
    head = {"run": run, "channels": design.channels, "weighted": int(design.weighted)}
    cells, months = design.cells, told.sample.months
    n = np.bincount(design.rows.stratum, minlength=len(told.strata.keys)).tolist()
    total = told.strata.population.sum(axis=1).tolist()
    for h, (unit, sector) in enumerate(told.strata.keys):
        if n[h]:
            yield _line(
                head
                | {"kind": "stratum", "unit": unit, "sector": sector, "stratum": h, "n": n[h], "x1": total[h]}
                | {"x2": int(cells.clusters[h]), "x3": _text(cells.fraction[h]), "x4": int(design.usable[h])}
            )
    answered = np.flatnonzero(cells.n > 0).tolist()
    of_cell: dict[int, list[str]] = {cell: [] for cell in answered}
    for h, m in zip(*np.nonzero(np.isin(design.weighting.cell, answered)), strict=True):
        of_cell[int(design.weighting.cell[h, m])].append(months[m])
    for cell in answered:
        numbers = (cells.squares[cell], cells.weight[cell], cells.omega[cell], cells.beta[cell], cells.gamma[cell])
        yield _line(
            head
            | {"kind": "cell", "stratum": int(cells.stratum[cell]), "cell": cell, "n": int(cells.n[cell])}
            | {f"x{k}": _text(number) for k, number in enumerate(numbers, 1)}
            | {"list1": " ".join(of_cell[cell])}
        )


def _block_rows(part: Published, block: Block, run: str) -> Iterator[str]:
    """Which products are listed, and from which columns each indicator is made."""
    head = {"run": run, "channels": part.channels, "side": part.side, "block": block.name}
    yield _line(head | {"kind": "products", "list1": _list(block.columns.first), "list2": _list(block.columns.second)})
    for indicator in block.indicators:
        up, down = counted(indicator)
        shares = " ".join(map(repr, indicator.share))
        lists = {"list1": _list(indicator.y), "list2": _list(indicator.x), "list3": shares, "list4": _list(up), "list5": _list(down)}
        yield _line(head | {"kind": "indicator", "indicator": indicator.name, "n": indicator.member} | lists)


def _group_rows(told: Told, part: Published, block: tuple[str, Groups], run: str) -> Iterator[str]:
    """Counts and cross-products by stratum (and deciding unit) and month."""
    name, groups = block
    head = f"{run},{part.channels},{part.side},,{name},,"
    months = told.sample.months
    deciders = [unit for _, unit in told.strata.deciding]
    lists = [joined(array.astype(np.int64)) for array in (groups.total, groups.with_size, groups.product, groups.members, groups.clusters)]
    places = zip(groups.part.tolist(), groups.stratum.tolist(), groups.month.tolist(), strict=True)
    for (piece, stratum, month), *columns in zip(places, *lists, strict=True):
        deciding = deciders[piece] if part.side == "deciding" else ""
        yield f"group,{head},{deciding},{months[month]},,{stratum},,,,,,,,,,,{','.join(columns)}"


def _fact_row(fact: Sequence[object]) -> str:
    """One fact; hidden ones without a number, N_D where the finite-population rule applies."""
    run, channels, side, weighted, unit, sector, period, indicator, n, population, *numbers = fact
    known = numbers[0] is not None
    head = f"fact,{run},{channels},{side},{int(bool(weighted))},,{unit},{sector},,{period},{indicator},,"
    finite = population if known and numbers[-1] else ""
    return f"{head}{finite},{n if known else ''},{','.join(map(_text, numbers))},,,,,\r\n"


def _line(values: Cell) -> str:
    return ",".join(str(values.get(name, "")) for name in HEADER)


def _list(numbers: Iterable[int]) -> str:
    return " ".join(str(int(number)) for number in numbers)


def _text(number: Any) -> str:
    """Seventeen digits: the number itself, not its picture."""
    return "" if number is None else repr(float(number))


def _batches(facts: Iterator[Sequence[object]]) -> Iterator[list[Sequence[object]]]:
    while some := list(islice(facts, 1000)):
        yield some
