"""The citizen's door on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from counters import build_app, furnish
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import Shelf, read_shelf
from sipas.store.engine import Store
from sipas.store.inbox import Inbox
from sipas.web.house import SURVEYS


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    return read_shelf(SURVEYS)


@pytest.fixture
def app(store: Store, tmp_path: Path, shelf: Shelf) -> Flask:
    furnish(store)
    return build_app(store, Keyring.create(tmp_path / "keys"), shelf)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def inbox(store: Store) -> Callable[[], list[Inbox]]:
    """What has been stored, read anew at each call."""

    def rows() -> list[Inbox]:
        with store.read() as session:
            return list(session.scalars(select(Inbox)))

    return rows
