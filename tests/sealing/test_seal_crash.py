"""A crash or a full disk in the middle of a seal leaves either the whole inbox or the whole batch."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from time import perf_counter, sleep

import make_answers as make
import pytest
from sqlalchemy import event, text

from sipas import sealing
from sipas.evidence.keys import Keyring
from sipas.store.engine import Store

COUNT = 60
KILLS = 10


@contextmanager
def child(work: Callable[[], None]) -> Iterator[int]:
    """A forked process that does ``work`` and ends with 0, or with 1 when that raised."""
    ready, go = os.pipe()
    number = os.fork()
    if number == 0:
        try:
            os.write(go, b"!")
            work()
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 -- nothing of the parent's may run in the child
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(1)
    os.read(ready, 1)
    yield number
    os.close(ready)
    os.close(go)


def seal_elsewhere(url: str, keyring: Keyring) -> None:
    """A seal with connections of its own."""
    store = Store(url)
    sealing.seal(store, Keyring.open(keyring.folder), now=make.NOON, rng=random.SystemRandom())


def numbers(store: Store, table: str) -> list[int]:
    return sorted(json.loads(answers)["N1"] for (answers,) in make.rows(store, f"SELECT answers FROM {table}"))


def wait_for_the_end(store: Store) -> None:
    """PostgreSQL's side of a killed client lives on until it notices; SQLite's dies with it."""
    working = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'"
    )
    for _ in range(0 if store.is_sqlite else 200):
        if make.scalar(store, working) == 0:
            return
        sleep(0.05)
    assert store.is_sqlite, "the killed client's transaction did not end within ten seconds"


def all_or_nothing(store: Store, keyring: Keyring, seed: int, *, kill: Callable[[str], bool]) -> bool:
    """Accept, let a seal be killed, and look; whether the kill came before the seal's end."""
    sealed = numbers(store, "open_response")
    make.many(store, keyring, COUNT, seed=seed)
    waiting = numbers(store, "inbox")
    killed = kill(store.url.render_as_string(hide_password=False))
    wait_for_the_end(store)
    after, left = numbers(store, "open_response"), numbers(store, "inbox")
    assert sorted(after + left) == sorted(sealed + waiting)
    assert left in ([], waiting)
    assert sum(n for (n,) in make.rows(store, "SELECT n FROM batch")) == len(after)
    report = sealing.seal(store, keyring, now=make.NOON, rng=random.Random(seed))
    assert (report.taken, report.altered) == (len(left), ())
    assert sealing.verify(store, keyring).clean
    assert numbers(store, "open_response") == sorted(sealed + waiting)
    return killed


@pytest.mark.timeout(280)
def test_a_kill_before_any_statement_of_the_seal_leaves_all_or_nothing(ready: Store, keyring: Keyring) -> None:
    def kill_before(statement: int, url: str) -> bool:
        def work() -> None:
            store, left = Store(url), iter(range(statement))

            def count(*_: object) -> None:
                if next(left, None) is None:
                    os.kill(os.getpid(), signal.SIGKILL)

            for moment in ("before_cursor_execute", "commit"):
                event.listen(store.engine, moment, count)
            sealing.seal(store, Keyring.open(keyring.folder), now=make.NOON, rng=random.SystemRandom())

        with child(work) as number:
            return os.WIFSIGNALED(os.waitpid(number, 0)[1])

    statement = 0
    while all_or_nothing(ready, keyring, statement, kill=partial(kill_before, statement)):
        statement += 1
    assert statement > 12, "each statement of the seal and its commit"


@pytest.mark.timeout(280)
def test_a_kill_at_any_moment_leaves_all_or_nothing(ready: Store, keyring: Keyring) -> None:
    def kill_after(url: str, seconds: float) -> bool:
        with child(lambda: seal_elsewhere(url, keyring)) as number:
            sleep(seconds)
            os.kill(number, signal.SIGKILL)
            return os.WIFSIGNALED(os.waitpid(number, 0)[1])

    make.many(ready, keyring, COUNT, seed=99)
    start = perf_counter()
    with child(lambda: seal_elsewhere(ready.url.render_as_string(hide_password=False), keyring)) as number:
        assert os.waitpid(number, 0)[1] == 0
    takes = perf_counter() - start
    for turn in range(KILLS):
        all_or_nothing(ready, keyring, turn, kill=lambda url: kill_after(url, random.uniform(0.1, 1.0) * takes))


def test_a_full_disk_is_said_and_leaves_the_inbox_whole(ready: Store, keyring: Keyring) -> None:
    make.many(ready, keyring, COUNT)
    ready.checkpoint()
    if ready.is_sqlite:
        _fill_sqlite(ready, keyring)
    else:
        _fill_postgres(ready, keyring)
    assert numbers(ready, "inbox") == list(range(COUNT))
    assert numbers(ready, "open_response") == []
    assert make.scalar(ready, "SELECT count(*) FROM clockwork") == 0
    assert sealing.seal(ready, keyring, now=make.NOON + timedelta(days=9), rng=random.Random(1)).taken == COUNT
    assert sealing.verify(ready, keyring).clean


def _fill_sqlite(store: Store, keyring: Keyring) -> None:
    """A limit on the size of files stands for the disk: the seal's log does not fit."""

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
        with pytest.raises(sealing.SealFailedError, match="inbox is whole"):
            seal_elsewhere(str(store.url), keyring)

    with child(work) as number:
        assert os.waitpid(number, 0)[1] == 0


def _fill_postgres(store: Store, keyring: Keyring) -> None:
    """The statement in the middle of the seal fails as it does on a full disk."""
    full = "$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
    with store.write() as session:
        session.execute(text(f"CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS {full}"))
        session.execute(text("CREATE TRIGGER full_now BEFORE INSERT ON batch EXECUTE FUNCTION disk_full()"))
    with pytest.raises(sealing.SealFailedError, match="No space left"):
        sealing.seal(store, keyring, now=make.NOON, rng=random.Random(1))
    with store.write() as session:
        session.execute(text("DROP TRIGGER full_now ON batch"))
