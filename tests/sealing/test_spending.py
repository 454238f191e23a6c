"""A code counts once, a counter has no more answers than it can serve people, and nobody is sent away for either."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import make_answers as make
import pytest

from sipas import sealing
from sipas.evidence.keys import Keyring
from sipas.evidence.tickets import new_iid
from sipas.evidence.tokens import nullifier
from sipas.intake import Origin, accept
from sipas.store import screens, tokens
from sipas.store.engine import Store
from sipas.store.units import Counter as Desk
from sipas.terms import Channel


def send(store: Store, keyring: Keyring, origin: Origin, *, level: int = 5, later: timedelta = timedelta()) -> str:
    sheet = replace(make.sheet(), answers={**make.sheet().answers, "HL": level})
    with store.write() as session:
        return accept(session, keyring, sheet, make.place(), origin, iid=new_iid(), now=make.NOON + later).status


def stored(store: Store) -> Counter[tuple[str, str]]:
    told = make.rows(store, "SELECT channel, reasons FROM inbox UNION ALL SELECT channel, reasons FROM open_response")
    return Counter(
        (channel, " ".join(word for word in reasons.split() if word not in {"burst", "fast", "off_hours"})) for channel, reasons in told
    )


def test_one_code_from_twenty_phones_counts_once_and_nineteen_are_contested(ready: Store, keyring: Keyring) -> None:
    origin = Origin(Channel.VERIFIED, spends=(nullifier(keyring, 2026, "one"),))
    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(lambda number: send(ready, keyring, origin, level=1 + number % 5), range(20)))
    assert told == ["stored"] * 20
    assert stored(ready) == {("V", ""): 1, ("O", "contested"): 19}


def test_a_code_stays_spent_behind_seals_and_closed_weeks(ready: Store, keyring: Keyring) -> None:
    origin = Origin(Channel.VERIFIED, spends=(nullifier(keyring, 2026, "one"),))
    send(ready, keyring, origin)
    for days in (1, 8, 15):
        later = timedelta(days=days)
        sealing.seal(ready, keyring, now=make.NOON + later, rng=random.Random(days))
        send(ready, keyring, origin, later=later)
    told = Counter(
        channel
        for channel, _ in make.rows(
            ready,
            "SELECT channel, reasons FROM response UNION ALL SELECT channel, reasons FROM open_response UNION ALL SELECT channel, reasons FROM inbox",
        )
    )
    assert told == {"V": 1, "O": 3}
    sealing.seal(ready, keyring, now=make.NOON + timedelta(days=430), rng=random.Random(1))
    assert make.rows(ready, "SELECT count(*) FROM nullifier")[0][0] == 0


def test_a_repeat_of_the_same_answer_spends_nothing_twice(ready: Store, keyring: Keyring) -> None:
    origin = Origin(Channel.VERIFIED, spends=(nullifier(keyring, 2026, "one"),))
    iid = new_iid()
    for _ in range(3):
        with ready.write() as session:
            accept(session, keyring, make.sheet(), make.place(), origin, iid=iid, now=make.NOON)
    assert stored(ready) == {("V", ""): 1}


def test_the_fourth_answer_of_a_screens_step_is_open(ready: Store, keyring: Keyring) -> None:
    slots = tuple(nullifier(keyring, 2026, f"S|AB12|7|{slot}") for slot in range(3))
    for _ in range(4):
        send(ready, keyring, Origin(Channel.ON_SITE, spends=slots, spent_is="over_step"))
    assert stored(ready) == {("S", ""): 3, ("O", "over_step"): 1}


@pytest.mark.parametrize("early_seal", [False, True])
def test_a_counter_has_no_more_answers_on_site_than_its_cap(ready: Store, keyring: Keyring, *, early_seal: bool) -> None:
    with ready.write() as session:
        session.add(Desk(id=7, unit_id=make.UNIT, name="Quầy 7", sectors="land"))
        session.flush()
        screens.put_cap(session, 7, 2)
    for number in range(4):
        if early_seal and number == 2:
            sealing.seal(ready, keyring, now=make.NOON, rng=random.Random(1))
        send(ready, keyring, Origin(Channel.ON_SITE))
    send(ready, keyring, Origin(Channel.VERIFIED))
    assert stored(ready) == {("S", ""): 2, ("O", "over_cap"): 2, ("V", ""): 1}
    sealing.seal(ready, keyring, now=make.NOON + timedelta(days=1), rng=random.Random(2))
    assert make.rows(ready, "SELECT count(*) FROM day_tally")[0][0] == 0
    send(ready, keyring, Origin(Channel.ON_SITE), later=timedelta(days=1))
    assert stored(ready)["S", ""] == 3


def test_invited_dossiers_leave_no_order_and_no_second_invitation(ready: Store, keyring: Keyring) -> None:
    rng = random.Random(5)
    tags = [rng.randbytes(32) for _ in range(50)]
    with ready.write() as session:
        assert all(tokens.add_tag(session, tag, "demo-2026") for tag in tags)
        assert not tokens.add_tag(session, tags[7], "demo-2026")
    sealing.seal(ready, keyring, now=make.NOON, rng=rng)
    assert [bytes(row[0]) for row in make.rows(ready, "SELECT tag FROM issued_dossier")] == sorted(tags)
    with ready.write() as session:
        tokens.forget_tags(session, "demo-2026")
    assert make.rows(ready, "SELECT count(*) FROM issued_dossier")[0][0] == 0
