"""Counts by filing, month by month: of closed weeks they are kept beside the extract, and read again only when their month is due."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from sipas.extract import Extract, Known
from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.arrays import Array, BadArraysError, from_bytes, to_bytes
from sipas.reports.counts_files import ANSWERS_AT_ONCE, in_batches
from sipas.reports.filing_rows import FILINGS, FiledCounts, FiledSet, Form, Layouts, count_filed
from sipas.reports.sample import items_of, month_of
from sipas.store.reading import Session

FORM = 1  # of what is counted: raised when it changes
OF_FORM = Form.__slots__

Source = tuple[str, Callable[[], FiledCounts]]  # month, and what gives the counts of some of its weeks


def list_sources(session: Session, extract: Extract, layouts: Layouts, wave: Wave, weeks: Sequence[Known]) -> list[Source]:
    """The counts of every month in the order of their weeks; all that needs the database is done here."""
    found: list[Source] = []
    for month, of_month in groupby(weeks, key=lambda known: month_of(known.week, wave)):
        some = list(of_month)
        for closed in (True, False):
            for mine in in_batches([known for known in some if known.closed == closed], ANSWERS_AT_ONCE):
                name = f"{month}-{mine[0].week}.filing.counts" if closed else ""
                found.append((month, _source(session, extract, layouts, wave, (name, mine))))
    return found


def _source(
    session: Session, extract: Extract, layouts: Layouts, wave: Wave, which: tuple[str, Sequence[Known]]
) -> Callable[[], FiledCounts]:
    """What gives the counts of some weeks: a file, or the counts themselves where none may be kept."""
    name, weeks = which
    items = items_of(layouts.shelf)
    if extract.folder is None or not name:
        counts = count_filed(list(extract.tables(session, wave.code, weeks, items)), layouts, wave)
        return lambda: counts
    path, key = extract.folder / wave.code / name, _key(layouts.shelf, wave, weeks)
    if read_filed(path, key) is None:
        write_filed(path, key, count_filed(list(extract.tables(session, wave.code, weeks, items)), layouts, wave))

    def again() -> FiledCounts:
        kept = read_filed(path, key)
        # Another run may have written its own in the meantime.
        return count_filed([extract.read(wave.code, known) for known in weeks], layouts, wave) if kept is None else kept

    return again


def _key(shelf: Shelf, wave: Wave, weeks: Sequence[Known]) -> str:
    """Everything that the counts depend on: the weeks' roots, what is headline, the filings, and what the instruments ask."""
    told = {
        "form": FORM,
        "filings": FILINGS,
        "weeks": [(known.week, known.root) for known in weeks],
        "headline": sorted(wave.headline),
        "instruments": {
            code: [instrument.measure, [[item.code, item.factor, item.lengths] for item in instrument.items if item.is_scale]]
            for code, instrument in sorted(shelf.instruments.items())
        },
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def write_filed(path: Path, key: str, counts: FiledCounts) -> None:
    """Keep counts as arrays with a key of what they were counted from; whole or not at all."""
    sets = [(name, list(made.forms)) for name, made in counts.sets.items()]
    arrays: dict[str, Array] = {}
    for place, made in enumerate(counts.sets.values()):
        arrays |= {f"{place}.stratum": made.stratum, f"{place}.sizes": made.sizes}
        for number, form in enumerate(made.forms.values()):
            arrays |= {f"{place}.{number}.{name}": getattr(form, name) for name in OF_FORM}
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_bytes(to_bytes({"key": key, "keys": counts.keys, "sets": sets}, arrays))
    beside.replace(path)


def read_filed(path: Path, key: str) -> FiledCounts | None:
    """Kept counts, if they were counted from what the key says."""
    try:
        told, arrays = from_bytes(path.read_bytes())
    except (OSError, BadArraysError):
        return None
    if told["key"] != key:
        return None
    sets = {}
    for place, (name, forms) in enumerate(told["sets"]):
        made = {form: Form(*(arrays[f"{place}.{number}.{one}"] for one in OF_FORM)) for number, form in enumerate(forms)}
        sets[name] = FiledSet(arrays[f"{place}.stratum"], arrays[f"{place}.sizes"], made)
    return FiledCounts(tuple((unit, sector) for unit, sector in told["keys"]), sets)
