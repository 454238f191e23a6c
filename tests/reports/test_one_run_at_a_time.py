"""Two runs of a wave never release beside one another: each decides by everything that was told before it."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sealed_rows as make
from click.testing import CliRunner

from sipas import jobs, sealing
from sipas.cli import sipas
from sipas.evidence.keys import Keyring
from sipas.reports.auditing import audit
from sipas.reports.facts import RunUnderWayError, compute
from sipas.store.batches import find_day, put_day
from sipas.store.engine import Store
from sipas.store.facts import list_runs
from sipas.store.locks import only_one

TODAY = date(2026, 11, 20)


@pytest.fixture
def filled(store: Store) -> Store:
    rng = random.Random(1)
    make.add_answers(store, make.add_province(store, communes=2, hospitals=1, schools=1), rng, n=400)
    return store


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.create(tmp_path / "keys")


def url(store: Store) -> str:
    return store.url.render_as_string(hide_password=False)


@contextmanager
def run_elsewhere(store: Store, wave: str = make.WAVE) -> Iterator[None]:
    """What another process that computes the wave holds."""
    other = Store(url(store))
    with only_one(other, f"facts-{wave}") as alone:
        assert alone
        yield
    other.close()


def runs(store: Store) -> int:
    with store.read() as session:
        return len(list_runs(session, make.WAVE))


def test_of_four_that_begin_at_once_one_computes_and_the_others_are_told_to_wait(filled: Store) -> None:
    nodes, gate = [Store(url(filled)) for _ in range(4)], threading.Barrier(4, timeout=30)

    def go(node: Store) -> str:
        gate.wait()
        try:
            return f"run {compute(node, make.shelf(), make.WAVE).run_id}"
        except RunUnderWayError as refusal:
            return str(refusal)

    with ThreadPoolExecutor(4) as pool:
        said = sorted(pool.map(go, nodes))
    for node in nodes:
        node.close()
    assert len([one for one in said if one.startswith("run ")]) == runs(filled) == 1, said
    assert all("nothing was done" in one and make.WAVE in one for one in said if not one.startswith("run "))
    assert audit(filled, make.shelf(), make.WAVE, details=False).leaks == ()


def test_the_command_refuses_with_a_sentence_and_does_its_work_when_asked_again(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIPAS_DATABASE", url(filled))
    with run_elsewhere(filled):
        refused = CliRunner().invoke(sipas, ["facts", "compute", make.WAVE])
    assert isinstance(refused.exception, RunUnderWayError)
    assert "start again" in str(refused.exception)
    assert runs(filled) == 0
    assert CliRunner().invoke(sipas, ["facts", "compute", make.WAVE]).exit_code == 0
    assert runs(filled) == 1


def test_another_wave_may_be_computed_meanwhile(filled: Store) -> None:
    with run_elsewhere(filled, "another"):
        compute(filled, make.shelf(), make.WAVE)
    assert runs(filled) == 1


def test_the_clockwork_comes_back_when_somebody_else_computes(filled: Store, keyring: Keyring) -> None:
    with filled.write() as session:
        put_day(session, sealing.JOB, TODAY)
    rounds = jobs.Rounds(filled, keyring, make.shelf(), (23, 59))
    now = datetime(2026, 11, 20, 8, tzinfo=UTC)
    with run_elsewhere(filled):
        rounds.go(now=now)
    with filled.read() as session:
        assert find_day(session, jobs.FACTS) is None
    assert runs(filled) == 0
    rounds.go(now=now)
    with filled.read() as session:
        assert find_day(session, jobs.FACTS) == TODAY
    assert runs(filled) == 1
