"""Emptying tables so that nothing of their rows stays behind."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from sipas.terms import SipasError


class TablesBusyError(SipasError):
    """Somebody else holds the tables for too long; nothing was changed."""


def is_postgres(session: Session) -> bool:
    """Which of the two databases answers."""
    return session.get_bind().dialect.name == "postgresql"


def wait_for(session: Session, statement: str) -> None:
    """Run what needs PostgreSQL's locks, for which it waits ten seconds at most."""
    try:
        session.execute(text("SET LOCAL lock_timeout = '10s'"))
        session.execute(text(statement))
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") != "55P03":  # lock_not_available
            raise
        raise TablesBusyError(
            "another session (a backup, a long report?) holds the open week's tables: nothing was sealed. Run `sipas seal` again later"
        ) from error


def empty(session: Session, *tables: str) -> None:
    """PostgreSQL gives the files back, SQLite overwrites every byte (secure_delete)."""
    if is_postgres(session):
        wait_for(session, f"TRUNCATE {', '.join(tables)}")
        return
    for table in tables:
        session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 -- names of our own tables
