"""How long a whole batch of paper holds the write lock while it is released. ``python -m tests.benchmarks.paper [SHEETS]``."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from random import Random

from sipas.evidence.keys import Keyring
from sipas.imports.paper import Wanted, add_batch
from sipas.instrument.keying import paper_fields
from sipas.instrument.shelf import read_shelf
from sipas.settings import read_settings
from sipas.store import migrate, paper
from sipas.store.engine import Store
from sipas.store.inbox import count_waiting
from sipas.store.officials import OfficialAccount
from sipas.store.units import Unit, add_unit
from sipas.terms import now, today
from sipas.web.house import SURVEYS, House
from sipas.web.officials.paper import keeping


def account(name: str, unit_id: int) -> OfficialAccount:
    return OfficialAccount(account=name, name=name, role="keyer", unit_id=unit_id, password="x", uniquifier=name, last_seen=0)


def main(sheets: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/paper.sqlite")
        migrate.upgrade(store)
        house = House(read_settings({"SIPAS_DEMO": "1"}), store, Keyring.create(Path(folder) / "keys"), read_shelf(SURVEYS))
        rng = Random(1)
        with store.write() as session:
            unit = add_unit(session, Unit(code="1", tier="one_stop", kind="", name="X", full_name="X"))
            session.add_all([account("first", unit.id), account("second", unit.id)])
            session.flush()
            wanted = Wanted("land", declared=sheets)
            batch = add_batch(session, house.shelf, unit, None, wanted, day=today(), demonstration=True, rng=rng)
            instrument = house.shelf.instruments[batch.instrument]
            raw = {field.code: rng.choice(field.boxes).value for field in paper_fields(instrument, batch.length)}
            for sheet in range(1, sheets + 1):
                typed = keeping.TypedSheet(sheet, raw, False, "", keeping.Proof())
                keeping.keep_sheet(session, batch, typed, entry=1, official_id=1, version=0)
            for sheet in keeping.end_first(session, batch, rng):
                typed = keeping.TypedSheet(sheet, raw, False, "", keeping.Proof())
                keeping.keep_sheet(session, batch, typed, entry=2, official_id=2, version=0)
        began = time.perf_counter()
        with store.write() as session:
            keeping.settle(session, house, paper.get_paper_batch(session, batch.id, alone=True), instrument, now=now(), rng=rng)
        took = time.perf_counter() - began
        with store.read() as session:
            print(f"{count_waiting(session):,} sheets of the full form released in {took:.2f} s, {1000 * took / sheets:.2f} ms a sheet")
        store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
