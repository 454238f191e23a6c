"""The whole application, a province with two communes, and a client that may speak for one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asking import ASKED, NAME, Ask, furnish
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sipas.app import create_app
from sipas.evidence.clients import new_secret
from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import read_shelf
from sipas.settings import read_settings
from sipas.store.engine import Store
from sipas.web.house import SURVEYS, House


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
