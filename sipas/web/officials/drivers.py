"""What goes with satisfaction: the share of each factor, and how well its items hang together."""

from __future__ import annotations

from math import ceil

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from sipas.access import Action
from sipas.reports.drivers import FactorShare
from sipas.reports.driving import ABOVE, BELOW, FormPart, read_driving
from sipas.web import charts, guard
from sipas.web.choice import read_choice
from sipas.web.filters import number, percent
from sipas.web.house import current_house
from sipas.web.language import current_language, gettext, in_words
from sipas.web.pictures import drawer
from sipas.web.results import Words

WHOLE_PERCENT = 30  # the exactness that R² deserves
VERY_ALIKE, CONSISTENT, LOOSE = 0.9, 0.7, 0.5


def drivers(unit_id: int) -> ResponseReturnValue:
    """One sector of a unit, form by form."""
    house = current_house()
    unit, sector = guard.unit_in_scope(unit_id), request.args.get("sector", "")
    with house.store.read() as session:
        choice = read_choice(session, house)
        if choice is None or not choice.period:
            return render_template("officials/nothing_yet.html", choice=choice)
        page = read_driving(session, house.shelf, wave=choice.wave.code, period=choice.period, unit=unit, sector=sector)
    if page is None:
        abort(404)
    drawn = [picture_of(part, page.run_id) for part in page.forms]
    return render_template("officials/drivers.html", page=page, drawn=drawn, choice=choice, words=Words, say=Say)


def picture_of(part: FormPart, run_id: int | None) -> charts.Picture:
    """Each factor's share with its interval, an even share as the tick."""
    dots = [charts.Dot(in_words(line.name), line.told.share, line.told.low, line.told.high, part.even, "no_target") for line in part.lines]
    most = min(100, 10 * ceil(10 * max(line.told.high for line in part.lines)))
    return charts.dots(dots, language=current_language(), target_word=gettext("nếu chia đều"), most=most, drawer=drawer(run_id))


class Say:
    """The words of this page."""

    @staticmethod
    def explained(part: FormPart) -> str:
        """How much the factors explain together."""
        told = part.told
        return gettext(
            "Các yếu tố cùng nhau giải thích %(share)s sự khác nhau về mức hài lòng chung (từ %(low)s đến %(high)s).",
            share=percent(told.r_squared, WHOLE_PERCENT),
            low=percent(told.r_low, WHOLE_PERCENT),
            high=percent(told.r_high, WHOLE_PERCENT),
        )

    @staticmethod
    def standing(part: FormPart) -> tuple[str, ...]:
        """Which factors stand out, in groups and never in a rank."""
        above, below = (", ".join(in_words(name) for name in part.names(stands)) for stands in (ABOVE, BELOW))
        said = []
        if above:
            said.append(gettext("Đi liền với hài lòng chung nhiều hơn mức chia đều: %(names)s.", names=above))
        if below:
            said.append(gettext("Đi liền với hài lòng chung ít hơn mức chia đều: %(names)s.", names=below))
        return tuple(said) or (gettext("Chưa thấy yếu tố nào nổi hơn hẳn: khoảng tin cậy của mọi yếu tố đều chứa mức chia đều."),)

    @staticmethod
    def share(part: FormPart, told: FactorShare) -> str:
        """“21,8% (20,2–23,3%)”."""
        low, high = percent(told.low, part.told.n).rstrip("%"), percent(told.high, part.told.n)
        return f"{percent(told.share, part.told.n)} ({low}–{high})"

    @staticmethod
    def coefficient(value: float | None) -> str:
        """Two decimals, a dash for nothing."""
        return "–" if value is None else number(value, 2)

    @staticmethod
    def items(told: FactorShare) -> str:
        """How the items of a factor hang together, in a sentence."""
        if told.items < 2:
            return gettext("Chỉ có một câu nên không tính được.")
        if told.alpha is None:
            return gettext("Chưa đủ phiếu trả lời hết các câu của yếu tố.")
        if told.alpha >= VERY_ALIKE:
            return gettext("Các câu gần như hỏi cùng một điều.")
        if told.alpha >= CONSISTENT:
            return gettext("Các câu nhất quán với nhau.")
        if told.alpha >= LOOSE:
            return gettext("Các câu nhất quán ở mức vừa phải.")
        return gettext("Các câu ít đi cùng nhau: nên đọc từng câu.")

    @staticmethod
    def length(length: str) -> str:
        """Which form."""
        return gettext("phiếu ngắn") if length == "short" else gettext("phiếu đầy đủ")


def add_pages(room: Blueprint) -> None:
    room.add_url_rule("/units/<int:unit_id>/drivers", view_func=guard.require(Action.VIEW)(drivers))
