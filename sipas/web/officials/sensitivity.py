"""Does the verdict hold? One sector of a unit, computed in every reasonable way."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from sipas.access import Action
from sipas.instrument.flow import WORDS
from sipas.reports.filing_told import FilingTold
from sipas.reports.sensitivity import Sensitivity, Way, read_sensitivity
from sipas.web import guard
from sipas.web.choice import read_choice
from sipas.web.filters import number, percent
from sipas.web.house import current_house
from sipas.web.language import gettext, in_words
from sipas.web.results import Words


def sensitivity(unit_id: int) -> ResponseReturnValue:
    """The published way and the others, a mark where the verdict differs."""
    house = current_house()
    unit, sector = guard.unit_in_scope(unit_id), request.args.get("sector", "")
    with house.store.read() as session:
        choice = read_choice(session, house)
        if choice is None or not choice.period:
            return render_template("officials/nothing_yet.html", choice=choice)
        wave, period = choice.wave.code, choice.period
        page = read_sensitivity(session, house.shelf, wave=wave, period=period, unit=unit, sector=sector)
        if page is None and sector in {*house.shelf.sectors, *house.shelf.families}:
            page = read_sensitivity(session, house.shelf, wave=wave, period=period, unit=unit)  # nothing received in this period
        if page is None:
            abort(404)
    sectors = [(code, in_words(name)) for code, name in page.sectors]
    more = [("sector", gettext("Lĩnh vực"), sectors, page.sector)] if sectors else []
    return render_template("officials/sensitivity.html", page=page, choice=choice, more=more, words=Words, say=Say)


class Say:
    """The words of this page."""

    @staticmethod
    def way(code: str) -> str:
        """What is done otherwise."""
        return {
            "published": gettext("Như đã công bố"),
            "unweighted": gettext("Không gắn quyền số"),
            "V": gettext("Chỉ kênh V: đã xác minh giao dịch"),
            "S": gettext("Chỉ kênh S: tại quầy"),
            "with_O": gettext("Tính thêm kênh O: mã mở"),
            "aside": gettext("Tính cả phiếu đang để riêng vì có dấu hiệu bất thường"),
            "wilson20": gettext("Khoảng tin cậy Wilson"),
            "logit": gettext("Khoảng tin cậy logit"),
            "overall": gettext("Thước đo khác: hài lòng chung"),
            "pooled": gettext("Thước đo khác: gộp mọi câu trả lời"),
            "all": gettext("Thước đo khác: hài lòng toàn diện (mọi câu)"),
            "without_fpc": gettext("Không trừ phần tổng thể đã trả lời"),
        }[code]

    @staticmethod
    def filing(told: FilingTold) -> tuple[str, ...]:
        """Which margins the weights are brought to, and where that could not be had, and why."""
        said = [
            gettext("Quyền số được điều chỉnh theo số hồ sơ của từng tháng và từng hình thức nộp, ở từng đơn vị và lĩnh vực.")
            if told.with_months
            else gettext("Quyền số được điều chỉnh theo số hồ sơ của từng hình thức nộp, ở từng đơn vị và lĩnh vực.")
        ]
        for reason, n in told.months_alone:
            said.append(gettext("Không điều chỉnh theo hình thức nộp ở %(n)s phần: %(why)s.", n=number(n), why=_why(reason)))
        for names, n in told.merged:
            words = " + ".join(in_words(WORDS["filing"][name]) for name in names)
            said.append(
                gettext("Gộp các hình thức nộp sau đây vì ít phiếu hoặc ít hồ sơ, ở %(n)s phần: %(names)s.", n=number(n), names=words)
            )
        if told.rescaled:
            said.append(
                gettext(
                    "Ở %(n)s phần, dàn mẫu không ghi hình thức nộp của một số hồ sơ; số hồ sơ theo hình thức nộp được nhân lên cho khớp tổng số.",
                    n=number(told.rescaled),
                )
            )
        if not (told.months_alone or told.merged or told.rescaled):
            said.append(gettext("Mọi phần của kết quả này đều được điều chỉnh đầy đủ."))
        return tuple(said)

    @staticmethod
    def differing(page: Sensitivity) -> str:
        """The ways that give another verdict."""
        return "; ".join(Say.way(way.code) for way in page.others if way.differs)

    @staticmethod
    def share(page: Sensitivity, way: Way) -> str:
        """The figure with its interval."""
        if page.statistic == "mean":
            return f"{number(way.value, 2)} ({number(way.low, 2)}–{number(way.high, 2)})"
        return f"{percent(way.value, way.n)} ({percent(way.low, way.n).rstrip('%')}–{percent(way.high, way.n)})"


def _why(reason: str) -> str:
    """Why a stratum is not brought to its filings."""
    return {
        "not_told": gettext("có phiếu không cho biết hình thức nộp (phiếu ngắn không hỏi, hoặc để trống)"),
        "not_in_frame": gettext("dàn mẫu không ghi hình thức nộp của hơn nửa số hồ sơ"),
        "one_cell": gettext("sau khi gộp chỉ còn một nhóm hình thức nộp"),
        "few_clusters": gettext("phiếu đến từ quá ít cụm"),
        "contradiction": gettext("số hồ sơ theo tháng và theo hình thức nộp không thể cùng khớp với số phiếu đã có"),
    }[reason]


def add_pages(room: Blueprint) -> None:
    room.add_url_rule("/units/<int:unit_id>/sensitivity", view_func=guard.require(Action.VIEW)(sensitivity))
