"""Test answers that look like any other until they are sealed: only their receipts are declared, and only as keyed hashes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple, cast

from sqlalchemy import LargeBinary, Table, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base
from sipas.store.responses import OpenResponse, Response

CANARY = "canary"  # why a test answer is set aside


class Canary(Base):
    """The receipt of a test answer that no seal has met yet."""

    __tablename__ = "canary"
    __table_args__ = ({"sqlite_with_rowid": False},)

    receipt_h: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)


class Sealed(NamedTuple):
    """What became of a test answer."""

    week: str
    channel: str
    sector: str
    answers: str  # canonical JSON


TABLE = cast("Table", Canary.__table__)


def add_canaries(session: Session, receipts: Iterable[bytes]) -> int:
    """Declare receipts; how many were not declared yet."""
    fresh = set(receipts) - list_canaries(session)
    if fresh:
        session.execute(insert(TABLE), [{"receipt_h": one} for one in sorted(fresh)])
    return len(fresh)


def list_canaries(session: Session) -> set[bytes]:
    """The receipts that wait for their answer's seal."""
    return {bytes(one) for one in session.scalars(select(TABLE.c.receipt_h))}


def forget_canaries(session: Session, met: Collection[bytes]) -> None:
    """Forget those that a seal has met."""
    for one in met:
        session.execute(delete(TABLE).where(TABLE.c.receipt_h == one))


def list_sealed(session: Session) -> Sequence[Sealed]:
    """Every test answer that was sealed, in no order that tells anything."""
    found = []
    for table in (OpenResponse, Response):
        query = select(table.week, table.channel, table.sector, table.answers).where(table.quarantine == CANARY)
        found += [Sealed(*row) for row in session.execute(query)]
    return sorted(found)
