"""The cells file: everything needed to repeat each published figure, as one long CSV; `docs/cells-file.md` explains it.

Its numbers are exact counts and cross-products of clusters, never weighted sums, and the constants of the design.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from sipas.reports.cells_paper import CELLS, CONSTANTS, GROUPS, Paper, unpack
from sipas.reports.filing_paper import filed_rows, filed_strata, margin_rows
from sipas.reports.rows import joined
from sipas.store.facts import find_paper, list_shown_runs, stream_hidden, stream_shown
from sipas.store.reading import Session

HEADER = (
    "kind", "run", "channels", "side", "weighted", "block", "unit", "sector", "deciding", "period", "indicator",
    "stratum", "cell", "n", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "list1", "list2", "list3", "list4", "list5", "list6",
)  # fmt: skip
FACT_FIELDS = (
    "run_id", "channels", "side", "weighted", "unit_id", "sector", "period", "indicator", "n", "population",
    "value", "se", "low", "high", "df", "n_kish", "d_pool", "fraction",
)  # fmt: skip
Cell = dict[str, object]


def read_cells(session: Session, wave: str) -> Iterator[bytes]:
    """The cells of every run that a released figure belongs to, under one header; each row names its run."""
    yield (",".join(HEADER) + "\r\n").encode()
    for run in list_shown_runs(session, wave):
        if (kept := find_paper(session, run.id, CELLS)) is None:
            continue
        for some in _batches(_rows(unpack(kept), str(run.id))):
            yield "".join(f"{row}\r\n" for row in some).encode()
        for facts in _batches(stream_shown(session, run.id, FACT_FIELDS)):
            yield "".join(map(_fact_row, facts)).encode()
        for hidden in stream_hidden(session, run.id):
            head: Cell = {"run": run.id, "channels": hidden.channels, "side": hidden.side, "weighted": 0, "unit": hidden.unit_id}
            row = _line(head | {"kind": "fact", "sector": hidden.sector, "period": hidden.period, "indicator": "overall"})
            yield f"{row}\r\n".encode()


def _rows(paper: Paper, run: str) -> Iterator[str]:
    told = paper.told
    for unit, path in told["paths"]:
        yield _line({"kind": "unit", "run": run, "unit": unit, "list1": path.replace("/", " ").strip()})
    for sector, family in told["sectors"].items():
        yield _line({"kind": "sector", "run": run, "sector": sector, "block": family})
    for part in told["parts"]:
        head: Cell = {"run": run, "channels": part["channels"], "side": part["side"]}
        for number, weighted in enumerate(part["designs"]):
            design = f"{part['place']}.d{number}."
            yield from _strata(paper, design, head | {"side": "", "weighted": int(weighted)})
            yield from _cells(paper, design, head | {"side": "", "weighted": int(weighted)})
            yield from _filing(paper, design, part.get("filing", {}).get(str(number), []), head | {"weighted": int(weighted)})
        for number, block in enumerate(part["blocks"]):
            yield from _block_rows(block, head | {"block": block["name"]})
            yield from _group_rows(paper, f"{part['place']}.b{number}.", head | {"block": block["name"]})


def _strata(paper: Paper, design: str, head: Cell) -> Iterator[str]:
    """The strata of one channel set that have answers, weighted or not."""
    kept = [paper.arrays[design + name].tolist() for name in ("answers", "clusters", "fraction", "usable")]
    total = paper.arrays["population"].tolist()
    for h, (unit, sector) in enumerate(paper.told["strata"]):
        n, clusters, fraction, usable = (column[h] for column in kept)
        if n:
            place = {"kind": "stratum", "unit": unit, "sector": sector, "stratum": h, "n": n}
            yield _line(head | place | {"x1": total[h], "x2": clusters, "x3": _text(fraction), "x4": int(usable)})


def _cells(paper: Paper, design: str, head: Cell) -> Iterator[str]:
    """The calibration cells of one channel set that have answers, with their months."""
    n, stratum, cell = (paper.arrays[design + name] for name in ("n", "stratum", "cell"))
    numbers = [paper.arrays[design + name].tolist() for name in CONSTANTS]
    answered = np.flatnonzero((n > 0) & ~np.isin(stratum, filed_strata(paper.arrays, f"{design}filing"))).tolist()
    months: dict[int, list[str]] = {one: [] for one in answered}
    for h, m in zip(*np.nonzero(np.isin(cell, answered)), strict=True):
        months[int(cell[h, m])].append(paper.told["months"][m])
    for one in answered:
        place = {"kind": "cell", "stratum": int(stratum[one]), "cell": one, "n": int(n[one]), "list1": " ".join(months[one])}
        yield _line(head | place | {f"x{k}": _text(column[one]) for k, column in enumerate(numbers, 1)})


def _filing(paper: Paper, design: str, where: Sequence[Sequence[str]], head: Cell) -> Iterator[str]:
    """What takes the place of cells in the strata that are calibrated on filing."""
    head, months, filing = head | {"side": ""}, paper.told["months"], f"{design}filing"
    if where:
        for row in margin_rows(paper.arrays, filing, paper.arrays[design + "cell"], months):
            yield _line(head | {"kind": "margin"} | row)
    for row in filed_rows(paper.arrays, filing, where, months, paper.told["deciding"]):
        yield _line(head | {"kind": "filed"} | row)


def _block_rows(block: Mapping[str, Any], head: Cell) -> Iterator[str]:
    """Which products are listed, and from which columns each indicator is made."""
    yield _line(head | {"kind": "products", "list1": _list(block["first"]), "list2": _list(block["second"])})
    for one in block["indicators"]:
        up, down = one["counted"]
        shares = " ".join(map(repr, one["share"]))
        lists = (_list(one["y"]), _list(one["x"]), shares, _list(up), _list(down), _list(one["levels"]))
        named = {f"list{k}": text for k, text in enumerate(lists, 1)}
        yield _line(head | {"kind": "indicator", "indicator": one["name"], "n": one["member"]} | named)


def _group_rows(paper: Paper, block: str, head: Cell) -> Iterator[str]:
    """Counts and cross-products by stratum (and deciding unit) and month."""
    start = f"{head['run']},{head['channels']},{head['side']},,{head['block']},,"
    months, deciders = paper.told["months"], [unit for _, unit in paper.told["deciding"]]
    lists = [joined(paper.arrays[block + name]) for name in GROUPS]
    places = zip(*(paper.arrays[block + name].tolist() for name in ("part", "stratum", "month")), strict=True)
    for (piece, stratum, month), *columns in zip(places, *lists, strict=True):
        deciding = deciders[piece] if head["side"] == "deciding" else ""
        yield f"group,{start},{deciding},{months[month]},,{stratum},,,,,,,,,,,{','.join(columns)}"


def _fact_row(fact: Sequence[object]) -> str:
    """One fact, with N_D where the finite-population rule applies."""
    run, channels, side, weighted, unit, sector, period, indicator, n, population, *numbers = fact
    head = f"fact,{run},{channels},{side},{int(bool(weighted))},,{unit},{sector},,{period},{indicator},,"
    finite = population if numbers[-1] else ""
    return f"{head}{finite},{n},{','.join(map(_text, numbers))},,,,,,\r\n"


def _line(values: Cell) -> str:
    return ",".join(str(values.get(name, "")) for name in HEADER)


def _list(numbers: Iterable[int]) -> str:
    return " ".join(str(int(number)) for number in numbers)


def _text(number: Any) -> str:
    """Seventeen digits: the number itself, not its picture."""
    return "" if number is None else repr(float(number))


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while some := list(islice(rows, 1000)):
        yield some
