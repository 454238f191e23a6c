"""Counts that are kept: the closed weeks of each month, beside the extract they were counted from."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from itertools import groupby, pairwise
from pathlib import Path

from sipas.extract import Extract, Known
from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.adding import fold
from sipas.reports.arrays import Array, BadArraysError, from_bytes, to_bytes
from sipas.reports.counting import Counts, count
from sipas.reports.sample import items_of, month_of
from sipas.stats.design import Groups, Sizes
from sipas.store.reading import Session

WORKERS = 2
ANSWERS_AT_ONCE = 150_000
FORM = 4  # of the counts: raised when what is counted changes
ARRAYS = tuple(field.name for field in fields(Groups))


@dataclass(frozen=True, slots=True)
class Batch:
    """Answers that are counted together: some weeks of a month, or a part of one large week."""

    month: str
    weeks: tuple[Known, ...]
    part: range | None  # of the week's rows

    @property
    def name(self) -> str:
        """The file in which its counts are kept; none while its week is open."""
        of_part = "" if self.part is None else f"-{self.part.start}"
        return f"{self.month}-{self.weeks[0].week}{of_part}.counts" if self.weeks[0].closed else ""


def count_all(session: Session, extract: Extract, shelf: Shelf, wave: Wave, weeks: Sequence[Known]) -> list[tuple[str, Counts]]:
    """Each month with its counts; closed weeks and open ones are counted apart, and only what is not kept already is read."""
    batches = []
    for month, of_month in groupby(weeks, key=lambda known: month_of(known.week, wave)):
        some = list(of_month)
        for closed in (True, False):
            for mine in in_batches([known for known in some if known.closed == closed], ANSWERS_AT_ONCE):
                batches += [Batch(month, tuple(mine), part) for part in (parts_of(mine, ANSWERS_AT_ONCE) if extract.folder else (None,))]
    works = [_work(session, extract, shelf, wave, batch) for batch in batches]
    return fold(zip([batch.month for batch in batches], at_once(works), strict=True))


def in_batches(weeks: Sequence[Known], most: int) -> list[list[Known]]:
    """Weeks that are counted together: as many as make up some answers, so that memory does not grow with the wave."""
    batches: list[list[Known]] = []
    room = 0
    for known in weeks:
        if not batches or known.n > room:
            batches.append([])
            room = most
        batches[-1].append(known)
        room -= known.n
    return batches


def parts_of(weeks: Sequence[Known], most: int) -> tuple[range | None, ...]:
    """Ranges of rows in which a single week is counted that has more answers than are counted at once; else the whole of the weeks."""
    if len(weeks) > 1 or weeks[0].n <= most:
        return (None,)
    parts = -(-weeks[0].n // most)
    ends = [*(weeks[0].n * place // parts for place in range(parts)), sys.maxsize]  # the last one to the end, whatever that is
    return tuple(range(first, last) for first, last in pairwise(ends))


def at_once(works: Sequence[Callable[[], Counts]]) -> Iterator[Counts]:
    """The results of some works in their order, two at a time: NumPy and Parquet let go of the interpreter while they count."""
    with ThreadPoolExecutor(WORKERS) as pool:
        yield from pool.map(lambda work: work(), works)


def _work(session: Session, extract: Extract, shelf: Shelf, wave: Wave, batch: Batch) -> Callable[[], Counts]:
    """What gives the counts of a batch, any thread: whatever needs the database is done before."""
    items = items_of(shelf)
    if extract.folder is None:
        tables = list(extract.tables(session, wave.code, batch.weeks, items))
        return lambda: count(tables, shelf, wave)
    path, key = extract.folder / wave.code / (batch.name or "open"), _key(shelf, wave, batch)
    if batch.name and (kept := read_counts(path, key)) is not None:
        return lambda: kept
    for known in batch.weeks:
        extract.ensure(session, wave.code, known, items)

    def counted() -> Counts:
        counts = count([extract.read(wave.code, known, batch.part) for known in batch.weeks], shelf, wave)
        if batch.name:
            write_counts(path, key, counts)
        return counts

    return counted


def _key(shelf: Shelf, wave: Wave, batch: Batch) -> str:
    """Everything that counts depend on: the weeks' roots, what is headline, and what the instruments ask."""
    told = {
        "form": FORM,
        "weeks": [(known.week, known.root) for known in batch.weeks],
        "headline": sorted(wave.headline),
        "instruments": {
            code: [instrument.measure, [[item.code, item.factor, item.lengths] for item in instrument.items if item.is_scale]]
            for code, instrument in sorted(shelf.instruments.items())
        },
    }
    if batch.part is not None:
        told["part"] = [batch.part.start, batch.part.stop]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def write_counts(path: Path, key: str, counts: Counts) -> None:
    """Keep counts as arrays with a key of what they were counted from; whole or not at all."""
    told = {
        "key": key,
        "keys": counts.keys,
        "deciding": counts.deciding,
        "instruments": counts.instruments,
        "n": counts.n,
        "quarantined": counts.quarantined,
        "sizes": list(counts.sizes),
        "groups": list(counts.groups),
    }
    arrays: dict[str, Array] = {}
    for place, sizes in enumerate(counts.sizes.values()):
        arrays |= {f"s{place}.{name}": getattr(sizes, name) for name in ("answers", "clusters", "squares")}
    for place, groups in enumerate(counts.groups.values()):
        arrays |= {f"g{place}.{name}": getattr(groups, name) for name in ARRAYS}
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_bytes(to_bytes(told, arrays))
    beside.replace(path)


def read_counts(path: Path, key: str) -> Counts | None:
    """Kept counts, if they were counted from what the key says."""
    try:
        told, arrays = from_bytes(path.read_bytes())
    except (OSError, BadArraysError):
        return None
    if told["key"] != key:
        return None
    sizes = {
        name: Sizes(*(arrays[f"s{place}.{one}"] for one in ("answers", "clusters", "squares"))) for place, name in enumerate(told["sizes"])
    }
    groups = {
        (name[0], name[1], name[2]): Groups(*(arrays[f"g{place}.{one}"] for one in ARRAYS)) for place, name in enumerate(told["groups"])
    }
    keys = tuple((unit, sector) for unit, sector in told["keys"])
    deciding = tuple((h, unit) for h, unit in told["deciding"])
    return Counts(keys, deciding, sizes, groups, tuple(told["instruments"]), told["n"], told["quarantined"])
