"""Batches of one-time codes, the dossiers that were invited, and the codes that were spent: three tables without a common column."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Table, bindparam, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base
from sipas.store.direct import Direct
from sipas.store.emptying import empty, is_postgres, wait_for
from sipas.terms import SipasError

MINTING = 0x51FA  # the name of our lock among PostgreSQL's
KINDS = ("invitation", "sample", "card", "slip", "deferral")


class UnknownBatchError(SipasError):
    """No batch of one-time codes bears that name."""


class TokenBatch(Base):
    """For whom, for what and until when a batch of one-time codes speaks. How many were minted, and never which."""

    __tablename__ = "token_batch"
    __table_args__ = (
        CheckConstraint("kind IN ('invitation', 'sample', 'card', 'slip', 'deferral')", name="kind_known"),
        CheckConstraint("channel IN ('V', 'S', 'O', 'P')", name="channel_known"),
        CheckConstraint("minted >= 0", name="minted_not_negative"),
    )

    batch: Mapped[str] = mapped_column(String(4), primary_key=True)
    kid: Mapped[str] = mapped_column(String(1))
    year: Mapped[int]  # whose key makes the nullifiers
    kind: Mapped[str] = mapped_column(String(12))
    channel: Mapped[str] = mapped_column(String(1))
    wave: Mapped[str] = mapped_column(String(32))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    sector: Mapped[str] = mapped_column(String(32), default="")  # empty: asked
    instrument: Mapped[str] = mapped_column(String(48), default="")
    length: Mapped[str] = mapped_column(String(8), default="short")
    label: Mapped[str] = mapped_column(String(120), default="")  # a class, a ward, a print run
    probability: Mapped[float | None]  # with which a finished dossier was drawn; None where every one was invited
    not_before: Mapped[date]
    not_after: Mapped[date]
    quota: Mapped[int]  # dossiers finished, pupils, patients: codes beyond count as O
    minted: Mapped[int] = mapped_column(default=0)
    overflow_of: Mapped[str] = mapped_column(String(4), default="")
    ten_digits: Mapped[bool] = mapped_column(default=False)  # its cards can be typed
    revoked: Mapped[bool] = mapped_column(default=False)


class IssuedDossier(Base):
    """A keyed hash of an invited dossier, until its wave's key is destroyed: a second invitation is refused."""

    __tablename__ = "issued_dossier"
    __table_args__ = ({"sqlite_with_rowid": False},)

    tag: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    wave: Mapped[str] = mapped_column(String(32))


class NullifierColumns:
    """A keyed hash of a spent code, and the week in which it was spent."""

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    week: Mapped[str] = mapped_column(String(8))


class OpenNullifier(NullifierColumns, Base):
    """Codes spent in the open weeks, rewritten by every seal."""

    __tablename__ = "open_nullifier"
    __table_args__ = ({"sqlite_with_rowid": False},)


class Nullifier(NullifierColumns, Base):
    """Codes spent in the closed weeks."""

    __tablename__ = "nullifier"
    __table_args__ = ({"sqlite_with_rowid": False},)


OPEN, CLOSED, TAGS, BATCHES = (cast("Table", noun.__table__) for noun in (OpenNullifier, Nullifier, IssuedDossier, TokenBatch))
_CARDS = Direct(
    select(BATCHES.c.batch).where(
        BATCHES.c.unit_id == bindparam("unit_id"), BATCHES.c.ten_digits, ~BATCHES.c.revoked, BATCHES.c.not_after >= bindparam("day")
    )
)
_SPEND = Direct(sqlite_insert(OPEN).on_conflict_do_nothing(), postgres=postgres_insert(OPEN).on_conflict_do_nothing())


def spend(session: Session, nullifier: bytes, week: str) -> bool:
    """Spend a code; False if it was spent before, by a sending beside this one too."""
    if session.execute(select(CLOSED.c.week).where(CLOSED.c.hash == nullifier)).first() is not None:
        return False
    return _SPEND.count(session, {"hash": nullifier, "week": week}) > 0


def list_open_nullifiers(session: Session) -> set[tuple[bytes, str]]:
    """Every code spent in an open week, with its week."""
    return {(bytes(row[0]), row[1]) for row in session.execute(select(OPEN.c.hash, OPEN.c.week))}


def add_nullifiers(session: Session, spent: Sequence[tuple[bytes, str]], *, closed: bool) -> None:
    """Put spent codes down in the order of their hashes, which is random."""
    if rows := [{"hash": value, "week": week} for value, week in sorted(spent)]:
        session.execute(insert(CLOSED if closed else OPEN), rows)


def expire_nullifiers(session: Session, *, before: str) -> None:
    """Forget the codes spent before a week: their batches have run out and their key is destroyed."""
    session.execute(delete(Nullifier).where(Nullifier.week < before))


def shuffle_tags(session: Session) -> None:
    """Rewrite the invited dossiers in the order of their hashes: the order of invitation is gone."""
    if is_postgres(session):  # a tag that is added between the reading and the emptying would be lost
        wait_for(session, "LOCK TABLE issued_dossier IN ACCESS EXCLUSIVE MODE")
    rows = [dict(row) for row in session.execute(select(TAGS).order_by(TAGS.c.tag)).mappings()]
    empty(session, "issued_dossier")
    if rows:
        session.execute(insert(TAGS), rows)


def add_tag(session: Session, tag: bytes, wave: str) -> bool:
    """Note an invited dossier; False if it was invited before."""
    statement = postgres_insert(TAGS) if session.get_bind().dialect.name == "postgresql" else sqlite_insert(TAGS)
    done = session.connection().execute(
        statement.values(tag=tag, wave=wave).on_conflict_do_nothing(), execution_options={"preserve_rowcount": True}
    )
    return done.rowcount > 0


def forget_tags(session: Session, wave: str) -> None:
    """Forget which dossiers of a wave were invited."""
    session.execute(delete(IssuedDossier).where(IssuedDossier.wave == wave))


def add_batch(session: Session, batch: TokenBatch) -> TokenBatch:
    """Store a batch."""
    session.add(batch)
    session.flush()
    return batch


def hold_minting(session: Session, unit_ids: Collection[int]) -> None:
    """Mint for these units alone until the transaction ends; SQLite has one writer anyhow."""
    if is_postgres(session):
        for unit_id in sorted(set(unit_ids)):  # in one order, so that no two wait for each other
            session.execute(text("SELECT pg_advisory_xact_lock(:work, :unit)"), {"work": MINTING, "unit": unit_id})


def find_batch(session: Session, batch: str) -> TokenBatch | None:
    """A batch by its four characters."""
    return session.get(TokenBatch, batch)


def get_batch(session: Session, batch: str) -> TokenBatch:
    """A batch by its four characters; UnknownBatchError where there is none."""
    if (found := find_batch(session, batch)) is None:
        raise UnknownBatchError(f"there is no batch {batch!r} of one-time codes; see: sipas tokens list")
    return found


def list_batches(session: Session, wave: str = "") -> Sequence[TokenBatch]:
    """Every batch, or those of a wave, by wave, unit and name."""
    query = select(TokenBatch).order_by(TokenBatch.wave, TokenBatch.unit_id, TokenBatch.batch)
    return session.scalars(query.where(TokenBatch.wave == wave) if wave else query).all()


def find_like(session: Session, batch: TokenBatch) -> TokenBatch | None:
    """The batch that is already open for the same unit, counter, sector, wave, kind and first day."""
    columns = ("wave", "unit_id", "counter_id", "sector", "kind", "not_before", "overflow_of")
    alike = [getattr(TokenBatch, name).is_not_distinct_from(getattr(batch, name)) for name in columns]
    return session.scalars(select(TokenBatch).where(*alike, ~TokenBatch.revoked).order_by(TokenBatch.batch).limit(1)).first()


def find_overflow(session: Session, batch: str) -> TokenBatch | None:
    """The batch that takes what is beyond the quota of another."""
    return session.scalars(select(TokenBatch).where(TokenBatch.overflow_of == batch)).first()


def find_quota(session: Session, wave: str, unit_id: int, sector: str) -> int | None:
    """The quota of a unit's invitations in a sector and wave; None while there is no batch."""
    inside = (TokenBatch.wave == wave, TokenBatch.unit_id == unit_id, TokenBatch.sector == sector, TokenBatch.kind == "invitation")
    return session.scalars(select(func.max(TokenBatch.quota)).where(*inside)).one()


def list_cell(session: Session, batch: TokenBatch) -> Sequence[TokenBatch]:
    """The batches that share one quota: invitations of a wave to one unit and sector, whatever their first day."""
    columns = ("wave", "unit_id", "sector", "kind")
    alike = [getattr(TokenBatch, name) == getattr(batch, name) for name in columns]
    return session.scalars(select(TokenBatch).where(*alike, TokenBatch.overflow_of == "").order_by(TokenBatch.batch)).all()


def count_cell(session: Session, batch: TokenBatch) -> int:
    """How many codes were minted in the batches that share this one's quota."""
    columns = ("wave", "unit_id", "sector", "kind")
    alike = [getattr(TokenBatch, name) == getattr(batch, name) for name in columns]
    return int(session.scalars(select(func.coalesce(func.sum(TokenBatch.minted), 0)).where(*alike, TokenBatch.overflow_of == "")).one())


def list_typed_batches(session: Session, unit_id: int) -> Sequence[TokenBatch]:
    """The batches of a unit whose cards can be typed, the overflowing ones among them."""
    query = select(TokenBatch).where(TokenBatch.unit_id == unit_id, TokenBatch.ten_digits)
    return session.scalars(query.order_by(TokenBatch.batch)).all()


def has_cards(session: Session, unit_id: int, day: date) -> bool:
    """Whether a unit has cards in force that can be typed; asked at every opening of a printed code's form."""
    return bool(_CARDS.rows(session, {"unit_id": unit_id, "day": day if is_postgres(session) else day.isoformat()}))


def count_minted(session: Session, batch: str, more: int = 1) -> int:
    """Count minted codes; how many there are now."""
    session.execute(update(TokenBatch).where(TokenBatch.batch == batch).values(minted=TokenBatch.minted + more))
    return session.scalars(select(TokenBatch.minted).where(TokenBatch.batch == batch)).one()
