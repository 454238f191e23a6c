"""Codes, tickets, receipts and the canonical text."""

from __future__ import annotations

import base64
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipas.evidence import codes, receipts, tickets
from sipas.evidence.canonical import canonical_text
from sipas.evidence.keys import Keyring
from sipas.instrument.canonical import canonical as instruments_own

TICKET = tickets.Ticket(
    iid="0123456789abcdef0123456789abcdef",
    code="7K3F9M2QXT",
    wave="demo-2026",
    instrument="sipas-service-2023",
    measure="a" * 64,
    length="short",
    sector="land",
    sector_asked=True,
    language="vi",
    issued=1_795_000_000,
    expires=1_795_002_700,
)


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.create(tmp_path_factory.mktemp("evidence") / "keys")


def test_a_code_is_ten_characters_of_crockford() -> None:
    made = {codes.new_code(random.Random(seed)) for seed in range(500)}
    assert len(made) == 500
    assert all(codes.is_code(code) and codes.normalise(code) == code for code in made)


@pytest.mark.parametrize("typed", ["7k3f9m2qxt", " 7K3F-9M2Q-XT ", "7k3f 9m2q\u00a0xt", "７Ｋ３Ｆ９Ｍ２ＱＸＴ", "7K3F–9M2Q—XT"])
def test_a_code_is_known_however_it_is_typed(typed: str) -> None:
    assert codes.normalise(typed) == "7K3F9M2QXT"


def test_letters_that_look_alike_are_the_same() -> None:
    assert codes.normalise("oOiIlL") == "001111"
    assert not codes.is_code(codes.normalise("7K3F9M2QXU"))


@given(st.text())
def test_any_text_can_be_normalised_and_stays_so(text: str) -> None:
    once = codes.normalise(text)
    assert not codes.is_code(once) or codes.normalise(once) == once


def test_a_ticket_comes_back_as_it_was_issued(keyring: Keyring) -> None:
    text = tickets.issue(keyring, TICKET)
    assert tickets.read_ticket(keyring, text) == TICKET
    assert text.isascii()
    assert '"' not in text


def test_an_expired_ticket_is_read_and_the_caller_judges(keyring: Keyring) -> None:
    old = replace(TICKET, issued=1, expires=2)
    assert tickets.read_ticket(keyring, tickets.issue(keyring, old)) == old


def test_every_flipped_bit_and_every_cut_is_refused(keyring: Keyring) -> None:
    version, _, coded = tickets.issue(keyring, TICKET).partition(".")
    signed = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4))
    for place in range(0, 8 * len(signed), 5):
        forged = bytearray(signed)
        forged[place // 8] ^= 1 << place % 8
        with pytest.raises(tickets.BadTicketError):
            tickets.read_ticket(keyring, f"{version}.{base64.urlsafe_b64encode(forged).decode().rstrip('=')}")
    for length in range(0, len(coded), 7):
        with pytest.raises(tickets.BadTicketError):
            tickets.read_ticket(keyring, f"{version}.{coded[:length]}")


@given(st.text() | st.text(alphabet="1.abcXYZ012-_=", max_size=80))
def test_no_text_breaks_the_reader_of_tickets(keyring: Keyring, text: str) -> None:
    with pytest.raises(tickets.BadTicketError):
        tickets.read_ticket(keyring, text)


def test_a_ticket_of_another_installation_is_refused(keyring: Keyring, tmp_path: Path) -> None:
    with pytest.raises(tickets.BadTicketError):
        tickets.read_ticket(Keyring.create(tmp_path / "other"), tickets.issue(keyring, TICKET))


def test_receipts_repeat_and_tell_nothing_of_each_other(keyring: Keyring) -> None:
    iids = [tickets.new_iid() for _ in range(200)]
    pairs = {(receipts.receipt_code(keyring, iid), receipts.reply_code(keyring, iid)) for iid in iids * 2}
    assert len(pairs) == 200
    assert all(codes.is_code(code) for pair in pairs for code in pair)
    assert not {first for first, _ in pairs} & {second for _, second in pairs}
    code = next(iter(pairs))[0]
    assert receipts.receipt_hash(keyring, code) != receipts.reply_hash(keyring, code)


_VALUES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(st.text("ABCxyz_019", min_size=1), _VALUES | st.dictionaries(st.text("AB1", min_size=1), _VALUES)))
def test_the_fast_canonical_text_is_the_strict_one(value: dict) -> None:
    assert canonical_text(value) == instruments_own(value)
