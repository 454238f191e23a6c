"""One sector of a unit over time: a sentence, a picture with its breaks, and the table that says the same."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from sipas.access import Action
from sipas.reports.fixed_mix import FixedMix
from sipas.reports.trends import BORDERS, MEASURE, WAVE, WEIGHTS, Break, Point, Series, read_series
from sipas.stats.intervals import ALPHA
from sipas.stats.trend import FEW_PERIODS, LEAST_PERIODS, NO_DF, Trend
from sipas.web import charts, guard
from sipas.web.choice import kind_of, period_words, read_choice
from sipas.web.filters import number
from sipas.web.house import current_house
from sipas.web.language import current_language, gettext, in_words
from sipas.web.pictures import drawer
from sipas.web.results import Words, mean_words, percent_words, signed
from sipas.web.series_chart import Mark, series

SLOPE_DIGITS, RAREST = 2, 0.001


def trend(unit_id: int) -> ResponseReturnValue:
    """The series of a sector; months where they are told, else quarters."""
    house = current_house()
    unit, sector = guard.unit_in_scope(unit_id), request.args.get("sector", "")
    with house.store.read() as session:
        choice = read_choice(session, house)
        if choice is None or not choice.period:
            return render_template("officials/nothing_yet.html", choice=choice)
        page = read_series(session, house.shelf, wave=choice.wave.code, unit=unit, sector=sector, step=request.args.get("step", ""))
    if page is None:
        abort(404)
    numbers = {one.period: place for place, one in enumerate(page.breaks, start=1)}
    return render_template(
        "officials/trend.html", page=page, drawn=picture_of(page, numbers), numbers=numbers, choice=choice, words=Words, say=Say
    )


def picture_of(page: Series, numbers: dict[str, int]) -> charts.Picture | None:
    """The series as a picture, kept with its newest run; None where fewer than two periods are told."""
    if len(page.told) < 2:
        return None
    mean = page.statistic == "mean"
    scale, gap, marks = 1.0 if mean else 100.0, 0, []
    for point in page.points:
        gap += point.estimate is None
        told = point.estimate
        value, low, high = (scale * told.value, scale * told.low, scale * told.high) if told else (None, None, None)
        target = scale * point.target if point.target is not None else None
        number_of = str(numbers[point.period]) if point.period in numbers else ""
        marks.append(Mark(label_of(point.period), value, low, high, target, 100 * point.piece + gap, number_of))
    return series(marks, language=current_language(), target_word=gettext("chỉ tiêu"), unit="" if mean else "%", drawer=drawer(page.run_id))


def label_of(period: str) -> str:
    """Below the axis: “11/2025”, “quý IV/2025”, “2025”."""
    kind = kind_of(period)
    return f"{int(period[5:])}/{period[:4]}" if kind == "month" else period[:4] if kind == "year" else period_words(period)


class Say:
    """The words of this page."""

    @staticmethod
    def label(period: str) -> str:
        """A period at the head of a row."""
        words = period_words(period)
        return words[:1].upper() + words[1:]

    @staticmethod
    def share(page: Series, point: Point) -> str:
        """The figure with its interval."""
        return mean_words(point.estimate) if page.statistic == "mean" else percent_words(point.estimate)

    @staticmethod
    def piece(page: Series, piece: Trend) -> str:
        """Up, down or not clear, with how much a month; or why nothing is said."""
        if piece.periods < 2 or piece.reason == FEW_PERIODS:
            return gettext(
                "Mới có %(n)s kỳ có số liệu; cần ít nhất %(least)s kỳ để nói về xu hướng.",
                n=number(piece.periods),
                least=number(LEAST_PERIODS),
            )
        if piece.reason == NO_DF or piece.slope is None or piece.low is None or piece.high is None:
            return gettext("Số phiếu đến từ quá ít cụm, chưa thể nói về xu hướng.")
        by = signed(piece.slope, SLOPE_DIGITS) if piece.direction == "undecided" else number(abs(piece.slope), SLOPE_DIGITS)
        return _slope(page, piece, {"by": by, "low": number(piece.low, SLOPE_DIGITS), "high": number(piece.high, SLOPE_DIGITS)})

    @staticmethod
    def change(piece: Trend) -> str:
        """The joint test of any change at all; empty where there is none."""
        if piece.change is None:
            return ""
        p = number(max(piece.change.p, RAREST), 3)
        if piece.change.p < ALPHA:
            return gettext(
                "Kiểm định chung: giữa các kỳ có khác biệt (p %(sign)s %(p)s).", p=p, sign="<" if piece.change.p < RAREST else "="
            )
        return gettext("Kiểm định chung: chưa thấy khác biệt giữa các kỳ (p = %(p)s).", p=p)

    @staticmethod
    def mix(mix: FixedMix) -> str:
        """The slope had the mix of channels been the same in every period."""
        told, parts = mix.told, ", ".join(f"{channel} {number(100 * part)}%" for channel, part in mix.mix)
        if told.reason or told.slope is None or told.low is None or told.high is None:
            return gettext("Chưa đủ kỳ có từ 10 phiếu ở mọi kênh để tính xu hướng khi giữ nguyên tỷ trọng các kênh.")
        by = signed(told.slope, SLOPE_DIGITS) if told.direction == "undecided" else number(abs(told.slope), SLOPE_DIGITS)
        given = {"mix": parts, "by": by, "low": number(told.low, SLOPE_DIGITS), "high": number(told.high, SLOPE_DIGITS)}
        return {
            "higher": gettext(
                "Nếu tỷ trọng các kênh giữ nguyên qua các kỳ (%(mix)s): xu hướng tăng, mỗi tháng khoảng %(by)s điểm phần trăm "
                "(từ %(low)s đến %(high)s).",
                **given,
            ),
            "lower": gettext(
                "Nếu tỷ trọng các kênh giữ nguyên qua các kỳ (%(mix)s): xu hướng giảm, mỗi tháng khoảng %(by)s điểm phần trăm "
                "(từ %(low)s đến %(high)s).",
                **given,
            ),
            "undecided": gettext(
                "Nếu tỷ trọng các kênh giữ nguyên qua các kỳ (%(mix)s): chưa thấy xu hướng rõ, bình quân mỗi tháng %(by)s điểm phần trăm "
                "(từ %(low)s đến %(high)s).",
                **given,
            ),
        }[told.direction]

    @staticmethod
    def span(page: Series, place: int) -> str:
        """From the first to the last period that a piece holds."""
        mine = [point for point in page.told if point.piece == place]
        return gettext("Từ %(first)s đến %(last)s", first=period_words(mine[0].period), last=period_words(mine[-1].period)) if mine else ""

    @staticmethod
    def step(step: str) -> str:
        """How long a period is."""
        return {"month": gettext("Theo tháng"), "quarter": gettext("Theo quý"), "year": gettext("Theo năm")}[step]

    @staticmethod
    def reason(one: Break) -> str:
        """Why a series breaks."""
        said = {
            WAVE: gettext("Bắt đầu đợt khảo sát mới."),
            MEASURE: gettext("Phiếu hỏi thay đổi nội dung."),
            WEIGHTS: gettext("Cách gắn quyền số thay đổi: có kỳ chưa có dàn mẫu."),
            BORDERS: gettext("Đơn vị được sắp xếp lại, có liên quan đến %(names)s.", names=", ".join(one.names)),
        }
        return " ".join(said[reason] for reason in one.reasons)

    @staticmethod
    def shared(page: Series) -> str:
        """The neighbouring months that were weighted together."""
        return "; ".join(f"{period_words(first)} – {period_words(last)}" for first, last in page.shared)

    name = staticmethod(in_words)


def _slope(page: Series, piece: Trend, given: Mapping[str, str]) -> str:
    if page.statistic == "mean":
        return {
            "higher": gettext("Xu hướng tăng: mỗi tháng tăng khoảng %(by)s điểm của thang 1–5 (từ %(low)s đến %(high)s).", **given),
            "lower": gettext("Xu hướng giảm: mỗi tháng giảm khoảng %(by)s điểm của thang 1–5 (từ %(low)s đến %(high)s).", **given),
            "undecided": gettext(
                "Chưa thấy xu hướng rõ: bình quân mỗi tháng %(by)s điểm của thang 1–5 (từ %(low)s đến %(high)s).", **given
            ),
        }[piece.direction]
    return {
        "higher": gettext("Xu hướng tăng: mỗi tháng tăng khoảng %(by)s điểm phần trăm (từ %(low)s đến %(high)s).", **given),
        "lower": gettext("Xu hướng giảm: mỗi tháng giảm khoảng %(by)s điểm phần trăm (từ %(low)s đến %(high)s).", **given),
        "undecided": gettext("Chưa thấy xu hướng rõ: bình quân mỗi tháng %(by)s điểm phần trăm (từ %(low)s đến %(high)s).", **given),
    }[piece.direction]


def add_pages(room: Blueprint) -> None:
    room.add_url_rule("/units/<int:unit_id>/trend", view_func=guard.require(Action.VIEW)(trend))
