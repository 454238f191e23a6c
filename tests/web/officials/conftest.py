"""A room with a small unit tree, one account of every role, and a browser without a screen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from flask import Flask

from sipas.app import create_app
from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import read_shelf
from sipas.reports.facts import compute
from sipas.settings import read_settings
from sipas.store.engine import Store
from sipas.store.units import Counter, CounterCode, Unit, add_unit
from sipas.terms import Role, now
from sipas.web.house import SURVEYS, House
from sipas.web.officials.accounts import NewOfficial, add_official
from tests.reports import sealed_rows
from tests.web.officials.browser import Browser


@dataclass(frozen=True)
class Room:
    """An application with its house, and what was printed for every account."""

    app: Flask
    house: House
    units: dict[str, int]
    printed: dict[str, NewOfficial]
    known: dict[str, Browser] = field(default_factory=dict)

    def browser(self) -> Browser:
        return Browser(self.app)

    def inside(self, account: str) -> Browser:
        """The browser in which this account is signed in and has a password of its own; anew where a slow run let its session end."""
        if account not in self.known:
            self.known[account] = self.browser()
            self.known[account].enter(self.printed[account])
        elif self.known[account].get("/officials/password").status_code == 303:
            self.known[account].enter_again(self.printed[account])
        return self.known[account]


UNITS = (("48", "", "Đà Nẵng"), ("A", "48", "Điện Bàn"), ("B", "48", "Hội An"))
ACCOUNTS = (
    ("official@a", Role.OFFICIAL, "A"),
    ("head@a", Role.HEAD, "A"),
    ("analyst@48", Role.ANALYST, "48"),
    ("admin@48", Role.ADMINISTRATOR, "48"),
    ("head@48", Role.HEAD, "48"),
    ("keyer@48", Role.KEYER, "48"),
    ("second@48", Role.KEYER, "48"),
)


def plant(store: Store) -> dict[str, int]:
    """A province with two units, a counter and a code each."""
    units: dict[str, int] = {}
    with store.write() as session:
        for code, parent, name in UNITS:
            unit = Unit(
                code=code, tier="province" if code == "48" else "one_stop", kind="Thành phố", name=name, full_name=f"Trung tâm {name}"
            )
            unit.parent_id = units.get(parent)
            units[code] = add_unit(session, unit).id
            counter = Counter(unit_id=units[code], name="Quầy số 1", sectors="land")
            session.add(counter)
            session.flush()
            session.add(CounterCode(code=f"AAAAAAAA{units[code]:02d}", counter_id=counter.id))
    return units


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    """The room on each database."""
    return furnish(store, tmp_path)


@pytest.fixture
def room_on_sqlite(sqlite_store: Store, tmp_path: Path) -> Room:
    """The room where the database makes no difference."""
    return furnish(sqlite_store, tmp_path)


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory, blank_sqlite: Path) -> Iterator[Room]:
    """The room with 900 answers of a small province, sealed and computed once for every test that only looks."""
    folder = tmp_path_factory.mktemp("told")
    shutil.copy(blank_sqlite, folder / "told.sqlite")
    store = Store(f"sqlite:///{folder / 'told.sqlite'}")
    yield with_results(store, folder)
    store.close()


@pytest.fixture
def told_on_both(store: Store, tmp_path: Path) -> Room:
    """The same on each database, for the few tests to which that matters."""
    return with_results(store, tmp_path)


def with_results(store: Store, folder: Path) -> Room:
    rng = Random(5)
    province = sealed_rows.add_province(store, communes=2, hospitals=1, schools=1)
    sealed_rows.add_frame(store, province, rng, answers=900)
    sealed_rows.add_answers(store, province, rng, n=900)
    compute(store, sealed_rows.shelf(), sealed_rows.WAVE)
    units = {"48": province.root, "A": province.strata[0][0], "B": province.strata[-1][0]}
    with store.write() as session:
        session.add(Counter(unit_id=units["A"], name="Quầy số 1", sectors="land"))
    return furnish(store, folder, units=units)


def furnish(
    store: Store, folder: Path, *, units: dict[str, int] | None = None, public_url: str = "http://127.0.0.1:8000", demo: bool = True
) -> Room:
    keyring = Keyring.create(folder / "keys")
    settings = read_settings({"SIPAS_DEMO": "1" if demo else "0", "SIPAS_PUBLIC_URL": public_url})
    house = House(settings=settings, store=store, keyring=keyring, shelf=read_shelf(SURVEYS))
    units = plant(store) if units is None else units
    printed = {
        account: add_official(
            store, account=account, name=f"Cán bộ {account}", role=role, unit_id=units[unit], keyring=keyring, rng=Random(number), now=now()
        )
        for number, (account, role, unit) in enumerate(ACCOUNTS)
    }
    return Room(create_app(house), house, units, printed)
