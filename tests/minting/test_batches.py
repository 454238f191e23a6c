"""A batch says for whom and until when; its codes are counted exactly, whoever asks at the same time."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from two_units import OTHER, TODAY, UNIT

from sipas.evidence import tokens as codes
from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import Shelf
from sipas.minting import BadBatchError, BatchPlan, Minted, find_typed, mint, open_batch
from sipas.store.engine import Store
from sipas.store.tokens import TokenBatch, get_batch, list_batches
from sipas.store.units import UnknownUnitError

Plan = Callable[..., BatchPlan]


def opened(store: Store, shelf: Shelf, plan: BatchPlan) -> str:
    with store.write() as session:
        return open_batch(session, shelf, plan).batch


def minted(store: Store, keyring: Keyring, batch: str, count: int = 1) -> list[Minted]:
    with store.write() as session:
        return mint(session, keyring, get_batch(session, batch), count)


def batches(store: Store) -> list[TokenBatch]:
    with store.read() as session:
        return list(list_batches(session))


def test_twenty_parallel_clients_get_exactly_what_is_beyond_the_quota_from_the_overflow(
    ready: Store, keyring: Keyring, shelf: Shelf, plan: Plan
) -> None:
    batch, gate = opened(ready, shelf, plan(quota=30)), threading.Barrier(20, timeout=60)

    def some(number: int) -> list[Minted]:
        gate.wait()
        return [one for count in ((1, 1) if number % 2 else (3,)) for one in minted(ready, keyring, batch, count)]

    with ThreadPoolExecutor(20) as pool:
        made = [one for few in pool.map(some, range(20)) for one in few]
    assert Counter(one.over_quota for one in made) == {False: 30, True: 20}
    assert len({one.code for one in made}) == 50
    assert {(one.overflow_of, one.minted) for one in batches(ready)} == {("", 30), (batch, 20)}
    for one in made:
        assert (codes.read_token(keyring, one.code).batch == batch) == (not one.over_quota)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "coupon"}, "kind: 'coupon'"),
        ({"wave": "demo-1999"}, "wave: there is no wave"),
        ({"sector": "cooking"}, "sector: the wave demo-2026 does not ask about 'cooking'"),
        ({"instrument": "none"}, "instrument: there is none called 'none'"),
        ({"quota": 0}, "quota: 0 is less than 1"),
        ({"kind": "slip", "quota": 29}, "quota: 29 is less than 30: fewer than 30 pupils"),
        ({"not_after": TODAY - timedelta(days=1)}, "validity: .* choose a later first or an earlier last day"),
        ({"not_after": TODAY + timedelta(days=367)}, "is not one to 366 days"),
        ({"not_before": TODAY.replace(year=2020)}, "leaves the wave demo-2026"),
        ({"not_after": TODAY.replace(year=2031)}, "leaves the wave demo-2026"),
        ({"probability": 0.0}, "probability: 0.0"),
        ({"probability": 1.5}, "probability: 1.5"),
    ],
)
def test_a_batch_that_cannot_be_is_refused_with_its_cure(
    ready: Store, shelf: Shelf, plan: Plan, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadBatchError, match=said):
        opened(ready, shelf, plan(**changed))
    assert batches(ready) == []


def test_a_batch_of_no_unit_is_refused(ready: Store, shelf: Shelf, plan: Plan) -> None:
    with pytest.raises(UnknownUnitError):
        opened(ready, shelf, plan(unit_id=99))


def test_a_year_of_366_days_and_thirty_slips_are_fine(ready: Store, shelf: Shelf, plan: Plan) -> None:
    assert opened(ready, shelf, plan(not_after=TODAY + timedelta(days=366)))
    assert opened(ready, shelf, plan(kind="slip", quota=30, label="Lớp 5A"))


@pytest.mark.parametrize("count", [0, -3])
def test_no_codes_are_no_codes(ready: Store, keyring: Keyring, shelf: Shelf, plan: Plan, count: int) -> None:
    with pytest.raises(BadBatchError, match="ask for 1 or more"):
        minted(ready, keyring, opened(ready, shelf, plan()), count)


def test_cards_come_in_an_order_that_tells_nothing_and_ten_digits_find_only_those_that_were_printed(
    ready: Store, keyring: Keyring, shelf: Shelf, plan: Plan
) -> None:
    batch = opened(ready, shelf, plan(quota=200, ten_digits=True))
    cards = minted(ready, keyring, batch, 120) + minted(ready, keyring, batch, 80)
    numbers = [int(card.digits[:4]) for card in cards]
    assert len(set(numbers)) == 200
    rises = sum(later > earlier for earlier, later in itertools.pairwise(numbers))
    assert 70 < rises < 130
    assert max(numbers) > 9_000
    assert min(numbers) < 1_000
    with ready.read() as session:
        for card in cards[::20]:
            assert find_typed(session, keyring, UNIT, card.digits, day=TODAY) == card.code
            assert find_typed(session, keyring, OTHER, card.digits, day=TODAY) is None
        unprinted = next(card for card in range(10_000) if card not in numbers)
        assert find_typed(session, keyring, UNIT, codes.card_digits(keyring, cards[0].code[1], batch, unprinted), day=TODAY) is None
        for bad in ("", "12345", "123456789a", "0" * 11, "٤" * 10):
            assert find_typed(session, keyring, UNIT, bad, day=TODAY) is None


def test_a_batch_has_ten_thousand_cards_and_no_more(ready: Store, keyring: Keyring, shelf: Shelf, plan: Plan) -> None:
    batch = opened(ready, shelf, plan(quota=10_001, ten_digits=True))
    assert len({card.code for card in minted(ready, keyring, batch, 10_000)}) == 10_000
    with pytest.raises(BadBatchError, match="0 cards left"):
        minted(ready, keyring, batch, 1)
