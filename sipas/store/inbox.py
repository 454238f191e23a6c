"""Answers of today, before their seal; and the conflicting ones in quarantine beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    bindparam,
    false,
    func,
    literal_column,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base
from sipas.store.batches import OpenSeen, Seen
from sipas.store.direct import Direct
from sipas.store.emptying import is_postgres, wait_for


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


TABLE = cast("Table", Inbox.__table__)
COLUMNS = tuple(column.name for column in TABLE.columns)

_ADD = Direct(sqlite_insert(TABLE).on_conflict_do_nothing(), postgres=postgres_insert(TABLE).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class Twins:
    """What is known under an iid: the digest of the first, those of others beside it, and whether it has been sealed."""

    first: bytes | None
    others: frozenset[bytes]
    sealed: bool


@lru_cache
def _twins(count: int) -> Direct:
    """The question for so many hashes: a list that expands anew at each call would cost a tenth of an answer's time."""
    waiting, sealed = ([bindparam(f"{kind}_{at}", type_=LargeBinary) for at in range(count)] for kind in ("waiting", "sealed"))
    return Direct(
        union_all(
            select(literal_column("1"), TABLE.c.digest, TABLE.c.quarantined).where(TABLE.c.iid_h.in_(waiting)),
            *(select(literal_column("0"), kind.hash, false()).where(kind.hash.in_(sealed)) for kind in (OpenSeen, Seen)),
        )
    )


def enter(session: Session) -> None:
    """Take part in the inbox: what is read after this sees the state after a seal that was running."""
    if is_postgres(session):
        session.execute(text("LOCK TABLE inbox IN ROW EXCLUSIVE MODE"))


def find_twins(session: Session, waiting: Sequence[bytes], sealed: Sequence[bytes]) -> Twins:
    """What is known of an iid under any of its hashes, in the inbox and behind the seal."""
    hashes = {f"waiting_{at}": value for at, value in enumerate(waiting)} | {f"sealed_{at}": value for at, value in enumerate(sealed)}
    rows = _twins(len(waiting)).rows(session, hashes)
    here = [row for row in rows if row[0]]
    return Twins(
        first=next((bytes(row[1]) for row in here if not row[2]), None),
        others=frozenset(bytes(row[1]) for row in here if row[2]),
        sealed=len(here) < len(rows),
    )


def add_waiting(session: Session, row: Mapping[str, Any]) -> bool:
    """Put a row into the inbox; False when another sending of the same was faster."""
    return _ADD.count(session, row) > 0


def take_alone(session: Session) -> None:
    """Keep every accept out until this transaction ends; those under way are waited for, up to ten seconds."""
    if is_postgres(session):  # on SQLite, Store.write() is alone already
        wait_for(session, "LOCK TABLE inbox IN EXCLUSIVE MODE")


def list_waiting(session: Session) -> Sequence[dict[str, Any]]:
    """Every row of the inbox, in the order of its keyed hashes."""
    return [dict(row) for row in session.execute(select(TABLE).order_by(TABLE.c.iid_h, TABLE.c.digest)).mappings()]


def count_waiting(session: Session) -> int:
    """How many answers wait for the seal."""
    return session.scalars(select(func.count()).select_from(TABLE)).one()


def is_waiting(session: Session, column: str, hashed: bytes) -> bool:
    """Whether a row with this ``receipt_h`` or ``reply_h`` waits for the seal."""
    return session.scalars(select(Inbox.iid_h).where(getattr(Inbox, column) == hashed).limit(1)).first() is not None
