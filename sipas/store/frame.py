"""The frame: how many dossiers, visits, discharges and pupils stand behind the answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base


class FrameLoad(Base):
    """One imported file; the newest of a wave is in force."""

    __tablename__ = "frame_load"

    id: Mapped[int] = mapped_column(primary_key=True)
    wave: Mapped[str] = mapped_column(String(32), index=True)
    file_name: Mapped[str] = mapped_column(String(250))
    sha256: Mapped[str] = mapped_column(String(64))
    found: Mapped[str] = mapped_column(Text)  # encoding, separator and decimal mark, in a sentence
    rows: Mapped[int]


class FrameCount(Base):
    """One row of the frame: population of unit × deciding unit × sector × month × kind × filing."""

    __tablename__ = "frame_count"
    __table_args__ = (
        CheckConstraint("received >= 0 AND settled >= 0 AND late >= 0 AND overdue >= 0 AND late <= settled", name="counts_agree"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    load_id: Mapped[int] = mapped_column(ForeignKey("frame_load.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    deciding_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    sector: Mapped[str] = mapped_column(String(32))
    month: Mapped[str] = mapped_column(String(7))
    kind: Mapped[str] = mapped_column(String(16))  # dossier, visit, discharge, pupil
    filing: Mapped[str] = mapped_column(String(16), default="all")
    received: Mapped[int]
    settled: Mapped[int]
    late: Mapped[int]
    overdue: Mapped[int]


class Count(NamedTuple):
    """One row of a load, light enough to hold the frame of a province."""

    unit_id: int
    deciding_id: int | None
    sector: str
    month: str
    kind: str
    filing: str
    received: int
    settled: int
    late: int
    overdue: int


def add_load(session: Session, load: FrameLoad, counts: Sequence[Count]) -> FrameLoad:
    """Append a load; it is in force from now on, and older ones stay for the runs that used them."""
    session.add(load)
    session.flush()
    if counts:
        session.execute(insert(FrameCount), [{"load_id": load.id, **count._asdict()} for count in counts])
    return load


def get_frame(session: Session, wave: str) -> FrameLoad | None:
    """The load that is in force for a wave: its newest; None where nothing was loaded yet."""
    return session.scalars(select(FrameLoad).where(FrameLoad.wave == wave).order_by(FrameLoad.id.desc()).limit(1)).first()


def list_loads(session: Session, wave: str | None = None) -> Sequence[FrameLoad]:
    """Every load, of one wave or of all, oldest first."""
    query = select(FrameLoad).order_by(FrameLoad.wave, FrameLoad.id)
    return session.scalars(query if wave is None else query.where(FrameLoad.wave == wave)).all()


def list_counts(session: Session, load_id: int) -> Sequence[Count]:
    """The rows of a load, in the order of the file."""
    columns = [getattr(FrameCount, field) for field in Count._fields]
    return [Count(*row) for row in session.execute(select(*columns).where(FrameCount.load_id == load_id).order_by(FrameCount.id))]


def count_dossiers(session: Session, wave: str, unit_id: int, sector: str) -> int:
    """What the frame in force counts of a unit and sector so far: received or settled, whichever is more; 0 without a frame.

    Of several kinds the largest: they never add up.
    """
    if (load := get_frame(session, wave)) is None:
        return 0
    inside = (FrameCount.load_id == load.id, FrameCount.unit_id == unit_id, FrameCount.sector == sector)
    sums = select(func.sum(FrameCount.received), func.sum(FrameCount.settled)).where(*inside).group_by(FrameCount.kind)
    return max((int(max(row)) for row in session.execute(sums)), default=0)


class Handled(NamedTuple):
    """Dossiers that a unit had in hand in a sector and month."""

    unit_id: int
    sector: str
    month: str
    dossiers: int


def list_handled(session: Session, load_id: int) -> Sequence[Handled]:
    """Received or settled by unit, sector and month, whichever is more; of several kinds the largest: they never add up."""
    keys = (FrameCount.unit_id, FrameCount.sector, FrameCount.month)
    sums = select(*keys, func.sum(FrameCount.received), func.sum(FrameCount.settled)).where(FrameCount.load_id == load_id)
    most: dict[tuple[int, str, str], int] = {}
    for unit, sector, month, received, settled in session.execute(sums.group_by(*keys, FrameCount.kind)):
        most[unit, sector, month] = max(most.get((unit, sector, month), 0), int(received), int(settled))
    return [Handled(*key, dossiers) for key, dossiers in sorted(most.items())]
