"""What is asked before the items, in which words, and which items a stage leaves out (decision 8)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sipas.instrument.model import Instrument, Item, Wording

STAGES = ("on_time", "late", "waiting", "overdue", "returned", "inquiry")
RESPONDENTS = ("citizen", "organisation", "proxy")
FILINGS = ("counter", "online", "post", "assisted")

WITH_RESULT = frozenset({"on_time", "late", "returned"})  # a dossier that was returned has its result too: the refusal
NOT_ASKED = "not_asked"  # this form does not ask it
LEFT_BLANK = "left_blank"  # asked, and passed over

WORDS: Mapping[str, Mapping[str, Wording]] = MappingProxyType(
    {
        "stage": {
            "on_time": {"vi": "Đã nhận kết quả, đúng hẹn hoặc sớm hơn", "en": "I have the result, on time or earlier"},
            "late": {"vi": "Đã nhận kết quả nhưng trễ hẹn", "en": "I have the result, but it came late"},
            "waiting": {"vi": "Đang chờ kết quả, chưa quá hẹn", "en": "I am waiting, the date has not passed"},
            "overdue": {"vi": "Đang chờ kết quả, đã quá hẹn", "en": "I am waiting, the date has passed"},
            "returned": {"vi": "Hồ sơ bị trả lại", "en": "My dossier was returned"},
            "inquiry": {"vi": "Chỉ đến hỏi, chưa nộp hồ sơ", "en": "I only came to ask"},
        },
        "respondent": {
            "citizen": {"vi": "Người dân", "en": "A citizen"},
            "organisation": {"vi": "Đại diện doanh nghiệp, tổ chức", "en": "Acting for a business or an organisation"},
            "proxy": {"vi": "Người nộp hộ", "en": "Filing for somebody else"},
        },
        "filing": {
            "counter": {"vi": "Nộp trực tiếp", "en": "In person"},
            "online": {"vi": "Nộp trực tuyến", "en": "Online"},
            "post": {"vi": "Nộp qua bưu chính công ích", "en": "By public post"},
            "assisted": {"vi": "Có người hỗ trợ nộp", "en": "Somebody helped me file"},
        },
    }
)

QUESTIONS: Mapping[str, Wording] = MappingProxyType(
    {
        "stage": {"vi": "Hồ sơ của Ông/Bà đang ở bước nào?", "en": "How far is your dossier?"},
        "respondent": {"vi": "Ông/Bà làm thủ tục với tư cách nào?", "en": "In which capacity did you come?"},
        "filing": {"vi": "Hồ sơ được nộp bằng hình thức nào?", "en": "How was the dossier filed?"},
    }
)


def asked(instrument: Instrument, length: str) -> tuple[str, ...]:
    """What the form asks before its items; the short form never asks filing (decision 6)."""
    return tuple(what for what in instrument.asks if length == "full" or what != "filing")


def shown(instrument: Instrument, length: str, stage: str) -> tuple[Item, ...]:
    """The items of a form; factors that need a result are left out while there is none. Where no stage is known, all are shown."""
    items = instrument.form(length)
    if "stage" not in instrument.asks or stage in WITH_RESULT or stage == LEFT_BLANK:
        return items
    waits = {factor.code for factor in instrument.factors if factor.needs_result}
    return tuple(item for item in items if item.factor not in waits)
