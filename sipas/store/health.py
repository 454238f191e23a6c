"""What the doctor asks of a database, and whether it holds anything at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import inspect, text

from sipas.store.engine import Store
from sipas.store.tables import METADATA

POSTGRES_PROMISES = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")
SQLITE_PROMISES = ("journal_mode", "synchronous", "secure_delete", "foreign_keys")


def list_filled(store: Store) -> Sequence[str]:
    """The tables that hold at least one row, by name; a database without tables holds nothing."""
    with store.read() as session:
        there = set(inspect(session.connection()).get_table_names())
        tables = sorted(table.name for table in METADATA.sorted_tables if table.name in there)
        return [name for name in tables if session.execute(text(f'SELECT 1 FROM "{name}" LIMIT 1')).first()]  # noqa: S608 -- our own tables


def read_promises(store: Store) -> Mapping[str, str]:
    """How durable the database says it is: PRAGMAs of SQLite, settings of PostgreSQL."""
    if store.is_sqlite:
        with store.engine.connect() as connection:
            return MappingProxyType({name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()) for name in SQLITE_PROMISES})
    with store.read() as session:
        rows = session.execute(
            text(
                "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums')"
            )
        )
        return MappingProxyType({str(name): str(setting) for name, setting in rows})


def is_whole(store: Store) -> str:
    """What is wrong with the file itself: SQLite's quick check; empty when nothing is."""
    if not store.is_sqlite:
        return ""
    with store.engine.connect() as connection:
        found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    return "" if found == "ok" else found
