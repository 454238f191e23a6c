"""A room with a small unit tree, one account of every role, and a browser without a screen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from flask import Flask

from sipas.app import create_app
from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import read_shelf
from sipas.settings import read_settings
from sipas.store.engine import Store
from sipas.store.units import Counter, CounterCode, Unit, add_unit
from sipas.terms import Role, now
from sipas.web.house import SURVEYS, House
from sipas.web.officials.accounts import NewOfficial, add_official
from tests.web.officials.browser import Browser


@dataclass(frozen=True)
class Room:
    """An application with its house, and what was printed for every account."""

    app: Flask
    house: House
    units: dict[str, int]
    printed: dict[str, NewOfficial]

    def browser(self) -> Browser:
        return Browser(self.app)

    def inside(self, account: str) -> Browser:
        """A browser in which this account is signed in and has a password of its own."""
        browser = self.browser()
        browser.enter(self.printed[account])
        return browser


UNITS = (("48", "", "Đà Nẵng"), ("A", "48", "Điện Bàn"), ("B", "48", "Hội An"))
ACCOUNTS = (
    ("official@a", Role.OFFICIAL, "A"),
    ("head@a", Role.HEAD, "A"),
    ("analyst@48", Role.ANALYST, "48"),
    ("admin@48", Role.ADMINISTRATOR, "48"),
    ("head@48", Role.HEAD, "48"),
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


def furnish(store: Store, folder: Path, *, demo: bool = True, public_url: str = "http://127.0.0.1:8000") -> Room:
    keyring = Keyring.create(folder / "keys")
    settings = read_settings({"SIPAS_DEMO": "1" if demo else "0", "SIPAS_PUBLIC_URL": public_url})
    house = House(settings=settings, store=store, keyring=keyring, shelf=read_shelf(SURVEYS))
    units = plant(store)
    printed = {
        account: add_official(
            store, account=account, name=f"Cán bộ {account}", role=role, unit_id=units[unit], keyring=keyring, rng=Random(number), now=now()
        )
        for number, (account, role, unit) in enumerate(ACCOUNTS)
    }
    return Room(create_app(house), house, units, printed)
