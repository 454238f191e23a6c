"""Instruments of open waves are written down as fielded; an edited one is refused (decision 9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from sipas.instrument.checks import BadSurveysError, Complaint
from sipas.instrument.fielded import compare
from sipas.instrument.model import Instrument
from sipas.instrument.shelf import Shelf
from sipas.store.batches import Fielded
from sipas.store.fielded import field_instrument, list_fielded, read_wordings


class EditedInstrumentError(BadSurveysError):
    """A questionnaire that people have answered is not the one in its file any more."""


def list_edits(instruments: Mapping[str, Instrument], fielded: Mapping[str, Fielded]) -> tuple[Complaint, ...]:
    """What is wrong with instruments that have been fielded; the others may still change."""
    return tuple(complaint for code, row in fielded.items() if (complaint := _find_edit(code, instruments.get(code), row)) is not None)


def _find_edit(code: str, instrument: Instrument | None, row: Fielded) -> Complaint | None:
    if instrument is None:
        fault = f"{code} has been fielded, and its file is gone"
        return Complaint(f"instruments/{code}.toml", "", fault, "put the file back: answers are read with it")
    return compare(instrument, measure=row.measure, wording=row.wording, wordings=read_wordings(row))


def field_instruments(session: Session, shelf: Shelf, *, day: date, demonstration: bool | None = None) -> int:
    """Write down the instruments of the waves that are open on ``day`` and say how many are new or newly worded.

    ``demonstration`` leaves out the other kind of wave; None takes both. EditedInstrumentError names every instrument
    whose measure differs from the one first fielded, whose wording changed without the next number, or whose file is gone; nothing
    is written then.
    """
    fielded = list_fielded(session)
    if complaints := list_edits(shelf.instruments, fielded):
        raise EditedInstrumentError(complaints)
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
