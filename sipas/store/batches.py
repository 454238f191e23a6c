"""Batches (ISO weeks), and the hashes that outlive an answer's stay in the inbox: receipts and seen iids."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

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
