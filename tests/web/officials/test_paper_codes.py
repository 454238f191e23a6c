"""A one-time code on a sheet of paper: it makes the answer V, is spent once at every door, and proves nothing elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sipas.evidence import tokens
from sipas.store.tokens import TokenBatch, add_batch, spend
from sipas.terms import Week, today
from tests.web.officials.conftest import Room
from tests.web.officials.keyed_batches import Batch, batch_of

YEAR = today().year


def minted(room: Room, **changed: object) -> str:
    """A fresh code of a batch of cards for unit A's land dossiers."""
    values = {
        "batch": tokens.new_batch_code(), "kid": "1", "year": YEAR, "kind": "card", "channel": "V", "wave": "demo-2026",
        "unit_id": room.units["A"], "sector": "land", "not_before": today() - timedelta(days=9), "not_after": today(), "quota": 10,
    } | changed  # fmt: skip
    with room.house.store.write() as session:
        batch = add_batch(session, TokenBatch(**values))
        return tokens.mint(room.house.keyring, batch.kid, batch.batch)


def released(batch: Batch, *codes: str) -> list[tuple[str, str]]:
    """Type a sheet for each code, control them, and tell channel and reasons of what came into the inbox."""
    for sheet, code in enumerate(codes, start=1):
        assert batch.keep(batch.first, sheet, code=code).status_code == 303
    assert batch.act(batch.first, "end", sure="1").status_code == 303
    for sheet in batch.picked():
        assert batch.keep(batch.second, sheet, code=codes[sheet - 1]).status_code == 303
    rows = batch.inbox()
    assert len({row.cluster for row in rows}) == 1  # verified or not, they were gathered together
    return sorted((row.channel, row.reasons) for row in rows)


def test_a_code_on_the_sheet_makes_it_verified_however_it_is_written(room: Room) -> None:
    batch = batch_of(room, declared=3)
    first, second = minted(room), minted(room)
    grouped = " ".join(first[place : place + 4] for place in range(0, 28, 4)).lower()
    assert released(batch, grouped, second, "") == [("P", "paper"), ("V", "paper"), ("V", "paper")]


def test_a_code_that_stands_on_two_sheets_is_spent_once(room: Room) -> None:
    code = minted(room)
    assert released(batch_of(room, declared=2), code, code) == [("O", "contested paper"), ("V", "paper")]


def test_a_code_that_was_spent_at_another_door_is_contested(room: Room) -> None:
    code = minted(room)
    token = tokens.read_token(room.house.keyring, code)
    with room.house.store.write() as session:
        assert spend(session, tokens.nullifier(room.house.keyring, YEAR, f"tok|{token.signed}"), str(Week.of(today())))
    assert released(batch_of(room, declared=1), code) == [("O", "contested paper")]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"unit": "B"}, "other_place"),
        ({"wave": "nam-2026"}, "other_place"),
        ({"sector": "construction"}, "other_place"),
        ({"channel": "S"}, "no_card"),
        ({"overflow_of": "AAAA"}, "over_quota"),
        ({"revoked": True}, "revoked_code"),
        ({"not_after": today() - timedelta(days=31)}, "expired"),
    ],
)
def test_a_code_that_proves_nothing_here_leaves_the_sheet_paper_and_says_why(
    room_on_sqlite: Room, changed: dict[str, object], reason: str
) -> None:
    where = {"unit_id": room_on_sqlite.units[str(changed.pop("unit"))]} if "unit" in changed else {}
    code = minted(room_on_sqlite, **changed, **where)
    assert released(batch_of(room_on_sqlite, declared=1), code) == [("P", f"{reason} paper" if reason < "paper" else f"paper {reason}")]


def test_a_code_lies_thirty_days_on_paper_and_the_code_itself_is_never_kept(room_on_sqlite: Room) -> None:
    code = minted(room_on_sqlite, not_after=today() - timedelta(days=30))
    batch = batch_of(room_on_sqlite, declared=1)
    batch.keep(batch.first, 1, code=code)
    store = room_on_sqlite.house.store
    store.checkpoint()
    assert code.encode() not in store.path.read_bytes()
    assert code[16:].encode() not in store.path.read_bytes()
    batch.act(batch.first, "end")
    batch.keep(batch.second, 1, code=code)
    assert [row.channel for row in batch.inbox()] == ["V"]


@pytest.mark.parametrize("flip", range(0, 28, 5))
def test_a_misread_code_is_asked_for_again(room_on_sqlite: Room, flip: int) -> None:
    code = minted(room_on_sqlite)
    wrong = code[:flip] + ("Z" if code[flip] != "Z" else "Y") + code[flip + 1 :]
    batch = batch_of(room_on_sqlite, declared=1)
    assert batch.keep(batch.first, 1, code=wrong).status_code == 422


def test_two_readings_of_a_code_count_as_a_difference(room_on_sqlite: Room) -> None:
    batch = batch_of(room_on_sqlite, declared=1)
    batch.keep(batch.first, 1, code=minted(room_on_sqlite))
    batch.act(batch.first, "end")
    batch.keep(batch.second, 1)
    assert batch.inbox() == []
    assert batch.row().round == 2
