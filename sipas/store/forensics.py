"""What the nightly screening found, and what people decided about it. Counts by unit, reason and week: no row points at an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base

KEEP, SET_ASIDE, LOOK_FURTHER = "keep", "set_aside", "look_further"
DECISIONS = (KEEP, SET_ASIDE, LOOK_FURTHER)


class Screening(Base):
    """One look at the closed weeks of a quarter, with the rules and the weeks that it was made from."""

    __tablename__ = "screening"

    id: Mapped[int] = mapped_column(primary_key=True)
    wave: Mapped[str] = mapped_column(String(32), index=True)
    period: Mapped[str] = mapped_column(String(12))  # the quarter that is judged
    week: Mapped[str] = mapped_column(String(8))  # the last closed week in it
    rules: Mapped[str] = mapped_column(String(32))
    root: Mapped[str] = mapped_column(String(64))  # SHA-256 over the weeks that were read and their roots
    units: Mapped[int]  # tested
    answers: Mapped[int]  # of the quarter
    expected_if_clean: Mapped[float]  # units that such a screening flags where nothing is wrong anywhere
    expected_false: Mapped[float]  # of the units flagged, at most so many on average
    seconds: Mapped[float]


class ScreeningFlag(Base):
    """Why a unit stands out, in one form of one questionnaire."""

    __tablename__ = "screening_flag"

    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(primary_key=True)
    instrument: Mapped[str] = mapped_column(String(48), primary_key=True)
    length: Mapped[str] = mapped_column(String(8), primary_key=True)
    reason: Mapped[str] = mapped_column(String(24), primary_key=True)
    p: Mapped[float]
    unit_p: Mapped[float]
    observed: Mapped[float]
    expected: Mapped[float]
    rows: Mapped[int]  # answers that the flag names; 0 where it is about the whole unit
    weeks: Mapped[str] = mapped_column(Text)  # "2026-W44:12 2026-W45:8": answers that the figure without it leaves out


class ScreeningShare(Base):
    """A flagged unit's result over the closed weeks, with every answer and without those that a flag is about."""

    __tablename__ = "screening_share"

    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(primary_key=True)
    sector: Mapped[str] = mapped_column(String(32), primary_key=True)
    statistic: Mapped[str] = mapped_column(String(8))
    n: Mapped[int]
    value: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    verdict: Mapped[str] = mapped_column(String(16))
    n_without: Mapped[int]
    value_without: Mapped[float | None]  # nothing where fewer than ten are left
    low_without: Mapped[float | None]
    high_without: Mapped[float | None]
    verdict_without: Mapped[str] = mapped_column(String(16))


class Disposition(Base):
    """What a person decided about a unit's flags, and why. It changes no answer and no published figure."""

    __tablename__ = "disposition"
    __table_args__ = (CheckConstraint("decision IN ('keep', 'set_aside', 'look_further')", name="decision_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"), index=True)
    unit_id: Mapped[int]
    decision: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    official: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


def add_screening(session: Session, screening: Screening, flags: Sequence[ScreeningFlag], shares: Sequence[ScreeningShare]) -> Screening:
    """Append a screening with all that it found, and give it its number."""
    session.add(screening)
    session.flush()
    for flag in flags:
        flag.screening_id = screening.id
    for share in shares:
        share.screening_id = screening.id
    session.add_all([*flags, *shares])
    session.flush()
    return screening


def find_screening(session: Session, wave: str, *, rules: str, root: str) -> Screening | None:
    """The screening of these weeks by these rules."""
    wanted = select(Screening).where(Screening.wave == wave, Screening.rules == rules, Screening.root == root)
    return session.scalars(wanted.order_by(Screening.id.desc()).limit(1)).first()


def get_screening(session: Session, screening_id: int) -> Screening:
    """A screening that something refers to."""
    return session.get_one(Screening, screening_id)


def find_last_screening(session: Session, wave: str, period: str) -> Screening | None:
    """The newest screening of a quarter."""
    wanted = select(Screening).where(Screening.wave == wave, Screening.period == period)
    return session.scalars(wanted.order_by(Screening.id.desc()).limit(1)).first()


def list_screenings(session: Session, wave: str) -> Sequence[Screening]:
    """Every screening of a wave, oldest first."""
    return session.scalars(select(Screening).where(Screening.wave == wave).order_by(Screening.id)).all()


def list_screened_periods(session: Session, wave: str) -> Sequence[str]:
    """The quarters that were screened, newest first."""
    wanted = select(Screening.period).where(Screening.wave == wave).distinct().order_by(Screening.period.desc())
    return session.scalars(wanted).all()


def list_flags(session: Session, screening_id: int, unit_id: int | None = None) -> Sequence[ScreeningFlag]:
    """What a screening found, of all units or of one: by unit, questionnaire, form, and chance."""
    wanted = select(ScreeningFlag).where(ScreeningFlag.screening_id == screening_id)
    if unit_id is not None:
        wanted = wanted.where(ScreeningFlag.unit_id == unit_id)
    order = (ScreeningFlag.unit_id, ScreeningFlag.instrument, ScreeningFlag.length, ScreeningFlag.p, ScreeningFlag.reason)
    return session.scalars(wanted.order_by(*order)).all()


def list_shares(session: Session, screening_id: int) -> Sequence[ScreeningShare]:
    """The results with and without, by unit and sector."""
    wanted = select(ScreeningShare).where(ScreeningShare.screening_id == screening_id)
    return session.scalars(wanted.order_by(ScreeningShare.unit_id, ScreeningShare.sector)).all()


def list_flagged_units(session: Session, wave: str, period: str) -> frozenset[int]:
    """Every unit that any screening of a quarter flagged."""
    wanted = select(ScreeningFlag.unit_id).join(Screening, Screening.id == ScreeningFlag.screening_id)
    return frozenset(session.scalars(wanted.where(Screening.wave == wave, Screening.period == period).distinct()))


def add_disposition(session: Session, disposition: Disposition) -> None:
    """Append a decision; an earlier one stays."""
    session.add(disposition)
    session.flush()


def list_dispositions(session: Session, wave: str, period: str) -> Sequence[tuple[Disposition, str]]:
    """Every decision about a quarter, oldest first, with the last week that was known when it was made."""
    wanted = select(Disposition, Screening.week).join(Screening, Screening.id == Disposition.screening_id)
    rows = session.execute(wanted.where(Screening.wave == wave, Screening.period == period).order_by(Disposition.id))
    return [(row[0], row[1]) for row in rows]
