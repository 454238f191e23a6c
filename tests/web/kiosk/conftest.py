"""The kiosk's door, with the whole application behind it, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
import time_machine
from kiosk_world import NOON, SETTINGS, World, furnish

from sipas.app import create_app
from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import Shelf, read_shelf
from sipas.settings import read_settings
from sipas.store.engine import Store
from sipas.web.house import SURVEYS, House


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    return read_shelf(SURVEYS)


@pytest.fixture
def clock() -> time_machine.Coordinates:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world(store: Store, tmp_path: Path, shelf: Shelf, clock: time_machine.Coordinates) -> World:
    keyring = Keyring.create(tmp_path / "keys")
    app = create_app(House(read_settings(SETTINGS), store, keyring, shelf))
    return World(app, store, keyring, shelf, furnish(store))
