"""`/officials/paper`: the batches of the province, and the page on which their sheets are typed in."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sipas.access import Action, may_type
from sipas.exports.paper_form import PaperForm, form_pdf
from sipas.exports.printing import UnprintableError
from sipas.store import paper
from sipas.web import guard
from sipas.web.house import current_house
from sipas.web.language import gettext, translations
from sipas.web.officials.counters import province_path
from sipas.web.officials.paper.acts import ACTS
from sipas.web.officials.paper.desk import Desk, draw_desk, read_desk
from sipas.web.officials.paper.keeping import MovedOnError
from sipas.web.officials.paper.words import Say
from sipas.web.officials.signin.checks import me


def batches() -> ResponseReturnValue:
    """The batches that may be typed here, or the way to one by its number or its code."""
    wanted = request.args.get("batch", "")
    with current_house().store.read() as session:
        listed = paper.list_paper_batches(session, me().branch)
        mine = {unit.id: may_type(guard.official(), unit.path, province_path(session, unit)) for unit in {unit for _, unit in listed}}
        rows = [(batch, unit) for batch, unit in listed if mine[unit.id]]
        typed = paper.count_typed(session)
        asked = paper.find_paper_batch(session, wanted.upper().replace("-", "")) if wanted else None
    found = next(((batch, unit) for batch, unit in rows if asked and batch.id == asked.id), None)
    if found:
        return redirect(url_for("officials.paper_batch", unit_id=found[1].id, number=found[0].id), 303)
    page = render_template("officials/paper.html", rows=rows, typed=typed, wanted=wanted, say=Say)
    return page, 404 if wanted else 200


def batch(unit_id: int, number: int) -> ResponseReturnValue:
    """What is to be done with a batch now."""
    return draw_desk(_desk(unit_id, number))


def act(unit_id: int, number: int) -> ResponseReturnValue:
    """Count a batch, keep a sheet, or end the first keying."""
    desk = _desk(unit_id, number)
    wanted = ACTS.get(request.form.get("do", ""))
    if wanted is None:
        abort(400)
    try:
        return wanted(current_house(), desk)
    except MovedOnError:
        problem = gettext("Lô hoặc phiếu này vừa được người khác nhập. Mời Ông/Bà xem lại rồi nhập tiếp.")
        return draw_desk(_desk(unit_id, number), problem=problem), 409


def sheet(unit_id: int, number: int) -> ResponseReturnValue:
    """The sheet to be printed."""
    desk, settings = _desk(unit_id, number), current_house().settings
    if desk.instrument is None:
        return draw_desk(desk), 409
    made = PaperForm(
        instrument=desk.instrument,
        length=desk.batch.length,
        unit=desk.unit.full_name,
        counter=desk.counter,
        sector=desk.sector,
        number=number,
        code=desk.batch.code,
        demo=settings.demo,
        authority=settings.authority,
        phone=settings.contact_phone,
    )
    language = desk.batch.language
    try:
        content = form_pdf(made, language=language, say=translations(language).gettext, large="large" in request.args)
    except UnprintableError:
        return draw_desk(desk, problem=gettext("Chưa in được: phần mềm chưa có đủ câu chữ hoặc phông chữ của ngôn ngữ này.")), 409
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="phieu-giay-lo-{number}.pdf"'
    return response


def _desk(unit_id: int, number: int) -> Desk:
    unit, house = guard.unit_in_scope(unit_id), current_house()
    with house.store.read() as session:
        return read_desk(session, house, unit, number)


def add_pages(room: Blueprint) -> None:
    keyers = guard.require(Action.PAPER)
    place = "/units/<int:unit_id>/paper/<int:number>"
    room.add_url_rule("/paper", "paper", keyers(batches))
    room.add_url_rule(place, "paper_batch", keyers(batch))
    room.add_url_rule(place, "paper_act", keyers(act), methods=["POST"])
    room.add_url_rule(f"{place}/sheet.pdf", "paper_sheet", keyers(sheet))
