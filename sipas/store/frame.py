"""The frame: how many dossiers, visits, discharges and pupils stand behind the answers."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

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
    kind: Mapped[str] = mapped_column(String(16))  # hồ sơ, lượt khám, ca ra viện, học sinh
    filing: Mapped[str] = mapped_column(String(16), default="all")
    received: Mapped[int]
    settled: Mapped[int]
    late: Mapped[int]
    overdue: Mapped[int]
