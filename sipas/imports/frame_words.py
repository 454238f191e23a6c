"""The columns of a frame file and the words in its cells, Vietnamese and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from sipas.imports.tables import Column, plain
from sipas.instrument.model import Sector

COLUMNS = (
    Column("unit", ("đơn vị", "mã đơn vị", "đơn vị tiếp nhận", "mã đơn vị tiếp nhận", "unit code", "receiving unit")),
    Column(
        "deciding unit",
        ("đơn vị giải quyết", "mã đơn vị giải quyết", "đơn vị xử lý", "đơn vị quyết định", "deciding", "deciding unit code"),
        required=False,
    ),
    Column("sector", ("lĩnh vực", "mã lĩnh vực", "sector code")),
    Column("month", ("tháng", "kỳ", "tháng thống kê", "statistical month")),
    Column("kind", ("loại", "loại giao dịch", "đơn vị đếm"), required=False),
    Column("filing", ("hình thức nộp", "hình thức"), required=False),
    Column("received", ("tiếp nhận", "số tiếp nhận", "đã tiếp nhận", "hồ sơ tiếp nhận")),
    Column("settled", ("đã giải quyết", "giải quyết", "số đã giải quyết")),
    Column("settled late", ("giải quyết trễ hạn", "đã giải quyết trễ hạn", "trễ hạn", "giải quyết quá hạn", "late")),
    Column("overdue", ("quá hạn", "đang giải quyết quá hạn", "chưa giải quyết quá hạn")),
)
COUNTS = ("received", "settled", "settled late", "overdue")

KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "dossier": ("dossier", "dossiers", "hồ sơ"),
        "visit": ("visit", "visits", "lượt khám", "lượt khám bệnh"),
        "discharge": ("discharge", "discharges", "ca ra viện", "lượt ra viện", "ra viện"),
        "pupil": ("pupil", "pupils", "học sinh"),
    }
)
FILINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "all": ("", "all", "tất cả", "chung"),
        "counter": ("counter", "trực tiếp", "tại quầy"),
        "online": ("online", "trực tuyến"),
        "post": ("post", "bưu chính", "bưu chính công ích"),
        "assisted": ("assisted", "có người hỗ trợ", "hỗ trợ"),
    }
)

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.]0?1)?(?: 0?0:00(?::00)?)?")
_MONTH_FIRST = re.compile(r"(?:tháng\s*|t)?(?:0?1[-/.])?(\d{1,2})[-/.](\d{4})", re.IGNORECASE)


def read_word(words: Mapping[str, tuple[str, ...]], text: str) -> str | None:
    """The code that a word stands for."""
    wanted = plain(text)
    return next((code for code, known in words.items() if wanted in {plain(word) for word in known}), None)


def read_sector(sectors: Mapping[str, Sector], text: str) -> Sector | None:
    """A sector by its code or by its name in any language."""
    wanted = plain(text)
    for code, sector in sectors.items():
        if wanted in {plain(code), *(plain(name) for name in sector.name.values())}:
            return sector
    return None


def read_month(text: str) -> str | None:
    """``2026-03`` for 2026-03, 3/2026, tháng 3/2026 or the month's first day."""
    if found := _YEAR_FIRST.fullmatch(text):
        year, month = int(found[1]), int(found[2])
    elif found := _MONTH_FIRST.fullmatch(text):
        year, month = int(found[2]), int(found[1])
    else:
        return None
    return f"{year:04d}-{month:02d}" if 1 <= month <= 12 and 1990 <= year <= 2999 else None
