"""Bring a database to a revision: `sipas migrate`, and every start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from sipas.store.engine import Store

if TYPE_CHECKING:
    from alembic.config import Config

_BESIDE = Path(__file__).resolve().parents[2] / "migrations"
FOLDER = _BESIDE if _BESIDE.is_dir() else Path(__file__).resolve().parents[1] / "_shipped" / "migrations"


def upgrade(store: Store, revision: str = "head") -> None:
    """Run every migration up to ``revision``."""
    if revision == "head" and current(store) == _newest():
        return
    from alembic import command  # noqa: PLC0415 -- takes half a second, which a start with the newest tables is spared

    with _config(store) as config:
        command.upgrade(config, revision)


def downgrade(store: Store, revision: str) -> None:
    """Undo migrations down to ``revision``; ``base`` undoes all."""
    from alembic import command  # noqa: PLC0415 -- as above

    with _config(store) as config:
        command.downgrade(config, revision)


def check(store: Store) -> None:
    """Raise when the tables in code differ from what the migrations make."""
    from alembic import command  # noqa: PLC0415 -- as above

    with _config(store) as config:
        command.check(config)


def current(store: Store) -> str | None:
    """The revision that the database is at."""
    with store.locked(), store.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def revisions() -> tuple[str, ...]:
    """Every revision, oldest first."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 -- as above

    script = ScriptDirectory(str(FOLDER))
    return tuple(revision.revision for revision in reversed(list(script.walk_revisions())))


def _newest() -> str:
    """The last revision: their files are numbered and named after them, which a test keeps."""
    return max(path.stem for path in (FOLDER / "versions").glob("[0-9]*.py"))


@contextmanager
def _config(store: Store) -> Iterator[Config]:
    """Alembic's configuration on a connection of ours.

    SQLite applies each revision with foreign keys off, because batch mode moves tables; the lock keeps writers away meanwhile.
    """
    from alembic.config import Config  # noqa: PLC0415 -- as above

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
