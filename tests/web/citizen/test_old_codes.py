"""A code that turns up years later, when its year's key is gone, still opens a form and counts as open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from counters import LAND
from flask import Flask
from flask.testing import FlaskClient
from proofreading import proof_read
from sqlalchemy import select

from sipas import terms
from sipas.evidence import tokens
from sipas.store.engine import Store
from sipas.store.inbox import Inbox
from sipas.store.tokens import TokenBatch, add_batch
from sipas.store.units import Unit


def test_a_code_whose_years_key_is_destroyed_is_expired_and_taken(
    app: Flask, client: FlaskClient, store: Store, inbox: Callable[[], list[Inbox]]
) -> None:
    keyring, then = app.extensions["sipas"].keyring, terms.today() - timedelta(days=900)
    with store.write() as session:
        unit = session.scalars(select(Unit.id)).first()
        given = {"kid": "7", "year": then.year, "kind": "card", "channel": "V", "wave": "demo-2026", "unit_id": unit, "sector": "land"}
        add_batch(session, TokenBatch(batch="AB12", not_before=then, not_after=then + timedelta(days=90), quota=9, **given))
    tokens.nullifier(keyring, then.year, "x")
    assert keyring.destroy_null_keys(terms.today()) == 1
    code = tokens.mint(keyring, "7", "AB12")
    for _ in range(2):
        page = proof_read(client.get(f"/t/{code}").text)
        assert client.post(f"/t/{code}", data={**page.fields(), "stage": "on_time", "respondent": "citizen", "HL": "5"}).status_code == 200
    assert [(row.channel, "expired" in row.reasons) for row in inbox()] == [("O", True)] * 2
    assert client.get(f"/k/{LAND}").status_code == 200
