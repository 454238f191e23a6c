"""Numbered batches of paper sheets: what is on the paper is fixed before the first one is printed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from sipas.evidence.codes import new_code
from sipas.imports.counters import check_sectors
from sipas.instrument.model import LENGTHS
from sipas.instrument.shelf import Shelf
from sipas.store.paper import FIRST, PaperBatch, add_paper_batch, find_paper_batch
from sipas.store.units import Counter, Unit, find_deciding
from sipas.terms import SipasError

MOST = 2_000  # sheets in one batch: more belong into several, so that one bad keying costs less


class BadPaperBatchError(SipasError):
    """A batch that cannot be as described."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a batch of paper shall ask, and in which language."""

    sector: str
    length: str = "full"
    language: str = "vi"
    declared: int | None = None  # sheets, where they are counted already


def add_batch(
    session: Session,
    shelf: Shelf,
    unit: Unit,
    counter: Counter | None,
    wanted: Wanted,
    *,
    day: date,
    demonstration: bool,
    rng: random.Random,
) -> PaperBatch:
    """A new batch for a unit, or for one of its counters; BadPaperBatchError names what is wrong and the cure."""
    check_sectors(shelf, [wanted.sector])
    if wanted.length not in LENGTHS:
        raise BadPaperBatchError(f"a form is {' or '.join(LENGTHS)}, not {wanted.length!r}")
    if counter is not None and (counter.unit_id != unit.id or wanted.sector not in counter.sectors.split()):
        raise BadPaperBatchError(f"counter {counter.id} does not serve {wanted.sector} at {unit.full_name}; see: sipas counters list")
    if wanted.declared is not None:
        check_count(wanted.declared)
    wave = shelf.wave_for(wanted.sector, day, demonstration=demonstration)
    if wave is None:
        raise BadPaperBatchError(f"no wave with {wanted.sector} is open today; see: sipas surveys list")
    instrument = shelf.instrument_for(wave, wanted.sector, counter.instrument if counter else "")
    if wanted.language not in instrument.languages:
        raise BadPaperBatchError(f"{instrument.code} has no wording in {wanted.language!r}; choose from {', '.join(instrument.languages)}")
    code = new_code(rng)
    while find_paper_batch(session, code) is not None:
        code = new_code(rng)
    return add_paper_batch(
        session,
        PaperBatch(
            code=code,
            unit_id=unit.id,
            deciding_id=find_deciding(session, unit.id, wanted.sector),
            counter_id=counter.id if counter else None,
            sector=wanted.sector,
            wave=wave.code,
            instrument=instrument.code,
            measure=instrument.measure,
            wording=instrument.wording_number,
            length=wanted.length,
            language=wanted.language,
            declared=wanted.declared,
            round=1,
            phase=FIRST,
        ),
    )


def check_count(declared: int) -> None:
    """BadPaperBatchError for a number of sheets that no batch has."""
    if not 0 < declared <= MOST:
        raise BadPaperBatchError(f"a batch holds 1 to {MOST:,} sheets, not {declared:,}; make several batches")


def declare(batch: PaperBatch, declared: int) -> None:
    """Say how many sheets were counted, once and before the first is typed."""
    check_count(declared)
    if batch.declared is not None:
        raise BadPaperBatchError(
            f"batch {batch.id} was declared with {batch.declared} sheets; what is missing or beyond is shown at its end"
        )
    batch.declared = declared
