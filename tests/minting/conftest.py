"""A keyring, the shipped questionnaires and two units, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from two_units import DESK, OTHER, TODAY, UNIT

from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import Shelf, read_shelf
from sipas.minting import BatchPlan
from sipas.store.engine import Store
from sipas.store.units import Counter, Unit, add_unit
from sipas.web.house import SURVEYS


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    return read_shelf(SURVEYS)


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.create(tmp_path / "keys")


@pytest.fixture
def ready(store: Store) -> Store:
    with store.write() as session:
        for number, name in ((UNIT, "Tam Kỳ"), (OTHER, "Hội An")):
            add_unit(session, Unit(id=number, code=f"2033{number}", tier="commune", kind="Phường", name=name, full_name=f"Phường {name}"))
        session.add(Counter(id=DESK, unit_id=UNIT, name="Quầy 3", sectors="land"))
    return store


@pytest.fixture
def plan() -> Callable[..., BatchPlan]:
    def made(**changed: Any) -> BatchPlan:
        usual: dict[str, Any] = {
            "kind": "card", "wave": "demo-2026", "unit_id": UNIT, "sector": "land", "quota": 30,
            "not_before": TODAY, "not_after": TODAY + timedelta(days=30),
        }  # fmt: skip
        return BatchPlan(**usual | changed)

    return made
