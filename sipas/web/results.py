"""How results are said and drawn, in the officials' room and on the public page: whole sentences, one per kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sipas.reports.honesty import marks_of
from sipas.reports.scorecard import Estimate, Front, Gap, Line, Sentence
from sipas.stats.disclosure.publication import shown
from sipas.web import charts
from sipas.web.choice import channel_words, period_words
from sipas.web.filters import number, percent, points
from sipas.web.language import current_language, gettext, in_words
from sipas.web.pictures import drawer
from sipas.web.silence import silence_words


def value_words(line: Line) -> str:
    """The share, or on a scale of five the mean."""
    if line.estimate is None:
        return "–"
    return number(line.estimate.value, 2) if line.statistic == "mean" else share_words(line.estimate)


def share_words(estimate: Estimate) -> str:
    """A share; where all or none of fewer than 100 agree, only how far that goes: “≥ 88%”."""
    told = shown(estimate.value, estimate.low, estimate.high, estimate.n)
    return f"{told.bound} {number(told.value_pct)}%" if told.bound else percent(estimate.value, estimate.n)


def limits_words(estimate: Estimate) -> str:
    """The interval of a share: “80,9–84,4%”."""
    told = shown(estimate.value, estimate.low, estimate.high, estimate.n)
    low = number(told.value_pct) if told.bound == "≥" else percent(estimate.low, estimate.n).rstrip("%")
    high = number(told.value_pct) if told.bound == "≤" else percent(estimate.high, estimate.n).rstrip("%")
    return f"{low}–{high}%"


def marks_words(line: Line) -> tuple[str, ...]:
    """Why a figure is to be read with care, a sentence each."""
    rarer = gettext("Kém tin cậy: khoảng tin cậy quá rộng so với phần chưa hài lòng.")
    if line.estimate and line.estimate.value < 0.5:
        rarer = gettext("Kém tin cậy: khoảng tin cậy quá rộng so với phần hài lòng.")
    said = {
        "wide": gettext("Kém tin cậy: khoảng tin cậy rất rộng."),
        "few_effective": gettext("Kém tin cậy: số phiếu hiệu dụng dưới 30."),
        "low_df": gettext("Kém tin cậy: phiếu đến từ quá ít cụm (mỗi quầy mỗi ngày là một cụm)."),
        "relative": rarer,
    }
    return tuple(said[mark] for mark in marks_of(line.estimate, line.statistic))


def interval_words(line: Line) -> str:
    """“80,9–84,4%”."""
    if line.estimate is None:
        return "–"
    if line.statistic == "mean":
        return f"{number(line.estimate.low, 2)}–{number(line.estimate.high, 2)}"
    return limits_words(line.estimate)


def change_words(line: Line) -> str:
    """“tăng 1,2 điểm phần trăm” where the interval says so; “không thay đổi đáng kể” only where it lies within ±3 points."""
    if line.change is None:
        return "–"
    apart = _apart_words(line.change, line.estimate.n if line.estimate else None, mean=line.statistic == "mean")
    said = {
        ("higher", True): gettext("tăng nhẹ %(points)s", points=apart),
        ("higher", False): gettext("tăng %(points)s", points=apart),
        ("lower", True): gettext("giảm nhẹ %(points)s", points=apart),
        ("lower", False): gettext("giảm %(points)s", points=apart),
        ("undecided", True): gettext("không thay đổi đáng kể"),
    }
    return said.get((line.change.direction, line.change.equivalent), gettext("chưa thể nói tăng hay giảm"))


def change_interval_words(line: Line) -> str:
    """From where to where the change may lie, in percentage points; and the point figure where the words did not tell it."""
    if line.change is None:
        return ""
    digits = 2 if line.statistic == "mean" else 1
    low, high = number(line.change.low, digits), number(line.change.high, digits)
    if line.change.direction != "undecided":
        return gettext("từ %(low)s đến %(high)s", low=low, high=high)
    return gettext("chênh %(points)s, từ %(low)s đến %(high)s", points=signed(line.change.points, digits), low=low, high=high)


def gap_words(gap: Gap | None, other: str, n: int | None) -> str:
    """How a channel stands beside another: “thấp hơn V 2,1 điểm phần trăm (−4,0 đến −0,2)”."""
    if gap is None:
        return ""
    low, high = number(gap.low, 1), number(gap.high, 1)
    given = {"other": other, "points": points(abs(gap.points) / 100, n), "low": low, "high": high}
    if gap.direction == "higher":
        return gettext("cao hơn %(other)s %(points)s (%(low)s đến %(high)s)", **given)
    if gap.direction == "lower":
        return gettext("thấp hơn %(other)s %(points)s (%(low)s đến %(high)s)", **given)
    if gap.equivalent:
        return gettext("không khác %(other)s đáng kể (%(low)s đến %(high)s)", other=other, low=low, high=high)
    return gettext("chưa thể phân biệt với %(other)s (%(low)s đến %(high)s)", other=other, low=low, high=high)


def measure_words(statistic: str) -> str:
    """The name of a measure."""
    return {
        "overall": gettext("Hài lòng chung"),
        "pooled": gettext("Gộp mọi câu trả lời"),
        "all": gettext("Hài lòng toàn diện (mọi câu)"),
        "mean": gettext("Điểm trung bình (1–5)"),
    }[statistic]


def signed(value: float, digits: int) -> str:
    """A difference with its sign: “+1,2”, “−0,8”."""
    text = number(value, digits)
    return f"+{text}" if value > 0 and any(digit in "123456789" for digit in text) else text


def _apart_words(gap: Gap, n: int | None, *, mean: bool) -> str:
    if mean:
        return gettext("%(points)s điểm của thang 1–5", points=number(abs(gap.points), 2))
    return points(abs(gap.points) / 100, n)


def place_words(front: Front) -> str:
    """Whose results they are, inside a sentence: “thành phố Đà Nẵng”."""
    if current_language() == "en" and front.unit.name_en:
        return front.unit.name_en
    return f"{front.kind} {front.unit.name}" if front.unit.tier == "province" else front.unit.full_name


def place_title(front: Front) -> str:
    """The same at the head of a page."""
    words = place_words(front)
    return words[:1].upper() + words[1:]


def percent_words(estimate: Estimate | None) -> str:
    """“82,7% (80,9–84,4)”, and a dash for nothing."""
    if estimate is None:
        return "–"
    return f"{share_words(estimate)} ({limits_words(estimate)})"


def mean_words(estimate: Estimate | None) -> str:
    """“4,12 (4,05–4,19)”, and a dash for nothing."""
    if estimate is None:
        return "–"
    return f"{number(estimate.value, 2)} ({number(estimate.low, 2)}–{number(estimate.high, 2)})"


def point_words(line: Line) -> str:
    """The verdict's first line: the point figure against the target."""
    if line.estimate is None or line.target is None or line.difference is None:
        return ""
    share = share_words(line.estimate)
    apart = points(abs(line.difference) / 100, line.estimate.n)
    if apart == points(0, line.estimate.n):
        return gettext("%(share)s, bằng chỉ tiêu", share=share)
    if line.difference > 0:
        return gettext("%(share)s, cao hơn chỉ tiêu %(points)s", share=share, points=apart)
    return gettext("%(share)s, thấp hơn chỉ tiêu %(points)s", share=share, points=apart)


def sentence_words(sentence: Sentence) -> str:
    """A report's sentence in the reader's language; empty for a kind that has no words."""
    say = SENTENCES.get(sentence.kind)
    return say(sentence.params) if say else ""


def _extremes(given: Mapping[str, Any]) -> str:
    return gettext(
        "Cao nhất là %(best)s (%(best_share)s), thấp nhất là %(worst)s (%(worst_share)s).",
        best=in_words(given["highest"]), best_share=percent(given["highest_value"]),
        worst=in_words(given["lowest"]), worst_share=percent(given["lowest_value"]),
    )  # fmt: skip


def _one_sector(given: Mapping[str, Any]) -> str:
    return gettext("Mới có một lĩnh vực đủ số liệu: %(sector)s (%(share)s).", sector=in_words(given["name"]), share=percent(given["value"]))


def _targets(given: Mapping[str, Any]) -> str:
    return gettext(
        "Trong %(judged)d dòng có chỉ tiêu: %(met)d đạt, %(not_met)d chưa đạt, %(undecided)d chưa đủ căn cứ kết luận.",
        judged=given["judged"], met=given["met"], not_met=given["not_met"], undecided=given["undecided"],
    )  # fmt: skip


def _no_targets(_: Mapping[str, Any]) -> str:
    return gettext("Kỳ này chưa có chỉ tiêu nào đang có hiệu lực để đối chiếu.")


def _coverage(given: Mapping[str, Any]) -> str:
    return gettext(
        "Kết quả dựa trên %(n)s phiếu, đại diện cho %(coverage)s số hồ sơ, lượt phục vụ của kỳ.",
        n=number(given["n"]), coverage=percent(given["coverage"]),
    )  # fmt: skip


def _no_frame(given: Mapping[str, Any]) -> str:
    return gettext("Kết quả dựa trên %(n)s phiếu; chưa có dàn mẫu nên chưa gắn quyền số.", n=number(given["n"]))


def _nothing(_: Mapping[str, Any]) -> str:
    return gettext("Kỳ này chưa có kết quả nào đủ điều kiện công bố.")


SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = MappingProxyType(
    {
        "extremes": _extremes,
        "one_sector": _one_sector,
        "targets": _targets,
        "no_targets": _no_targets,
        "coverage": _coverage,
        "no_frame": _no_frame,
        "nothing": _nothing,
    }
)


def picture_of(lines: tuple[Line, ...], run_id: int | None) -> charts.Picture | None:
    """The lines that show a share, as dots and whiskers, kept with the run; None where there is none."""
    dots = [
        charts.Dot(
            label=in_words(line.name),
            value=line.estimate.value,
            low=line.estimate.low,
            high=line.estimate.high,
            target=line.target.value if line.target and line.target.statistic != "mean" else None,
            verdict=line.verdict if line.verdict in charts.SIGNS else "no_target",
        )
        for line in lines
        if line.estimate is not None and line.statistic != "mean"
    ]
    if not dots:
        return None
    return charts.dots(dots, language=current_language(), target_word=gettext("chỉ tiêu"), drawer=drawer(run_id))


class Words:
    """What templates say with."""

    period = staticmethod(period_words)
    channel = staticmethod(channel_words)
    sentence = staticmethod(sentence_words)
    share = staticmethod(percent_words)
    mean = staticmethod(mean_words)
    value = staticmethod(value_words)
    interval = staticmethod(interval_words)
    point = staticmethod(point_words)
    change = staticmethod(change_words)
    change_interval = staticmethod(change_interval_words)
    gap = staticmethod(gap_words)
    measure = staticmethod(measure_words)
    marks = staticmethod(marks_words)
    silence = staticmethod(silence_words)
    place = staticmethod(place_words)
    place_title = staticmethod(place_title)
