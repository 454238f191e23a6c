"""What one person proposes to set aside or to count again, and what a second one answers; from it follows what is set aside now.

Only answers of closed weeks are named. An answer itself is never changed: who reads answers lays the outcomes over them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base
from sipas.store.emptying import is_postgres

SET_ASIDE, COUNT_AGAIN = "set_aside", "count_again"
APPROVED, DECLINED = "approved", "declined"
BY_PEOPLE = "by_people"  # why an answer is set aside, where two people said so
AT_ACCEPTANCE = "acceptance"  # the version of a run in which nobody had set anything aside


class Proposal(Base):
    """Some answers of a unit that one person would set aside, or count again, and why."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("act IN ('set_aside', 'count_again')", name="act_known"),
        CheckConstraint("proposer_unit_id <> unit_id", name="not_ones_own_unit"),
        CheckConstraint("rows > 0", name="rows_named"),
        UniqueConstraint("id", "unit_id", "proposer", "proposer_unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"), index=True)
    unit_id: Mapped[int]
    act: Mapped[str] = mapped_column(String(12))
    instrument: Mapped[str] = mapped_column(String(48))
    length: Mapped[str] = mapped_column(String(8))
    sign: Mapped[str] = mapped_column(String(48))  # a flag's reason; to count again: the one for which they were set aside
    rules: Mapped[str] = mapped_column(String(32))
    rows: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    proposer: Mapped[str] = mapped_column(String(120))
    proposer_unit_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    mac: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # over all that it says, the answers it names, and the proposal before it


class ProposalRow(Base):
    """An answer that a proposal names."""

    __tablename__ = "proposal_row"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    week: Mapped[str] = mapped_column(String(8), primary_key=True)
    response_id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)


class ProposalOutcome(Base):
    """What a second person, of another unit, answered: the database knows both, and that neither is of the unit in question."""

    __tablename__ = "proposal_outcome"
    __table_args__ = (
        CheckConstraint("outcome IN ('approved', 'declined')", name="outcome_known"),
        CheckConstraint("second <> proposer", name="two_people"),
        CheckConstraint("second_unit_id <> proposer_unit_id", name="two_units"),
        CheckConstraint("second_unit_id <> unit_id", name="not_ones_own_unit"),
        ForeignKeyConstraint(
            ["proposal_id", "unit_id", "proposer", "proposer_unit_id"],
            ["proposal.id", "proposal.unit_id", "proposal.proposer", "proposal.proposer_unit_id"],
        ),
        UniqueConstraint("proposal_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)  # later ones stand over earlier ones
    proposal_id: Mapped[int]
    unit_id: Mapped[int]
    proposer: Mapped[str] = mapped_column(String(120))
    proposer_unit_id: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(Text)
    second: Mapped[str] = mapped_column(String(120))
    second_unit_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    mac: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # over all that it says, its proposal's, and the outcome before it


Key = tuple[str, bytes]  # week, response


@dataclass(frozen=True, slots=True)
class Standing:
    """What people have decided about answers, the latest outcome over the earlier ones."""

    acts: Mapping[Key, str]

    def of(self, week: str, response: bytes, quarantine: str) -> str:
        """Why an answer is set aside now, or empty; what was said of it at its acceptance stands, whatever people decide."""
        return quarantine or (BY_PEOPLE if self.acts.get((week, response)) == SET_ASIDE else "")

    def mark(self, week: str) -> str:
        """A hash of what stands for a week; empty where nobody decided anything."""
        told = sorted((response, act) for (of_week, response), act in self.acts.items() if of_week == week)
        return hashlib.sha256(b"".join(response + act.encode() for response, act in told)).hexdigest() if told else ""

    @property
    def version(self) -> str:
        """What a run writes down of it."""
        if not self.acts:
            return AT_ACCEPTANCE
        told = "".join(f"{week} {response.hex()} {act}\n" for (week, response), act in sorted(self.acts.items()))
        return f"{AT_ACCEPTANCE}+{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def read_standing(session: Session, week: str | None = None) -> Standing:
    """What stands now, for all weeks or for one."""
    wanted = (
        select(ProposalRow.week, ProposalRow.response_id, Proposal.act)
        .join(Proposal, Proposal.id == ProposalRow.proposal_id)
        .join(ProposalOutcome, ProposalOutcome.proposal_id == Proposal.id)
        .where(ProposalOutcome.outcome == APPROVED)
        .order_by(ProposalOutcome.id)
    )
    if week is not None:
        wanted = wanted.where(ProposalRow.week == week)
    return Standing({(of_week, response): act for of_week, response, act in session.execute(wanted)})


def add_proposal(session: Session, proposal: Proposal, rows: Sequence[Key]) -> Proposal:
    """Append a proposal with the answers that it names, and give it its number."""
    session.add(proposal)
    session.flush()
    session.add_all(ProposalRow(proposal_id=proposal.id, week=week, response_id=response) for week, response in rows)
    session.flush()
    return proposal


def add_outcome(session: Session, outcome: ProposalOutcome) -> None:
    """Append the second person's answer; a proposal has one."""
    session.add(outcome)
    session.flush()


def take_alone(session: Session) -> None:
    """Let nobody else propose or answer until this transaction ends: every row is bound to the one before it."""
    if is_postgres(session):
        session.execute(text("LOCK TABLE proposal, proposal_outcome IN SHARE ROW EXCLUSIVE MODE"))


def find_last_mac(session: Session, noun: type[Proposal | ProposalOutcome]) -> bytes:
    """The MAC of the newest proposal, or outcome; empty before the first."""
    return session.scalar(select(noun.mac).order_by(noun.id.desc()).limit(1)) or b""


def list_in_order(session: Session) -> tuple[Sequence[Proposal], Mapping[int, Sequence[Key]], Sequence[ProposalOutcome]]:
    """Everything as it was written: proposals, the answers that each names, by week and id, and outcomes."""
    named: dict[int, list[Key]] = {}
    columns = (ProposalRow.proposal_id, ProposalRow.week, ProposalRow.response_id)
    for proposal, week, response in session.execute(select(*columns).order_by(*columns)):
        named.setdefault(proposal, []).append((week, response))
    proposals = session.scalars(select(Proposal).order_by(Proposal.id)).all()
    return proposals, named, session.scalars(select(ProposalOutcome).order_by(ProposalOutcome.id)).all()


def list_standing_rows(session: Session, like: Proposal) -> Sequence[Key]:
    """The answers of a unit that are set aside now for one sign of one form, by week and id."""
    standing = read_standing(session)
    same = (Proposal.unit_id == like.unit_id, Proposal.instrument == like.instrument, Proposal.length == like.length)
    wanted = select(ProposalRow.week, ProposalRow.response_id).join(Proposal, Proposal.id == ProposalRow.proposal_id)
    wanted = wanted.where(*same, Proposal.sign == like.sign, Proposal.act == SET_ASIDE).distinct()
    named = [(week, response) for week, response in session.execute(wanted)]
    return sorted(key for key in named if standing.acts.get(key) == SET_ASIDE)


def find_proposal(session: Session, proposal_id: int) -> tuple[Proposal, ProposalOutcome | None] | None:
    """A proposal with its answer."""
    return next(iter(_list(session, Proposal.id == proposal_id)), None)


def list_proposals(session: Session) -> Sequence[tuple[Proposal, ProposalOutcome | None]]:
    """Every proposal with its answer, newest first."""
    return _list(session, Proposal.id > 0)


def _list(session: Session, condition: object) -> Sequence[tuple[Proposal, ProposalOutcome | None]]:
    wanted = select(Proposal, ProposalOutcome).outerjoin(ProposalOutcome, ProposalOutcome.proposal_id == Proposal.id)
    rows = session.execute(wanted.where(condition).order_by(Proposal.id.desc()))  # type: ignore[arg-type]
    return [(row[0], row[1]) for row in rows]
