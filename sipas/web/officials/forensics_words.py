"""The words of the pages of unusual signs, and of what is proposed because of them."""

from __future__ import annotations

from sipas.reports.flagged import Reason, WithWithout
from sipas.reports.proposing import Proposed
from sipas.stats.disclosure.publication import shown as as_shown
from sipas.web.filters import number, percent
from sipas.web.language import gettext, in_words
from sipas.web.results import signed

RAREST = 0.0001  # a chance below it is told as such


class Say:
    """The words of these pages."""

    @staticmethod
    def reason(reason: str) -> str:
        """A sign's name."""
        return {
            "fast": gettext("Trả lời nhanh bất thường"),
            "burst": gettext("Nhiều phiếu dồn vào vài phút tại một quầy"),
            "off_hours": gettext("Nhiều phiếu gửi ngoài giờ làm việc"),
            "straight": gettext("Nhiều phiếu chọn cùng một mức ở mọi câu"),
            "pattern": gettext("Một bộ câu trả lời lặp lại nhiều lần"),
            "entropy": gettext("Các phiếu giống nhau hơn thường lệ"),
            "channel_mix": gettext("Tỷ trọng các kênh thay đổi mạnh so với quý trước"),
            "step": gettext("Điểm thay đổi đột ngột quanh mốc thời hạn của chỉ tiêu"),
            "volume": gettext("Số phiếu trên số hồ sơ cao hơn hẳn các đơn vị khác"),
            "over_dossiers": gettext("Số phiếu nhiều hơn số hồ sơ"),
            "channel_gap": gettext("Điểm của phiếu tại chỗ và phiếu đã xác minh hồ sơ chênh nhau khác thường"),
            "busy_weeks": gettext("Điểm thay đổi theo số phiếu của tuần (tính cho số phiếu gấp đôi)"),
            "contested": gettext("Nhiều mã đánh giá bị dùng lần thứ hai"),
        }.get(reason, reason)

    @staticmethod
    def observed(one: Reason) -> str:
        """What was seen, in the sign's own measure."""
        if one.observed is None:
            return gettext("dưới 10 phiếu")
        return _figure(one.reason, one.observed)

    @staticmethod
    def expected(one: Reason) -> str:
        """What is usual."""
        if one.reason == "channel_mix":
            return gettext("gần như không đổi")
        return _figure(one.reason, one.expected, usual=True)

    @staticmethod
    def form(one: Reason) -> str:
        """Which questionnaire and form it was."""
        if not one.title:
            return gettext("mọi mẫu phiếu")
        length = {"short": gettext("phiếu ngắn"), "full": gettext("phiếu đầy đủ")}[one.length]
        return gettext("%(title)s, %(length)s", title=in_words(one.title), length=length)

    @staticmethod
    def chance(p: float) -> str:
        """A small chance."""
        return gettext("dưới %(share)s", share=f"{number(0.01, 2)}%") if p < RAREST else f"{number(100 * p, 2)}%"

    @staticmethod
    def share(line: WithWithout, *, without: bool = False) -> str:
        """A result with its interval."""
        told = line.without if without else line.whole
        if told is None:
            return "–"
        if line.statistic == "mean":
            return f"{number(told.value, 2)} ({number(told.low, 2)}–{number(told.high, 2)})"
        bounded = as_shown(told.value, told.low, told.high, told.n)
        share = f"{bounded.bound} {number(bounded.value_pct)}%" if bounded.bound else percent(told.value, told.n)
        return f"{share} ({percent(told.low, told.n).rstrip('%')}–{percent(told.high, told.n)})"

    @staticmethod
    def turn(line: WithWithout) -> str:
        """Whether the verdict would change."""
        if line.same:
            return gettext("Không phiếu nào có dấu hiệu")
        if line.without is None:
            return gettext("Không so sánh: phần có dấu hiệu hoặc phần còn lại dưới 10 phiếu")
        return gettext("Có thay đổi") if line.turns else gettext("Không thay đổi")

    @staticmethod
    def act(act: str) -> str:
        """What is proposed."""
        return {"set_aside": gettext("Để riêng phiếu"), "count_again": gettext("Tính lại phiếu đang để riêng")}[act]

    @staticmethod
    def state(state: str) -> str:
        """Where a proposal stands."""
        return {
            "waiting": gettext("Đang chờ ý kiến của người thứ hai"),
            "approved": gettext("Đã được duyệt"),
            "declined": gettext("Không được duyệt"),
        }[state]

    @staticmethod
    def answers(told: Proposed) -> str:
        """How many answers a proposal names."""
        return gettext("dưới 10 phiếu") if told.few else gettext("%(n)s phiếu", n=number(told.proposal.rows))

    @staticmethod
    def decision(decision: str) -> str:
        """A decision."""
        return {
            "keep": gettext("Giữ nguyên: coi là bình thường"),
            "set_aside": gettext("Để riêng: khi dùng kết quả phải nêu cả hai con số"),
            "look_further": gettext("Xem xét thêm: kiểm tra rồi mới quyết định"),
        }[decision]


def _figure(reason: str, value: float, *, usual: bool = False) -> str:
    measures = {
        "channel_mix": lambda: gettext("%(change)s điểm phần trăm", change=signed(100 * value, 1)),
        "step": lambda: gettext("%(points)s điểm của thang 1–5", points=signed(value, 2)),
        "channel_gap": lambda: gettext("%(points)s điểm của thang 1–5", points=signed(value, 2)),
        "busy_weeks": lambda: gettext("%(points)s điểm của thang 1–5", points=signed(value, 2)),
        "entropy": lambda: gettext("mức trùng lặp %(value)s", value=number(value, 2)),
    }
    if reason in measures:
        return measures[reason]()
    if reason == "over_dossiers" and usual:
        return gettext("%(n)s hồ sơ", n=number(round(value)))
    if usual and value < 1:
        return gettext("dưới 1 phiếu")
    return gettext("khoảng %(n)s phiếu", n=number(round(value))) if usual else gettext("%(n)s phiếu", n=number(round(value)))
