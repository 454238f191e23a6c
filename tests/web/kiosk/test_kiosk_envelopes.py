"""What a kiosk sends is stored once, acknowledged in writing, and never counted where it must not be."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random

import make_answers as make
import pytest
import time_machine
from kiosk_client import Tablet
from kiosk_world import BEAT, ENVELOPES, NOON, World, answer, beat_request, filled

from sipas import sealing
from sipas.store.kiosks import get_kiosk


def test_an_answer_is_stored_once_however_often_it_is_sent(world: World) -> None:
    tablet = world.tablet()
    envelope = answer(tablet)
    assert [world.send(tablet, envelope), world.send(tablet, envelope, envelope)] == [["stored"], ["duplicate", "duplicate"]]
    assert make.rows(world.store, "SELECT channel, counter_id, week, reasons, duration, sector, sector_asked, stage FROM inbox") == [
        ("S", world.counter, "2026-W47", "", "60-300", "land", True, "on_time")
    ]
    assert set(json.loads(make.scalar(world.store, "SELECT answers FROM inbox")).values()) == {4}


def test_a_repeat_after_the_seal_is_a_duplicate_without_a_receipt(world: World, clock: time_machine.Coordinates) -> None:
    tablet = world.tablet()
    envelope = answer(tablet)
    world.send(tablet, envelope)
    sealing.seal(world.store, world.keyring, now=NOON + timedelta(days=1), rng=Random(1))
    clock.shift(timedelta(days=1))
    reply = world.client.post(ENVELOPES, json={"envelopes": [envelope]})
    assert (reply.status_code, reply.json["acks"][0]["status"], reply.json["acks"][0]["receipt"]) == (202, "duplicate", "")


def test_the_same_iid_with_other_content_is_kept_in_quarantine(world: World) -> None:
    tablet = world.tablet()
    first = answer(tablet, level="5")
    second = answer(tablet, level="1", iid=first["iid"])
    assert [world.send(tablet, first), world.send(tablet, second)] == [["stored"], ["conflict"]]
    assert sorted(make.rows(world.store, "SELECT quarantined, count(*) FROM inbox GROUP BY quarantined")) == [(False, 1), (True, 1)]


def test_no_row_of_an_answer_names_its_kiosk(world: World) -> None:
    tablet = world.tablet()
    world.send(tablet, answer(tablet))
    for table in ("inbox", "open_response"):
        if table == "open_response":
            sealing.seal(world.store, world.keyring, now=NOON + timedelta(days=1), rng=Random(1))
        assert tablet.code not in str(make.rows(world.store, f"SELECT * FROM {table}"))
        assert make.rows(world.store, f"SELECT * FROM {table}")


def test_a_changed_envelope_is_rejected_with_400_and_leaves_no_trace(world: World) -> None:
    tablet, other = world.tablet(), world.tablet()
    good = answer(tablet)
    forged = [good | {"dur": ">300"}, good | {"k": other.code}, good | {"sig": "A" * 86}, good | {"k": "ZZZZZZZZ"}]
    for envelope in forged:
        reply = world.client.post(ENVELOPES, json={"envelopes": [envelope]})
        assert (reply.status_code, reply.json["acks"][0]["status"]) == (400, "rejected")
    assert make.scalar(world.store, "SELECT count(*) FROM inbox") == 0
    assert world.ledger(tablet).highest == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"wave": "none"},
        {"length": "long"},
        {"answers": []},
        {"answers": {"HL": "9"}},
        {"stage": "born"},
        {"comment": "a" * 2001},
    ],
    ids=str,
)
def test_answers_that_the_shelf_does_not_know_are_rejected_and_held_by_the_tablet(world: World, changed: dict[str, object]) -> None:
    tablet = world.tablet()
    assert world.send(tablet, answer(tablet, content=filled(tablet, **changed))) == ["rejected"]
    assert make.scalar(world.store, "SELECT count(*) FROM inbox") == 0


@pytest.mark.parametrize("sector", ["moon", "health"])
def test_a_questionnaire_of_another_sector_is_rejected(world: World, sector: str) -> None:
    tablet = world.tablet()
    assert world.send(tablet, answer(tablet, content=filled(tablet) | {"sector": sector})) == ["rejected"]


def test_one_bad_envelope_does_not_stop_the_others(world: World) -> None:
    tablet = world.tablet()
    good, bad = answer(tablet), answer(tablet) | {"dur": ">300"}
    assert world.send(tablet, bad, good) == ["rejected", "stored"]


@pytest.mark.parametrize(
    "body", ["", "[]", "5", "null", '{"envelopes": []}', '{"envelopes": 5}', "[" * 100_000, '{"envelopes": [1' + ",1" * 50 + "]}"]
)
def test_what_is_no_batch_is_refused_with_400(world: World, body: str) -> None:
    assert world.client.post(ENVELOPES, data=body).status_code == 400


def test_what_has_no_iid_is_answered_by_nothing_signed(world: World) -> None:
    reply = world.client.post(ENVELOPES, json={"envelopes": [{"iid": "x|stored|"}, 5, None, {}]})
    assert (reply.status_code, reply.json) == (400, {"acks": []})


def test_a_revoked_kiosk_is_kept_in_quarantine_and_never_counted(world: World) -> None:
    tablet = world.tablet()
    world.send(tablet, answer(tablet))
    with world.store.write() as session:
        get_kiosk(session, tablet.code).revoked = NOON.date()
    assert world.send(tablet, answer(tablet)) == ["stored"]
    assert world.beat(tablet)["state"] == "revoked"
    report = sealing.seal(world.store, world.keyring, now=NOON + timedelta(days=1), rng=Random(1))
    assert report.quarantined == {"kiosk_revoked": 1}
    assert sorted(make.rows(world.store, "SELECT quarantine FROM open_response")) == [("",), ("kiosk_revoked",)]


def test_gaps_are_listed_exactly(world: World) -> None:
    tablet = world.tablet()
    made = [answer(tablet) for _ in range(100)]
    kept = [envelope for envelope in made if envelope["seq"] not in {17, 40, 41, 42, 43}]
    Random(9).shuffle(kept)
    for start in range(0, len(kept), 50):
        assert set(world.send(tablet, *kept[start : start + 50])) == {"stored"}
    assert [gap[:2] for gap in json.loads(world.ledger(tablet).gaps)] == [[17, 17], [40, 43]]
    assert world.beat(tablet)["gaps"] == [[17, 17], [40, 43]]
    assert world.send(tablet, made[40]) == ["stored"]
    assert [gap[:2] for gap in json.loads(world.ledger(tablet).gaps)] == [[17, 17], [40, 40], [42, 43]]


def test_a_chain_that_was_set_back_is_seen(world: World) -> None:
    tablet = world.tablet()
    world.send(tablet, answer(tablet), answer(tablet))
    assert world.ledger(tablet).breaks == 0
    tablet.seq, tablet.prev = 1, "0" * 64  # the tablet's store is an older copy of itself
    assert world.send(tablet, answer(tablet)) == ["stored"]
    assert world.ledger(tablet).breaks == 1
    assert world.send(tablet, answer(tablet)) == ["stored"]
    assert world.ledger(tablet).breaks == 2


def test_a_claimed_day_is_believed_between_the_last_empty_queue_and_today(world: World, clock: time_machine.Coordinates) -> None:
    tablet = world.tablet()  # its queue was empty on Wednesday 18 November
    clock.shift(timedelta(days=6))  # Tuesday of the next week; no seal has run
    days = ["2026-11-17", "2026-11-18", "2026-11-22", "2026-11-24", "2026-11-25", "2020-01-01"]
    for day in days:
        assert world.send(tablet, answer(tablet, day=day)) == ["stored"]
    world.beat(tablet)
    world.send(tablet, answer(tablet, day="2026-11-22"))
    found = make.rows(world.store, "SELECT week, reasons, count(*) FROM inbox GROUP BY week, reasons ORDER BY week, reasons")
    assert found == [("2026-W47", "", 1), ("2026-W47", "late", 1), ("2026-W48", "", 1), ("2026-W48", "clock", 4)]


def test_an_answer_thirty_days_late_is_taken_and_an_older_one_set_aside(world: World, clock: time_machine.Coordinates) -> None:
    tablet = world.tablet()
    clock.shift(timedelta(days=31))
    for day, _ in (("2026-11-19", "late"), ("2026-11-18", "too late")):
        assert world.send(tablet, answer(tablet, day=day)) == ["stored"]
    report = sealing.seal(world.store, world.keyring, now=NOON + timedelta(days=32), rng=Random(1))
    assert report.quarantined == {"kiosk_too_late": 1}


def test_a_beat_brings_questions_only_when_they_have_changed(world: World) -> None:
    tablet = world.tablet()
    said = world.beat(tablet)
    assert said["bundle"]["offers"][0]["form"].startswith("sipas-")
    assert world.beat(tablet, have=said["hash"])["bundle"] is None
    assert said["now"] == int(NOON.timestamp())


def test_a_beat_of_nobody_is_answered_by_nothing_signed(world: World) -> None:
    tablet = world.tablet()
    good = beat_request(tablet)
    other = Tablet(tablet.code, tablet.server, tablet.word)
    for sent in [
        good | {"pending": 5},
        beat_request(other),
        good | {"more": 1},
        {},
        beat_request(tablet, n="x"),
        beat_request(tablet, v=True),
    ]:
        reply = world.client.post(BEAT, json=sent)
        assert (reply.status_code, set(reply.json)) == (403, {"error"})
    assert world.ledger(tablet).pending == 0
