"""Whatever is changed behind the seal's back is found, and named by its week."""

from __future__ import annotations

import hashlib
import random
from datetime import timedelta

import make_answers as make
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from sipas import sealing
from sipas.evidence.keys import Keyring
from sipas.sealing.forms import leaf_of
from sipas.sealing.merkle import EMPTY, root_of
from sipas.store.engine import Store

CHANGES = [
    "UPDATE {table} SET answers = '{{\"HL\":5}}' WHERE id = :id",
    "UPDATE {table} SET unit_id = unit_id + 1 WHERE id = :id",
    "UPDATE {table} SET channel = 'V' WHERE id = :id",
    "UPDATE {table} SET quarantine = 'bulk' WHERE id = :id",
    "UPDATE {table} SET sector_asked = NOT sector_asked WHERE id = :id",
    "UPDATE {table} SET salt = mac WHERE id = :id",
    "UPDATE {table} SET leaf = mac WHERE id = :id",
    "UPDATE {table} SET form = 9 WHERE id = :id",
    "DELETE FROM {table} WHERE id = :id",
    "UPDATE batch SET n = n - 1",
    "UPDATE batch SET root = mac",
    "DELETE FROM batch",
]


def sealed_week(store: Store, keyring: Keyring, *, closed: bool) -> str:
    make.many(store, keyring, 12)
    now = make.NOON + timedelta(days=7 * closed)
    sealing.seal(store, keyring, now=now, rng=random.Random(7))
    return "response" if closed else "open_response"


def tamper(store: Store, table: str, change: str) -> None:
    """As somebody with the database's password and without the keys: triggers are no hindrance."""
    row = make.rows(store, f"SELECT id FROM {table} ORDER BY id")[5]
    with store.write() as session:
        if table == "response":
            names = ["response_no_update", "response_no_delete"] if store.is_sqlite else ["response_append_only ON response"]
            for name in names:
                session.execute(text(f"DROP TRIGGER {name}"))
        session.execute(text(change.format(table=table).replace(":5", r"\:5")), {"id": bytes(row[0])} if ":id" in change else {})


@pytest.mark.parametrize("closed", [False, True])
def test_every_change_is_found_and_an_untouched_week_is_clean(ready: Store, keyring: Keyring, *, closed: bool) -> None:
    table = sealed_week(ready, keyring, closed=closed)
    assert sealing.verify(ready, keyring) == sealing.Findings(answers=12, comments=3, weeks=1, faults=())
    tamper(ready, table, CHANGES[0] if closed else "DELETE FROM {table} WHERE id = :id")
    found = sealing.verify(ready, keyring)
    assert not found.clean
    assert {finding.place for finding in found.faults} == {"2026-W47"}


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize("change", CHANGES)
def test_each_kind_of_change_is_found(ready: Store, keyring: Keyring, change: str) -> None:
    tamper(ready, sealed_week(ready, keyring, closed=True), change)
    assert not sealing.verify(ready, keyring).clean


def test_a_seal_does_not_sign_anew_what_was_changed_in_the_open_week(ready: Store, keyring: Keyring) -> None:
    table = sealed_week(ready, keyring, closed=False)
    tamper(ready, table, CHANGES[0])
    report = sealing.seal(ready, keyring, now=make.NOON, rng=random.Random(9))
    assert report.altered == ("2026-W47: a sealed answer was changed (leaf); it is set aside",)
    assert make.scalar(ready, "SELECT count(*) FROM open_response WHERE quarantine = 'mac_fail'") == 1
    assert "2026-W47" in make.scalar(ready, "SELECT details FROM audit WHERE action = 'altered'")
    tamper(ready, table, "DELETE FROM {table} WHERE id = :id")
    assert "11 sealed answers where 12 were sealed" in sealing.seal(ready, keyring, now=make.NOON, rng=random.Random(9)).altered[0]


def test_a_changed_comment_keeps_failing_after_the_next_seal(ready: Store, keyring: Keyring) -> None:
    sealed_week(ready, keyring, closed=False)
    with ready.write() as session:
        session.execute(text("UPDATE open_comment SET text = 'Rất tốt' WHERE text = 'Ghi chú 5'"))
    report = sealing.seal(ready, keyring, now=make.NOON, rng=random.Random(9))
    assert report.altered == ("2026-11: a sealed comment was changed",)
    assert [str(fault) for fault in sealing.verify(ready, keyring).faults] == ["2026-11: a comment was changed (leaf)"]


@given(leaves=st.lists(st.binary(min_size=32, max_size=32), max_size=40))
def test_the_root_is_the_one_of_rfc_6962(leaves: list[bytes]) -> None:
    def recursive(part: list[bytes]) -> bytes:
        if len(part) == 1:
            return part[0]
        split = 1 << ((len(part) - 1).bit_length() - 1)
        return hashlib.sha256(b"\x01" + recursive(part[:split]) + recursive(part[split:])).digest()

    assert root_of(leaves) == (recursive(leaves) if leaves else EMPTY)


def test_whoever_recomputes_all_that_needs_no_key_is_found_all_the_same(ready: Store, keyring: Keyring) -> None:
    """Taken out with a new count and root; changed with a new leaf and root."""
    table = sealed_week(ready, keyring, closed=False)
    rows = make.rows(ready, f"SELECT * FROM {table} ORDER BY id")
    leaves = [bytes(row.leaf) for row in rows]
    with ready.write() as session:
        session.execute(text(f"DELETE FROM {table} WHERE id = :id"), {"id": bytes(rows[3].id)})
        session.execute(text("UPDATE batch SET n = 11, root = :root"), {"root": root_of(leaves[:3] + leaves[4:])})
    assert [str(fault) for fault in sealing.verify(ready, keyring).faults] == ["2026-W47: the batch itself was changed"]
    better = dict(rows[5]._mapping) | {"answers": '{"HL":5}', "sector_asked": bool(rows[5].sector_asked)}
    better = {name: bytes(value) if isinstance(value, memoryview) else value for name, value in better.items()}
    with ready.write() as session:
        forged = {"id": better["id"], "leaf": leaf_of("response", better)}
        session.execute(text(f"UPDATE {table} SET answers = '{{\"HL\"\\:5}}', leaf = :leaf WHERE id = :id"), forged)
    assert "2026-W47: an answer was changed (mac)" in [str(fault) for fault in sealing.verify(ready, keyring).faults]
