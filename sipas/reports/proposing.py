"""Answers that a person proposes to set aside, or to count again: which they are, and who may say so.

Setting aside wants two people of two units, and nobody of the unit in question; there is no number below which one is enough, because
few answers at a time would do what many at once may not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sipas.extract import Extract
from sipas.extract.table import order_of
from sipas.instrument.shelf import Shelf
from sipas.reports.forensics import closed_weeks
from sipas.reports.form_rows import rows_by_form
from sipas.reports.sample import items_of
from sipas.stats.forensics import RULES_VERSION, rows_of
from sipas.store.forensics import Screening, ScreeningFlag
from sipas.store.proposals import APPROVED, COUNT_AGAIN, SET_ASIDE, Key, Proposal, ProposalOutcome, list_proposals, list_standing_rows
from sipas.store.reading import Session, list_sealed_of
from sipas.terms import SipasError


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
    for form in rows_by_form(tables, shelf, weeks.numbers):
        if (form.instrument, form.length) == (flag.instrument, flag.length) and flag.unit_id in form.units:
            found = rows_of(form.rows, form.units.index(flag.unit_id), flag.reason, since=weeks.since)
            keys: list[Key] = []
            for number in np.unique(form.table[found]).tolist():
                mine = np.flatnonzero(tables[number].numbers["unit"] == flag.unit_id)
                places = np.searchsorted(mine, form.place[found[form.table[found] == number]])
                keys += _named(session, screening.wave, tables[number].week, flag.unit_id, (places.tolist(), len(mine), items))
            if len(keys) == flag.rows:
                return tuple(sorted(keys))
    raise StaleScreeningError("what was flagged is not there any more: wait for the next screening")


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


def rows_to_move(
    session: Session, source: Extract, shelf: Shelf, what: tuple[str, Screening, Proposal, ScreeningFlag | None]
) -> tuple[Key, ...]:
    """What a proposal would name: a flag's answers to be set aside, or those set aside for it to be counted again."""
    act, screening, like, flag = what
    if act == COUNT_AGAIN:
        return tuple(list_standing_rows(session, like))
    if flag is None:
        raise StaleScreeningError("the newest screening has no such flag")
    return find_rows(session, source, shelf, screening, flag)
