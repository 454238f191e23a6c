"""A dossier has one chance with a known probability; numbers of codes are held against numbers of dossiers."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from two_units import OTHER, TODAY, UNIT

from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import Shelf
from sipas.minting import (
    BatchPlan,
    Finished,
    Invitation,
    RepeatedDossierError,
    Sample,
    draw_sample,
    invite,
    mint,
    open_batch,
    reconcile,
)
from sipas.minting.invitations import FIRST_QUOTA
from sipas.minting.sampling import BadRateError
from sipas.store.engine import Store
from sipas.store.frame import Count, FrameLoad, add_load
from sipas.store.tokens import list_batches
from sipas.terms import ZONE

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=ZONE)
LIST = [Finished(f"H17.18-261118-{number:04d}", UNIT if number % 3 else OTHER, "land") for number in range(2_000)]


def drawn(store: Store, keyring: Keyring, shelf: Shelf, listed: list[Finished], *, rate: float = 0.1, seed: int = 1) -> Sample:
    with store.write() as session:
        return draw_sample(session, keyring, shelf, listed, rate=rate, now=NOON, demonstration=True, rng=random.Random(seed))


def invited(store: Store, keyring: Keyring, shelf: Shelf, dossier: str) -> str:
    with store.write() as session:
        return invite(session, keyring, shelf, Invitation(dossier, UNIT, "land"), day=TODAY, demonstration=True).code


def test_a_sample_has_its_probability_and_a_dossier_one_chance(ready: Store, keyring: Keyring, shelf: Shelf) -> None:
    first = drawn(ready, keyring, shelf, LIST)
    assert 150 < len(first.drawn) < 250  # 200 expected; outside once in 10,000 runs
    again = drawn(ready, keyring, shelf, LIST, rate=1.0, seed=2)
    assert (len(again.drawn), again.known) == (0, 2_000)
    with pytest.raises(RepeatedDossierError):
        invited(ready, keyring, shelf, next(one.dossier for one in LIST if one.unit_id == UNIT))
    with ready.read() as session:
        kept = {(batch.kind, batch.probability, batch.unit_id, batch.quota == batch.minted) for batch in list_batches(session)}
    assert kept == {("sample", 0.1, UNIT, True), ("sample", 0.1, OTHER, True)}


def test_messages_leave_at_a_random_hour_of_the_day(ready: Store, keyring: Keyring, shelf: Shelf) -> None:
    found = drawn(ready, keyring, shelf, LIST, rate=0.5)
    moments = [one.send_at for one in found.drawn]
    assert moments == sorted(moments)
    assert all(timedelta(hours=2, minutes=-1) <= moment - NOON <= timedelta(hours=48) for moment in moments)
    assert {moment.hour for moment in moments} == set(range(8, 20))
    order = [LIST.index(next(one for one in LIST if one.dossier == drawn.dossier)) for drawn in found.drawn[:200]]
    assert order != sorted(order)


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.01, float("nan")])
def test_a_share_that_is_none_is_refused(ready: Store, keyring: Keyring, shelf: Shelf, rate: float) -> None:
    with pytest.raises(BadRateError, match=r"write 0\.1"):
        drawn(ready, keyring, shelf, LIST[:3], rate=rate)


def test_over_quota_is_told_and_a_new_count_makes_room(ready: Store, keyring: Keyring, shelf: Shelf) -> None:
    invited(ready, keyring, shelf, "0")
    with ready.write() as session:
        (standing,) = reconcile(session, "demo-2026", {(UNIT, "land"): 5})
    assert (standing.over, standing.is_strange) == (0, False)
    for number in range(1, 25):
        invited(ready, keyring, shelf, str(number))
    with ready.write() as session:
        (standing,) = reconcile(session, "demo-2026", {(UNIT, "land"): 26})
    assert (dict(standing.minted), standing.over, standing.is_strange) == ({"invitation": 5}, 20, True)
    invited(ready, keyring, shelf, "25")
    with ready.write() as session:
        (standing,) = reconcile(session, "demo-2026", {(UNIT, "land"): 26})
        (same,) = reconcile(session, "demo-2026", {(UNIT, "land"): 26})
    assert (dict(standing.minted), standing.over) == ({"invitation": 6}, 20)
    assert same == standing


def test_weeks_share_the_quota_of_their_unit_and_sector(ready: Store, keyring: Keyring, shelf: Shelf) -> None:
    with ready.write() as session:
        for week in range(4):
            asked = Invitation(str(week), UNIT, "land", TODAY + timedelta(weeks=week))
            over = invite(session, keyring, shelf, asked, day=TODAY, demonstration=True).over_quota
            assert over == (week > 2)
            reconcile(session, "demo-2026", {(UNIT, "land"): 3})
        assert len([batch for batch in list_batches(session) if not batch.overflow_of]) == 4


def test_cards_and_invitations_together_are_held_against_the_dossiers(
    ready: Store, keyring: Keyring, shelf: Shelf, plan: Callable[..., BatchPlan]
) -> None:
    with ready.write() as session:
        mint(session, keyring, open_batch(session, shelf, plan(quota=8)), 8)
    invited(ready, keyring, shelf, "1")
    with ready.write() as session:
        few, none = reconcile(session, "demo-2026", {(UNIT, "land"): 8, (OTHER, "land"): 40})
    assert (few.total, few.is_strange) == (9, True)
    assert (none.total, none.is_strange) == (0, False)


def test_a_first_quota_comes_from_the_frame_or_is_a_stated_number(ready: Store, keyring: Keyring, shelf: Shelf) -> None:
    invited(ready, keyring, shelf, "1")
    with ready.write() as session:
        load = FrameLoad(wave="demo-2026", file_name="x.csv", sha256="0" * 64, found="", rows=1)
        add_load(session, load, [Count(OTHER, None, "land", "2026-10", "dossier", "all", 50, 44, 0, 0)])
        invite(session, keyring, shelf, Invitation("2", OTHER, "land"), day=TODAY, demonstration=True)
        assert {batch.unit_id: batch.quota for batch in list_batches(session)} == {UNIT: FIRST_QUOTA, OTHER: 50}
