"""Proposals to set answers aside or to count them again: one person writes them, a second one of another unit answers."""

from __future__ import annotations

import json
from unicodedata import normalize

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from sqlalchemy.orm import Session
from wtforms import StringField, TextAreaField

from sipas.access import Action
from sipas.reports.flagged import read_case
from sipas.reports.proposing import Person, Proposed, is_waiting, list_set_aside, read_proposals
from sipas.sealing.proposals import bind_outcome, bind_proposal
from sipas.store.audit import add_audit
from sipas.store.forensics import get_screening
from sipas.store.proposals import (
    APPROVED,
    COUNT_AGAIN,
    DECLINED,
    Key,
    Proposal,
    ProposalOutcome,
    find_proposal,
    list_standing_rows,
)
from sipas.terms import now
from sipas.web import guard
from sipas.web.house import House, current_house
from sipas.web.language import gettext
from sipas.web.officials.forensics_words import Say
from sipas.web.officials.refusals import watched
from sipas.web.officials.signin.checks import me

LEAST, MOST = 10, 2000  # characters of a reason


class ProposalForm(FlaskForm):  # type: ignore[misc]
    sign = StringField()  # instrument, length and reason of a flag
    screening = StringField()
    why = TextAreaField()
    outcome = StringField()


def person() -> Person:
    """Whoever is signed in, as the rules of two people see them."""
    return Person(me().email, me().unit_id, me().branch)


def proposals() -> ResponseReturnValue:
    """Every proposal that is this person's to see."""
    with current_house().store.read() as session:
        found = read_proposals(session, person())
    return render_template("officials/proposals.html", found=found, say=Say)


def proposal(proposal_id: int) -> ResponseReturnValue:
    """One proposal, with the form that is this person's to fill in."""
    return _page(_get(proposal_id), ProposalForm())


def answer(proposal_id: int) -> ResponseReturnValue:
    """The second person's answer; whoever cannot be the second person is refused."""
    told, form = _get(proposal_id), ProposalForm()
    if told.outcome is not None:
        return _page(told, form, gettext("Đề nghị này đã có ý kiến của người thứ hai.")), 409
    if not told.may_answer:
        abort(403)
    reason = _reason(form)
    if form.outcome.data not in {APPROVED, DECLINED} or not reason:
        return _page(told, form, gettext("Mời Ông/Bà chọn ý kiến và ghi lý do, từ 10 đến 2.000 ký tự.")), 422
    old = told.proposal
    made = ProposalOutcome(
        proposal_id=old.id, unit_id=old.unit_id, proposer=old.proposer, proposer_unit_id=old.proposer_unit_id,
        outcome=form.outcome.data, reason=reason, second=me().email, second_unit_id=me().unit_id, at=now(),
    )  # fmt: skip
    with current_house().store.write() as session:
        known = find_proposal(session, proposal_id)
        if known is not None and known[1] is None:  # else somebody was faster: the page shows it
            bind_outcome(session, current_house().keyring, made)
            _write_down(session, "answered_proposal", {"proposal": old.id, "unit": old.unit_id, "outcome": made.outcome, "reason": reason})
    return _to(proposal_id)


def back(proposal_id: int) -> ResponseReturnValue:
    """Propose that what was set aside is counted again: two people, once more."""
    told, form = _get(proposal_id), ProposalForm()
    if not told.may_propose:
        abort(403)
    reason, old, house = _reason(form), told.proposal, current_house()
    if not reason:
        return _page(told, form, gettext("Mời Ông/Bà ghi lý do, từ 10 đến 2.000 ký tự.")), 422
    made = new_proposal((old.screening_id, old.rules), (old.unit_id, COUNT_AGAIN, old.instrument, old.length, old.sign), reason)
    with house.store.read() as session:
        rows = tuple(list_standing_rows(session, old))
    number = add(house, made, rows)
    if number is None:
        return _page(told, form, gettext("Không còn phiếu nào đang để riêng theo đề nghị này, hoặc đã có đề nghị đang chờ ý kiến.")), 409
    return _to(number)


def new_proposal(screening: tuple[int, str], what: tuple[int, str, str, str, str], reason: str) -> Proposal:
    """A proposal of whoever is signed in: of which screening and rules; unit, act, instrument, length, sign; and why."""
    unit, act, instrument, length, sign = what
    return Proposal(
        screening_id=screening[0], rules=screening[1], unit_id=unit, act=act, instrument=instrument, length=length, sign=sign,
        reason=reason, proposer=me().email, proposer_unit_id=me().unit_id, at=now(), rows=0,
    )  # fmt: skip


def add(house: House, made: Proposal, rows: tuple[Key, ...]) -> int | None:
    """Append a proposal with its answers, in the audit too; None where it names none, or the same waits already."""
    with house.store.write() as session:
        if not rows or is_waiting(session, made):
            return None
        made.rows = len(rows)
        number = bind_proposal(session, house.keyring, made, rows).id
        told = {name: getattr(made, name) for name in ("unit_id", "act", "instrument", "length", "sign", "rows", "reason", "screening_id")}
        _write_down(session, "proposed", {"proposal": number, **told})
    return number


def clean_reason(text: str | None) -> str:
    """A reason as it is kept; empty where it is too short or too long."""
    reason = normalize("NFC", text or "").strip()
    return reason if LEAST <= len(reason) <= MOST else ""


def _reason(form: ProposalForm) -> str:
    return clean_reason(form.why.data)


def _get(proposal_id: int) -> Proposed:
    """A proposal that is this person's to see; any other is not found."""
    with current_house().store.read() as session:
        told = next((one for one in read_proposals(session, person()) if one.proposal.id == proposal_id), None)
    if told is None:
        abort(404)
    return told


def _page(told: Proposed, form: ProposalForm, problem: str = "") -> str:
    house = current_house()
    with house.store.read() as session:
        wave = get_screening(session, told.proposal.screening_id).wave
        sign, results = read_case(session, house.shelf, told.proposal, wave)
        standing = any(one.id == told.proposal.id for one in list_set_aside(session, told.proposal.unit_id))
    return render_template(
        "officials/proposal.html",
        told=told, sign=sign, results=results, form=form, problem=problem, back=standing and told.may_propose, say=Say,
    )  # fmt: skip


def _to(proposal_id: int) -> ResponseReturnValue:
    return redirect(url_for("officials.proposal", proposal_id=proposal_id), 303)


def _write_down(session: Session, action: str, told: dict[str, object]) -> None:
    add_audit(session, at=now(), official=me().email, action=action, details=json.dumps(told, ensure_ascii=False, sort_keys=True))


def add_pages(room: Blueprint) -> None:
    flags = guard.require(Action.FLAGS)
    one = "/forensics/proposals/<int:proposal_id>"
    room.add_url_rule("/forensics/proposals", view_func=flags(proposals))
    room.add_url_rule(one, view_func=watched(flags(proposal)))
    room.add_url_rule(one, view_func=watched(flags(answer)), methods=["POST"])
    room.add_url_rule(f"{one}/back", view_func=watched(flags(back)), methods=["POST"])
