"""Screens at counters, and how many answers on site a counter may have a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple, cast

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Table, bindparam, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base
from sipas.store.direct import Direct
from sipas.store.units import Counter, Unit
from sipas.terms import SipasError


class UnknownScreenError(SipasError):
    """No screen bears that name."""


class Screen(Base):
    """A screen that shows a changing code. Its key is derived, never stored."""

    __tablename__ = "screen"

    screen: Mapped[str] = mapped_column(String(4), primary_key=True)
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"), index=True)
    turn: Mapped[int] = mapped_column(default=0)  # how often it was enrolled; each time it gets another key, and none before the first
    drift: Mapped[int] = mapped_column(default=0)  # seconds by which its clock runs ahead, as it said itself, where that is allowed for
    paired: Mapped[date | None]  # since when its display has the key; None too for one paired before this was kept
    heard: Mapped[date | None]  # last day on which it said what time it thinks it is
    ahead: Mapped[int] = mapped_column(default=0)  # what it said then, allowed for or not
    pairing_h: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # keyed hash of the code that enrols it once
    pairing_until: Mapped[int] = mapped_column(default=0)  # Unix seconds
    revoked: Mapped[bool] = mapped_column(default=False)


class Hung(NamedTuple):
    """A screen where it hangs, and how many answers on site its counter may have a day."""

    screen: Screen
    counter: Counter
    unit: Unit
    cap: int | None
    source: str  # of the cap: hand, daily or frame; empty where there is none


class CounterCap(Base):
    """How many answers on site a counter can honestly have in a day, as somebody said; beyond, they count as O."""

    __tablename__ = "counter_cap"

    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"), primary_key=True)
    a_day: Mapped[int]


class DerivedCap(Base):
    """The same as counts of dossiers say it; what somebody said stands over it."""

    __tablename__ = "derived_cap"
    __table_args__ = (
        CheckConstraint("source IN ('frame', 'daily')", name="source_known"),
        CheckConstraint("a_day > 0", name="a_day_positive"),
    )

    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"), primary_key=True)
    a_day: Mapped[int]
    source: Mapped[str] = mapped_column(String(8))  # daily: a file of daily counts; frame: the frame's busiest month


class DayTally(Base):
    """Answers on site so far, under the day's opaque label; nothing tells whose it is once the day's key is destroyed."""

    __tablename__ = "day_tally"
    __table_args__ = ({"sqlite_with_rowid": False},)

    label: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    n: Mapped[int]


TALLY = cast("Table", DayTally.__table__)
_CAP = Direct(  # asked at every answer on site
    select(
        func.coalesce(
            *(select(noun.a_day).where(noun.counter_id == bindparam("counter_id")).scalar_subquery() for noun in (CounterCap, DerivedCap))
        )
    )
)


def find_screen(session: Session, screen: str) -> Screen | None:
    """A screen by its four characters."""
    return session.get(Screen, screen)


def get_screen(session: Session, screen: str) -> Screen:
    """A screen by its four characters; UnknownScreenError where there is none."""
    if (found := find_screen(session, screen)) is None:
        raise UnknownScreenError(f"there is no screen {screen!r}; see: sipas screens list")
    return found


def list_screens(session: Session) -> Sequence[Screen]:
    """Every screen, by counter and name."""
    return session.scalars(select(Screen).order_by(Screen.counter_id, Screen.screen)).all()


def list_hung(session: Session, branch: str = "/") -> Sequence[Hung]:
    """Every screen of a branch with its counter and unit, in the order of the tree."""
    query = (
        select(Screen, Counter, Unit, CounterCap.a_day, DerivedCap.a_day, DerivedCap.source)
        .join(Counter, Counter.id == Screen.counter_id)
        .join(Unit, Unit.id == Counter.unit_id)
        .outerjoin(CounterCap, CounterCap.counter_id == Counter.id)
        .outerjoin(DerivedCap, DerivedCap.counter_id == Counter.id)
        .where(Unit.path.startswith(branch, autoescape=True))
        .order_by(Unit.path, Counter.name, Screen.screen)
    )
    return [
        Hung(screen, counter, unit, derived if said is None else said, (source or "") if said is None else "hand")
        for screen, counter, unit, said, derived, source in session.execute(query)
    ]


def add_screen(session: Session, screen: Screen) -> Screen:
    """Store a screen."""
    session.add(screen)
    session.flush()
    return screen


def find_cap(session: Session, counter_id: int) -> int | None:
    """How many answers on site the counter may have a day: what somebody said, else what counts of dossiers say; None without either."""
    found: int | None = _CAP.rows(session, {"counter_id": counter_id})[0][0]
    return found


def list_capped(session: Session) -> Sequence[int]:
    """The counters that have a cap."""
    return sorted({*session.scalars(select(CounterCap.counter_id)), *session.scalars(select(DerivedCap.counter_id))})


def list_caps(session: Session) -> Sequence[tuple[int, int, str]]:
    """Every counter with a cap, the cap in force, and where it comes from: hand, daily or frame."""
    found = {one.counter_id: (one.a_day, one.source) for one in session.scalars(select(DerivedCap))}
    found |= {one.counter_id: (one.a_day, "hand") for one in session.scalars(select(CounterCap))}
    return [(counter_id, *found[counter_id]) for counter_id in sorted(found)]


def replace_derived(session: Session, caps: Mapping[int, int], source: str) -> None:
    """Put derived caps in the place of all of the same source; one of daily counts stands over one of the frame."""
    session.execute(delete(DerivedCap).where(DerivedCap.source == source))
    if source == "daily":
        session.execute(delete(DerivedCap).where(DerivedCap.counter_id.in_(list(caps))))
    standing = set(session.scalars(select(DerivedCap.counter_id)))
    rows = [{"counter_id": one, "a_day": a_day, "source": source} for one, a_day in sorted(caps.items()) if one not in standing]
    if rows:
        session.execute(insert(DerivedCap), rows)


def put_cap(session: Session, counter_id: int, a_day: int | None) -> None:
    """Say a counter's cap, or take back what was said: then what counts of dossiers say is in force again."""
    session.execute(delete(CounterCap).where(CounterCap.counter_id == counter_id))
    if a_day is not None:
        session.add(CounterCap(counter_id=counter_id, a_day=a_day))
    session.flush()


def count_on_site(session: Session, label: bytes) -> int:
    """Count one more answer on site under the day's label; how many there are now."""
    make = postgres_insert(TALLY) if session.get_bind().dialect.name == "postgresql" else sqlite_insert(TALLY)
    counted = make.values(label=label, n=1).on_conflict_do_update(index_elements=["label"], set_={"n": TALLY.c.n + 1}).returning(TALLY.c.n)
    return int(session.connection().execute(counted).scalar_one())


def forget_tallies(session: Session, *, but: Collection[bytes]) -> None:
    """Forget the tallies of every day but the one whose labels are given."""
    for label in session.scalars(select(TALLY.c.label)).all():
        if bytes(label) not in but:
            session.execute(delete(TALLY).where(TALLY.c.label == label))
