"""Clocks may lie: weeks, years and days at their edges, and one seal a day."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import make_answers as make
import pytest

from sipas import sealing
from sipas.evidence.keys import Keyring
from sipas.store.batches import find_day
from sipas.store.engine import Store
from sipas.terms import ZONE

AT = (0, 10)


def moment(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZONE)


def seal(store: Store, keyring: Keyring, now: datetime) -> sealing.SealReport:
    return sealing.seal(store, keyring, now=now, rng=random.Random(7))


@pytest.mark.parametrize(
    ("accepted", "week"),
    [
        (moment(2026, 12, 27, 23, 59, 59), "2026-W52"),
        (moment(2026, 12, 28, 0, 0), "2026-W53"),
        (moment(2027, 1, 3, 23, 59, 59), "2026-W53"),
        (moment(2027, 1, 4, 0, 0), "2027-W01"),
        (moment(2024, 12, 30, 9, 0), "2025-W01"),
    ],
)
def test_an_answer_belongs_to_the_iso_week_of_its_acceptance_in_viet_nam(
    ready: Store, keyring: Keyring, accepted: datetime, week: str
) -> None:
    make.accepted(ready, keyring, now=accepted.astimezone(ZONE))
    seal(ready, keyring, accepted)
    assert make.rows(ready, "SELECT week FROM open_response") == [(week,)]


def test_week_53_is_open_until_the_third_of_january_and_its_comments_are_of_december(ready: Store, keyring: Keyring) -> None:
    make.accepted(ready, keyring, now=moment(2027, 1, 1, 9), sheet=make.sheet(comment="Đầu năm"))
    assert dict(seal(ready, keyring, moment(2027, 1, 3, 0, 10)).open) == {"2026-W53": 1}
    assert make.rows(ready, "SELECT month FROM open_comment") == [("2026-12",)]
    assert dict(seal(ready, keyring, moment(2027, 1, 4, 0, 10)).closed) == {"2026-W53": 1}
    assert make.rows(ready, "SELECT month FROM comment") == [("2026-12",)]


def test_the_seal_after_midnight_takes_sunday_and_monday_into_their_own_weeks(ready: Store, keyring: Keyring) -> None:
    make.accepted(ready, keyring, now=moment(2026, 11, 22, 23, 59))
    make.accepted(ready, keyring, now=moment(2026, 11, 23, 0, 5))
    report = seal(ready, keyring, moment(2026, 11, 23, 0, 10))
    assert (dict(report.closed), dict(report.open)) == ({"2026-W47": 1}, {"2026-W48": 1})


def test_sealing_is_due_once_a_day_and_a_missed_one_at_start(ready: Store, keyring: Keyring) -> None:
    ran = []
    for now in (
        moment(2026, 11, 18, 9, 0),  # never sealed before
        moment(2026, 11, 18, 23, 59),
        moment(2026, 11, 19, 0, 9),
        moment(2026, 11, 19, 0, 10),
        moment(2026, 11, 19, 0, 11),
        moment(2026, 11, 23, 8, 0),  # the machine was off for four days
        moment(2026, 11, 23, 8, 1),
    ):
        report = sealing.seal_when_due(ready, keyring, now=now, rng=random.Random(1), seal_at=AT)
        ran.append(report is not None)
    assert ran == [True, False, False, True, False, True, False]
    with ready.read() as session:
        assert find_day(session, sealing.JOB) == date(2026, 11, 23)


def test_a_clock_that_was_30_days_ahead_stops_no_seal_and_touches_no_closed_week(ready: Store, keyring: Keyring) -> None:
    make.many(ready, keyring, 3)
    wrong = make.NOON + timedelta(days=30)
    make.many(ready, keyring, 2, now=wrong, seed=2)
    seal(ready, keyring, wrong + timedelta(days=7))
    closed = make.rows(ready, "SELECT week, n, root FROM batch ORDER BY week")
    assert sealing.due(ready, make.NOON, AT)
    make.many(ready, keyring, 4, seed=3)  # in a week that the wrong clock has closed
    seal(ready, keyring, make.NOON)
    assert make.rows(ready, "SELECT week, n, root FROM batch WHERE state = 'closed' ORDER BY week") == closed
    assert make.rows(ready, "SELECT week, reasons, count(*) FROM open_response GROUP BY week, reasons") == [("2026-W48", "late", 4)]
    assert not sealing.due(ready, make.NOON, AT)
    assert sealing.verify(ready, keyring).clean


def test_a_days_cluster_key_is_destroyed_by_the_first_seal_after_it_and_not_by_an_early_one(ready: Store, keyring: Keyring) -> None:
    first = make.accepted(ready, keyring)
    assert seal(ready, keyring, make.NOON).destroyed == 0
    make.accepted(ready, keyring, now=make.NOON + timedelta(hours=3))
    assert seal(ready, keyring, make.NOON + timedelta(hours=12, minutes=10)).destroyed == 1
    assert make.scalar(ready, "SELECT count(DISTINCT cluster) FROM open_response") == 1
    assert first.status == "stored"
    assert not list(keyring.folder.glob("cluster-*.key"))
