"""What a citizen's form needs of a printed code: one statement over codes, counters, units and who decides."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from sipas.store.direct import Direct
from sipas.store.units import Counter, CounterCode, Deciding, Unit, find_deciding, get_counter, get_unit, list_counters


@dataclass(frozen=True, slots=True)
class Door:
    """What a citizen's form needs of a code, read in one statement: its counter and that counter's unit."""

    code: str
    length: str
    revoked: bool
    counter_id: int | None  # None where a one-time code speaks for the whole unit
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


def find_counter_door(session: Session, counter_id: int, code: str, *, sector: str = "", revoked: bool = False) -> Door:
    """The door of a counter behind another code than its printed one."""
    counter = get_counter(session, counter_id)
    unit = get_unit(session, counter.unit_id)
    deciding = find_deciding(session, unit.id, sector)
    asked = (counter.sectors, counter.instrument, unit.id, unit.full_name, unit.name_en, deciding)
    return Door(code, "short", revoked, counter.id, counter.name, *asked)


def find_unit_door(
    session: Session, unit_id: int, counter_id: int | None, code: str, asked: tuple[str, str, str], *, sector: str = ""
) -> Door:
    """The door of a unit, or of one of its counters, behind a one-time code.

    ``asked`` are the code's own sector, instrument and length; without a sector of its own, what the unit's counters serve is asked.
    """
    own_sector, instrument, length = asked
    unit = get_unit(session, unit_id)
    counters = [get_counter(session, counter_id)] if counter_id is not None else list_counters(session, unit_id)
    served = own_sector or " ".join(sorted({one for counter in counters for one in counter.sectors.split()}))
    deciding = find_deciding(session, unit_id, sector)
    name = counters[0].name if counter_id is not None else ""
    return Door(code, length, False, counter_id, name, served, instrument, unit.id, unit.full_name, unit.name_en, deciding)
