"""Answers of today, before their seal; and the conflicting ones in quarantine beside them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from sipas.store.base import Base


class Inbox(Base):
    """An accepted sheet that waits for the seal.

    ``iid_h`` is HMAC(K_dup, iid); the same iid with other content stands beside the first with ``quarantined`` set.
    No column names a day or a time.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        Index("ux_inbox_first", "iid_h", unique=True, sqlite_where=text("quarantined = 0"), postgresql_where=text("NOT quarantined")),
        CheckConstraint("channel IN ('V', 'S', 'O', 'P')", name="channel_known"),
        {"sqlite_with_rowid": False},
    )

    iid_h: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    quarantined: Mapped[bool] = mapped_column(default=False)
    receipt_h: Mapped[bytes] = mapped_column(LargeBinary(32))
    week: Mapped[str] = mapped_column(String(8))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    deciding_id: Mapped[int | None]
    counter_id: Mapped[int | None]
    sector: Mapped[str] = mapped_column(String(32))
    sector_asked: Mapped[bool]
    procedure: Mapped[str] = mapped_column(String(32), default="")
    wave: Mapped[str] = mapped_column(String(32))
    instrument: Mapped[str] = mapped_column(String(48))
    measure: Mapped[str] = mapped_column(String(64))
    wording: Mapped[int]
    language: Mapped[str] = mapped_column(String(5))  # 'vi' or 'other', never more
    length: Mapped[str] = mapped_column(String(8))
    stage: Mapped[str] = mapped_column(String(24))
    respondent: Mapped[str] = mapped_column(String(24))
    filing: Mapped[str] = mapped_column(String(24))
    channel: Mapped[str] = mapped_column(String(1))
    reasons: Mapped[str] = mapped_column(String(120), default="")
    duration: Mapped[str] = mapped_column(String(8), default="")  # a band: <20, 20-60, 60-300, >300
    cluster: Mapped[bytes] = mapped_column(LargeBinary(16))
    answers: Mapped[str] = mapped_column(Text)  # canonical JSON: item code → 1–5, 0 (not met), null (left blank)
    comment: Mapped[str] = mapped_column(Text, default="")
    reply_h: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))
