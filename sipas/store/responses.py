"""Sealed answers: the open week, rewritten by each seal, and the closed weeks, never changed again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import CheckConstraint, Integer, LargeBinary, RowMapping, String, Table, Text, insert, select, union
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base


class Sealed:
    """What every sealed row carries from the first seal on (decision 21); `docs/integrity.md` lists the fields of each form."""

    form: Mapped[int] = mapped_column(sort_order=90)
    key: Mapped[str] = mapped_column(String(8), sort_order=91)  # which row key made the MAC
    salt: Mapped[bytes] = mapped_column(LargeBinary(16), sort_order=92)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32), sort_order=93)
    leaf: Mapped[bytes] = mapped_column(LargeBinary(32), sort_order=94)


class ResponseColumns(Sealed):
    """One answer as it is kept: no day, no order, no link to a visit."""

    week: Mapped[str] = mapped_column(String(8), primary_key=True)
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    unit_id: Mapped[int]
    deciding_id: Mapped[int | None]
    counter_id: Mapped[int | None]
    sector: Mapped[str] = mapped_column(String(32))
    sector_asked: Mapped[bool]
    procedure: Mapped[str] = mapped_column(String(32))
    wave: Mapped[str] = mapped_column(String(32))
    instrument: Mapped[str] = mapped_column(String(48))
    measure: Mapped[str] = mapped_column(String(64))
    wording: Mapped[int] = mapped_column(Integer)
    language: Mapped[str] = mapped_column(String(5))
    length: Mapped[str] = mapped_column(String(8))
    stage: Mapped[str] = mapped_column(String(24))
    respondent: Mapped[str] = mapped_column(String(24))
    filing: Mapped[str] = mapped_column(String(24))
    channel: Mapped[str] = mapped_column(String(1))
    reasons: Mapped[str] = mapped_column(String(120))
    quarantine: Mapped[str] = mapped_column(String(48))  # why it was set aside at acceptance, or empty
    duration: Mapped[str] = mapped_column(String(8))
    cluster: Mapped[bytes] = mapped_column(LargeBinary(16))
    answers: Mapped[str] = mapped_column(Text)


class OpenResponse(ResponseColumns, Base):
    """The open weeks' answers: emptied and refilled, in new random order and under new ids, by every seal."""

    __tablename__ = "open_response"
    __table_args__ = (CheckConstraint("channel IN ('V', 'S', 'O', 'P')", name="channel_known"), {"sqlite_with_rowid": False})


class Response(ResponseColumns, Base):
    """The closed weeks' answers: a week enters once, at its close; triggers refuse UPDATE and DELETE."""

    __tablename__ = "response"
    __table_args__ = (CheckConstraint("channel IN ('V', 'S', 'O', 'P')", name="channel_known"), {"sqlite_with_rowid": False})


OPEN, CLOSED = cast("Table", OpenResponse.__table__), cast("Table", Response.__table__)


def list_open(session: Session) -> Sequence[dict[str, Any]]:
    """The open weeks' rows, by week and id."""
    return [dict(row) for row in session.execute(select(OPEN).order_by(OPEN.c.week, OPEN.c.id)).mappings()]


def stream_sealed(session: Session, *, closed: bool) -> Iterator[RowMapping]:
    """The rows of the open or of the closed weeks, by week and id, a thousand at a time."""
    table = CLOSED if closed else OPEN
    yield from session.execute(select(table).order_by(table.c.week, table.c.id), execution_options={"yield_per": 1000}).mappings()


def add_sealed(session: Session, rows: Sequence[Mapping[str, Any]], *, closed: bool) -> None:
    """Put rows behind the seal in the order given; into a closed week once and for good."""
    if rows:
        session.execute(insert(CLOSED if closed else OPEN), rows)


def list_waves(session: Session) -> Sequence[str]:
    """The waves that have sealed answers."""
    return session.scalars(union(*(select(table.c.wave) for table in (OPEN, CLOSED))).order_by("wave")).all()
