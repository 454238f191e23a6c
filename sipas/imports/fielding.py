"""Instruments of open waves are written down as fielded; an edited one is refused (decision 9)."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from sipas.instrument.checks import BadSurveysError, Complaint
from sipas.instrument.fielded import compare
from sipas.instrument.model import Instrument
from sipas.instrument.shelf import Shelf
from sipas.store.batches import Fielded
from sipas.store.engine import Store
from sipas.store.fielded import field_instrument, list_answered, list_fielded, read_wordings, reading


class EditedInstrumentError(BadSurveysError):
    """A questionnaire that people have answered is not the one in its file any more."""


def list_edits(session: Session, shelf: Shelf) -> tuple[Complaint, ...]:
    """What is wrong with instruments that people have answered; the others may still change."""
    fielded = list_fielded(session)
    edits = [_find_edit(code, shelf.instruments.get(code), row) for code, row in fielded.items()]
    # A wave may have opened since the server started: its answers fix an instrument before the table says so.
    answered = list_answered(session, [code for code in shelf.instruments if code not in fielded])
    edits += [_find_mismatch(shelf.instruments[code], measures) for code, measures in answered.items()]
    return tuple(edit for edit in edits if edit is not None)


def find_edits(store: Store, shelf: Shelf) -> tuple[Complaint, ...]:
    """The same for a command; BadDatabaseError where the database cannot be read."""
    with reading(store) as session:
        return list_edits(session, shelf)


def _find_edit(code: str, instrument: Instrument | None, row: Fielded) -> Complaint | None:
    if instrument is None:
        fault = f"{code} has been fielded, and its file is gone"
        return Complaint(f"instruments/{code}.toml", "", fault, "put the file back: answers are read with it")
    return compare(instrument, measure=row.measure, wording=row.wording, wordings=read_wordings(row))


def _find_mismatch(instrument: Instrument, measures: frozenset[str]) -> Complaint | None:
    strange = sorted(measures - {instrument.measure})
    wordings = instrument.wording_hashes
    return compare(instrument, measure=strange[0], wording=instrument.wording_number, wordings=wordings) if strange else None


def field_instruments(session: Session, shelf: Shelf, *, day: date, demonstration: bool | None = None) -> int:
    """Write down the instruments of the waves that are open on ``day`` and say how many are new or newly worded.

    ``demonstration`` leaves out the other kind of wave; None takes both. EditedInstrumentError names every instrument
    whose measure differs from the one first fielded, whose wording changed without the next number, or whose file is gone; nothing
    is written then.
    """
    if complaints := list_edits(session, shelf):
        raise EditedInstrumentError(complaints)
    fielded = list_fielded(session)
    waves = [wave for wave in shelf.waves.values() if wave.is_open(day) and demonstration in {None, wave.demonstration}]
    fresh = [
        instrument
        for instrument in {each.code: each for wave in waves for each in shelf.instruments_of(wave)}.values()
        if instrument.code not in fielded or fielded[instrument.code].wording != instrument.wording_number
    ]
    for instrument in fresh:
        field_instrument(
            session,
            instrument.code,
            measure=instrument.measure,
            wording=instrument.wording_number,
            wordings=instrument.wording_hashes,
        )
    return len(fresh)
