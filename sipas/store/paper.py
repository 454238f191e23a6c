"""Numbered batches of paper sheets, and what was typed of them, until both keyings of a batch agree.

No column names a day or a time. What was typed leaves these tables in the transaction that puts it into the inbox; what stays of a
batch is its number, its counts, and how often two people read the same sheet differently.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, LargeBinary, String, Text, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base
from sipas.store.officials import OfficialAccount
from sipas.store.units import Unit
from sipas.terms import SipasError

FIRST, SECOND, RELEASED = "first", "second", "released"
PHASES = (FIRST, SECOND, RELEASED)


class UnknownPaperBatchError(SipasError):
    """No batch of paper sheets has that number."""


class PaperBatch(Base):
    """Sheets that were gathered together: for which unit and form, how many were declared, and how far their keying is."""

    __tablename__ = "paper_batch"
    __table_args__ = (
        CheckConstraint("phase IN ('first', 'second', 'released')", name="phase_known"),
        CheckConstraint("declared IS NULL OR declared > 0", name="declared_positive"),
        CheckConstraint("length IN ('short', 'full')", name="length_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)  # the number that is printed on every sheet
    code: Mapped[str] = mapped_column(String(10), unique=True)  # what the sheet's QR code holds
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    deciding_id: Mapped[int | None]
    counter_id: Mapped[int | None]
    sector: Mapped[str] = mapped_column(String(32))
    wave: Mapped[str] = mapped_column(String(32))
    instrument: Mapped[str] = mapped_column(String(48))
    measure: Mapped[str] = mapped_column(String(64))
    wording: Mapped[int]
    length: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(16))  # of the paper; an answer keeps no more of it than 'vi' or 'other'
    declared: Mapped[int | None]  # sheets counted before the first is typed
    round: Mapped[int] = mapped_column(default=1)  # how often the batch has been begun
    phase: Mapped[str] = mapped_column(String(12), default=FIRST)


class PaperSheet(Base):
    """What one person typed of one sheet. Typed again it is another version; the last one counts."""

    __tablename__ = "paper_sheet"
    __table_args__ = (CheckConstraint("entry IN (1, 2)", name="entry_known"), {"sqlite_with_rowid": False})

    batch_id: Mapped[int] = mapped_column(ForeignKey("paper_batch.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    sheet: Mapped[int] = mapped_column(primary_key=True)
    entry: Mapped[int] = mapped_column(primary_key=True)  # 1, or 2 for the control
    version: Mapped[int] = mapped_column(primary_key=True)
    official_id: Mapped[int] = mapped_column(ForeignKey("official.id"))
    iid: Mapped[str] = mapped_column(String(32))
    fields: Mapped[str] = mapped_column(Text)  # JSON: field → value, as read_sheet takes it; assisted, nullifier
    comment: Mapped[str] = mapped_column(Text, default="")
    nullifier: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # of the one-time code on the sheet; never the code
    reasons: Mapped[str] = mapped_column(String(120), default="")


class PaperPick(Base):
    """A sheet that chance chose for a second keying."""

    __tablename__ = "paper_pick"
    __table_args__ = ({"sqlite_with_rowid": False},)

    batch_id: Mapped[int] = mapped_column(ForeignKey("paper_batch.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    sheet: Mapped[int] = mapped_column(primary_key=True)


class PaperRound(Base):
    """How one keying of a batch ended: counts, never an answer. Appended to, never changed."""

    __tablename__ = "paper_round"
    __table_args__ = (ForeignKeyConstraint(["batch_id"], ["paper_batch.id"]),)

    batch_id: Mapped[int] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    declared: Mapped[int]
    sheets: Mapped[int]
    checked: Mapped[int]  # sheets that two people typed
    fields: Mapped[int]  # compared
    differing: Mapped[int]
    agreed: Mapped[bool]
    typed_by: Mapped[str] = mapped_column(Text)  # accounts; without a day, so that no answer gets one
    checked_by: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is: the sheets that were typed, and those that chance chose, in their order."""

    typed: tuple[int, ...]
    picked: tuple[int, ...]
    checked: tuple[int, ...]


def add_paper_batch(session: Session, batch: PaperBatch) -> PaperBatch:
    """Store a batch and give it its number."""
    session.add(batch)
    session.flush()
    return batch


def get_paper_batch(session: Session, number: int, *, alone: bool = False) -> PaperBatch:
    """The batch with this number, ``alone`` to keep others from changing it until the transaction ends."""
    query = select(PaperBatch).where(PaperBatch.id == number)
    found = session.scalars(query.with_for_update() if alone else query).one_or_none()
    if found is None:
        raise UnknownPaperBatchError(f"there is no batch of paper number {number}; see: sipas paper list")
    return found


def find_paper_batch(session: Session, text: str) -> PaperBatch | None:
    """A batch by its number or its code, as it was typed or read by a scanner."""
    plain = text.strip()
    if plain.isascii() and plain.isdigit() and len(plain) < 10:
        return session.get(PaperBatch, int(plain))
    return session.scalars(select(PaperBatch).where(PaperBatch.code == plain)).one_or_none()


def list_paper_batches(session: Session, branch: str = "/") -> Sequence[tuple[PaperBatch, Unit]]:
    """The batches of a branch with their units, the newest first."""
    query = select(PaperBatch, Unit).join(Unit, Unit.id == PaperBatch.unit_id).where(Unit.path.startswith(branch, autoescape=True))
    return [(batch, unit) for batch, unit in session.execute(query.order_by(PaperBatch.id.desc()))]


def add_paper_sheet(session: Session, sheet: PaperSheet) -> None:
    """Store what was typed; an earlier version stays beside it."""
    session.add(sheet)
    session.flush()


def list_paper_sheets(session: Session, batch: PaperBatch, entry: int) -> Sequence[PaperSheet]:
    """The last version of every sheet of the batch's present round, by sheet."""
    rows = session.scalars(
        select(PaperSheet)
        .where(PaperSheet.batch_id == batch.id, PaperSheet.round == batch.round, PaperSheet.entry == entry)
        .order_by(PaperSheet.sheet, PaperSheet.version)
    )
    return list({row.sheet: row for row in rows}.values())


def find_paper_sheet(session: Session, batch: PaperBatch, sheet: int, entry: int) -> PaperSheet | None:
    """The last version of one sheet of the present round."""
    where = (PaperSheet.batch_id == batch.id, PaperSheet.round == batch.round, PaperSheet.sheet == sheet, PaperSheet.entry == entry)
    return session.scalars(select(PaperSheet).where(*where).order_by(PaperSheet.version.desc()).limit(1)).first()


def list_keyers(session: Session, batch: PaperBatch, entry: int = 1) -> dict[int, str]:
    """Everybody who typed in the present round, by number, with the account's name: for the first time, or for control."""
    query = select(OfficialAccount.id, OfficialAccount.account).join(PaperSheet, PaperSheet.official_id == OfficialAccount.id)
    where = (PaperSheet.batch_id == batch.id, PaperSheet.round == batch.round, PaperSheet.entry == entry)
    return {row[0]: row[1] for row in session.execute(query.where(*where).distinct().order_by(OfficialAccount.account))}


def read_progress(session: Session, batch: PaperBatch) -> Progress:
    """How far the present round is."""
    rows = session.execute(
        select(PaperSheet.entry, PaperSheet.sheet).where(PaperSheet.batch_id == batch.id, PaperSheet.round == batch.round).distinct()
    ).all()
    picks = session.scalars(select(PaperPick.sheet).where(PaperPick.batch_id == batch.id, PaperPick.round == batch.round))
    typed, checked = (tuple(sorted(sheet for entry, sheet in rows if entry == which)) for which in (1, 2))
    return Progress(typed, tuple(sorted(picks)), checked)


def count_typed(session: Session) -> dict[int, int]:
    """How many sheets of each batch's present round are typed, by batch."""
    rows = session.execute(
        select(PaperBatch.id, func.count(PaperSheet.sheet.distinct()))
        .join(PaperSheet, (PaperSheet.batch_id == PaperBatch.id) & (PaperSheet.round == PaperBatch.round) & (PaperSheet.entry == 1))
        .group_by(PaperBatch.id)
    )
    return {row[0]: row[1] for row in rows}


def add_picks(session: Session, batch: PaperBatch, sheets: Iterable[int]) -> None:
    """Note which sheets chance chose, and ask for their second keying."""
    session.add_all(PaperPick(batch_id=batch.id, round=batch.round, sheet=sheet) for sheet in sheets)
    batch.phase = SECOND
    session.flush()


def add_round(session: Session, ended: PaperRound) -> None:
    """Write down how a round ended."""
    session.add(ended)
    session.flush()


def list_rounds(session: Session, number: int) -> Sequence[PaperRound]:
    """How every round of a batch ended, the first one first."""
    return session.scalars(select(PaperRound).where(PaperRound.batch_id == number).order_by(PaperRound.round)).all()


def begin_again(session: Session, batch: PaperBatch) -> None:
    """Ask for the whole batch anew; what was typed stays where it is until the batch is released."""
    batch.round += 1
    batch.phase = FIRST
    session.flush()


def let_go(session: Session, batch: PaperBatch) -> None:
    """The answers are in the inbox: nothing of what was typed stays here."""
    for noun in (PaperSheet, PaperPick):
        session.execute(delete(noun).where(noun.batch_id == batch.id))
    batch.phase = RELEASED
    session.flush()
