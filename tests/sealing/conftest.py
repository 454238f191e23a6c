"""A keyring, and the one unit that answers may name."""

from __future__ import annotations

from pathlib import Path

import make_answers as make
import pytest
from sqlalchemy import text

from sipas.evidence.keys import Keyring
from sipas.store.engine import Store


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.create(tmp_path / "keys")


@pytest.fixture
def ready(store: Store) -> Store:
    if not store.is_sqlite:  # programs are killed here, machines are not: waiting for the disk would only take time
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'ALTER DATABASE "{store.url.database}" SET synchronous_commit TO off'))
        store.engine.dispose()
    make.unit(store)
    return store
