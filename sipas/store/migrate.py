"""Bring a database to a revision: `sipas migrate`, and every start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from sipas.store.engine import Store

_BESIDE = Path(__file__).resolve().parents[2] / "migrations"
FOLDER = _BESIDE if _BESIDE.is_dir() else Path(__file__).resolve().parents[1] / "_shipped" / "migrations"


def upgrade(store: Store, revision: str = "head") -> None:
    """Run every migration up to ``revision``."""
    with _config(store) as config:
        command.upgrade(config, revision)


def downgrade(store: Store, revision: str) -> None:
    """Undo migrations down to ``revision``; ``base`` undoes all."""
    with _config(store) as config:
        command.downgrade(config, revision)


def check(store: Store) -> None:
    """Raise when the tables in code differ from what the migrations make."""
    with _config(store) as config:
        command.check(config)


def current(store: Store) -> str | None:
    """The revision that the database is at."""
    with store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def revisions() -> tuple[str, ...]:
    """Every revision, oldest first."""
    script = ScriptDirectory(str(FOLDER))
    return tuple(revision.revision for revision in reversed(list(script.walk_revisions())))


@contextmanager
def _config(store: Store) -> Iterator[Config]:
    """Alembic's configuration on a connection of ours.

    SQLite applies each revision with foreign keys off, because batch mode moves tables; the lock keeps writers away meanwhile.
    """
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with store.locked(), store.engine.connect() as connection:
        _foreign_keys(connection, store, on=False)
        with connection.begin():
            config.attributes["connection"] = connection
            yield config
        _foreign_keys(connection, store, on=True)


def _foreign_keys(connection: Connection, store: Store, *, on: bool) -> None:
    if store.is_sqlite:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")
