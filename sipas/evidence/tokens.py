"""One-time codes of protocol KS-1: minted without a list, spent once.

A token is ``1 | kid | batch (4) | r (10) | mac (12)`` in Crockford's base 32. Its batch says for which unit, wave and channel it
speaks; ``r`` is random, or, on a card that also carries ten digits, drawn by a key from the card's number in its batch.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from sipas.evidence.codes import ALPHABET, encode, normalise
from sipas.evidence.keys import Keyring
from sipas.terms import SipasError

VERSION = "1"
LENGTH = 28
SIGNED = 16  # characters before the MAC
BATCH = 4
CARDS = 10_000  # cards of one batch that ten digits can tell apart
DIGITS = 10


class BadTokenError(SipasError):
    """A code that was not minted here, or was misread."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a sound one-time code says by itself."""

    text: str  # 28 characters
    kid: str  # one character: which minting key
    batch: str  # four characters

    @property
    def signed(self) -> str:
        """The part that is its own: the rest proves it."""
        return self.text[:SIGNED]


def new_batch_code() -> str:
    """Four random characters to name a batch by."""
    return encode(secrets.randbits(5 * BATCH), BATCH)


def mint(keyring: Keyring, kid: str, batch: str, *, card: int | None = None) -> str:
    """A fresh token of a batch; of ``card`` (0 to 9,999) always the same one, so that its ten digits lead to it."""
    secret = secrets.randbits(50) if card is None else _card_secret(keyring, kid, batch, card)
    signed = f"{VERSION}{kid}{batch}{encode(secret, 10)}"
    return signed + _mac(keyring, kid, signed)


def read_token(keyring: Keyring, text: str) -> Token:
    """The token that was scanned or typed; BadTokenError for anything that this installation did not mint."""
    plain = normalise(text)
    if len(plain) != LENGTH or plain[0] != VERSION or any(letter not in ALPHABET for letter in plain):
        raise BadTokenError("this is no one-time code of ours: compare it with the paper, seven groups of four")
    if not hmac.compare_digest(plain[SIGNED:], _mac(keyring, plain[1], plain[:SIGNED])):
        raise BadTokenError("this one-time code is not right: compare it with the paper, letter by letter")
    return Token(plain, plain[1], plain[2 : 2 + BATCH])


def nullifier(keyring: Keyring, year: int, what: str) -> bytes:
    """What is stored of a spent code; ``year`` is its batch's, and with that year's key every link to the code goes."""
    return hmac.digest(keyring.term_key("null", str(year)), what.encode(), "sha256")


def issue_tag(keyring: Keyring, wave: str, dossier: str) -> bytes:
    """What is stored of an invited dossier until its wave's key is destroyed: enough to know it again, nothing to find it by."""
    return hmac.digest(keyring.term_key("issue", wave), canonical_dossier(dossier).encode(), "sha256")


def canonical_dossier(text: str) -> str:
    """A dossier's number as every system would write it: no blanks, upper case."""
    return "".join(text.split()).upper()


def card_digits(keyring: Keyring, kid: str, batch: str, card: int) -> str:
    """The ten digits of a card: its number and six that prove it within its batch."""
    return f"{card:04d}{_card_proof(keyring, kid, batch, card):06d}"


def order_of_cards(keyring: Keyring, kid: str, batch: str) -> list[int]:
    """Every card of a batch in the order of its minting, which nobody can tell without the key."""
    key = _mint_key(keyring, kid)
    return sorted(range(CARDS), key=lambda card: hmac.digest(key, f"KS1|order|{batch}|{_card_name(card)}".encode(), "sha256"))


def read_card(keyring: Keyring, kid: str, batch: str, digits: str) -> int | None:
    """The card of a batch that ten digits name; None if they are not of this batch.

    Six digits are guessed once in a million: whoever asks must be throttled, and only the batches of one unit may be tried.
    """
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    card = int(digits[:4])
    proof = f"{_card_proof(keyring, kid, batch, card):06d}"
    return card if hmac.compare_digest(digits[4:], proof) else None


def _mac(keyring: Keyring, kid: str, signed: str) -> str:
    digest = hmac.digest(_mint_key(keyring, kid), f"KS1|tok|{signed}".encode(), "sha256")
    return encode(int.from_bytes(digest[:8], "big") >> 4, LENGTH - SIGNED)


def _card_secret(keyring: Keyring, kid: str, batch: str, card: int) -> int:
    digest = hmac.digest(_mint_key(keyring, kid), f"KS1|card|{batch}|{_card_name(card)}".encode(), "sha256")
    return int.from_bytes(digest[:8], "big") >> 14


def _card_proof(keyring: Keyring, kid: str, batch: str, card: int) -> int:
    digest = hmac.digest(_mint_key(keyring, kid), f"KS1|ten|{batch}|{_card_name(card)}".encode(), "sha256")
    return int.from_bytes(digest[:8], "big") % 1_000_000


def _card_name(card: int) -> str:
    if not 0 <= card < CARDS:
        raise ValueError(f"card {card}: a batch has cards 0 to {CARDS - 1}")
    return f"{card:04d}"


def _mint_key(keyring: Keyring, kid: str) -> bytes:
    return keyring.derive(f"mint/{kid}")
