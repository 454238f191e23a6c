"""What an official takes away: scorecards, and for the analyst the data. One audit row, or no file."""

from __future__ import annotations

from random import SystemRandom

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from sipas.access import Action
from sipas.exports import FORMATS
from sipas.exports.analyst import FILES, AnalystFile, Order
from sipas.exports.cells import NoCellsError
from sipas.exports.csv_dialect import DIALECTS
from sipas.exports.microdata import NoMicrodataError
from sipas.exports.release import with_audit
from sipas.reports.scorecard import Front, Scorecard, read_front, read_unit
from sipas.reports.whole_card import WholeCard, read_whole
from sipas.store.units import get_unit
from sipas.terms import now
from sipas.web import guard
from sipas.web.choice import Choice, read_choice
from sipas.web.house import House, current_house
from sipas.web.language import gettext
from sipas.web.officials.signin.checks import me
from sipas.web.results import Words


def downloads() -> ResponseReturnValue:
    """Everything that may be taken, with a link each."""
    return _page()


def front_scorecard(kind: str) -> ResponseReturnValue:
    """The first page's table as a file."""
    house = current_house()
    with house.store.read() as session:
        choice = _chosen(read_choice(session, house))
        unit = get_unit(session, me().unit_id)
        page = read_front(session, house.shelf, wave=choice.wave.code, period=choice.period, root=unit, channels=choice.channels)
    return _scorecard(page, kind, choice)


def unit_scorecard(unit_id: int, kind: str) -> ResponseReturnValue:
    """One unit's scorecard as a file."""
    house = current_house()
    unit = guard.unit_in_scope(unit_id)
    with house.store.read() as session:
        choice = _chosen(read_choice(session, house))
        read = read_whole if kind in FORMATS and FORMATS[kind].whole else read_unit
        page = read(session, house.shelf, wave=choice.wave.code, period=choice.period, unit=unit)
    return _scorecard(page, kind, choice)


def data(what: str, kind: str) -> ResponseReturnValue:
    """A file of data, for the analyst with a fresh one-time code."""
    if what not in FILES or kind not in DIALECTS:
        abort(404)
    house, file = current_house(), FILES[what]
    with house.store.read() as session:
        choice = _chosen(read_choice(session, house))
    order = Order(house.shelf, choice.wave.code, DIALECTS[kind], SystemRandom())
    try:
        content = with_audit(
            house.store, me().email, f"took_{what}", {"wave": order.wave, "dialect": kind}, lambda: _written(house, file, order), at=now()
        )
    except (NoMicrodataError, NoCellsError):
        problem = gettext("Chưa đủ phiếu để lập tệp mà vẫn bảo vệ người trả lời. Mời Ông/Bà chờ thêm phiếu, hoặc chọn tệp khác.")
        return _page(problem), 409
    return _file(content, f"{file.stem}-{order.wave}.{file.extension}", file.media_type)


def _written(house: House, file: AnalystFile, order: Order) -> bytes:
    with house.store.read() as session:
        return file.write(session, order)


def _scorecard(page: Front | Scorecard | WholeCard, kind: str, choice: Choice) -> ResponseReturnValue:
    if kind not in FORMATS:
        abort(404)
    form = FORMATS[kind]
    unit = page.card.unit if isinstance(page, WholeCard) else page.unit
    details = {"unit": unit.id, "wave": choice.wave.code, "period": choice.period, "format": kind}
    content = with_audit(current_house().store, me().email, "took_scorecard", details, lambda: b"".join(form.write(page)), at=now())
    return _file(content, f"bang-ket-qua-{unit.code}-{choice.period}.{form.extension}", form.media_type)


def _file(content: bytes, name: str, media_type: str) -> Response:
    response = Response(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{"".join(c if c.isalnum() or c in "-._" else "-" for c in name)}"'
    return response


def _chosen(choice: Choice | None) -> Choice:
    """The choice, where there is something to take; else the page says that there is nothing yet."""
    if choice is None or not choice.period:
        abort(Response(_page(), 409))
    return choice


def _page(problem: str = "") -> str:
    house = current_house()
    with house.store.read() as session:
        choice = read_choice(session, house)
    return render_template(
        "officials/downloads.html", choice=choice, formats=FORMATS, dialects=DIALECTS, files=FILES, problem=problem, words=Words
    )


def add_pages(room: Blueprint) -> None:
    scorecards, analyst = guard.require(Action.SCORECARDS), guard.require(Action.DATA, fresh_code=True)
    room.context_processor(lambda: {"formats": FORMATS})
    room.add_url_rule("/downloads", view_func=scorecards(downloads))
    room.add_url_rule("/downloads/scorecard/<kind>", view_func=scorecards(front_scorecard))
    room.add_url_rule("/downloads/data/<what>/<kind>", view_func=analyst(data))
    room.add_url_rule("/units/<int:unit_id>/scorecard/<kind>", view_func=scorecards(unit_scorecard))
