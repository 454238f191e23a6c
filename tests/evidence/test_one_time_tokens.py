"""One-time codes: only those minted here are read, however they are typed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.evidence import tokens
from sipas.evidence.codes import ALPHABET
from sipas.evidence.keys import DestroyedKeyError, Keyring
from sipas.evidence.tokens import BadTokenError

TYPED_AS = {"0": "o", "1": "lI"[0], "J": "j"}


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.create(tmp_path_factory.mktemp("tokens") / "keys")


def typed(text: str, rng: random.Random) -> str:
    """As a person might write it: small letters, O for 0, I or L for 1, dashes and blanks."""
    swapped = "".join({"0": rng.choice("0Oo"), "1": rng.choice("1IilL")}.get(letter, letter) for letter in text)
    grouped = [swapped[at : at + 4] for at in range(0, len(swapped), 4)]
    return rng.choice("- .–").join(grouped).lower() if rng.random() < 0.5 else " ".join(grouped)


def test_a_thousand_codes_are_read_however_they_are_typed(keyring: Keyring) -> None:
    rng = random.Random(1)
    for _ in range(1_000):
        text = tokens.mint(keyring, "7", "AB12")
        token = tokens.read_token(keyring, typed(text, rng))
        assert (token.text, token.kid, token.batch) == (text, "7", "AB12")


def test_none_of_a_hundred_thousand_random_or_bent_codes_is_read(keyring: Keyring) -> None:
    rng = random.Random(2)
    good = tokens.mint(keyring, "7", "AB12")
    for number in range(100_000):
        if number % 2:
            text = tokens.VERSION + "".join(rng.choices(ALPHABET, k=tokens.LENGTH - 1))
        else:
            at, other = rng.randrange(tokens.LENGTH), rng.choice(ALPHABET)
            text = good[:at] + other + good[at + 1 :]
            if text == good:
                continue
        with pytest.raises(BadTokenError):
            tokens.read_token(keyring, text)


@given(st.text(max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_code_or_a_clear_refusal(keyring: Keyring, text: str) -> None:
    with pytest.raises(BadTokenError, match="compare"):
        tokens.read_token(keyring, text)


def test_ten_digits_lead_to_their_card_in_their_own_batch_alone(keyring: Keyring) -> None:
    for card in (0, 1, 4711, 9_999):
        digits = tokens.card_digits(keyring, "7", "AB12", card)
        assert len(digits) == tokens.DIGITS
        assert tokens.read_card(keyring, "7", "AB12", digits) == card
        assert tokens.read_card(keyring, "7", "AB13", digits) is None
        assert tokens.mint(keyring, "7", "AB12", card=card) == tokens.mint(keyring, "7", "AB12", card=card)
    assert tokens.read_card(keyring, "7", "AB12", "٤" * 10) is None
    with pytest.raises(ValueError, match="card 10000"):
        tokens.mint(keyring, "7", "AB12", card=10_000)


def test_guessed_digits_open_a_card_once_in_a_million(keyring: Keyring) -> None:
    rng = random.Random(3)
    guesses = 100_000
    found = sum(tokens.read_card(keyring, "7", "AB12", f"{rng.randrange(10**10):010d}") is not None for _ in range(guesses))
    assert found <= 3  # 0.1 expected; four would come once in two hundred thousand runs


def test_a_spent_code_is_unknowable_once_its_years_key_is_destroyed(tmp_path: Path) -> None:
    keyring = Keyring.create(tmp_path / "keys")
    first = tokens.nullifier(keyring, 2026, "V|X")
    assert first == tokens.nullifier(Keyring.open(tmp_path / "keys"), 2026, "V|X")
    assert first != tokens.nullifier(keyring, 2027, "V|X")
    assert keyring.destroy_term_key("null", "2026")
    assert not keyring.destroy_term_key("null", "2026")
    with pytest.raises(DestroyedKeyError):
        tokens.nullifier(keyring, 2026, "V|X")
    with pytest.raises(ValueError, match="names no key"):
        keyring.term_key("null", "../root")


def test_a_dossier_is_the_same_however_it_is_written(keyring: Keyring) -> None:
    tags = {tokens.issue_tag(keyring, "demo-2026", text) for text in ("000.00.18.H17-261105-0007", " 000.00.18.h17-261105-0007 ")}
    assert len(tags) == 1
    assert tags != {tokens.issue_tag(keyring, "nam-2026", "000.00.18.H17-261105-0007")}
