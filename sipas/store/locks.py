"""Work that only one thread, process or node may do at a time."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from sipas.store.engine import Store


@contextmanager
def only_one(store: Store, work: str) -> Iterator[bool]:
    """Whether this work is ours alone; False, at once, while somebody else is at it. A death lets go of it."""
    if store.is_sqlite:
        with store.path.with_name(f"{store.path.name}-{work}").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        return
    number = int.from_bytes(hashlib.sha256(f"sipas/{work}".encode()).digest()[:8], "big", signed=True)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        mine = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": number}))
        try:
            yield mine
        finally:
            if mine:
                with suppress(DBAPIError):  # a connection that has died let go by that
                    connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": number})
