"""The clockwork seals what is due, then estimates; several nodes do each once."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace

import make_answers as make
import pytest
from click.testing import CliRunner

from sipas import jobs, sealing
from sipas.cli.keys import keys
from sipas.cli.seal import seal
from sipas.evidence.keys import Keyring
from sipas.store.batches import find_day
from sipas.store.engine import Store

NO_WAVES = SimpleNamespace(waves={})


def test_two_nodes_at_once_seal_once(ready: Store, keyring: Keyring) -> None:
    make.many(ready, keyring, 10)
    nodes = [Store(ready.url.render_as_string(hide_password=False)) for _ in range(4)]
    gate, now = threading.Barrier(4, timeout=30), make.NOON + timedelta(days=1)

    def go(node: Store) -> bool:
        gate.wait()
        return sealing.seal_when_due(node, keyring, now=now, rng=random.Random(1), seal_at=(0, 10)) is not None

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(go, nodes)) == 1
    for node in nodes:
        node.close()
    assert make.scalar(ready, "SELECT count(*) FROM open_response") == 10


def test_a_round_seals_and_notes_that_it_estimated(ready: Store, keyring: Keyring) -> None:
    make.many(ready, keyring, 4)
    rounds = jobs.Rounds(ready, keyring, NO_WAVES, (0, 10))
    rounds.go(now=make.NOON + timedelta(days=1))
    with ready.read() as session:
        assert find_day(session, jobs.FACTS) == find_day(session, sealing.JOB) == (make.NOON + timedelta(days=1)).date()
    assert make.scalar(ready, "SELECT count(*) FROM inbox") == 0


def test_a_clock_that_is_held_starts_nothing_and_one_that_fails_lives_on() -> None:
    ran = threading.Semaphore(0)

    def work() -> None:
        ran.release()
        raise ValueError("a bad day")

    clock = jobs.Clock(work, tick=0.01, retry=0.01)
    clock.hold()
    clock.start()
    assert not ran.acquire(timeout=0.2)
    clock.release()
    assert all(ran.acquire(timeout=10) for _ in range(3))
    clock.stop()


@pytest.fixture
def environment(ready: Store, tmp_path: Path) -> dict[str, str]:
    return {"SIPAS_DATABASE": ready.url.render_as_string(hide_password=False), "SIPAS_KEYS": str(tmp_path / "other")}


def test_the_commands_make_keys_seal_and_check(ready: Store, environment: dict[str, str]) -> None:
    run = CliRunner()
    made = run.invoke(keys, ["init"], env=environment)
    assert made.exit_code == 0, made.output
    make.many(ready, Keyring.open(Path(environment["SIPAS_KEYS"])), 6)
    sealed = run.invoke(seal, env=environment)
    assert sealed.exit_code == 0, sealed.output
    assert sealed.output.startswith("6 answers taken from the inbox\n2026-W47 ")
    assert "2026-11" not in sealed.output
    checked = run.invoke(seal, ["--verify"], env=environment)
    assert (checked.exit_code, checked.output) == (0, "6 answers and 2 comments in 1 weeks checked: 0 faults\n")
    listed = run.invoke(keys, ["list"], env=environment)
    assert "root.key" in listed.output
    assert "knows a repeated sending" in listed.output
    assert run.invoke(keys, ["init"], env=environment).exit_code == 1


def test_the_check_command_fails_on_a_changed_answer(ready: Store, environment: dict[str, str]) -> None:
    run = CliRunner()
    run.invoke(keys, ["init"], env=environment)
    make.many(ready, Keyring.open(Path(environment["SIPAS_KEYS"])), 6)
    run.invoke(seal, env=environment)
    with ready.write() as session:
        session.connection().exec_driver_sql("UPDATE batch SET n = 5")
    checked = run.invoke(seal, ["--verify"], env=environment)
    assert checked.exit_code == 2
    assert "2026-W47: 6 sealed answers where 5 were sealed" in checked.output


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_long_read_holds_up_no_answer_and_its_log_is_cut_by_a_later_round(ready: Store, keyring: Keyring) -> None:
    """Writers stand still while the log is cut; a reader of an old state must not make them stand for long."""
    make.many(ready, keyring, 30)
    rounds, wal = jobs.Rounds(ready, keyring, NO_WAVES, (0, 10)), ready.path.with_name(ready.path.name + "-wal")
    with ready.read() as session:
        session.connection().exec_driver_sql("SELECT count(*) FROM inbox").all()
        start = perf_counter()
        rounds.go(now=make.NOON + timedelta(days=1))
        assert wal.stat().st_size > 0
        make.many(ready, keyring, 30, seed=2)
        assert perf_counter() - start < 10
    rounds.go(now=make.NOON + timedelta(days=1))
    assert wal.stat().st_size == 0
