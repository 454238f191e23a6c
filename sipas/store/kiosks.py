"""Kiosks: which tablet stands at which counter, how it is paired, and what has come from it, by number and never by answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import DateTime, ForeignKey, LargeBinary, String, Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base
from sipas.store.units import Counter, Unit
from sipas.terms import SipasError


class UnknownKioskError(SipasError):
    """No kiosk bears that code."""


class Kiosk(Base):
    """A tablet at a counter. It is new until it has a public key, and revoked for ever from the day that says so."""

    __tablename__ = "kiosk"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)  # random, as every code
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"), index=True)
    length: Mapped[str] = mapped_column(String(8), default="short")
    comments: Mapped[bool] = mapped_column(default=False)  # whether it shows a box to write in
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary(65))
    enrolled: Mapped[date | None]
    revoked: Mapped[date | None]


class KioskPairing(Base):
    """The one-time code that lets a tablet become this kiosk, as a keyed hash, until it runs out."""

    __tablename__ = "kiosk_pairing"

    kiosk: Mapped[str] = mapped_column(ForeignKey("kiosk.code"), primary_key=True)
    code_h: Mapped[bytes] = mapped_column(LargeBinary(32))
    expires: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class KioskLedger(Base):
    """What has come from a kiosk: the highest number, what is missing below it, and its last word about itself. No row stands for an answer."""

    __tablename__ = "kiosk_ledger"

    kiosk: Mapped[str] = mapped_column(ForeignKey("kiosk.code"), primary_key=True)
    highest: Mapped[int] = mapped_column(default=0)
    head: Mapped[str] = mapped_column(String(64), default="")  # hash of the envelope with the highest number
    gaps: Mapped[str] = mapped_column(Text, default="[]")  # JSON: first, last, day first missed
    breaks: Mapped[int] = mapped_column(default=0)  # envelopes that did not follow from the one before them
    pending: Mapped[int] = mapped_column(default=0)  # the tablet's own word, as is what follows
    held: Mapped[int] = mapped_column(default=0)
    durable: Mapped[str] = mapped_column(String(8), default="")  # yes, or unknown where the browser cannot say
    version: Mapped[str] = mapped_column(String(16), default="")
    seen: Mapped[date | None]  # last heard of
    clear: Mapped[date | None]  # last heard of with nothing waiting: no answer that comes later was given before


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a kiosk stands: its counter and that counter's unit."""

    kiosk: Kiosk
    counter: Counter
    unit: Unit


def add_kiosk(session: Session, *, code: str, counter_id: int, length: str, comments: bool) -> Kiosk:
    """A kiosk that waits for its tablet, with an empty ledger."""
    kiosk = Kiosk(code=code, counter_id=counter_id, length=length, comments=comments)
    session.add(kiosk)
    session.flush()
    session.add(KioskLedger(kiosk=code, highest=0, head="", gaps="[]", breaks=0, pending=0, held=0, durable="", version=""))
    session.flush()
    return kiosk


def find_kiosk(session: Session, code: str) -> Kiosk | None:
    """The kiosk of that code, even a revoked one."""
    return session.get(Kiosk, code)


def get_kiosk(session: Session, code: str) -> Kiosk:
    """The kiosk of that code, or UnknownKioskError."""
    if (kiosk := find_kiosk(session, code)) is None:
        raise UnknownKioskError(f"no kiosk bears the code {code!r}; see: sipas kiosks list")
    return kiosk


def get_standing(session: Session, code: str) -> Standing:
    """A kiosk with its counter and unit."""
    query = select(Kiosk, Counter, Unit).join(Counter, Counter.id == Kiosk.counter_id).join(Unit, Unit.id == Counter.unit_id)
    if (row := session.execute(query.where(Kiosk.code == code)).one_or_none()) is None:
        raise UnknownKioskError(f"no kiosk bears the code {code!r}; see: sipas kiosks list")
    return Standing(row[0], row[1], row[2])


def list_standings(session: Session, branch: str = "/") -> Sequence[tuple[Standing, KioskLedger]]:
    """Every kiosk of a branch with its ledger, in the order of the tree."""
    query = (
        select(Kiosk, Counter, Unit, KioskLedger)
        .join(Counter, Counter.id == Kiosk.counter_id)
        .join(Unit, Unit.id == Counter.unit_id)
        .join(KioskLedger, KioskLedger.kiosk == Kiosk.code)
        .where(Unit.path.startswith(branch, autoescape=True))
        .order_by(Unit.path, Counter.name, Kiosk.code)
    )
    return [(Standing(kiosk, counter, unit), ledger) for kiosk, counter, unit, ledger in session.execute(query)]


def get_ledger(session: Session, code: str) -> KioskLedger:
    """The ledger of a kiosk, held alone until the transaction ends."""
    return session.get_one(KioskLedger, code, with_for_update=True)


def gaps_of(ledger: KioskLedger) -> list[tuple[int, int, date]]:
    """What is missing: first and last number, and the day on which it was first missed."""
    return [(first, last, date.fromisoformat(day)) for first, last, day in json.loads(ledger.gaps)]


def put_gaps(ledger: KioskLedger, gaps: Sequence[tuple[int, int, date]]) -> None:
    """Write down what is missing."""
    ledger.gaps = json.dumps([[first, last, day.isoformat()] for first, last, day in gaps])


def replace_pairing(session: Session, *, kiosk: str, code_h: bytes, expires: datetime) -> None:
    """Give a kiosk a new pairing code; the one before it is worth nothing."""
    session.merge(KioskPairing(kiosk=kiosk, code_h=code_h, expires=expires))
    session.flush()


def take_pairing(session: Session, code_h: bytes, *, now: datetime) -> str | None:
    """The kiosk that a pairing code stands for, once: the code is gone with it. None for a wrong or an old one."""
    for pairing in session.scalars(select(KioskPairing).where(KioskPairing.code_h == code_h).with_for_update()).all():
        kiosk, expires = pairing.kiosk, pairing.expires
        session.delete(pairing)
        session.flush()
        # SQLite gives times back without their zone; they were written in that of ``now``.
        if now <= (expires if expires.tzinfo else expires.replace(tzinfo=now.tzinfo)):
            return kiosk
    return None


def drop_pairing(session: Session, kiosk: str) -> None:
    """Make a kiosk's pairing code worth nothing."""
    session.execute(delete(KioskPairing).where(KioskPairing.kiosk == kiosk))
