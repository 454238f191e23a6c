"""The signs that stand on counters, to be printed."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from sipas.access import Action
from sipas.exports import signs as printed
from sipas.store.units import list_signs
from sipas.web import guard
from sipas.web.house import current_house
from sipas.web.language import gettext
from sipas.web.officials.signin.checks import me

KINDS = {"pdf": "application/pdf", "svg": "image/svg+xml"}


def signs() -> ResponseReturnValue:
    """Every counter of the branch with a valid code."""
    return _page()


def sign(unit_id: int, code: str, kind: str) -> ResponseReturnValue:
    """One counter's sign as PDF or SVG."""
    paper = request.args.get("paper", "A4")
    if kind not in KINDS or paper not in printed.PAPERS:
        abort(404)
    house = current_house()
    with house.store.read() as session:
        rows = [row for row in list_signs(session, [unit_id]) if row[2] is not None and row[2].code == code and not row[2].revoked]
    if not rows:
        abort(404)
    unit, counter, found = rows[0]
    assert found is not None
    made = printed.sign_of(
        unit,
        counter,
        found,
        public_url=house.settings.public_url,
        demo=house.settings.demo,
        authority=house.settings.authority,
        address_word=house.settings.address_word,
    )
    try:
        content = printed.sign_pdf(made, paper=paper) if kind == "pdf" else printed.sign_svg(made, paper=paper)
    except printed.UnprintableSignError:
        problem = gettext("Chưa in được: địa chỉ công khai (SIPAS_PUBLIC_URL) phải là địa chỉ https mà điện thoại mở được.")
        return _page(problem), 409
    response = Response(content, content_type=KINDS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="bang-ma-{code}-{paper}.{kind}"'
    return response


def _page(problem: str = "") -> str:
    with current_house().store.read() as session:
        rows = [row for row in list_signs(session) if row[2] is not None and not row[2].revoked and row[0].path.startswith(me().branch)]
    return render_template("officials/signs.html", rows=rows, papers=printed.PAPERS, problem=problem)


def add_pages(room: Blueprint) -> None:
    allowed = guard.require(Action.SIGNS)
    room.add_url_rule("/signs", view_func=allowed(signs))
    room.add_url_rule("/units/<int:unit_id>/signs/<code>.<kind>", view_func=allowed(sign))
