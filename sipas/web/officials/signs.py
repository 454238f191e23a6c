"""The signs that stand on counters, to be printed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from sipas.access import Action
from sipas.exports import signs as printed
from sipas.exports.printing import MissingLettersError, UnprintableError
from sipas.store.units import Counter, CounterCode, Unit, list_signs
from sipas.web import guard
from sipas.web.house import current_house
from sipas.web.language import SOURCE, gettext, translations
from sipas.web.officials.signin.checks import me
from sipas.web.tongues import tongues

KINDS = {"pdf": "application/pdf", "svg": "image/svg+xml"}
NONE = "none"

Row = tuple[Unit, Counter, CounterCode]


def signs() -> ResponseReturnValue:
    """Every counter of the branch with a valid code."""
    return _page()


def sign(unit_id: int, code: str, kind: str) -> ResponseReturnValue:
    """One counter's sign as PDF or SVG."""
    paper = request.args.get("paper", "A4")
    if kind not in KINDS or paper not in printed.PAPERS:
        abort(404)
    rows = [row for row in _rows(unit_id) if row[2].code == code]
    if not rows:
        abort(404)
    try:
        made = _signs(rows)[0]
        content = printed.sign_pdf(made, paper=paper) if kind == "pdf" else printed.sign_svg(made, paper=paper)
    except UnprintableError as error:
        return _page(_problem(error)), 409
    return _file(content, kind, f"bang-ma-{code}-{paper}")


def sign_set(unit_id: int) -> ResponseReturnValue:
    """All signs of one unit in one PDF, each counter on every paper."""
    rows = _rows(unit_id)
    if not rows:
        abort(404)
    try:
        content = printed.sign_set_pdf(_signs(rows))
    except UnprintableError as error:
        return _page(_problem(error)), 409
    return _file(content, "pdf", f"bo-bang-ma-{unit_id}")


@cache
def seconds() -> tuple[tuple[str, str], ...]:
    """The languages that say a whole sign, with their own names; the catalogues do not change while the program runs."""
    found = []
    for language, tongue in tongues().items():
        with suppress(UnprintableError):
            if language != SOURCE:
                printed.second_of(language, translations(language).gettext)
                found.append((language, tongue.label))
    return tuple(found)


def _second() -> str:
    """The second language that the address asks for; English where it asks for none."""
    asked = request.args.get("second", "en")
    if asked != NONE and asked not in dict(seconds()):
        abort(404)
    return asked


def _signs(rows: Sequence[Row]) -> list[printed.Sign]:
    settings = current_house().settings
    language = _second()
    second = None
    if language != NONE:
        second = printed.second_of(language, translations(language).gettext, reviewed=tongues()[language].reviewed)
    said: dict[str, Any] = {
        "public_url": settings.public_url,
        "demo": settings.demo,
        "authority": settings.authority,
        "address_word": settings.address_word,
        "second": second,
    }
    return [printed.sign_of(unit, counter, code, **said) for unit, counter, code in rows]


def _rows(unit_id: int | None = None) -> list[Row]:
    """Counters with a valid printed code of one unit, or of the whole branch; the code of a link stands on no sign."""
    with current_house().store.read() as session:
        found = list_signs(session, None if unit_id is None else [unit_id])
    mine = [(unit, counter, code) for unit, counter, code in found if code and unit.path.startswith(me().branch)]
    return [row for row in mine if row[2].medium == "printed" and not row[2].revoked]


def _file(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, content_type=KINDS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _problem(error: UnprintableError) -> str:
    if isinstance(error, MissingLettersError):
        return gettext("Chưa in được: phông chữ kèm theo phần mềm không có đủ chữ của ngôn ngữ đã chọn.")
    return gettext("Chưa in được: địa chỉ công khai (SIPAS_PUBLIC_URL) phải là địa chỉ https mà điện thoại mở được.")


def _page(problem: str = "") -> str:
    groups = [(unit, list(rows)) for unit, rows in groupby(_rows(), key=lambda row: row[0])]
    return render_template(
        "officials/signs.html",
        groups=groups,
        papers=printed.PAPERS,
        seconds=seconds(),
        second=_second(),
        problem=problem,
    )


def add_pages(room: Blueprint) -> None:
    allowed = guard.require(Action.SIGNS)
    room.add_url_rule("/signs", view_func=allowed(signs))
    room.add_url_rule("/units/<int:unit_id>/signs.pdf", view_func=allowed(sign_set))
    room.add_url_rule("/units/<int:unit_id>/signs/<code>.<kind>", view_func=allowed(sign))
