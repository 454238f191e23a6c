"""Store.read() and Store.write(): the two ways to reach the database."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import SQLAlchemyError as StoreError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from sipas.store.direct import run
from sipas.store.hands import Hand, Hands
from sipas.terms import SipasError

__all__ = ["BadDatabaseError", "ProcessLock", "Store", "StoreError", "normalise", "sqlite_path"]

LEAST_SQLITE = (3, 37, 0)
COMMITS_A_CHECKPOINT = 200
WAL_LIMIT_PAGES = 4000  # a log of more than about 16 MB is cut to nothing at once
TIMEOUT_SECONDS = 20  # for a lock of SQLite's own, which the write lock leaves nobody to hold
POSTGRES_ARGUMENTS = {
    "connect_timeout": 2,
    "tcp_user_timeout": 5000,
    "options": "-c statement_timeout=120000 -c lock_timeout=20000 -c idle_in_transaction_session_timeout=60000",
}


class BadDatabaseError(SipasError):
    """The database cannot be used as configured."""


class Store:
    """One database, and the discipline of reaching it.

    On SQLite all writing, checkpoints included, happens inside one lock held across processes (decision 23): busy waiting
    loses writes, and a checkpoint beside a commit is what the WAL-reset bug needs. On PostgreSQL both verbs are plain transactions.
    """

    def __init__(self, url: str) -> None:
        self.url = normalise(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.path = sqlite_path(self.url)
            self._writer = _sqlite_engine(self.url, query_only=False)
            self._readers = Hands(_sqlite_engine(self.url, query_only=True), "BEGIN")
            self._writers = Hands(self._writer, "BEGIN IMMEDIATE")
            self._wal = f"{self.path}-wal"
            self._commits = 0  # since the last checkpoint; counted inside the lock
            self._lock = ProcessLock(self.path.with_name(self.path.name + "-lock"))
        else:
            self._writer = create_engine(
                self.url, pool_pre_ping=True, pool_size=12, max_overflow=8, hide_parameters=True, connect_args=POSTGRES_ARGUMENTS
            )
            self._reader = self._writer.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )  # one state, as on SQLite

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that looks; the database refuses whatever it would change."""
        if self.is_sqlite:
            with self._readers.take() as hand, hand.session() as session:
                yield session
        else:
            with Session(self._reader, expire_on_commit=False) as session:
                yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that is committed at the end, or rolled back whole when anything is raised."""
        if not self.is_sqlite:
            with Session(self._writer, expire_on_commit=False) as session, session.begin():
                yield session
            return
        with self._lock, self._writers.take() as hand:
            with hand.session() as session:
                yield session
                if session.in_transaction():
                    session.commit()
            hand.commit()
            self._checkpoint_when_long(hand)

    def checkpoint(self) -> bool:
        """SQLite: fold the write-ahead log into the file and cut it to nothing, so that no byte of it stays. Else nothing.

        False while a long read still needs the log; try again later.
        """
        if not self.is_sqlite:
            return True
        with self._lock, self._writers.take(begun=False) as hand:
            return _cut(hand.driver, wait=1000)

    def close(self) -> None:
        if self.is_sqlite:
            self._readers.close()
            self._writers.close()
        self._writer.dispose()

    @property
    def engine(self) -> Engine:
        """For migrations and the doctor only."""
        return self._writer

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the write lock around work that opens its own connection (migrations, backup)."""
        if self.is_sqlite:
            with self._lock:
                yield
        else:
            yield

    def _checkpoint_when_long(self, hand: Hand) -> None:
        """Fold the log into the file now and then; its place is used again, because growing it anew makes every commit slower."""
        self._commits += 1
        try:
            too_long = os.stat(self._wal).st_size > WAL_LIMIT_PAGES * 4096  # noqa: PTH116 -- on every answer's path
        except FileNotFoundError:
            too_long = False
        if too_long or self._commits >= COMMITS_A_CHECKPOINT:
            self._commits = 0
            if too_long:
                _cut(hand.driver, wait=0)
            else:
                run(hand.driver, "PRAGMA wal_checkpoint(PASSIVE)").close()


class ProcessLock:
    """A lock between threads and between processes, on a file beside the database."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a")
        self._threads = threading.RLock()
        self._depth = 0

    def __enter__(self) -> None:
        self._threads.acquire()
        self._depth += 1
        if self._depth == 1:
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()


def normalise(url: str) -> URL:
    """The database's address with its driver named, so that no library guesses another one."""
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return parsed.set(drivername="sqlite")
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise BadDatabaseError(f"SIPAS_DATABASE={url!r}: use sqlite:///FILE or postgresql://USER@HOST/NAME")


def sqlite_path(url: URL) -> Path:
    """The file of an SQLite address; BadDatabaseError for one in memory, which two processes cannot share."""
    if not url.database or url.database == ":memory:":
        raise BadDatabaseError("SIPAS_DATABASE: name a file, such as sqlite:///var/sipas.sqlite")
    return Path(url.database)


def _sqlite_engine(url: URL, *, query_only: bool) -> Engine:
    if sqlite3.sqlite_version_info < LEAST_SQLITE:
        raise BadDatabaseError(f"SQLite {sqlite3.sqlite_version} is older than 3.37: use a newer Python, or PostgreSQL")
    sqlite_path(url).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, connect_args={"timeout": TIMEOUT_SECONDS, "check_same_thread": False}, poolclass=NullPool, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy begins; the driver must not
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "wal_autocheckpoint=0"):
            connection.execute(f"PRAGMA {pragma}").close()
        connection.execute(f"PRAGMA query_only={'ON' if query_only else 'OFF'}").close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        if not connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]  # a hand has begun already
            connection.exec_driver_sql("BEGIN" if query_only else "BEGIN IMMEDIATE")

    return engine


def _cut(raw: Any, *, wait: int) -> bool:
    """Checkpoint and cut the log; whether it is cut. Writers stand still meanwhile, so a long read is waited for but briefly (ms)."""
    raw.execute(f"PRAGMA busy_timeout={wait}").close()
    try:
        return not raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        raw.execute(f"PRAGMA busy_timeout={1000 * TIMEOUT_SECONDS}").close()
