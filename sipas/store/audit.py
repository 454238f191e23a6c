"""Who took what away, and when: one row, or no file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import DateTime, String, Text, select
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
    """Write down an act; whatever the database refuses is raised here, not at the commit."""
    session.add(Audit(at=at, official=official, action=action, details=details))
    session.flush()


def list_audits(session: Session, *, action: str = "") -> Sequence[Audit]:
    """Every act, or those of one action, oldest first."""
    wanted = select(Audit).order_by(Audit.id)
    return session.scalars(wanted.where(Audit.action == action) if action else wanted).all()
