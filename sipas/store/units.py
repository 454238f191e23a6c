"""The unit tree: public bodies with their validity, their predecessors, their counters and printed codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base
from sipas.terms import SipasError


class UnknownUnitError(SipasError):
    """No unit has that code at that date."""


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


def list_counters(session: Session, unit_id: int) -> Sequence[Counter]:
    """The counters of one unit, by name."""
    return session.scalars(select(Counter).where(Counter.unit_id == unit_id).order_by(Counter.name)).all()


def find_code(session: Session, code: str) -> tuple[CounterCode, Counter, Unit] | None:
    """A printed code, even a revoked one, with its counter and unit."""
    row = session.execute(
        select(CounterCode, Counter, Unit)
        .join(Counter, Counter.id == CounterCode.counter_id)
        .join(Unit, Unit.id == Counter.unit_id)
        .where(CounterCode.code == code)
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def find_deciding(session: Session, receiving_id: int, sector: str) -> int | None:
    """The unit that decides what ``receiving_id`` receives in a sector; None where it is unknown or itself."""
    row = session.get(Deciding, (receiving_id, sector))
    return row.deciding_id if row else None
