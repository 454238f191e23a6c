"""What was asked under each instrument's code: the measure, and the wordings in force."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import select, union
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from sipas.store.batches import Fielded
from sipas.store.engine import BadDatabaseError, Store
from sipas.store.inbox import Inbox
from sipas.store.responses import OpenResponse, Response


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


def list_answered(session: Session, instruments: Collection[str]) -> Mapping[str, frozenset[str]]:
    """The measures under which answers to these instruments were given: of one that is not fielded, at most a few days' answers.

    Answers are not indexed by instrument, so this reads them all; ask it about instruments that are not yet written down.
    """
    if not instruments:
        return {}
    parts = (select(each.instrument, each.measure).where(each.instrument.in_(instruments)) for each in (Inbox, OpenResponse, Response))
    found: dict[str, set[str]] = {}
    for instrument, measure in session.execute(union(*parts)):
        found.setdefault(instrument, set()).add(measure)
    return {instrument: frozenset(measures) for instrument, measures in found.items()}


@contextmanager
def reading(store: Store) -> Iterator[Session]:
    """A reading session that says BadDatabaseError, with the cure, where the database is away or has no tables."""
    try:
        with store.read() as session:
            yield session
    except SQLAlchemyError as error:
        raise BadDatabaseError(f"{store.url.render_as_string()} cannot be read: run `sipas migrate`, or `sipas doctor`") from error
