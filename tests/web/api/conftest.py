"""The whole application, a province with two communes, and a client that may speak for one of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sipas.app import create_app
from sipas.evidence.clients import new_secret, secret_hash
from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import read_shelf
from sipas.settings import read_settings
from sipas.store.clients import ApiClient, add_client
from sipas.store.engine import Store
from sipas.store.units import Counter, Unit, add_unit
from sipas.web.house import SURVEYS, House

NAME = "mot-cua"
DOSSIER = "000.00.18.H17-261105-0007"
ASKED = {"dossier": DOSSIER, "unit": "20335", "sector": "land"}
Ask = Callable[..., TestResponse]


def furnish(store: Store, keyring: Keyring, secret: str) -> None:
    with store.write() as session:
        top = add_unit(session, Unit(code="48", tier="province", kind="Thành phố", name="Đà Nẵng", full_name="Thành phố Đà Nẵng"))
        own = {"tier": "commune", "kind": "Phường", "parent_id": top.id}
        commune = add_unit(session, Unit(code="20335", name="Tam Kỳ", full_name="Phường Tam Kỳ", **own))
        add_unit(session, Unit(code="20194", name="Hải Châu", full_name="Phường Hải Châu", **own))
        session.add(Counter(unit_id=commune.id, name="Quầy 3", sectors="land"))
        for name, revoked in ((NAME, False), ("cu", True)):
            add_client(session, ApiClient(name=name, secret_h=secret_hash(keyring, name, secret), unit_id=commune.id, revoked=revoked))


@pytest.fixture
def secret() -> str:
    return new_secret()


@pytest.fixture
def app(store: Store, tmp_path: Path, secret: str) -> Flask:
    keyring = Keyring.create(tmp_path / "keys")
    furnish(store, keyring, secret)
    settings = read_settings({"SIPAS_DEMO": "1", "SIPAS_PUBLIC_URL": "https://danhgia.example.vn"})
    return create_app(House(settings, store, keyring, read_shelf(SURVEYS)))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def ask(client: FlaskClient, secret: str) -> Ask:
    """Ask for an invitation as the client that may; fields given here replace the usual ones, None leaves one out."""

    def sent(**changed: Any) -> TestResponse:
        body = {name: value for name, value in {**ASKED, **changed}.items() if value is not None}
        return client.post("/api/v1/invitations", json=body, auth=(NAME, secret))

    return sent
