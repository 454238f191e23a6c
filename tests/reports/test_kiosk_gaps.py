"""The province hears of answers that never came; each gap is written down once."""

from __future__ import annotations

import json
from datetime import timedelta

import make_answers as make
import pytest

from sipas.reports.kiosks import look, note_gaps
from sipas.store.audit import list_audits
from sipas.store.engine import Store
from sipas.store.kiosks import add_kiosk, get_kiosk, get_ledger, put_gaps
from sipas.store.units import Counter

DAY = make.NOON.date()


@pytest.fixture(autouse=True)
def _kiosk(store: Store) -> None:
    make.unit(store)
    with store.write() as session:
        session.add(Counter(id=7, unit_id=make.UNIT, name="Máy ở sảnh", sectors="land"))
        session.flush()
        add_kiosk(session, code="ABCD1234", counter_id=7, length="short", comments=False)
        kiosk, ledger = get_kiosk(session, "ABCD1234"), get_ledger(session, "ABCD1234")
        kiosk.public_key, kiosk.enrolled = b"\4" + b"\1" * 64, DAY
        ledger.highest, ledger.seen = 100, DAY
        put_gaps(ledger, [(17, 17, DAY), (40, 43, DAY)])


def sentences(store: Store, days: int) -> list[str]:
    return [sentence.partition(": ")[2] for sentence in look(store, DAY + timedelta(days=days)).sentences]


def test_a_gap_is_told_after_72_hours(store: Store) -> None:
    assert sentences(store, 3) == []
    assert sentences(store, 4) == ["5 answers missing for over 72 hours, numbers 17, 40-43", "not heard of for 4 days"]


def test_what_else_gives_cause_is_told(store: Store) -> None:
    with store.write() as session:
        ledger = get_ledger(session, "ABCD1234")
        ledger.breaks, ledger.held, ledger.durable, ledger.gaps = 2, 3, "unknown", "[]"
    assert [sentence.split()[0] for sentence in sentences(store, 0)] == ["2", "3", "its"]


def test_a_revoked_kiosk_may_be_silent_and_its_gaps_are_still_told(store: Store) -> None:
    with store.write() as session:
        get_kiosk(session, "ABCD1234").revoked = DAY
    assert sentences(store, 30) == ["5 answers missing for over 72 hours, numbers 17, 40-43"]


def test_each_gap_is_written_down_once(store: Store) -> None:
    assert [note_gaps(store, make.NOON + timedelta(days=days)) for days in (3, 4, 5)] == [0, 2, 0]
    with store.read() as session:
        noted = [json.loads(audit.details) for audit in list_audits(session, action="kiosk_gap")]
    assert [(one["kiosk"], one["first"], one["last"]) for one in noted] == [("ABCD1234", 17, 17), ("ABCD1234", 40, 43)]
