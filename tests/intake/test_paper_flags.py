"""A sheet of paper is typed at any hour and many in a row: that says nothing of its answers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from sipas.evidence.keys import Keyring
from sipas.store.engine import Store
from sipas.store.inbox import Inbox
from sipas.terms import ZONE, Channel
from tests import make_answers as make

NIGHT = datetime(2026, 11, 22, 23, 30, tzinfo=ZONE)  # a Sunday


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.create(tmp_path / "keys")


def reasons(store: Store, keyring: Keyring, **origin: object) -> set[str]:
    """The flags of eight answers at one counter within one moment of a Sunday night."""
    make.unit(store)
    for _ in range(8):
        make.accepted(store, keyring, now=NIGHT, origin=make.origin(seconds=None, **origin))
    with store.read() as session:
        return {flag for row in session.scalars(select(Inbox)) for flag in row.reasons.split()}


def test_typed_sheets_raise_no_flag_of_the_hour(store: Store, keyring: Keyring) -> None:
    label = b"\x01" * 16
    assert reasons(store, keyring, channel=Channel.PAPER, reasons=("paper",), cluster=label) == {"paper"}
    with store.read() as session:
        assert {bytes(row.cluster) for row in session.scalars(select(Inbox))} == {label}


def test_others_at_that_hour_do(store: Store, keyring: Keyring) -> None:
    assert reasons(store, keyring, channel=Channel.OPEN) == {"off_hours", "burst"}
