"""What a citizen's form needs of a printed code: one statement over codes, counters, units and who decides."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

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


_DOOR = (
    select(
        CounterCode.code,
        CounterCode.length,
        CounterCode.revoked,
        Counter.id,
        Counter.name,
        Counter.sectors,
        Counter.instrument,
        Unit.id,
        Unit.full_name,
        Unit.name_en,
        Deciding.deciding_id,
    )
    .join(Counter, Counter.id == CounterCode.counter_id)
    .join(Unit, Unit.id == Counter.unit_id)
    .outerjoin(Deciding, and_(Deciding.receiving_id == Unit.id, Deciding.sector == bindparam("sector")))
    .where(CounterCode.code == bindparam("code"))
)


def find_door(session: Session, code: str, *, sector: str = "") -> Door | None:
    """The code with its counter and unit, even a revoked one; with the unit that decides ``sector`` there, if another does."""
    row = session.execute(_DOOR, {"code": code, "sector": sector}).one_or_none()
    return None if row is None else Door(*row)
