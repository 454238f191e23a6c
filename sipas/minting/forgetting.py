"""Thirty days after a wave nobody can tell any more which dossiers were invited in it."""

from __future__ import annotations

from datetime import date, timedelta

from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import Shelf
from sipas.store.engine import Store
from sipas.store.tokens import forget_tags

KEPT = timedelta(days=30)


def forget_ended(store: Store, keyring: Keyring, shelf: Shelf, today: date) -> list[str]:
    """Forget the tags and destroy the key of every wave that ended more than thirty days ago; which waves.

    The tags go first: where the key cannot be destroyed now, the next look does it.
    """
    ended = [wave.code for wave in shelf.waves.values() if today > wave.last_day + KEPT and keyring.has_term_key("issue", wave.code)]
    for wave in ended:
        with store.write() as session:
            forget_tags(session, wave)
        keyring.destroy_term_key("issue", wave)
    return ended
