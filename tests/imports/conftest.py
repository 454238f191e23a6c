"""The real tree of Đà Nẵng and the real shelf, for files that name units and sectors."""

from __future__ import annotations

from pathlib import Path

import pytest

from sipas.imports.units import import_units
from sipas.instrument.shelf import Shelf, read_shelf
from sipas.store.engine import Store

SURVEYS = Path(__file__).resolve().parents[2] / "surveys"


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    return read_shelf(SURVEYS)


@pytest.fixture
def da_nang(store: Store) -> Store:
    """A store that holds province 48, and Đà Nẵng and Quảng Nam as they were before."""
    import_units(store, province="48")
    return store
