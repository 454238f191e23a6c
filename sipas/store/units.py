"""The unit tree: public bodies with their validity, their predecessors, their counters and printed codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, cast, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from sipas.store.base import Base
from sipas.terms import SipasError


class UnknownUnitError(SipasError):
    """No unit has that code at that date."""


class UnknownCounterError(SipasError):
    """No counter has that number, or no sign that code."""


class Bearer(NamedTuple):
    """Who bore a code and from when until when; light enough to hold every unit of the country."""

    id: int
    code: str
    tier: str
    name: str
    valid_from: date | None
    valid_to: date | None

    def bore(self, day: date) -> bool:
        """True where the unit existed on ``day``."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)


class Unit(Base):
    """A public body, from the province to a hospital. A code means a unit only together with a tier and a date."""

    __tablename__ = "unit"
    __table_args__ = (
        UniqueConstraint("code", "tier", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from < valid_to", name="valid_forwards"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    tier: Mapped[str] = mapped_column(String(24))  # province, district, commune, department, one_stop, land_office, hospital, school …
    kind: Mapped[str] = mapped_column(String(32))  # Tỉnh, Thành phố, Xã, Phường, Đặc khu, Sở … : data, as the law names it
    name: Mapped[str] = mapped_column(String(200))
    full_name: Mapped[str] = mapped_column(String(250))
    name_en: Mapped[str] = mapped_column(String(250), default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(String(250), index=True, default="")  # /1/17/230/ : the branch, for scopes
    valid_from: Mapped[date | None]  # half open; unknown start is NULL
    valid_to: Mapped[date | None]


class Predecessor(Base):
    """From which unit another was made, and whether whole or in part."""

    __tablename__ = "predecessor"
    __table_args__ = (CheckConstraint("extent IN ('whole', 'part', 'unknown')", name="extent_known"),)

    old_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    new_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True, index=True)
    extent: Mapped[str] = mapped_column(String(8))
    source_text: Mapped[str] = mapped_column(Text)


class Counter(Base):
    """A desk, screen or kiosk where people are served."""

    __tablename__ = "counter"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(250), default="")  # where it stands, in words
    sectors: Mapped[str] = mapped_column(String(250))  # codes with a blank between; one alone is fixed, several are asked
    instrument: Mapped[str] = mapped_column(String(48), default="")  # where a sector has several (a ward, a clinic); empty: its first


class CounterCode(Base):
    """What is printed on a counter's sign: random, and re-pointed or revoked without reprinting."""

    __tablename__ = "counter_code"
    __table_args__ = (CheckConstraint("length IN ('short', 'full')", name="length_known"),)

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"), index=True)
    length: Mapped[str] = mapped_column(String(8), default="short")
    medium: Mapped[str] = mapped_column(String(12), default="printed")  # printed or link; both are channel O
    revoked: Mapped[bool] = mapped_column(default=False)


class Deciding(Base):
    """Which unit decides what another receives, by sector; absent where it decides itself."""

    __tablename__ = "deciding"

    receiving_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    sector: Mapped[str] = mapped_column(String(32), primary_key=True)
    deciding_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))


def add_unit(session: Session, unit: Unit) -> Unit:
    """Store a unit and give it its place in the tree."""
    session.add(unit)
    session.flush()
    parent = session.get(Unit, unit.parent_id) if unit.parent_id else None
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    session.flush()
    return unit


def add_units(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store many units at once, parents before their children's call, and give each its place in the tree."""
    if not rows:
        return
    session.execute(insert(Unit), [{"path": "", **row} for row in rows])
    parent = aliased(Unit)
    above = select(parent.path).where(parent.id == Unit.parent_id).scalar_subquery()
    placed = func.coalesce(above, "/").concat(cast(Unit.id, String)).concat("/")
    session.execute(update(Unit).where(Unit.path == "").values(path=placed), execution_options={"synchronize_session": False})


def add_predecessors(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store many links at once: old_id, new_id, extent, source_text."""
    if rows:
        session.execute(insert(Predecessor), rows)


def list_bearers(session: Session, code: str = "") -> Sequence[Bearer]:
    """Every unit that was ever stored, or ever bore a code, as light tuples by number."""
    query = select(Unit.id, Unit.code, Unit.tier, Unit.name, Unit.valid_from, Unit.valid_to).order_by(Unit.id)
    return [Bearer(*row) for row in session.execute(query.where(Unit.code == code.strip()) if code else query)]


def list_links(session: Session) -> set[tuple[int, int]]:
    """Every pair of old and new unit that is linked."""
    return {(old, new) for old, new in session.execute(select(Predecessor.old_id, Predecessor.new_id))}


def list_predecessors(session: Session, new_id: int) -> Sequence[tuple[Predecessor, Unit]]:
    """What a unit was made from, by code."""
    query = select(Predecessor, Unit).join(Unit, Unit.id == Predecessor.old_id).where(Predecessor.new_id == new_id)
    return [(link, unit) for link, unit in session.execute(query.order_by(Unit.code))]


def list_successors(session: Session, old_id: int) -> Sequence[tuple[Predecessor, Unit]]:
    """What became of a unit, by code."""
    query = select(Predecessor, Unit).join(Unit, Unit.id == Predecessor.new_id).where(Predecessor.old_id == old_id)
    return [(link, unit) for link, unit in session.execute(query.order_by(Unit.code))]


def count_units(session: Session, day: date) -> Mapping[tuple[str, str], int]:
    """How many units existed on ``day``, by tier and kind."""
    existed = (or_(Unit.valid_from.is_(None), Unit.valid_from <= day), or_(Unit.valid_to.is_(None), Unit.valid_to > day))
    rows = session.execute(select(Unit.tier, Unit.kind, func.count()).where(*existed).group_by(Unit.tier, Unit.kind))
    return {(tier, kind): number for tier, kind, number in sorted(rows)}


def find_unit(session: Session, code: str, *, tier: str, day: date) -> Unit | None:
    """The unit that bore ``code`` on ``day``."""
    return session.scalars(
        select(Unit).where(
            Unit.code == code,
            Unit.tier == tier,
            or_(Unit.valid_from.is_(None), Unit.valid_from <= day),
            or_(Unit.valid_to.is_(None), Unit.valid_to > day),
        )
    ).one_or_none()


def get_unit(session: Session, unit_id: int) -> Unit:
    """The unit with this surrogate id."""
    if (unit := session.get(Unit, unit_id)) is None:
        raise UnknownUnitError(f"there is no unit number {unit_id}")
    return unit


def list_branch(session: Session, root: Unit) -> Sequence[Unit]:
    """A unit and everything below it, by path."""
    return session.scalars(select(Unit).where(Unit.path.startswith(root.path, autoescape=True)).order_by(Unit.path)).all()


def list_summits(session: Session, day: date) -> Sequence[Unit]:
    """The units above which nobody stood on ``day``, by code: one where the database holds a province, 34 where it holds the country."""
    existed = (or_(Unit.valid_from.is_(None), Unit.valid_from <= day), or_(Unit.valid_to.is_(None), Unit.valid_to > day))
    return session.scalars(select(Unit).where(Unit.parent_id.is_(None), *existed).order_by(Unit.code)).all()


def list_counters(session: Session, unit_id: int) -> Sequence[Counter]:
    """The counters of one unit, by name."""
    return session.scalars(select(Counter).where(Counter.unit_id == unit_id).order_by(Counter.name)).all()


def list_every_counter(session: Session) -> Sequence[Counter]:
    """Every counter, by number."""
    return session.scalars(select(Counter).order_by(Counter.id)).all()


def find_code(session: Session, code: str) -> tuple[CounterCode, Counter, Unit] | None:
    """A printed code, even a revoked one, with its counter and unit."""
    row = session.execute(
        select(CounterCode, Counter, Unit)
        .join(Counter, Counter.id == CounterCode.counter_id)
        .join(Unit, Unit.id == Counter.unit_id)
        .where(CounterCode.code == code)
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def find_printed_code(session: Session, counter_id: int) -> str | None:
    """A code on a counter's sign that is in force, if there is one."""
    query = select(CounterCode.code).where(CounterCode.counter_id == counter_id, ~CounterCode.revoked, CounterCode.medium == "printed")
    return session.scalars(query.order_by(CounterCode.length.desc(), CounterCode.code)).first()


def find_deciding(session: Session, receiving_id: int, sector: str) -> int | None:
    """The unit that decides what ``receiving_id`` receives in a sector; None where it is unknown or itself."""
    row = session.get(Deciding, (receiving_id, sector))
    return row.deciding_id if row else None


def get_counter(session: Session, counter_id: int) -> Counter:
    """The counter with this number."""
    if (counter := session.get(Counter, counter_id)) is None:
        raise UnknownCounterError(f"there is no counter number {counter_id}; see: sipas counters list")
    return counter


def list_signs(session: Session, units: Iterable[int] | None = None) -> Sequence[tuple[Unit, Counter, CounterCode | None]]:
    """Counters with their units and codes, revoked ones too, in the order of the tree; all of them, or those of some units."""
    query = select(Unit, Counter, CounterCode).join(Counter, Counter.unit_id == Unit.id)
    query = query.outerjoin(CounterCode, CounterCode.counter_id == Counter.id)
    if units is not None:
        query = query.where(Unit.id.in_(list(units)))
    rows = session.execute(query.order_by(Unit.path, Counter.name, Counter.id, CounterCode.code))
    return [(unit, counter, code) for unit, counter, code in rows]


def replace_deciding(session: Session, receiving_id: int, sector: str, deciding_id: int) -> None:
    """Say who decides what a unit receives in a sector."""
    session.merge(Deciding(receiving_id=receiving_id, sector=sector, deciding_id=deciding_id))
    session.flush()
