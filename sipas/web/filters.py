"""Numbers, dates and weeks as a reader of the page's language writes them."""

from __future__ import annotations

from datetime import date

from flask import Flask

from sipas.terms import Week
from sipas.web.language import current_language, gettext

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WHOLE_PERCENT_BELOW = 100  # a share of fewer answers does not deserve a decimal


def number(value: float, digits: int = 0) -> str:
    """``36525`` as 36.525, and in English as 36,525."""
    text = f"{abs(value):,.{digits}f}"
    if current_language() != "en":
        text = text.translate(str.maketrans(",.", ".,"))
    return f"−{text}" if value < 0 and any(digit in "123456789" for digit in text) else text


def percent(value: float | None, n: int | None = None) -> str:
    """A share (0–1) of ``n`` answers as 82,7%; as 83% where n is below 100; a dash for none."""
    return "–" if value is None else f"{number(100 * value, digits_for(n))}%"


def points(value: float | None, n: int | None = None) -> str:
    """A difference of two shares as “1,2 điểm phần trăm”."""
    return "–" if value is None else gettext("%(number)s điểm phần trăm", number=number(100 * value, digits_for(n)))


def digits_for(n: int | None) -> int:
    """Decimals of a percentage: none below 100 answers, one above."""
    return 0 if n is not None and n < WHOLE_PERCENT_BELOW else 1


def date_words(day: date) -> str:
    """21/11/2026, and in English 21 November 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}" if current_language() == "en" else f"{day:%d/%m/%Y}"


def week_words(week: Week | str) -> str:
    """“tuần 16–22/11/2026”."""
    week = Week.parse(week) if isinstance(week, str) else week
    first, last = week.monday, week.sunday
    if current_language() == "en":
        span = f"{first.day}–{date_words(last)}" if first.month == last.month else f"{_without_year(first, last)} – {date_words(last)}"
    elif first.month == last.month:
        span = f"{first:%d}–{last:%d/%m/%Y}"
    else:
        span = f"{first:%d/%m}–{last:%d/%m/%Y}" if first.year == last.year else f"{first:%d/%m/%Y}–{last:%d/%m/%Y}"
    return gettext("tuần %(span)s", span=span)


def _without_year(first: date, last: date) -> str:
    text = date_words(first)
    return text.removesuffix(f" {first.year}") if first.year == last.year else text


def register(app: Flask) -> None:
    """Give templates the filters under their own names."""
    for name, function in FILTERS.items():
        app.jinja_env.filters[name] = function


FILTERS = {"number": number, "percent": percent, "points": points, "date_words": date_words, "week_words": week_words}
