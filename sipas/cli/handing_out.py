"""What `sipas tokens` does with fresh codes: cards in random order, slips, files for the message gateway, lines of the daily report."""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sipas import minting, terms
from sipas.exports.cards import Card
from sipas.exports.csv_dialect import PLAIN, write_table
from sipas.exports.printing import in_capitals
from sipas.imports.dossiers import CellCount
from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.minting import BadBatchError, BatchPlan, Drawn, Minted, Standing
from sipas.settings import Settings
from sipas.store.engine import Store
from sipas.store.tokens import get_batch
from sipas.store.units import Unit

GROUPS: Mapping[str, str] = MappingProxyType({"class": "pupils enrolled", "ward": "patients discharged", "visit": "visits"})
WARNING = "Chỉ tệp này ghi mã hồ sơ cạnh mã đánh giá; xóa ngay sau khi gửi."
SAMPLE_COLUMNS = ("dossier", "code", "address", "send_at", "valid_until", "warning")


def wave_of(shelf: Shelf, settings: Settings, sector: str, named: str) -> Wave:
    """The wave that a command names, or the one that is open; for codes without a sector there must be one alone."""
    if named:
        if named not in shelf.waves:
            raise BadBatchError(f"--wave: there is no wave {named!r}; choose from {', '.join(shelf.waves)}")
        return shelf.waves[named]
    day = terms.today()
    if sector:
        return minting.open_wave(shelf, sector, day, demonstration=settings.demo)
    found = [wave for wave in shelf.waves.values() if wave.demonstration == settings.demo and wave.is_open(day)]
    if len(found) != 1:
        raise BadBatchError(f"--wave: {len(found)} waves are open on {day:%d/%m/%Y}; name one of {', '.join(shelf.waves)}")
    return found[0]


def validity(wave: Wave, days: int) -> tuple[date, date]:
    """From today, or the wave's first day, for so many days, and never beyond the wave."""
    first = max(terms.today(), wave.first_day)
    if first > wave.last_day:
        raise BadBatchError(f"the wave {wave.code} ended on {wave.last_day:%d/%m/%Y}: name one that is open or still to come")
    return first, min(first + timedelta(days=days - 1), wave.last_day)


def plan_of(wave: Wave, days: int, *, kind: str, unit_id: int, quota: int, **words: Any) -> BatchPlan:
    """The plan of codes on paper; ``words`` are the rest of a plan's fields."""
    first, last = validity(wave, days)
    return BatchPlan(kind=kind, wave=wave.code, unit_id=unit_id, not_before=first, not_after=last, quota=quota, **words)


def to_cards(minted: Sequence[Minted], unit: Unit, settings: Settings, *, group: str = "") -> list[Card]:
    """Cards in random order: neither the number on a card nor its place on the sheet tells anything of its code."""
    shuffled = list(minted)
    random.SystemRandom().shuffle(shuffled)
    return [
        Card(
            number=number,
            unit=unit.full_name,
            code=one.code,
            first=one.first,
            last=one.last,
            short_code=one.digits,
            telephone=settings.contact_phone,
            group=group,
        )
        for number, one in enumerate(shuffled, start=1)
    ]


@contextmanager
def revoked_if_lost(store: Store, batch: str) -> Iterator[None]:
    """Drawing takes seconds, so it happens after the commit; codes that reach no paper are revoked."""
    try:
        yield
    except BaseException:
        with store.write() as session:
            get_batch(session, batch).revoked = True
        raise


def check_new(path: Path) -> None:
    """Refuse a file that is there already, before anything is minted for it."""
    if path.exists():
        raise BadBatchError(f"{path} is there already, perhaps with codes that nobody else has: name another file")


def write_new(path: Path, content: bytes) -> None:
    """A file with codes: readable by this account alone, and over no older file."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadBatchError(f"{path} is there already, perhaps with codes that nobody else has: name another file") from None
    except OSError as error:
        raise BadBatchError(f"{path} cannot be written ({error.strerror}): name a file in a folder of yours") from None
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sample_csv(drawn: Sequence[Drawn], public_url: str) -> bytes:
    """The file for the message gateway, in the order of sending."""
    rows = [
        (
            one.dossier,
            one.minted.code,
            in_capitals(public_url, "t", one.minted.code),
            one.send_at.isoformat(timespec="minutes"),
            one.minted.last.isoformat(),
            WARNING,
        )
        for one in drawn
    ]
    return b"".join(write_table(SAMPLE_COLUMNS, rows, PLAIN))


def by_wave(shelf: Shelf, settings: Settings, rows: Sequence[CellCount]) -> Mapping[str, list[CellCount]]:
    """Counts under the waves that ask about their sectors today."""
    found: dict[str, list[CellCount]] = defaultdict(list)
    for row in rows:
        found[minting.open_wave(shelf, row.sector, terms.today(), demonstration=settings.demo).code].append(row)
    return found


def line_of(wave: str, standing: Standing, name: str) -> str:
    """One line of the daily report."""
    given = " + ".join(f"{count:,} {kind}" for kind, count in sorted(standing.minted.items()) if count) or "no code"
    known = "no count of dossiers" if standing.dossiers is None else f"{standing.dossiers:,} dossiers"
    beyond = f" + {standing.over:,} beyond the quota" if standing.over else ""
    return f"{'!' if standing.is_strange else ' '} {wave}  {name} · {standing.sector or 'asked'}: {known}, {given}{beyond}"
