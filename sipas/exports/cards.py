"""Cards with one-time codes: ten on a sheet of A4, to be cut; and the same as slips for a class or a ward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from sipas.exports.printing import UnprintableError, as_typed, check_address, in_capitals, typeset
from sipas.exports.qr_codes import draw_modules, modules_of, width_with_zone

A_SHEET = 10
MOST = 5_000  # cards in one file: 500 sheets are as much as anybody cuts at once
CODE_MM = 21.0  # from edge to edge, the quiet zone not counted
DOOR = "t"


@dataclass(frozen=True, slots=True)
class Purpose:
    """For whom cards are: what they invite to, and what they promise not to know."""

    name: str
    invitation: str
    promise: str


# kind → words. A class or a ward gets anonymous slips that belong to no pupil and no patient.
PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "dossier": Purpose(
            "Thẻ đánh giá một lần",
            "Mời {address_word} đánh giá việc giải quyết thủ tục",
            "Thẻ không gắn với hồ sơ nào; phiếu không ghi tên.",
        ),
        "class": Purpose(
            "Phiếu mời đánh giá một lần",
            "Mời cha mẹ học sinh đánh giá dịch vụ giáo dục",
            "Phiếu không gắn với học sinh nào và không ghi tên.",
        ),
        "ward": Purpose(
            "Phiếu mời đánh giá một lần",
            "Mời người bệnh đánh giá đợt điều trị",
            "Phiếu không gắn với người bệnh nào và không ghi tên.",
        ),
        "visit": Purpose(
            "Phiếu mời đánh giá một lần",
            "Mời người bệnh đánh giá lần khám bệnh",
            "Phiếu không gắn với người bệnh nào và không ghi tên.",
        ),
    }
)

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "scan": "Quét mã, hoặc mở trình duyệt, vào {typed} rồi gõ:",
        "short": "Mã ngắn, chỉ dùng cho đơn vị này, gõ ở trang mở từ mã in tại quầy:",
        "telephone": "Cần giúp, gọi {telephone}.",
        "once": "Dùng một lần, từ {first} đến hết {last}.",
        "picture": "Mã QR của thẻ số {number}, mở trang {typed}",
        "number": "Số {number}",
        "sheet": "Tờ {sheet}/{sheets}. Cắt theo các vạch; trộn đều trước khi phát.",
        "demonstration": "BẢN MINH HỌA",
        "title": "{name}: {unit}, {count} thẻ",
    }
)


@dataclass(frozen=True, slots=True)
class Card:
    """One card: nothing on it, and nothing in its place on the sheet, tells whose it will be."""

    number: int  # on the sheet, for counting what was handed out; never stored with the code
    unit: str
    code: str  # 28 characters, without blanks
    first: date
    last: date  # the last day on which it is valid
    short_code: str = ""  # 10 digits, valid at this unit only
    telephone: str = ""  # of the counter
    group: str = ""  # the class or the ward, in words


def draw_cards(cards: Sequence[Card], *, public_url: str, demo: bool, kind: str = "dossier", address_word: str = "Ông/Bà") -> bytes:
    """The cards as a tagged PDF, ten on each A4 sheet, in the order given: whoever calls has shuffled them.

    UnprintableError for no cards or more than 5,000, an unknown kind, or an address that a phone cannot open.
    """
    check_address(public_url, demo=demo)
    if kind not in PURPOSES:
        raise UnprintableError(f"there is no kind of card {kind!r}; choose from {', '.join(PURPOSES)}")
    if not 0 < len(cards) <= MOST:
        raise UnprintableError(f"one file holds 1 to {MOST:,} cards, not {len(cards):,}; mint fewer at once")
    purpose = PURPOSES[kind]
    sheets = [cards[place : place + A_SHEET] for place in range(0, len(cards), A_SHEET)]
    content = {
        "title": WORDS["title"].format(name=purpose.name, unit=_units(cards), count=len(cards)),
        "demonstration": WORDS["demonstration"] if demo else "",
        "purpose": purpose.name,
        "sheets": [
            {
                "foot": WORDS["sheet"].format(sheet=place, sheets=len(sheets)),
                "cards": [_content(card, purpose, public_url, address_word) for card in sheet],
            }
            for place, sheet in enumerate(sheets, start=1)
        ],
    }
    return typeset("cards.typ", content)


def grouped(code: str, size: int = 4) -> list[str]:
    """A code in groups of four, as it is read aloud and typed."""
    return [code[place : place + size] for place in range(0, len(code), size)]


def day_words(day: date) -> str:
    """``21/11/2026``."""
    return f"{day:%d/%m/%Y}"


def _units(cards: Sequence[Card]) -> str:
    """Every unit of the cards, each once, in the order of their first card."""
    return "; ".join(dict.fromkeys(card.unit for card in cards))


def _content(card: Card, purpose: Purpose, public_url: str, address_word: str) -> Mapping[str, Any]:
    typed = as_typed(public_url, DOOR).rstrip("/")
    rows = modules_of(in_capitals(public_url, DOOR, card.code))
    picture = WORDS["picture"].format(number=card.number, typed=typed)
    return {
        "number": WORDS["number"].format(number=card.number),
        "unit": card.unit,
        "group": card.group,
        "invitation": purpose.invitation.format(address_word=address_word),
        "promise": purpose.promise,
        "scan": WORDS["scan"].format(typed=typed),
        "code": grouped(card.code),
        "short": WORDS["short"] if card.short_code else "",
        "short_code": grouped(card.short_code, 5),
        "telephone": WORDS["telephone"].format(telephone=card.telephone) if card.telephone else "",
        "once": WORDS["once"].format(first=day_words(card.first), last=day_words(card.last)),
        "picture": picture,
        "svg": draw_modules(rows, picture),
        "across": width_with_zone(rows, CODE_MM),
    }
