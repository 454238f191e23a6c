"""Whole numbers as people write them: 36525, 36.525, 36,525 or 36 525; which mark groups thousands is found from the whole file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

MOST = 99_999_999
_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})
_OTHER = MappingProxyType({",": ".", ".": ","})
_GROUPED = {mark: re.compile(rf"[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+") for mark in ".,"}


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """What the marks mean in one file."""

    thousands: str = ""
    decimal: str = ""
    example: str = ""

    def __str__(self) -> str:
        words = {".": "a dot", ",": "a comma", " ": "a blank"}
        if self.thousands and self.decimal:
            return f"{words[self.thousands]} between thousands and {words[self.decimal]} before decimals"
        if self.thousands:
            return f"{words[self.thousands]} between thousands ({self.example} was read as {re.sub(r'[., ]', '', self.example)})"
        return f"{words[self.decimal]} before decimals" if self.decimal else "numbers without marks"


def find_style(cells: Iterable[str]) -> NumberStyle:
    """What the marks mean: one that only ever stands before groups of three digits parts thousands, any other parts decimals."""
    marked = [_clean(cell) for cell in cells]
    with_mark = {mark: [cell for cell in marked if mark in cell] for mark in ". ,"}
    decimal = next((mark for mark in ",." if any(_parts_decimals(cell, mark) for cell in with_mark[mark])), "")
    marks = [_OTHER[decimal], " "] if decimal else [".", ",", " "]
    thousands = next((mark for mark in marks if with_mark[mark]), "")
    if (
        decimal
        and thousands
        and thousands != " "
        and any(cell.rfind(thousands) > cell.rfind(decimal) >= 0 for cell in with_mark[thousands])
    ):
        return NumberStyle(decimal=decimal)
    return NumberStyle(thousands, decimal, with_mark[thousands][0] if thousands else "")


def read_count(cell: str, style: NumberStyle) -> int | str:
    """The number, or what is wrong with it."""
    text = _clean(cell)
    if not text:
        return "is empty"
    if text.startswith(("-", "−", "(")):
        return "is negative" if re.search(r"\d", text) else "is not a number"
    whole, _, rest = text.partition(style.decimal) if style.decimal else (text, "", "")
    grouped = re.fullmatch(rf"\d{{1,3}}(?:{re.escape(style.thousands)}\d{{3}})+|\d+", whole) if style.thousands else None
    if not (grouped or (whole.isascii() and whole.isdecimal())) or not (rest == "" or (rest.isascii() and rest.isdecimal())):
        return "is not a number"
    if rest.strip("0"):
        return "is not a whole number"
    number = int(whole.replace(style.thousands, "") if style.thousands else whole)
    return number if number <= MOST else "is too large to be true"


def _clean(cell: str) -> str:
    return cell.translate(_BLANKS).strip()


def _parts_decimals(cell: str, mark: str) -> bool:
    """Whether the mark can only part decimals in this cell; what is no number at all is no evidence."""
    return bool(re.fullmatch(rf"[\d{_OTHER[mark]} ]+{re.escape(mark)}\d+", cell)) and not _groups(cell, mark)


def _groups(cell: str, mark: str) -> bool:
    """Whether the mark parts thousands in this cell; decimals by the other mark may follow."""
    head = cell.split(_OTHER[mark], 1)[0]
    return mark in head and bool(_GROUPED[mark].fullmatch(head)) and mark not in cell[len(head) :]
