"""One unit, its counters and an application with the citizen's door alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import Shelf
from sipas.settings import read_settings
from sipas.store.engine import Store
from sipas.store.units import Counter, CounterCode, Unit, add_unit
from sipas.web import citizen, errors, filters, headers, language
from sipas.web.house import House

LAND, MANY, FULL, CLINIC, REVOKED, IDLE = "K7M2P9QX4T", "AAAAAAAAAA", "BBBBBBBBBB", "HHHHHHHHHH", "RRRRRRRRRR", "Z000000000"
COUNTERS: Mapping[str, dict[str, Any]] = {
    LAND: {"name": "Quầy 3", "sectors": "land"},
    MANY: {"name": "Quầy 1", "sectors": "land construction civil_status"},
    FULL: {"name": "Quầy 4", "sectors": "land", "length": "full"},
    CLINIC: {"name": "Khoa Khám bệnh", "sectors": "health"},
    REVOKED: {"name": "Quầy 9", "sectors": "land", "revoked": True},
    IDLE: {"name": "Quầy 10", "sectors": "of_no_wave"},
}
SETTINGS = {
    "SIPAS_AUTHORITY": "Sở Nội vụ thành phố Đà Nẵng",
    "SIPAS_CONTACT_PHONE": "0236 1022",
    "SIPAS_CONTACT_ADDRESS": "24 Trần Phú, Đà Nẵng",
    "SIPAS_DEMO": "1",
}


def furnish(store: Store) -> None:
    """One unit and its counters."""
    with store.write() as session:
        unit = add_unit(
            session,
            Unit(code="20335", tier="one_stop", kind="Phường", name="Tam Kỳ", full_name="Trung tâm <Tam Kỳ>", name_en="Tam Ky Centre"),
        )
        for code, given in COUNTERS.items():
            counter = Counter(unit_id=unit.id, name=given["name"], sectors=given["sectors"])
            session.add(counter)
            session.flush()
            session.add(
                CounterCode(code=code, counter_id=counter.id, length=given.get("length", "short"), revoked=given.get("revoked", False))
            )


def build_app(store: Store, keyring: Keyring, shelf: Shelf, **settings: str) -> Flask:
    """The ground and the citizen's door."""
    app = Flask("sipas.web", static_url_path="/static")
    app.extensions["sipas"] = House(read_settings({**SETTINGS, **settings}), store, keyring, shelf)
    app.config.update(SECRET_KEY="x", MAX_CONTENT_LENGTH=64 * 1024, MAX_FORM_MEMORY_SIZE=64 * 1024, DEMO=True)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for part in (language, filters, headers, errors, citizen):
        part.register(app)
    return app
