"""Statements of the citizen's path: compiled once and, on SQLite, given to the driver without SQLAlchemy between.

Four statements make an answer. SQLAlchemy's own work around them costs more than SQLite's in them, so ``Store`` leaves the driver's
connection in the session's ``info``, and a ``Direct`` takes it from there: the same connection and the same transaction as the session's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import CursorResult
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql import Executable
from sqlalchemy.sql.elements import CompilerElement

DRIVER = "sipas_driver"  # the key in a session's info
_NAMED = sqlite.dialect(paramstyle="named")
_COUNTED = {"preserve_rowcount": True}


class Direct:
    """One statement with named values, as each database wants it."""

    def __init__(self, statement: Executable, *, postgres: Executable | None = None) -> None:
        self._elsewhere = postgres if postgres is not None else statement
        self._sqlite = str(cast("CompilerElement", statement).compile(dialect=_NAMED))

    def rows(self, session: Session, values: Mapping[str, Any]) -> Sequence[Any]:
        """Everything the statement finds; SQLite's truth values come as 0 and 1."""
        if (driver := session.info.get(DRIVER)) is not None:
            return run(driver, self._sqlite, values).fetchall()
        return session.connection().execute(self._elsewhere, values).all()

    def count(self, session: Session, values: Mapping[str, Any]) -> int:
        """How many rows the statement put in or changed."""
        if (driver := session.info.get(DRIVER)) is not None:
            return run(driver, self._sqlite, values).rowcount
        done = session.connection().execute(self._elsewhere, values, execution_options=_COUNTED)
        return cast("CursorResult[Any]", done).rowcount


def run(driver: sqlite3.Connection, statement: str, values: Mapping[str, Any] | None = None) -> sqlite3.Cursor:
    """The statement at the driver; what it refuses is raised as SQLAlchemy would, without the values."""
    try:
        return driver.execute(statement, values or {})
    except sqlite3.Error as error:
        raise DBAPIError.instance(statement, None, error, sqlite3.Error, hide_parameters=True) from error
