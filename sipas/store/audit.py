"""Who took what away, and when: one row, or no file."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base


class Audit(Base):
    """One act of an official. Never about a single answer."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    official: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(32))
    details: Mapped[str] = mapped_column(Text)  # JSON


def add_audit(session: Session, *, at: datetime, official: str, action: str, details: str) -> None:
    """Write down an act."""
    session.add(Audit(at=at, official=official, action=action, details=details))
