"""After the seal no byte leads back: no inbox key, no receipt, no iid, no order."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import make_answers as make
import numpy as np
import pytest
from sqlalchemy import text

from sipas import sealing
from sipas.evidence.keys import Keyring
from sipas.evidence.receipts import receipt_code
from sipas.store.engine import Store

FRIDAY = make.NOON + timedelta(days=2)


def files_of(store: Store) -> list[Path]:
    """Every file in which the database keeps its rows, and its log."""
    if store.is_sqlite:
        return [path for path in store.path.parent.glob(store.path.name + "*") if path.is_file()]
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        folder = Path(connection.scalar(text("SHOW data_directory")))
        number = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
    logs = [path for path in folder.rglob("*log") if path.is_file()]
    return [*(folder / "base" / str(number)).iterdir(), *(path for path in (folder / "global").iterdir()), *logs]


def hits(store: Store, needles: Sequence[bytes]) -> int:
    content = b"\n".join(path.read_bytes() for path in files_of(store))
    return sum(needle in content for needle in needles)


def analyse(store: Store) -> None:
    """What autovacuum or an operator does: PostgreSQL copies samples of the values into its planner's statistics."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not store.is_sqlite:
            connection.execute(text("ANALYZE"))


@pytest.mark.timeout(240)
def test_no_inbox_key_receipt_or_iid_stays_in_any_byte(ready: Store, keyring: Keyring, capfd: pytest.CaptureFixture[str]) -> None:
    iids = make.many(ready, keyring, 150)
    sealing.seal(ready, keyring, now=make.NOON, rng=random.Random(1))
    iids += make.many(ready, keyring, 150, now=FRIDAY, seed=2)
    analyse(ready)
    keys = [bytes(value) for row in make.rows(ready, "SELECT iid_h, digest, mac FROM inbox") for value in row]
    codes = [receipt_code(keyring, iid).encode() for iid in iids]
    spoken = [form for iid in iids for form in (iid.encode(), bytes.fromhex(iid))]
    old = [bytes(value) for row in make.rows(ready, "SELECT id, salt, leaf, mac FROM open_response") for value in row]
    assert hits(ready, keys) == len(keys) == 450, "the search itself must find what is there"

    for now in (FRIDAY, FRIDAY + timedelta(days=7)):  # while the week is open, and when it is closed
        sealing.seal(ready, keyring, now=now, rng=random.Random(2))
        analyse(ready)
        assert hits(ready, [*keys, *codes, *spoken, *old]) == 0
    out, err = capfd.readouterr()
    assert not [needle for needle in [*codes, *spoken] if needle in (out + err).encode()]
    assert "2026-11-" not in out + err


@pytest.mark.timeout(240)
def test_storage_order_says_nothing_about_arrival(ready: Store, keyring: Keyring) -> None:
    def correlation(table: str) -> float:
        order = "week, id" if ready.is_sqlite else "ctid"
        arrival = [json.loads(row[0])["N1"] for row in make.rows(ready, f"SELECT answers FROM {table} ORDER BY {order}")]
        assert len(arrival) == 2000
        return float(np.corrcoef(np.argsort(arrival), np.arange(2000))[0, 1])

    make.many(ready, keyring, 2000)
    if not ready.is_sqlite:
        assert correlation("inbox") > 0.99, "before the seal PostgreSQL's file holds the order of arrival"
    sealing.seal(ready, keyring, now=make.NOON, rng=random.SystemRandom())
    assert abs(correlation("open_response")) < 0.1
    sealing.seal(ready, keyring, now=make.NOON + timedelta(days=7), rng=random.SystemRandom())
    assert abs(correlation("response")) < 0.1


def test_a_seal_prints_weeks_and_no_day_and_the_key_folder_names_none(ready: Store, keyring: Keyring) -> None:
    make.many(ready, keyring, 3)
    names = [path.name for path in keyring.folder.iterdir()]
    sealing.seal(ready, keyring, now=FRIDAY, rng=random.Random(3))
    names += [path.name for path in keyring.folder.iterdir()]
    assert len(names) > 4
    assert not [name for name in names if "2026-11-1" in name or "20261118" in name]
