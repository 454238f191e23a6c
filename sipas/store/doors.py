"""What a citizen's form needs of a printed code: one statement over codes, counters, units and who decides."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from sipas.store.direct import Direct
from sipas.store.units import Counter, CounterCode, Deciding, Unit


@dataclass(frozen=True, slots=True)
class Door:
    """What a citizen's form needs of a code, read in one statement: its counter and that counter's unit."""

    code: str
    length: str
    revoked: bool
    counter_id: int
    counter: str
    sectors: str
    instrument: str
    unit_id: int
    unit: str
    unit_en: str
    deciding_id: int | None


# Tables, not classes: this statement runs at every opening and sending of a form, and needs no object of the session's.
_CODE, _COUNTER, _UNIT, _DECIDING = (noun.__table__ for noun in (CounterCode, Counter, Unit, Deciding))
_DOOR = Direct(
    select(
        _CODE.c.code,
        _CODE.c.length,
        _CODE.c.revoked,
        _COUNTER.c.id,
        _COUNTER.c.name,
        _COUNTER.c.sectors,
        _COUNTER.c.instrument,
        _UNIT.c.id,
        _UNIT.c.full_name,
        _UNIT.c.name_en,
        _DECIDING.c.deciding_id,
    )
    .select_from(_CODE)
    .join(_COUNTER, _COUNTER.c.id == _CODE.c.counter_id)
    .join(_UNIT, _UNIT.c.id == _COUNTER.c.unit_id)
    .outerjoin(_DECIDING, and_(_DECIDING.c.receiving_id == _UNIT.c.id, _DECIDING.c.sector == bindparam("sector")))
    .where(_CODE.c.code == bindparam("code"))
)


def find_door(session: Session, code: str, *, sector: str = "") -> Door | None:
    """The code with its counter and unit, even a revoked one; with the unit that decides ``sector`` there, if another does."""
    found = _DOOR.rows(session, {"code": code, "sector": sector})
    if not found:
        return None
    text, length, revoked, *rest = found[0]
    return Door(text, length, bool(revoked), *rest)
