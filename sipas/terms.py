"""The words that two pillars share, and the only clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class Channel(StrEnum):
    """How strong the evidence is that an answer comes from somebody who was served."""

    VERIFIED = "V"
    ON_SITE = "S"
    OPEN = "O"
    PAPER = "P"


class Role(StrEnum):
    """What an official is trusted with, always within a branch of the unit tree."""

    OFFICIAL = "official"  # reads scorecards
    HEAD = "head"  # also reads counters of the own unit
    ANALYST = "analyst"  # takes the data away; never inside a rated unit
    ADMINISTRATOR = "administrator"  # accounts and codes, no answers
    KEYER = "keyer"  # types paper sheets in, outside the unit that they rate; reads no result


class SipasError(Exception):
    """A refusal that has a sentence for its reader: what is wrong, where, and the cure."""


def now() -> datetime:
    """This moment in Viet Nam. The one place that reads the clock."""
    return datetime.now(ZONE)


def today() -> date:
    """The day in Viet Nam."""
    return now().date()


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week: the finest date that is kept with an answer."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Week:
        """The week that holds ``day``."""
        year, number, _ = day.isocalendar()
        return cls(year, number)

    @classmethod
    def parse(cls, text: str) -> Week:
        """Read ``2026-W47``; ValueError for anything else."""
        if not (found := re.fullmatch(r"(\d{4})-W(\d{2})", text)):
            raise ValueError(f"{text!r} is not an ISO week such as 2026-W47")
        week = cls(int(found[1]), int(found[2]))
        if str(Week.of(week.monday)) != text:
            raise ValueError(f"{text!r}: that year has no such week")
        return week

    def __str__(self) -> str:
        return f"{self.year:04d}-W{self.number:02d}"

    @property
    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def thursday(self) -> date:
        """The day that decides to which month, quarter and year the week belongs."""
        return self.monday + timedelta(days=3)

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def month(self) -> str:
        """The statistical month, ``2026-11``."""
        return f"{self.thursday:%Y-%m}"

    @property
    def quarter(self) -> str:
        """``2026-Q4``."""
        return f"{self.thursday.year}-Q{(self.thursday.month + 2) // 3}"

    def next(self) -> Week:
        return Week.of(self.monday + timedelta(days=7))

    def previous(self) -> Week:
        return Week.of(self.monday - timedelta(days=7))


def weeks_between(first: Week, last: Week) -> tuple[Week, ...]:
    """Every week from ``first`` to ``last``, both included."""
    weeks = []
    while first <= last:
        weeks.append(first)
        first = first.next()
    return tuple(weeks)


def last_thursday(period: str) -> date:
    """The last Thursday of a statistical month, quarter, year or year to date.

    ``period`` is ``2026-11``, ``2026-Q4``, ``2026`` or ``2026-ytd-11`` (January to November).
    """
    year = int(period[:4])
    rest = period[5:]
    if rest.startswith("ytd-"):
        month = int(rest[4:])
    elif rest.startswith("Q"):
        month = 3 * int(rest[1:])
    else:
        month = int(rest) if rest else 12
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    last = first_of_next - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - 3) % 7)


def periods_of(week: Week) -> tuple[str, str, str]:
    """The month, the quarter and the year to which a week belongs."""
    return week.month, week.quarter, str(week.thursday.year)
