"""Batches (ISO weeks), and the hashes that outlive an answer's stay in the inbox: receipts and seen iids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import CheckConstraint, LargeBinary, String, Table, delete, insert, select, union_all
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base


class Batch(Base):
    """One ISO week of answers; rooted when the week is closed."""

    __tablename__ = "batch"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="state_known"),
        CheckConstraint("n >= 0", name="n_not_negative"),
    )

    week: Mapped[str] = mapped_column(String(8), primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    n: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary(32))  # Merkle root over the leaves in id order; final once closed
    mac: Mapped[bytes] = mapped_column(LargeBinary(32), default=b"")  # over the four above, so that a row taken out is missed


class HashColumns:
    """A keyed hash and a week; the hash leads the key, because it is what one looks for."""

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    week: Mapped[str] = mapped_column(String(8), primary_key=True)


class OpenReceipt(HashColumns, Base):
    """Receipts of the open weeks, rewritten by every seal."""

    __tablename__ = "open_receipt"
    __table_args__ = ({"sqlite_with_rowid": False},)


class Receipt(HashColumns, Base):
    """Receipts of the closed weeks: proof of presence, not of content."""

    __tablename__ = "receipt"
    __table_args__ = ({"sqlite_with_rowid": False},)


class OpenSeen(HashColumns, Base):
    """HMAC(K_dup, iid) of the open weeks, so that a late repeat is known as one."""

    __tablename__ = "open_seen_iid"
    __table_args__ = ({"sqlite_with_rowid": False},)


class Seen(HashColumns, Base):
    """The same of the closed weeks, for 35 days: the one trace that is kept."""

    __tablename__ = "seen_iid"
    __table_args__ = ({"sqlite_with_rowid": False},)


class Clockwork(Base):
    """The last day for which a job ran; refers to no answer."""

    __tablename__ = "clockwork"

    job: Mapped[str] = mapped_column(String(24), primary_key=True)
    day: Mapped[date]


class Fielded(Base):
    """What was first asked under an instrument's code: the measure is fixed, wordings are numbered."""

    __tablename__ = "fielded"

    instrument: Mapped[str] = mapped_column(String(48), primary_key=True)
    measure: Mapped[str] = mapped_column(String(64))
    wording: Mapped[int]
    wordings: Mapped[str] = mapped_column(String(2000))  # JSON: language → hash of the wording in force


BATCH = cast("Table", Batch.__table__)
# what outlives the inbox of an iid → its tables of the open and of the closed weeks
HASHES: Mapping[str, tuple[Table, Table]] = MappingProxyType(
    {
        "receipt": (cast("Table", OpenReceipt.__table__), cast("Table", Receipt.__table__)),
        "seen": (cast("Table", OpenSeen.__table__), cast("Table", Seen.__table__)),
    }
)
OPEN_TABLES = ("inbox", "open_response", "open_comment", "open_receipt", "open_seen_iid", "open_nullifier")


def list_batches(session: Session) -> Sequence[Mapping[str, Any]]:
    """Every week that was ever sealed, oldest first."""
    return [dict(row) for row in session.execute(select(BATCH).order_by(BATCH.c.week)).mappings()]


def replace_open_batches(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Forget the batches that were open and put down ``rows``, open and newly closed; closed ones stay as they are."""
    session.execute(delete(BATCH).where(BATCH.c.state == "open"))
    if rows:
        session.execute(insert(BATCH), rows)


def list_open_hashes(session: Session, what: str) -> Sequence[tuple[bytes, str]]:
    """The hashes of the open weeks, with their week."""
    table = HASHES[what][0]
    return [(bytes(row[0]), row[1]) for row in session.execute(select(table.c.hash, table.c.week)).all()]


def add_hashes(session: Session, what: str, hashes: Iterable[tuple[bytes, str]], *, closed: bool) -> None:
    """Put hashes down in their own order, which is random."""
    if rows := [{"hash": value, "week": week} for value, week in sorted(hashes)]:
        session.execute(insert(HASHES[what][closed]), rows)


def expire_seen(session: Session, *, before: str) -> None:
    """Forget the iids seen in weeks before ``before``."""
    session.execute(delete(Seen).where(Seen.week < before))


def find_receipt_week(session: Session, receipt_h: bytes) -> str | None:
    """The week in which a sealed answer with that receipt was counted; None for one that waits, or never was."""
    tables = HASHES["receipt"]
    return session.scalars(union_all(*(select(table.c.week).where(table.c.hash == receipt_h) for table in tables)).order_by("week")).first()


def find_day(session: Session, job: str) -> date | None:
    """The last day for which a job ran."""
    row = session.get(Clockwork, job)
    return row.day if row else None


def put_day(session: Session, job: str, day: date) -> None:
    """Note the day for which a job ran."""
    session.merge(Clockwork(job=job, day=day))
    session.flush()
