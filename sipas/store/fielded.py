"""What was asked under each instrument's code: the measure, and the wordings in force."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from sipas.store.batches import Fielded
from sipas.store.engine import BadDatabaseError, Store


def list_fielded(session: Session) -> Mapping[str, Fielded]:
    """Every instrument that was ever fielded, by code."""
    return {row.instrument: row for row in session.scalars(select(Fielded).order_by(Fielded.instrument))}


def field_instrument(session: Session, instrument: str, *, measure: str, wording: int, wordings: Mapping[str, str]) -> None:
    """Record an instrument as fielded, or the wording that is in force from now on; the measure of a known one stays."""
    text = json.dumps(dict(wordings), sort_keys=True)
    row = session.get(Fielded, instrument)
    if row is None:
        session.add(Fielded(instrument=instrument, measure=measure, wording=wording, wordings=text))
    else:
        row.wording, row.wordings = wording, text
    session.flush()


def read_wordings(row: Fielded) -> Mapping[str, str]:
    """Language → hash of the wording in force."""
    return {str(language): str(digest) for language, digest in json.loads(row.wordings).items()}


def read_fielded(store: Store) -> Mapping[str, Fielded]:
    """The same for a command that has a store only; BadDatabaseError where it cannot be read."""
    try:
        with store.read() as session:
            return list_fielded(session)
    except SQLAlchemyError as error:
        raise BadDatabaseError(f"{store.url.render_as_string()} cannot be read: run `sipas migrate`, or `sipas doctor`") from error
