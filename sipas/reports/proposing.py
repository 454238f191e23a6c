"""Answers that a person proposes to set aside, or to count again: which they are, and who may say so.

Setting aside wants two people of two units, and nobody of the unit in question; there is no number below which one is enough, because
few answers at a time would do what many at once may not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sipas.extract import Extract
from sipas.extract.table import WeekTable, order_of
from sipas.instrument.shelf import Shelf
from sipas.reports.flagged import below, day_of
from sipas.reports.forensics import Weeks, closed_weeks
from sipas.reports.form_rows import rows_by_form
from sipas.reports.lines import UnitMark
from sipas.reports.released import mark_of
from sipas.reports.sample import items_of
from sipas.reports.whole_units import EVERY, rows_of_units
from sipas.stats.forensics import RULES_VERSION, rows_of, unit_rows_of
from sipas.stats.verdict import HIDDEN_BELOW
from sipas.stats.weights import Ints
from sipas.store.forensics import Screening, ScreeningFlag
from sipas.store.proposals import APPROVED, SET_ASIDE, Key, Proposal, ProposalOutcome, list_proposals, list_standing_rows
from sipas.store.reading import Session, list_sealed_of, list_units
from sipas.store.units import Unit
from sipas.terms import SipasError

WAITING = "waiting"


class StaleScreeningError(SipasError):
    """The weeks, or the rules, are no longer those of the screening; or what it flagged is set aside already."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever proposes or answers: an account, its unit, and where that stands in the tree."""

    account: str
    unit_id: int
    branch: str


def stands_apart(person: Person, unit_path: str) -> bool:
    """Whether somebody belongs neither to a unit nor to anything below it."""
    return len(person.branch) > 1 and not person.branch.startswith(unit_path)


def may_answer(person: Person, proposal: Proposal, unit_path: str) -> bool:
    """Whether somebody can be the second person: another one, of another unit, and not of the unit in question."""
    another = person.account != proposal.proposer and person.unit_id != proposal.proposer_unit_id
    return another and stands_apart(person, unit_path)


def find_rows(session: Session, source: Extract, shelf: Shelf, screening: Screening, flag: ScreeningFlag) -> tuple[Key, ...]:
    """The closed answers that a flag is about, found again: which they are is not kept by a screening.

    The extract has no ids: a unit's rows stand in a week's table in an order that follows from their content, so that the same rows
    read with their ids can be laid beside them.
    """
    weeks = closed_weeks(source.list_known(session, screening.wave))
    if weeks is None or weeks.root != screening.root or screening.rules != RULES_VERSION:
        raise StaleScreeningError("answers were set aside, a week was closed, or the rules changed since: wait for the next screening")
    items = items_of(shelf)
    tables = list(source.tables(session, screening.wave, weeks.known, items))
    for number, place in _places_of(tables, shelf, screening.wave, weeks, flag):
        keys: list[Key] = []
        for one in np.unique(number).tolist():
            mine = np.flatnonzero(tables[one].numbers["unit"] == flag.unit_id)
            places = np.searchsorted(mine, place[number == one])
            keys += _named(session, screening.wave, tables[one].week, flag.unit_id, (places.tolist(), len(mine), items))
        if len(keys) == flag.rows:
            return tuple(sorted(keys))
    raise StaleScreeningError("what was flagged is not there any more: wait for the next screening")


def _places_of(tables: Sequence[WeekTable], shelf: Shelf, wave: str, weeks: Weeks, flag: ScreeningFlag) -> Iterator[tuple[Ints, Ints]]:
    """The tables, and the rows of them, that a flag is about: once, or not at all where the unit has no such answers any more."""
    if flag.instrument == EVERY:
        found = rows_of_units(tables, shelf.waves[wave], weeks.numbers, weeks.since, ())  # the rules that name answers ask no frame
        if found is not None and flag.unit_id in found.units:
            rows = unit_rows_of(found.whole, found.units.index(flag.unit_id), flag.reason)
            yield found.table[rows], found.place[rows]
        return
    for form in rows_by_form(tables, shelf, weeks.numbers):
        if (form.instrument, form.length) == (flag.instrument, flag.length) and flag.unit_id in form.units:
            rows = rows_of(form.rows, form.units.index(flag.unit_id), flag.reason, since=weeks.since)
            yield form.table[rows], form.place[rows]


def _named(session: Session, wave: str, week: str, unit: int, which: tuple[Sequence[int], int, dict[str, tuple[str, ...]]]) -> list[Key]:
    """The ids behind some places among a unit's rows of a week."""
    places, n, items = which
    rows = list_sealed_of(session, wave, week, unit)
    if len(rows) != n:
        raise StaleScreeningError(f"{week}: the extract has {n} answers of the unit, the database {len(rows)}; run `sipas extract verify`")
    order = order_of([row for _, row in rows], items)
    return [(week, rows[order[place]][0]) for place in places]


def list_set_aside(session: Session, unit_id: int) -> tuple[Proposal, ...]:
    """For each sign of each form, the last approved proposal whose answers are still set aside; newest first."""
    seen: dict[tuple[str, str, str], Proposal] = {}
    for proposal, outcome in list_proposals(session):
        if proposal.unit_id == unit_id and proposal.act == SET_ASIDE and is_approved(outcome):
            seen.setdefault((proposal.instrument, proposal.length, proposal.sign), proposal)
    return tuple(proposal for proposal in seen.values() if list_standing_rows(session, proposal))


def is_approved(outcome: ProposalOutcome | None) -> bool:
    """Whether a second person agreed."""
    return outcome is not None and outcome.outcome == APPROVED


def is_waiting(session: Session, like: Proposal) -> bool:
    """Whether the same is proposed already and not answered."""
    same = ("unit_id", "act", "instrument", "length", "sign")
    return any(
        outcome is None and all(getattr(proposal, name) == getattr(like, name) for name in same)
        for proposal, outcome in list_proposals(session)
    )


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal as a page tells it to one person."""

    proposal: Proposal
    outcome: ProposalOutcome | None
    unit: UnitMark
    few: bool  # fewer than ten answers: their number is not told
    proposed_on: date  # in Viet Nam
    answered_on: date | None
    may_answer: bool
    may_propose: bool  # about this unit: to count again what was set aside

    @property
    def state(self) -> str:
        """Waiting, approved or declined."""
        return self.outcome.outcome if self.outcome else WAITING


def read_proposals(session: Session, person: Person) -> tuple[Proposed, ...]:
    """Every proposal that somebody may see, newest first: those about one's own unit, or one that it is below, are nobody's to see."""
    found = list_proposals(session)
    units = {unit.id: unit for unit in list_units(session, {proposal.unit_id for proposal, _ in found})}
    return tuple(
        _told(proposal, outcome, units[proposal.unit_id], person)
        for proposal, outcome in found
        if proposal.unit_id in units and stands_apart(person, units[proposal.unit_id].path)
    )


def _told(proposal: Proposal, outcome: ProposalOutcome | None, unit: Unit, person: Person) -> Proposed:
    return Proposed(
        proposal=proposal,
        outcome=outcome,
        unit=mark_of(unit),
        few=proposal.rows < HIDDEN_BELOW,
        proposed_on=day_of(proposal.at),
        answered_on=day_of(outcome.at) if outcome else None,
        may_answer=outcome is None and may_answer(person, proposal, unit.path),
        may_propose=below(unit.path, person.branch),
    )
