"""Which dossiers were invited is forgotten thirty days after their wave, tags and key together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

import pytest
from two_units import TODAY, UNIT

from sipas.evidence.keys import DestroyedKeyError, Keyring
from sipas.evidence.tokens import issue_tag
from sipas.instrument.shelf import Shelf
from sipas.jobs import Rounds
from sipas.minting import Invitation, forget_ended, invite
from sipas.store.engine import Store
from sipas.store.tokens import add_tag, list_batches
from sipas.terms import ZONE


@pytest.fixture
def ended(ready: Store, keyring: Keyring, shelf: Shelf) -> tuple[Shelf, date]:
    """A shelf whose demonstration wave ends soon, with an invited dossier in it."""
    with ready.write() as session:
        invite(session, keyring, shelf, Invitation("7", UNIT, "land"), day=TODAY, demonstration=True)
    last = TODAY + timedelta(days=4)
    waves = {**shelf.waves, "demo-2026": replace(shelf.waves["demo-2026"], last_day=last)}
    return replace(shelf, waves=MappingProxyType(waves)), last


def is_known(store: Store, keyring: Keyring) -> bool:
    tag = issue_tag(keyring, "demo-2026", "7")
    with store.write() as session:
        return not add_tag(session, tag, "demo-2026")


def test_a_dossier_is_known_for_thirty_days_and_never_again(ready: Store, keyring: Keyring, ended: tuple[Shelf, date]) -> None:
    shelf, last = ended
    assert forget_ended(ready, keyring, shelf, last + timedelta(days=30)) == []
    assert is_known(ready, keyring)
    assert forget_ended(ready, keyring, shelf, last + timedelta(days=31)) == ["demo-2026"]
    with pytest.raises(DestroyedKeyError):
        issue_tag(keyring, "demo-2026", "7")
    with ready.write() as session:
        assert len(list_batches(session)) == 1
    assert forget_ended(ready, keyring, shelf, last + timedelta(days=32)) == []


def test_the_clockwork_forgets(ready: Store, keyring: Keyring, ended: tuple[Shelf, date]) -> None:
    from datetime import datetime

    shelf, last = ended
    rounds = Rounds(ready, keyring, shelf, (0, 10))
    for days in (30, 31):
        rounds.go(now=datetime.combine(last + timedelta(days=days), datetime.min.time(), tzinfo=ZONE).replace(hour=12))
        assert keyring.has_term_key("issue", "demo-2026") == (days == 30)
