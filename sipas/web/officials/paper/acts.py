"""What a keyer does to a batch: count it, keep a sheet, end the first keying."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from json import dumps
from random import SystemRandom
from types import MappingProxyType

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from sipas.evidence.tokens import BadTokenError
from sipas.imports.paper import BadPaperBatchError, declare
from sipas.instrument.keying import read_typed
from sipas.instrument.sheet import COMMENT_LIMIT
from sipas.instrument.speech import clean
from sipas.store import paper
from sipas.store.audit import add_audit
from sipas.terms import now, today
from sipas.web.house import House
from sipas.web.language import gettext
from sipas.web.officials.paper import keeping
from sipas.web.officials.paper.desk import Desk, draw_desk, read_desk
from sipas.web.officials.paper.forms import CountForm, KeyingForm, draw_form, pin, pin_wrong, typed_keys
from sipas.web.officials.signin.checks import me

HIGHEST = 9_999  # number of a sheet within its batch

Act = Callable[[House, Desk], ResponseReturnValue]


def count_sheets(house: House, desk: Desk) -> ResponseReturnValue:
    """Say how many sheets lie there, once, before the first is typed."""
    declared = CountForm().declared.data or 0
    told = dumps({"batch": desk.batch.id, "declared": declared}, sort_keys=True)
    try:
        with house.store.write() as session:
            declare(paper.get_paper_batch(session, desk.batch.id, alone=True), declared)
            add_audit(session, at=now(), official=me().email, action="paper_declared", details=told)
    except BadPaperBatchError:
        return draw_desk(desk, problem=gettext("Mời Ông/Bà đếm và ghi số phiếu, từ 1 đến 2.000. Số đã khai thì không đổi được.")), 422
    return back(desk)


def keep(house: House, desk: Desk) -> ResponseReturnValue:
    """Keep one typed sheet, or ask for what is wrong with everything kept."""
    form = draw_form(desk.fields)()
    read = read_typed(desk.fields, typed_keys(form, desk.fields))
    pin_wrong(form, desk.fields, read.wrong)
    sheet, comment = form.sheet.data or 0, clean(form.comment.data or "")
    if not 0 < sheet <= HIGHEST:
        pin(form, "sheet", gettext("Ghi số thứ tự của phiếu, từ 1 trở lên."))
    if len(comment) > COMMENT_LIMIT:
        pin(form, "comment", gettext("Ý kiến dài hơn 2.000 ký tự."))
    with house.store.write() as session:
        fresh = read_desk(session, house, desk.unit, desk.batch.id, alone=True)
        proof = _proof(session, house, fresh, form)
        if not form.errors:
            done = keeping.TypedSheet(sheet, read.raw, bool(form.assisted.data), comment, proof)
            _keep_whole(session, house, fresh, form, done)
    if form.errors:
        return draw_desk(desk, form=form, problem=gettext("Chưa lưu được: có ô chưa đúng, xem lời nhắc bên dưới ô đó.")), 422
    return back(desk, saved=sheet)


def end(house: House, desk: Desk) -> ResponseReturnValue:
    """End the first keying: chance chooses what is typed again."""
    if not desk.is_complete and request.form.get("sure") != "1":
        problem = gettext("Số phiếu đã nhập khác số đã khai. Mời Ông/Bà đếm lại; nếu đúng như vậy, đánh dấu xác nhận rồi bấm lần nữa.")
        return draw_desk(desk, problem=problem), 422
    with house.store.write() as session:
        keeping.end_first(session, paper.get_paper_batch(session, desk.batch.id, alone=True), SystemRandom())
    return back(desk)


ACTS: Mapping[str, Act] = MappingProxyType({"count": count_sheets, "keep": keep, "end": end})


def back(desk: Desk, *, saved: int | None = None) -> ResponseReturnValue:
    """The page of the batch, to go on."""
    return redirect(url_for("officials.paper_batch", unit_id=desk.unit.id, number=desk.batch.id, saved=saved), 303)


def _proof(session: Session, house: House, desk: Desk, form: KeyingForm) -> keeping.Proof:
    try:
        return keeping.read_code(session, house, desk.batch, form.code.data or "", today())
    except BadTokenError:
        pin(form, "code", gettext("Mã này không đúng. Mời Ông/Bà so lại từng nhóm bốn ký tự, hoặc để trống."))
        return keeping.Proof()


def _keep_whole(session: Session, house: House, desk: Desk, form: KeyingForm, done: keeping.TypedSheet) -> None:
    """Inside the transaction: the sheet, and with the last one of the control the end of the round."""
    seen = (form.round.data, form.entry.data)
    allowed = desk.entry == 1 or done.sheet in desk.progress.picked
    if desk.instrument is None or not desk.can_type or seen != (str(desk.batch.round), str(desk.entry)) or not allowed:
        raise keeping.MovedOnError(f"batch {desk.batch.id} has moved on: open it again")
    seen_version = form.version.data or ""
    version = int(seen_version) if seen_version.isdecimal() and len(seen_version) < 6 else 0
    keeping.keep_sheet(session, desk.batch, done, entry=desk.entry, official_id=me().id, version=version)
    keeping.settle(session, house, desk.batch, desk.instrument, now=now(), rng=SystemRandom())
