"""Comments, parted from their answers at the seal (decision 16)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Index, LargeBinary, RowMapping, String, Table, Text, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base
from sipas.store.responses import Sealed

WANTED = text("reply_h IS NOT NULL")  # few ask for a reply; whoever looks one up has a hash


class CommentColumns(Sealed):
    """A comment: unit, sector, statistical month and mood; nothing that leads back to its answer."""

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    unit_id: Mapped[int]
    sector: Mapped[str] = mapped_column(String(32))
    mood: Mapped[str] = mapped_column(String(12))  # satisfied, neutral, unsatisfied or none
    text: Mapped[str] = mapped_column(Text)
    reply_h: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class OpenComment(CommentColumns, Base):
    """The open months' comments, rewritten by every seal."""

    __tablename__ = "open_comment"
    __table_args__ = (
        Index("ix_open_comment_reply_h", "reply_h", sqlite_where=WANTED, postgresql_where=WANTED),
        {"sqlite_with_rowid": False},
    )


class Comment(CommentColumns, Base):
    """The closed months' comments; triggers refuse UPDATE and DELETE."""

    __tablename__ = "comment"
    __table_args__ = (
        Index("ix_comment_reply_h", "reply_h", sqlite_where=WANTED, postgresql_where=WANTED),
        {"sqlite_with_rowid": False},
    )


OPEN, CLOSED = cast("Table", OpenComment.__table__), cast("Table", Comment.__table__)


def list_open_comments(session: Session) -> Sequence[dict[str, Any]]:
    """The open months' comments, by month and id."""
    return [dict(row) for row in session.execute(select(OPEN).order_by(OPEN.c.month, OPEN.c.id)).mappings()]


def stream_comments(session: Session, *, closed: bool) -> Iterator[RowMapping]:
    """The comments of the open or of the closed months, by month and id, a thousand at a time."""
    table = CLOSED if closed else OPEN
    yield from session.execute(select(table).order_by(table.c.month, table.c.id), execution_options={"yield_per": 1000}).mappings()


def add_comments(session: Session, rows: Sequence[Mapping[str, Any]], *, closed: bool) -> None:
    """Put comments behind the seal in the order given; into a closed month once and for good."""
    if rows:
        session.execute(insert(CLOSED if closed else OPEN), rows)


def find_reply_month(session: Session, reply_h: bytes) -> str | None:
    """The statistical month of the comment that a reply code stands on; None while it waits for the seal, or where there is none."""
    query = select(OPEN.c.month).where(OPEN.c.reply_h == reply_h).union_all(select(CLOSED.c.month).where(CLOSED.c.reply_h == reply_h))
    return session.scalars(query.limit(1)).first()
