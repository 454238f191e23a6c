"""INT-3: what is beyond the quota works, counts as open, and stands in the daily report; INT-6's twin for invitations."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from asking import ASKED, NAME
from flask import Flask
from form_fields import fields_of
from sqlalchemy import select

from sipas.minting import reconcile
from sipas.store.engine import Store
from sipas.store.inbox import Inbox
from sipas.store.units import Unit

QUOTA, CLIENTS = 10, 20
FILLED = {"stage": "on_time", "respondent": "citizen", "HL": "5"}


def ask_together(app: Flask, secret: str, dossiers: list[str]) -> list[tuple[int, str]]:
    """Every dossier at the same moment, each from a client of its own: status and code."""
    gate = threading.Barrier(len(dossiers), timeout=60)

    def one(dossier: str) -> tuple[int, str]:
        client = app.test_client()
        gate.wait()
        response = client.post("/api/v1/invitations", json={**ASKED, "dossier": dossier}, auth=(NAME, secret))
        return response.status_code, str((response.json or {}).get("code"))

    with ThreadPoolExecutor(len(dossiers)) as pool:
        return list(pool.map(one, dossiers))


def test_exactly_twenty_beyond_the_quota_count_as_open_and_are_reported(app: Flask, store: Store, secret: str) -> None:
    told = ask_together(app, secret, ["0"])  # opens the batch
    with store.write() as session:
        unit = session.scalars(select(Unit.id).where(Unit.code == "20335")).one()
        reconcile(session, "demo-2026", {(unit, "land"): QUOTA})
    told += ask_together(app, secret, [str(number) for number in range(1, QUOTA)])
    told += ask_together(app, secret, [str(number) for number in range(QUOTA, QUOTA + CLIENTS)])
    assert {status for status, _ in told} == {201}
    client = app.test_client()
    for _, code in told:
        sent = client.post(f"/t/{code}", data={**fields_of(client.get(f"/t/{code}").text), **FILLED})
        assert sent.status_code == 200
    with store.read() as session:
        rows = session.execute(select(Inbox.channel, Inbox.reasons)).all()
    assert Counter((channel, "over_quota" in reasons) for channel, reasons in rows) == {("V", False): QUOTA, ("O", True): CLIENTS}
    with store.write() as session:
        (standing,) = reconcile(session, "demo-2026", {(unit, "land"): QUOTA})
    assert (standing.over, standing.is_strange) == (CLIENTS, True)


def test_one_dossier_from_twenty_clients_gets_one_code(app: Flask, secret: str) -> None:
    told = ask_together(app, secret, ["H17.18-261105-0007"] * CLIENTS)
    assert Counter(status for status, _ in told) == {201: 1, 409: CLIENTS - 1}
