"""Store.read() and Store.write(): nothing is lost between threads, and a failure leaves nothing behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from sipas.store.batches import Batch
from sipas.store.engine import BadDatabaseError, Store, normalise


def count(store: Store) -> int:
    with store.read() as session:
        return len(session.scalars(select(Batch)).all())


def test_sixteen_threads_lose_no_write(store: Store) -> None:
    def write(number: int) -> None:
        with store.write() as session:
            session.add(Batch(week=f"{number:08d}", state="open", n=number, root=b""))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(200)))
    assert count(store) == 200


def test_what_is_raised_inside_a_write_undoes_it(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as session:
        session.add(Batch(week="2026-W01", state="open", n=1, root=b""))
        session.flush()
        raise RuntimeError
    assert count(store) == 0


def test_a_read_changes_nothing(store: Store) -> None:
    with pytest.raises(DatabaseError, match=r"readonly|read-only"), store.read() as session:
        session.add(Batch(week="2026-W01", state="open", n=1, root=b""))
        session.flush()
    assert count(store) == 0


def test_sqlite_is_durable_and_forgets_what_it_deletes(sqlite_store: Store) -> None:
    with sqlite_store.write() as session:
        found = {name: session.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("journal_mode", "synchronous", "secure_delete")}
    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


def test_a_checkpoint_leaves_no_byte_in_the_log(sqlite_store: Store) -> None:
    with sqlite_store.write() as session:
        session.add(Batch(week="2026-W01", state="open", n=1, root=b""))
    wal = sqlite_store.path.with_name(sqlite_store.path.name + "-wal")
    assert wal.stat().st_size > 0
    sqlite_store.checkpoint()
    assert wal.stat().st_size == 0


@pytest.mark.parametrize("address", ["mysql://somewhere/x", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_cannot_serve_is_refused(address: str) -> None:
    with pytest.raises(BadDatabaseError):
        Store(address)


def test_postgres_addresses_name_their_driver() -> None:
    assert normalise("postgresql://a@b/c").drivername == "postgresql+psycopg"
    assert normalise("postgres://a@b/c").drivername == "postgresql+psycopg"
