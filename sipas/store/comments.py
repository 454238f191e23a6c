"""Comments, parted from their answers at the seal (decision 16)."""

from __future__ import annotations

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sipas.store.base import Base
from sipas.store.responses import Sealed


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
    __table_args__ = ({"sqlite_with_rowid": False},)


class Comment(CommentColumns, Base):
    """The closed months' comments; triggers refuse UPDATE and DELETE."""

    __tablename__ = "comment"
    __table_args__ = ({"sqlite_with_rowid": False},)
