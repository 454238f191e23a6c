"""Unusual signs, which are no findings: what the weekly screening saw, and what a person decides about it."""

from __future__ import annotations

import json
from unicodedata import normalize

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from sqlalchemy.orm import Session
from wtforms import StringField, TextAreaField

from sipas.access import Action
from sipas.reports.flagged import Flagged, FlaggedUnit, Reason, WithWithout, below, list_screened_periods, read_flagged
from sipas.stats.disclosure.publication import shown as as_shown
from sipas.store.audit import add_audit
from sipas.store.forensics import DECISIONS, Disposition, add_disposition
from sipas.terms import now
from sipas.web import guard
from sipas.web.choice import Choice, offered_waves
from sipas.web.filters import number, percent
from sipas.web.house import House, current_house
from sipas.web.language import gettext
from sipas.web.officials.signin.checks import me
from sipas.web.results import Words, signed

LEAST, MOST = 10, 2000  # characters of a reason
RAREST = 0.0001  # a chance below it is told as such


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
    decision, reason = form.decision.data or "", normalize("NFC", form.reason.data or "").strip()
    if form.screening.data != str(flagged.screening.id):
        return _page(choice, flagged, shown, form, gettext("Vừa có lần rà soát mới. Mời Ông/Bà xem lại số liệu rồi ghi quyết định.")), 409
    if decision not in DECISIONS:
        return _page(choice, flagged, shown, form, gettext("Mời Ông/Bà chọn một quyết định.")), 422
    if not LEAST <= len(reason) <= MOST:
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


def _page(choice: Choice, flagged: Flagged, shown: FlaggedUnit, form: DecisionForm, problem: str = "") -> str:
    return render_template(
        "officials/forensics_unit.html",
        choice=choice, screening=flagged.screening, shown=shown, form=form, problem=problem, decisions=DECISIONS, words=Words, say=Say,
    )  # fmt: skip


class Say:
    """The words of these pages."""

    @staticmethod
    def reason(reason: str) -> str:
        """A sign's name."""
        return {
            "fast": gettext("Trả lời nhanh bất thường"),
            "burst": gettext("Nhiều phiếu dồn vào vài phút tại một quầy"),
            "off_hours": gettext("Nhiều phiếu gửi ngoài giờ làm việc"),
            "straight": gettext("Nhiều phiếu chọn cùng một mức ở mọi câu"),
            "pattern": gettext("Một bộ câu trả lời lặp lại nhiều lần"),
            "entropy": gettext("Các phiếu giống nhau hơn thường lệ"),
            "channel_mix": gettext("Tỷ trọng các kênh thay đổi mạnh so với quý trước"),
            "step": gettext("Điểm thay đổi đột ngột quanh mốc thời hạn của chỉ tiêu"),
        }.get(reason, reason)

    @staticmethod
    def observed(one: Reason) -> str:
        """What was seen, in the sign's own measure."""
        if one.observed is None:
            return gettext("dưới 10 phiếu")
        return _figure(one.reason, one.observed)

    @staticmethod
    def expected(one: Reason) -> str:
        """What is usual."""
        if one.reason == "channel_mix":
            return gettext("gần như không đổi")
        return _figure(one.reason, one.expected, usual=True)

    @staticmethod
    def length(length: str) -> str:
        """Which form it was."""
        return {"short": gettext("phiếu ngắn"), "full": gettext("phiếu đầy đủ")}[length]

    @staticmethod
    def chance(p: float) -> str:
        """A small chance."""
        return gettext("dưới %(share)s", share=f"{number(0.01, 2)}%") if p < RAREST else f"{number(100 * p, 2)}%"

    @staticmethod
    def share(line: WithWithout, *, without: bool = False) -> str:
        """A result with its interval."""
        told = line.without if without else line.whole
        if told is None:
            return "–"
        if line.statistic == "mean":
            return f"{number(told.value, 2)} ({number(told.low, 2)}–{number(told.high, 2)})"
        bounded = as_shown(told.value, told.low, told.high, told.n)
        share = f"{bounded.bound} {number(bounded.value_pct)}%" if bounded.bound else percent(told.value, told.n)
        return f"{share} ({percent(told.low, told.n).rstrip('%')}–{percent(told.high, told.n)})"

    @staticmethod
    def turn(line: WithWithout) -> str:
        """Whether the verdict would change."""
        if line.same:
            return gettext("Không phiếu nào có dấu hiệu")
        if line.without is None:
            return gettext("Không so sánh: phần có dấu hiệu hoặc phần còn lại dưới 10 phiếu")
        return gettext("Có thay đổi") if line.turns else gettext("Không thay đổi")

    @staticmethod
    def decision(decision: str) -> str:
        """A decision."""
        return {
            "keep": gettext("Giữ nguyên: coi là bình thường"),
            "set_aside": gettext("Để riêng: khi dùng kết quả phải nêu cả hai con số"),
            "look_further": gettext("Xem xét thêm: kiểm tra rồi mới quyết định"),
        }[decision]


def _figure(reason: str, value: float, *, usual: bool = False) -> str:
    if reason == "channel_mix":
        return gettext("%(change)s điểm phần trăm", change=signed(100 * value, 1))
    if reason == "step":
        return gettext("%(points)s điểm của thang 1–5", points=signed(value, 2))
    if reason == "entropy":
        return gettext("mức trùng lặp %(value)s", value=number(value, 2))
    if usual:
        return gettext("dưới 1 phiếu") if value < 1 else gettext("khoảng %(n)s phiếu", n=number(round(value)))
    return gettext("%(n)s phiếu", n=number(round(value)))


def add_pages(room: Blueprint) -> None:
    flags = guard.require(Action.FLAGS)
    room.add_url_rule("/forensics", view_func=flags(forensics))
    room.add_url_rule("/forensics/<int:unit_id>", view_func=flags(forensics_unit))
    room.add_url_rule("/forensics/<int:unit_id>", view_func=flags(decide), methods=["POST"])
