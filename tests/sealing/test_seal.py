"""The seal takes the whole inbox, keeps every answer once, and forgets the rest."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta

import make_answers as make
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from sipas import sealing
from sipas.evidence.keys import Keyring
from sipas.evidence.receipts import receipt_hash
from sipas.evidence.tickets import new_iid
from sipas.store.batches import find_receipt_week
from sipas.store.engine import Store
from sipas.store.locks import only_one
from sipas.terms import ZONE

NEXT_WEEK = datetime(2026, 11, 23, 0, 10, tzinfo=ZONE)  # the Monday after make.NOON


def seal(store: Store, keyring: Keyring, *, now: datetime = make.NOON, seed: int = 7) -> sealing.SealReport:
    return sealing.seal(store, keyring, now=now, rng=random.Random(seed))


def sealed_answers(store: Store) -> Counter[str]:
    return Counter(answers for table in ("open_response", "response") for (answers,) in make.rows(store, f"SELECT answers FROM {table}"))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(plan=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12)), min_size=1, max_size=7), seed=st.integers(0, 2**32))
def test_what_is_sealed_is_what_was_accepted(ready: Store, keyring: Keyring, plan: list[tuple[int, int]], seed: int) -> None:
    """Any run of days, answers and seals: the same multiset of answers, and a clean check after each."""
    before, now = sealed_answers(ready), make.NOON + timedelta(days=400 * (1 + seed % 5))
    accepted: Counter[str] = Counter()
    for turn, (days, count) in enumerate(plan):
        now += timedelta(days=days)
        make.many(ready, keyring, count, now=now, seed=seed + turn)
        accepted.update(answers for (answers,) in make.rows(ready, "SELECT answers FROM inbox"))
        seal(ready, keyring, now=now + timedelta(minutes=5), seed=seed)
        assert sealing.verify(ready, keyring).clean
    assert sealed_answers(ready) - before == accepted
    assert make.scalar(ready, "SELECT count(*) FROM inbox") == 0


def test_every_seal_rewrites_the_open_week_under_new_ids_and_salts(ready: Store, keyring: Keyring) -> None:
    make.many(ready, keyring, 40)
    seal(ready, keyring)
    query = "SELECT answers, id, salt, mac, leaf FROM open_response"
    first = {row[0]: row[1:] for row in make.rows(ready, query)}
    report = seal(ready, keyring, seed=8)
    second = {row[0]: row[1:] for row in make.rows(ready, query)}
    assert first.keys() == second.keys()
    assert not {bytes(value) for row in first.values() for value in row} & {bytes(value) for row in second.values() for value in row}
    assert (report.taken, dict(report.open)) == (0, {"2026-W47": 40})


def test_a_week_that_has_ended_is_closed_once_and_refuses_change(ready: Store, keyring: Keyring) -> None:
    make.many(ready, keyring, 20)
    seal(ready, keyring)
    report = seal(ready, keyring, now=NEXT_WEEK)
    assert (dict(report.open), dict(report.closed)) == ({}, {"2026-W47": 20})
    fixed = make.rows(ready, "SELECT * FROM batch")
    root = make.scalar(ready, "SELECT root FROM batch")
    make.many(ready, keyring, 5, now=NEXT_WEEK + timedelta(hours=9), seed=3)
    seal(ready, keyring, now=NEXT_WEEK + timedelta(days=1))
    assert make.rows(ready, "SELECT * FROM batch WHERE state = 'closed'") == fixed
    assert make.scalar(ready, "SELECT root FROM batch WHERE week = '2026-W47'") == root
    assert make.rows(ready, "SELECT week, state, n FROM batch ORDER BY week") == [("2026-W47", "closed", 20), ("2026-W48", "open", 5)]
    for table in ("response", "receipt"):
        for act in (f"UPDATE {table} SET week = '2026-W01'", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError, match="never changed"), ready.write() as session:
                session.execute(text(act))
    assert sealing.verify(ready, keyring).clean


def test_other_content_under_an_iid_is_sealed_with_its_reason(ready: Store, keyring: Keyring) -> None:
    iid = new_iid()
    for level in (5, 1, 2):
        make.accepted(ready, keyring, iid=iid, sheet=make.sheet(answers={"HL": level}, comment="Cùng một lời"))
    report = seal(ready, keyring)
    assert report.quarantined == {"iid_conflict": 2}
    assert sorted(make.rows(ready, "SELECT quarantine, answers FROM open_response")) == [
        ("", '{"HL":5}'),
        ("iid_conflict", '{"HL":1}'),
        ("iid_conflict", '{"HL":2}'),
    ]
    assert make.rows(ready, "SELECT mood, text FROM open_comment") == [("satisfied", "Cùng một lời")]


@pytest.mark.parametrize("days", [0, 1, 7, 30])
def test_a_sealed_iid_is_answered_as_a_repeat_with_the_same_receipt(ready: Store, keyring: Keyring, days: int) -> None:
    iid = new_iid()
    first = make.accepted(ready, keyring, iid=iid)
    later = make.NOON + timedelta(days=days)
    seal(ready, keyring, now=later)
    for level in (4, 1):
        again = make.accepted(ready, keyring, iid=iid, now=later, sheet=make.sheet(answers={"HL": level}))
        assert (again.status, again.code) == ("sealed_before", first.code)
    assert make.scalar(ready, "SELECT count(*) FROM inbox") == 0


def test_a_seen_iid_is_forgotten_after_its_35_days(ready: Store, keyring: Keyring) -> None:
    make.accepted(ready, keyring)
    counts = []
    for days in (5, 39, 40):  # the week ends on day 4
        seal(ready, keyring, now=make.NOON + timedelta(days=days))
        counts.append(make.scalar(ready, "SELECT count(*) FROM seen_iid"))
    assert counts == [1, 1, 0]
    assert make.scalar(ready, "SELECT count(*) FROM receipt") == 1


def test_a_receipt_tells_its_week_and_nothing_else(ready: Store, keyring: Keyring) -> None:
    receipt = make.accepted(ready, keyring)
    hashed = receipt_hash(keyring, receipt.code)
    for now in (make.NOON, NEXT_WEEK):
        seal(ready, keyring, now=now)
        with ready.read() as session:
            assert find_receipt_week(session, hashed) == "2026-W47"
            assert find_receipt_week(session, receipt_hash(keyring, "0000000000")) is None


@pytest.mark.parametrize(
    ("level", "mood"),
    [(5, "satisfied"), (4, "satisfied"), (3, "neutral"), (2, "unsatisfied"), (1, "unsatisfied"), (0, "none"), (None, "none")],
)
def test_a_comment_leaves_its_answer_with_its_mood(ready: Store, keyring: Keyring, level: int | None, mood: str) -> None:
    make.accepted(ready, keyring, sheet=make.sheet(answers={"HL": level}, comment="Cảm ơn", wants_reply=True))
    seal(ready, keyring)
    row = make.rows(ready, "SELECT month, mood, text, reply_h IS NULL FROM open_comment")[0]
    assert (*row[:3], bool(row[3])) == ("2026-11", mood, "Cảm ơn", False)
    assert "Cảm ơn" not in str(make.rows(ready, "SELECT * FROM open_response"))


def test_a_month_of_comments_is_closed_with_its_last_week(ready: Store, keyring: Keyring) -> None:
    make.accepted(ready, keyring, sheet=make.sheet(comment="Tháng mười một"))
    tables = ("open_comment", "comment")
    counts = []
    for day in (datetime(2026, 11, 23, tzinfo=ZONE), datetime(2026, 11, 29, tzinfo=ZONE), datetime(2026, 11, 30, tzinfo=ZONE)):
        seal(ready, keyring, now=day)  # the statistical November ends with the week of Thursday the 26th
        counts.append(tuple(make.scalar(ready, f"SELECT count(*) FROM {table}") for table in tables))
    assert counts == [(1, 0), (1, 0), (0, 1)]
    assert sealing.verify(ready, keyring).clean


def test_an_answer_that_comes_after_its_week_was_closed_goes_to_the_open_one_marked_late(ready: Store, keyring: Keyring) -> None:
    make.accepted(ready, keyring)
    seal(ready, keyring, now=NEXT_WEEK)
    make.accepted(ready, keyring)  # its request had begun before the week's end
    seal(ready, keyring, now=NEXT_WEEK + timedelta(minutes=1))
    assert make.rows(ready, "SELECT week, reasons FROM open_response") == [("2026-W48", "late")]
    assert make.scalar(ready, "SELECT n FROM batch WHERE week = '2026-W47'") == 1
    assert sealing.verify(ready, keyring).clean


def test_a_second_seal_is_refused_while_one_runs(ready: Store, keyring: Keyring) -> None:
    make.many(ready, keyring, 3)
    with only_one(ready, "seal") as alone:
        assert alone
        with pytest.raises(sealing.SealRunningError, match="running already"):
            seal(ready, keyring)
        assert sealing.seal_when_due(ready, keyring, now=make.NOON, rng=random.Random(1), seal_at=(0, 10)) is None
    assert seal(ready, keyring).taken == 3


def test_a_row_of_the_inbox_that_was_changed_is_set_aside_and_said(ready: Store, keyring: Keyring) -> None:
    make.many(ready, keyring, 4)
    forged = {"forged": '{"HL":5,"N1":2}', "like": '%"N1":2,%'}
    with ready.write() as session:
        session.execute(text("UPDATE inbox SET answers = :forged, week = 'rubbish' WHERE answers LIKE :like"), forged)
    report = seal(ready, keyring)
    assert report.quarantined == {"mac_fail": 1}
    assert make.rows(ready, "SELECT week, answers FROM open_response WHERE quarantine = 'mac_fail'") == [("2026-W47", '{"HL":5,"N1":2}')]
    assert make.scalar(ready, "SELECT count(*) FROM inbox") == 0
