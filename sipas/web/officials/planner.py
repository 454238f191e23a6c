"""The planner: how many answers a survey needs and how many people to invite. A plain form whose answer is an address."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from sipas.access import Action
from sipas.stats import fieldwork, planning
from sipas.stats.fieldwork import Plan, Wish, plan_survey
from sipas.stats.planning import Size
from sipas.web import guard
from sipas.web.filters import number
from sipas.web.language import gettext

MOST_PEOPLE = 100_000_000
GROUPED = re.compile(r"\d+|\d{1,3}([., \u00a0]\d{3})+")  # 12500, 12.500, 12,500, 12 500
DECIMAL = re.compile(r"(\d+)(?:[.,](\d+))?\s*%?")


@dataclass(frozen=True, slots=True)
class Field:
    """One question of the form; its number as arithmetic wants it, or what is wrong with it."""

    name: str
    label: str
    hint: str
    text: str
    value: float | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the answer."""

    purpose: str
    answers: str
    invitations: str
    remark: str


def planner() -> ResponseReturnValue:
    """The form, and its answer once something was asked."""
    asked = "expected" in request.args
    fields = read_fields(request.args if asked else DEFAULTS)
    plan = plan_of(fields) if asked and not any(field.problem for field in fields.values()) else None
    status = 422 if asked and plan is None else 200
    rows = rows_of(plan, fields) if plan else ()
    notes = [note for key in plan.notes if (note := NOTES[key]())] if plan else []
    return render_template(
        "officials/planner.html", fields=fields.values(), plan=plan, rows=rows, notes=notes, advice=advice_of(plan)
    ), status


def read_fields(given: Mapping[str, str]) -> dict[str, Field]:
    """Every field read, each complaint beside its own."""
    found = {}
    for name, read in READERS.items():
        label, hint = LABELS[name]()
        text = given.get(name, "").strip()[:40]
        value, problem = read(text)
        found[name] = Field(name, label, hint, text, value, problem)
    wanted = found["target"], found["margin"]
    if not any(field.text for field in wanted):
        problem = gettext("Mời nhập chỉ tiêu, hoặc sai số, hoặc cả hai.")
        found["target"] = Field("target", wanted[0].label, wanted[0].hint, "", None, problem)
    return found


def plan_of(fields: Mapping[str, Field]) -> Plan:
    """The plan of a form without complaints."""
    value = {name: field.value for name, field in fields.items()}
    wish = Wish(margin=value["margin"], target=value["target"], deff=value["deff"] or 1.0, response_rate=value["response"] or 1.0)
    population = math.inf if value["population"] is None else value["population"]
    return planned(population, value["expected"] or 0.0, wish)


@lru_cache(maxsize=256)
def planned(population: float, expected: float, wish: Wish) -> Plan:
    """The plan, computed once: a share beside its target takes two seconds."""
    return plan_survey(population, expected, wish)


def rows_of(plan: Plan, fields: Mapping[str, Field]) -> tuple[Row, ...]:
    """A line for the target, a line for the margin, and the official short form beside it."""
    rows = []
    if plan.to_show is not None:
        target = fields["target"].value or 0.0
        share = f"{_short(100 * target)}%"
        purpose = gettext("Chứng tỏ đạt chỉ tiêu %(share)s", share=share)
        if plan.expected < target:
            purpose = gettext("Chứng tỏ chưa đạt chỉ tiêu %(share)s", share=share)
        rows.append(_row(purpose, plan.to_show, gettext("80 trong 100 lần khảo sát như vậy sẽ kết luận được.")))
    if plan.for_margin is not None:
        purpose = gettext("Sai số không quá ±%(points)s điểm phần trăm", points=_short(100 * (fields["margin"].value or 0.0)))
        rows.append(_row(purpose, plan.for_margin, gettext("Độ tin cậy 95%.")))
    if plan.yamane is not None:
        remark = gettext("Chỉ tính cho sai số, với tỷ lệ 50% và mẫu ngẫu nhiên đơn giản; không xét chỉ tiêu và tỷ lệ trả lời.")
        rows.append(Row(gettext("Công thức Yamane (Slovin), cùng sai số"), number(plan.yamane), "–", remark))
    return tuple(rows)


def advice_of(plan: Plan | None) -> str:
    """One sentence on top of the answer."""
    if plan is None:
        return ""
    if plan.answers is None:
        return gettext("Không số phiếu nào đủ cho mục đích này.")
    sizes = [size for size in (plan.to_show, plan.for_margin) if size is not None]
    invited = max(size.invitations or 0 for size in sizes)
    if fieldwork.NOT_REACHABLE in plan.notes:
        return gettext(
            "Không thực hiện được với số hồ sơ này: cần %(answers)s phiếu, tức mời khoảng %(invited)s người.",
            answers=number(plan.answers), invited=number(invited),
        )  # fmt: skip
    return gettext(
        "Nên thu được %(answers)s phiếu, tức mời khoảng %(invited)s người.", answers=number(plan.answers), invited=number(invited)
    )


def _row(purpose: str, size: Size, remark: str) -> Row:
    if size.answers is None:
        return Row(purpose, gettext("không đủ"), "–", remark)
    return Row(purpose, number(size.answers), "–" if size.invitations is None else number(size.invitations), remark)


def _short(value: float) -> str:
    """A number without needless zeros: 3, 2,5."""
    return next(number(value, digits) for digits in range(5) if digits == 4 or abs(round(value, digits) - value) < 1e-9)


def _people(text: str) -> tuple[float | None, str]:
    if not text:
        return None, ""
    if not GROUPED.fullmatch(text):
        return None, gettext("Mời nhập một số nguyên, ví dụ 12.500; để trống nếu chưa biết.")
    people = int(re.sub(r"\D", "", text))
    if not 1 <= people <= MOST_PEOPLE:
        return None, gettext("Mời nhập một số từ 1 đến 100.000.000.")
    return float(people), ""


def _decimal(low: float, high: float, *, needed: bool, scale: float = 100) -> Callable[[str], tuple[float | None, str]]:
    """A reader of numbers between two ends; the ends themselves are refused where ``low`` is 0 and a share of nothing is no plan."""

    def read(text: str) -> tuple[float | None, str]:
        if not text:
            return None, gettext("Mời nhập số này.") if needed else ""
        found = DECIMAL.fullmatch(text)
        value = float(f"{found[1]}.{found[2] or 0}") if found else math.nan
        if low <= value <= high:
            return value / scale, ""
        return None, gettext("Mời nhập một số từ %(low)s đến %(high)s, ví dụ 2,5.", low=_short(low), high=_short(high))

    return read


DEFAULTS = MappingProxyType({"population": "", "expected": "93", "target": "90", "margin": "3", "response": "40", "deff": "1,5"})

READERS: Mapping[str, Callable[[str], tuple[float | None, str]]] = MappingProxyType(
    {
        "population": _people,
        "expected": _decimal(0, 100, needed=True),
        "target": _decimal(1, 100, needed=False),
        "margin": _decimal(0.1, 50, needed=False),
        "response": _decimal(0.1, 100, needed=True),
        "deff": _decimal(1, 50, needed=True, scale=1),
    }
)

LABELS: Mapping[str, Callable[[], tuple[str, str]]] = MappingProxyType(
    {
        "population": lambda: (gettext("Tổng số hồ sơ, lượt phục vụ của kỳ"), gettext("Để trống nếu chưa biết.")),
        "expected": lambda: (
            gettext("Tỷ lệ hài lòng dự kiến, %"),
            gettext("Lấy theo kỳ trước; 50 là thận trọng nhất khi chỉ tính sai số."),
        ),
        "target": lambda: (gettext("Chỉ tiêu cần chứng tỏ, %"), gettext("Để trống nếu chỉ quan tâm sai số.")),
        "margin": lambda: (gettext("Sai số mong muốn, ± điểm phần trăm"), gettext("Để trống nếu chỉ quan tâm chỉ tiêu.")),
        "response": lambda: (gettext("Tỷ lệ trả lời dự kiến, %"), gettext("Số người trả lời trên 100 người được mời.")),
        "deff": lambda: (gettext("Hệ số thiết kế"), gettext("1 nếu chọn ngẫu nhiên từng người; 1,5 nếu phiếu đến theo quầy và ngày.")),
    }
)

NOTES: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        planning.NOBODY: lambda: gettext("Không có hồ sơ nào thì không cần khảo sát."),
        planning.ONLY_EVERYONE: lambda: gettext("Tỷ lệ dự kiến đúng bằng chỉ tiêu: không mẫu nào chứng tỏ được, chỉ khi hỏi tất cả."),
        planning.NOT_BY_ASKING: lambda: gettext("Tỷ lệ dự kiến quá sát chỉ tiêu: cần hơn một triệu phiếu."),
        planning.POPULATION_TOO_SMALL: lambda: gettext("Dưới 30 phiếu thì không có kết luận: nên lấy kỳ dài hơn hoặc gộp lĩnh vực."),
        fieldwork.NOT_REACHABLE: lambda: gettext("Số người cần mời nhiều hơn số hồ sơ: cần nâng tỷ lệ trả lời, hoặc lấy kỳ dài hơn."),
        fieldwork.NO_FINITE_POPULATION: lambda: gettext("Kết luận sẽ không được trừ phần tổng thể đã trả lời, vì tỷ lệ trả lời dưới 60% hoặc có quá ít phiếu chưa hài lòng."),
        fieldwork.FEW_RARE: lambda: gettext("Dự kiến có dưới 5 phiếu ở phía ít hơn: công thức sai số quá lạc quan, nên tính theo chỉ tiêu."),
    }
)  # fmt: skip


def add_pages(room: Blueprint) -> None:
    room.add_url_rule("/planner", view_func=guard.require(Action.VIEW)(planner))
