"""A crash or a full disk in the middle of a seal leaves either the whole inbox or the whole batch."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import make_answers as make
import pytest
from sqlalchemy import text

from sipas import sealing
from sipas.evidence.keys import Keyring
from sipas.store.engine import Store

COUNT = 120
KILLS = 12


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


@pytest.mark.timeout(280)
def test_a_kill_at_any_moment_leaves_all_or_nothing(ready: Store, keyring: Keyring) -> None:
    url = ready.url.render_as_string(hide_password=False)
    make.many(ready, keyring, COUNT, seed=99)
    start = time.perf_counter()
    with child(lambda: seal_elsewhere(url, keyring)) as number:
        assert os.waitpid(number, 0)[1] == 0
    takes = time.perf_counter() - start
    sealed, killed = numbers(ready, "open_response"), 0
    for turn in range(KILLS):
        make.many(ready, keyring, COUNT, seed=turn)
        waiting = numbers(ready, "inbox")
        with child(lambda: seal_elsewhere(url, keyring)) as number:
            time.sleep(random.uniform(0.2, 1.0) * takes)
            os.kill(number, signal.SIGKILL)
            killed += os.WIFSIGNALED(os.waitpid(number, 0)[1])
        after, left = numbers(ready, "open_response"), numbers(ready, "inbox")
        assert sorted(after + left) == sorted(sealed + waiting)
        assert left in ([], waiting)
        assert make.scalar(ready, "SELECT n FROM batch") == len(after)
        report = sealing.seal(ready, keyring, now=make.NOON, rng=random.Random(turn))
        assert (report.taken, report.altered) == (len(left), ())
        assert sealing.verify(ready, keyring).clean
        sealed = numbers(ready, "open_response")
    assert killed >= KILLS // 2
    assert len(sealed) == COUNT * (KILLS + 1)


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
