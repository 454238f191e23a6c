"""Unusual signs, which are no findings: what the weekly screening saw, and what a person decides about it."""

from __future__ import annotations

import json

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from sqlalchemy.orm import Session
from wtforms import StringField, TextAreaField

from sipas.access import Action
from sipas.extract import Extract
from sipas.reports.flagged import Flagged, FlaggedUnit, below, list_screened_periods, read_flagged
from sipas.reports.proposing import StaleScreeningError, find_rows, read_proposals
from sipas.store.audit import add_audit
from sipas.store.forensics import DECISIONS, Disposition, add_disposition, list_flags
from sipas.store.proposals import SET_ASIDE
from sipas.terms import now
from sipas.web import guard
from sipas.web.choice import Choice, offered_waves
from sipas.web.house import House, current_house
from sipas.web.language import gettext
from sipas.web.officials.forensics_words import Say
from sipas.web.officials.proposals import ProposalForm, add, clean_reason, new_proposal, person
from sipas.web.officials.proposals import add_pages as add_proposals
from sipas.web.officials.refusals import watched
from sipas.web.officials.signin.checks import me
from sipas.web.results import Words


class DecisionForm(FlaskForm):  # type: ignore[misc]
    decision = StringField()
    reason = TextAreaField()
    screening = StringField()


def forensics() -> ResponseReturnValue:
    """Every flagged unit below the official's own, by name."""
    house = current_house()
    with house.store.read() as session:
        choice = read_quarter(session, house)
        flagged = _read(session, house, choice)
    if choice is None or flagged is None:
        return render_template("officials/forensics_none.html", choice=choice, words=Words)
    return render_template("officials/forensics.html", flagged=flagged, choice=choice, words=Words, say=Say)


def forensics_unit(unit_id: int) -> ResponseReturnValue:
    """One flagged unit: signs, results with and without, decisions; of a unit without a flag there is the list."""
    choice, flagged, shown = _one(unit_id)
    if choice is None or flagged is None or shown is None:
        return redirect(url_for("officials.forensics"), 303)
    return _page(choice, flagged, shown, DecisionForm())


def decide(unit_id: int) -> ResponseReturnValue:
    """Write a decision down, with its reason and in the audit; nothing else changes."""
    choice, flagged, shown = _one(unit_id)
    if choice is None or flagged is None or shown is None:
        abort(404)
    form = DecisionForm()
    decision, reason = form.decision.data or "", clean_reason(form.reason.data)
    if form.screening.data != str(flagged.screening.id):
        return _page(choice, flagged, shown, form, _newer()), 409
    if decision not in DECISIONS:
        return _page(choice, flagged, shown, form, gettext("Mời Ông/Bà chọn một quyết định.")), 422
    if not reason:
        return _page(choice, flagged, shown, form, gettext("Mời Ông/Bà ghi lý do, từ 10 đến 2.000 ký tự.")), 422
    screening, at = flagged.screening, now()
    told = {
        "wave": screening.wave, "period": screening.period, "week": screening.week, "screening": screening.id,
        "unit": unit_id, "decision": decision, "reason": reason,
    }  # fmt: skip
    with current_house().store.write() as session:
        made = Disposition(screening_id=screening.id, unit_id=unit_id, decision=decision, reason=reason, official=me().email, at=at)
        add_disposition(session, made)
        add_audit(session, at=at, official=me().email, action="decided_flag", details=json.dumps(told, ensure_ascii=False, sort_keys=True))
    return redirect(url_for("officials.forensics_unit", unit_id=unit_id, wave=choice.wave.code, period=choice.period), 303)


def propose(unit_id: int) -> ResponseReturnValue:
    """Propose to set aside the answers that a flag is about; a second person of another unit answers."""
    choice, flagged, shown = _one(unit_id)
    if choice is None or flagged is None or shown is None:
        abort(404)
    offer, screening = ProposalForm(), flagged.screening
    signs = {f"{one.instrument} {one.length} {one.reason}" for one in shown.reasons if one.names_answers}
    reason, sign = clean_reason(offer.why.data), offer.sign.data or ""
    if offer.screening.data != str(screening.id):
        return _page(choice, flagged, shown, DecisionForm(), _newer(), offer), 409
    if sign not in signs or not reason:
        problem = gettext("Mời Ông/Bà chọn một dấu hiệu làm căn cứ và ghi lý do, từ 10 đến 2.000 ký tự.")
        return _page(choice, flagged, shown, DecisionForm(), problem, offer), 422
    house, (instrument, length, name) = current_house(), sign.split(" ")
    try:
        with house.store.read() as session:
            flag = next(
                one
                for one in list_flags(session, screening.id, unit_id)
                if (one.instrument, one.length, one.reason) == (instrument, length, name)
            )
            rows = find_rows(session, Extract.of(house.store, house.settings.extract), house.shelf, screening, flag)
    except StaleScreeningError:
        problem = gettext("Số liệu đã thay đổi sau lần rà soát này. Mời Ông/Bà chờ lần rà soát tiếp theo rồi đề nghị lại.")
        return _page(choice, flagged, shown, DecisionForm(), problem, offer), 409
    number = add(house, new_proposal((screening.id, screening.rules), (unit_id, SET_ASIDE, instrument, length, name), reason), rows)
    if number is None:
        return _page(choice, flagged, shown, DecisionForm(), gettext("Đã có đề nghị như vậy đang chờ ý kiến."), offer), 409
    return redirect(url_for("officials.proposal", proposal_id=number), 303)


def _newer() -> str:
    return gettext("Vừa có lần rà soát mới. Mời Ông/Bà xem lại số liệu rồi ghi quyết định.")


def read_quarter(session: Session, house: House) -> Choice | None:
    """The wave and the screened quarter of this request; None before the first wave, 404 for what nobody offered."""
    waves = offered_waves(house.shelf, demonstration=house.settings.demo)
    if not waves:
        return None
    known = {wave.code: tuple(list_screened_periods(session, wave.code)) for wave in waves}
    newest = next((wave for wave in waves if known[wave.code]), waves[0])
    wave = next((wave for wave in waves if wave.code == request.args.get("wave", newest.code)), None)
    if wave is None or (asked := request.args.get("period", "")) not in {"", *known[wave.code]}:
        abort(404)
    return Choice(wave, asked or next(iter(known[wave.code]), ""), "headline", waves, {"quarter": known[wave.code]})


def _read(session: Session, house: House, choice: Choice | None) -> Flagged | None:
    if choice is None or not choice.period:
        return None
    return read_flagged(session, house.shelf, wave=choice.wave.code, period=choice.period, branch=me().branch)


def _one(unit_id: int) -> tuple[Choice | None, Flagged | None, FlaggedUnit | None]:
    """A unit below the official's own, if it is flagged; any other is not found."""
    house = current_house()
    if not below(guard.unit_in_scope(unit_id).path, me().branch):
        abort(404)
    with house.store.read() as session:
        choice = read_quarter(session, house)
        flagged = _read(session, house, choice)
    return choice, flagged, flagged.find(unit_id) if flagged else None


def _page(
    choice: Choice, flagged: Flagged, shown: FlaggedUnit, form: DecisionForm, problem: str = "", offer: ProposalForm | None = None
) -> str:
    with current_house().store.read() as session:
        proposed = [one for one in read_proposals(session, person()) if one.unit.id == shown.unit.id]
    return render_template(
        "officials/forensics_unit.html",
        choice=choice, screening=flagged.screening, shown=shown, form=form, problem=problem, decisions=DECISIONS, words=Words, say=Say,
        offer=offer or ProposalForm(), proposed=proposed,
    )  # fmt: skip


def add_pages(room: Blueprint) -> None:
    flags = guard.require(Action.FLAGS)
    room.add_url_rule("/forensics", view_func=flags(forensics))
    room.add_url_rule("/forensics/<int:unit_id>", view_func=watched(flags(forensics_unit)))
    room.add_url_rule("/forensics/<int:unit_id>", view_func=watched(flags(decide)), methods=["POST"])
    room.add_url_rule("/forensics/<int:unit_id>/propose", view_func=watched(flags(propose)), methods=["POST"])
    add_proposals(room)
