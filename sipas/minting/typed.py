"""Ten digits that a person types at a unit: the card that they name, if it is one of that unit's."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from sipas.evidence import tokens as codes
from sipas.evidence.keys import Keyring
from sipas.store.tokens import TokenBatch, list_typed_batches


def find_typed(session: Session, keyring: Keyring, unit_id: int, digits: str, *, day: date) -> str | None:
    """The 28 characters of the card with these ten digits; None where this unit has printed none.

    Batches that still count come first. Whoever asks has throttled: each batch in force is one more chance in a million for a guess.
    """
    batches = sorted(list_typed_batches(session, unit_id), key=lambda batch: not is_in_force(batch, day))
    for batch in batches:
        card = codes.read_card(keyring, batch.kid, batch.batch, digits)
        if card is not None and card in codes.order_of_cards(keyring, batch.kid, batch.batch)[: batch.minted]:
            return codes.mint(keyring, batch.kid, batch.batch, card=card)
    return None


def count_in_force(session: Session, unit_id: int, day: date) -> int:
    """How many batches of a unit a guess of ten digits could hit."""
    return sum(is_in_force(batch, day) for batch in list_typed_batches(session, unit_id))


def is_in_force(batch: TokenBatch, day: date) -> bool:
    """Whether an answer with a code of this batch may still count as more than open."""
    return not batch.revoked and not batch.overflow_of and day <= batch.not_after
