"""A keyring, and the one unit that answers may name."""

from __future__ import annotations

from pathlib import Path

import make_answers as make
import pytest

from sipas.evidence.keys import Keyring
from sipas.store.engine import Store


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.create(tmp_path / "keys")


@pytest.fixture
def ready(store: Store) -> Store:
    make.unit(store)
    return store
