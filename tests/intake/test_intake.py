"""Every answer enters by one door, exactly once."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter, sleep

import make_answers as make
import pytest

from sipas import intake, sealing
from sipas.evidence.keys import Keyring
from sipas.evidence.tickets import new_iid
from sipas.store.engine import Store
from sipas.store.inbox import count_waiting
from sipas.terms import ZONE, Channel


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.create(tmp_path / "keys")


@pytest.fixture(autouse=True)
def _unit(store: Store) -> None:
    make.unit(store)


def test_fifty_parallel_sendings_of_one_iid_are_one_answer_and_fifty_equal_receipts(store: Store, keyring: Keyring) -> None:
    iid, gate = new_iid(), threading.Barrier(50, timeout=60)

    def send(_: int) -> intake.Receipt:
        gate.wait()
        return make.accepted(store, keyring, iid=iid)

    with ThreadPoolExecutor(50) as pool:
        receipts = list(pool.map(send, range(50)))
    assert make.scalar(store, "SELECT count(*) FROM inbox") == 1
    assert len({receipt.code for receipt in receipts}) == 1
    assert sorted(receipt.status for receipt in receipts) == ["duplicate"] * 49 + ["stored"]


def test_fifty_parallel_sendings_of_one_iid_with_other_content_are_all_kept_and_one_counts(store: Store, keyring: Keyring) -> None:
    iid, gate = new_iid(), threading.Barrier(50, timeout=60)

    def send(number: int) -> intake.Receipt:
        gate.wait()
        return make.accepted(store, keyring, iid=iid, sheet=make.sheet(answers={"HL": 1 + number % 5, "N": number}))

    with ThreadPoolExecutor(50) as pool:
        receipts = list(pool.map(send, range(50)))
    kept = make.rows(store, "SELECT quarantined, answers FROM inbox")
    assert len({answers for _, answers in kept}) == 50
    assert sum(not quarantined for quarantined, _ in kept) == 1
    assert len({receipt.code for receipt in receipts}) == 1
    assert sorted(receipt.status for receipt in receipts) == ["conflict"] * 49 + ["stored"]


def test_the_first_content_is_never_overwritten(store: Store, keyring: Keyring) -> None:
    iid = new_iid()
    statuses = [
        make.accepted(store, keyring, iid=iid, sheet=make.sheet(answers={"HL": level}), now=make.NOON + timedelta(minutes=turn)).status
        for turn, level in enumerate([5, 1, 1, 5])
    ]
    assert statuses == ["stored", "conflict", "conflict", "duplicate"]
    assert sorted(make.rows(store, "SELECT answers FROM inbox WHERE quarantined")) == [('{"HL":1}',)]
    assert make.rows(store, "SELECT answers FROM inbox WHERE NOT quarantined") == [('{"HL":5}',)]


def test_a_repeat_across_the_end_of_a_month_is_known(store: Store, keyring: Keyring) -> None:
    iid, late = new_iid(), datetime(2026, 11, 30, 23, 59, 59, tzinfo=ZONE)
    first = make.accepted(store, keyring, iid=iid, now=late)
    again = make.accepted(store, keyring, iid=iid, now=late + timedelta(seconds=5))
    assert (first.status, again.status) == ("stored", "duplicate")


def test_whoever_wants_a_reply_gets_a_second_code_and_the_same_one_again(store: Store, keyring: Keyring) -> None:
    iid, wish = new_iid(), make.sheet(comment="Xin gọi lại", wants_reply=True)
    first, again = (make.accepted(store, keyring, iid=iid, sheet=wish) for _ in range(2))
    assert first.reply == again.reply
    assert first.reply not in {None, first.code}
    assert make.accepted(store, keyring).reply is None
    assert make.scalar(store, "SELECT count(*) FROM inbox WHERE reply_h IS NOT NULL") == 1


@pytest.mark.parametrize(
    ("seconds", "band", "flags"),
    [
        (None, "", ""),
        (19.9, "<20", "fast"),
        (20, "20-60", ""),
        (60, "60-300", ""),
        (300, "60-300", ""),
        (301, ">300", ""),
    ],
)
def test_seconds_become_a_band_and_a_flag(store: Store, keyring: Keyring, seconds: float | None, band: str, flags: str) -> None:
    make.accepted(store, keyring, origin=make.origin(seconds=seconds))
    assert make.rows(store, "SELECT duration, reasons FROM inbox") == [(band, flags)]


def test_a_long_form_is_fast_by_its_items(store: Store, keyring: Keyring) -> None:
    long = make.sheet(answers={f"X{number}": 4 for number in range(30)})
    make.accepted(store, keyring, sheet=long, origin=make.origin(seconds=35))
    assert make.rows(store, "SELECT duration, reasons FROM inbox") == [("20-60", "fast")]


@pytest.mark.parametrize(
    ("day", "hour", "flags"),
    [(18, 6, "off_hours"), (18, 7, ""), (18, 17, ""), (18, 18, "off_hours"), (21, 12, "off_hours"), (22, 12, "off_hours")],
)
def test_off_hours_are_flagged(store: Store, keyring: Keyring, day: int, hour: int, flags: str) -> None:
    make.accepted(store, keyring, now=datetime(2026, 11, day, hour, 30, tzinfo=ZONE))
    assert make.scalar(store, "SELECT reasons FROM inbox") == flags


def test_the_sixth_answer_in_five_minutes_at_a_counter_is_a_burst(store: Store, keyring: Keyring) -> None:
    for second in range(0, 300, 50):
        make.accepted(store, keyring, now=make.NOON + timedelta(seconds=second))
    make.accepted(store, keyring, now=make.NOON + timedelta(seconds=299), place=make.place(counter_id=8))
    assert make.scalar(store, "SELECT count(*) FROM inbox WHERE reasons = 'burst'") == 1


def test_flags_do_not_look_at_what_was_answered(store: Store, keyring: Keyring) -> None:
    """The metamorphic test: every scale turned round, the same rows are flagged."""
    for turned in (False, True):
        for number in range(12):
            level = 1 + number % 5
            make.accepted(
                store,
                keyring,
                sheet=make.sheet(answers={"HL": 6 - level if turned else level}),
                origin=make.origin(seconds=5.0 * number),
                place=make.place(counter_id=1 + number % 2, wording=1 + turned, procedure=str(number)),
                now=make.NOON + timedelta(days=int(turned), seconds=30 * number),
            )
    straight, turned_round = (
        dict(tuple(row) for row in make.rows(store, f"SELECT procedure, reasons FROM inbox WHERE wording = {side}")) for side in (1, 2)
    )
    assert straight == turned_round
    assert len(set(straight.values())) > 1


def test_a_counter_has_one_label_a_day_and_answers_without_one_have_their_own(store: Store, keyring: Keyring) -> None:
    for counter, day in [(1, 0), (1, 0), (2, 0), (1, 1), (None, 0), (None, 0)]:
        now = make.NOON + timedelta(days=day)
        make.accepted(store, keyring, place=make.place(counter_id=counter), now=now, origin=make.origin(channel=Channel.ON_SITE))
    sizes = sorted(count for (count,) in make.rows(store, "SELECT count(*) FROM inbox GROUP BY cluster"))
    assert sizes == [1, 1, 1, 1, 2]


def test_an_answer_is_taken_even_when_the_clock_went_back_to_a_destroyed_key(store: Store, keyring: Keyring) -> None:
    make.accepted(store, keyring)
    keyring.destroy_cluster_keys((make.NOON + timedelta(days=1)).date())
    assert make.accepted(store, keyring).status == "stored"
    assert make.scalar(store, "SELECT count(DISTINCT cluster) FROM inbox") == 2


def test_no_stored_value_names_the_day(store: Store, keyring: Keyring) -> None:
    make.accepted(store, keyring)
    with store.read() as session:
        assert count_waiting(session) == 1
    row = make.rows(store, "SELECT * FROM inbox")[0]
    texts = " ".join(str(value) for value in row if not isinstance(value, bytes | memoryview))
    assert "2026-11-18" not in texts
    assert "2026-W47" in texts
    assert json.loads(make.scalar(store, "SELECT answers FROM inbox"))["HL"] == 4


def test_a_lost_key_folder_takes_no_answer(store: Store, keyring: Keyring, tmp_path: Path) -> None:
    make.accepted(store, keyring)
    keyring.folder.rename(tmp_path / "elsewhere")
    with pytest.raises(intake.SipasError, match="key folder is gone"):
        make.accepted(store, keyring)
    assert make.scalar(store, "SELECT count(*) FROM inbox") == 1


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_accepting_is_cheap(store: Store, keyring: Keyring, record_property: Callable[[str, object], None]) -> None:
    """Without the commit: the promise is 0.6 ms, the alarm five times that, for a busy machine."""
    make.many(store, keyring, 50)
    start = perf_counter()
    make.many(store, keyring, 1000, seed=2)
    each = (perf_counter() - start) / 1000
    record_property("milliseconds", 1000 * each)
    assert each < 0.003


@pytest.mark.parametrize("store", ["postgres"], indirect=True)
def test_a_repeat_that_waited_for_a_seal_sees_what_was_sealed(store: Store, keyring: Keyring) -> None:
    """One sending under way, a seal behind it in the queue, and the repeat behind both: still one answer."""

    def wait_until_waiting(count: int) -> None:
        for _ in range(500):
            if make.scalar(store, "SELECT count(*) FROM pg_locks WHERE NOT granted") >= count:
                return
            sleep(0.02)
        pytest.fail(f"{count} transactions should be waiting")

    iid = new_iid()
    with ThreadPoolExecutor(2) as pool:
        with store.write() as session:
            intake.accept(session, keyring, make.sheet(), make.place(), make.origin(), iid=iid, now=make.NOON)
            session.flush()
            sealed = pool.submit(sealing.seal, store, keyring, now=make.NOON, rng=random.Random(1))
            wait_until_waiting(1)
            repeat = pool.submit(make.accepted, store, keyring, iid=iid)
            wait_until_waiting(2)
        assert sealed.result(30).taken == 1
        assert repeat.result(30).status == "sealed_before"
    assert make.scalar(store, "SELECT count(*) FROM inbox") == 0
