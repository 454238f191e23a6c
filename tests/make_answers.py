"""Believable answers by default, for tests that need something accepted."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from sqlalchemy import text

from sipas.evidence.keys import Keyring
from sipas.evidence.tickets import new_iid
from sipas.instrument.sheet import Sheet
from sipas.intake import Origin, Place, Receipt, accept
from sipas.store.engine import Store
from sipas.store.units import Unit
from sipas.terms import ZONE, Channel

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=ZONE)  # a Wednesday of 2026-W47
UNIT = 1


def unit(store: Store) -> None:
    """The one unit that answers may name."""
    with store.write() as session:
        if session.get(Unit, UNIT) is None:
            session.add(Unit(id=UNIT, code="20353", tier="commune", kind="Phường", name="Tam Kỳ", full_name="Phường Tam Kỳ", path="/1/"))


def sheet(*, answers: dict[str, Any] | None = None, comment: str = "", **changed: Any) -> Sheet:
    given = {"HL": 4, "TC1": 5, "TT1": 4, "CC1": 3, "KQ1": None, "GY1": 0} if answers is None else answers
    values = {"stage": "on_time", "respondent": "citizen", "filing": "not_asked", "wants_reply": False} | changed
    return Sheet(answers=given, comment=comment, **values)


def place(**changed: Any) -> Place:
    values: dict[str, Any] = {
        "unit_id": UNIT,
        "deciding_id": None,
        "counter_id": 7,
        "sector": "land",
        "sector_asked": True,
        "procedure": "",
        "wave": "demo-2026",
        "instrument": "sipas-service-2023",
        "measure": "a" * 64,
        "wording": 1,
        "length": "short",
        "language": "vi",
    }
    return Place(**values | changed)


def origin(**changed: Any) -> Origin:
    return Origin(**{"channel": Channel.OPEN, "seconds": 75.0} | changed)


def accepted(store: Store, keyring: Keyring, *, iid: str | None = None, now: datetime = NOON, **given: Any) -> Receipt:
    """One answer in a transaction of its own."""
    with store.write() as session:
        return accept(
            session,
            keyring,
            given.get("sheet") or sheet(),
            given.get("place") or place(),
            given.get("origin") or origin(),
            iid=iid or new_iid(),
            now=now,
        )


def many(store: Store, keyring: Keyring, count: int, *, now: datetime = NOON, seed: int = 1) -> list[str]:
    """``count`` different answers in order, in one transaction; their iids in that order."""
    rng = random.Random(seed)
    iids = [f"{rng.getrandbits(128):032x}" for _ in range(count)]
    with store.write() as session:
        for number, iid in enumerate(iids):
            answers = {"HL": rng.choice([1, 2, 3, 4, 4, 5, None]), "TC1": rng.randint(0, 5), "N1": number}
            note = f"Ghi chú {number}" if number % 5 == 0 else ""
            counter = rng.randint(1, 9)
            accept(session, keyring, sheet(answers=answers, comment=note), place(counter_id=counter), origin(), iid=iid, now=now)
    return iids


def rows(store: Store, query: str) -> list[Any]:
    with store.read() as session:
        return list(session.execute(text(query)).all())


def scalar(store: Store, query: str) -> Any:
    return rows(store, query)[0][0]
