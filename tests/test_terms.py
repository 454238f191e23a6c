"""Weeks belong to the month, quarter and year of their Thursday."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipas.terms import Week, last_thursday, periods_of, weeks_between


@pytest.mark.parametrize(
    ("day", "week", "month", "quarter", "year"),
    [
        (date(2026, 11, 21), "2026-W47", "2026-11", "2026-Q4", "2026"),
        (date(2026, 12, 31), "2026-W53", "2026-12", "2026-Q4", "2026"),
        (date(2027, 1, 3), "2026-W53", "2026-12", "2026-Q4", "2026"),
        (date(2025, 12, 29), "2026-W01", "2026-01", "2026-Q1", "2026"),
        (date(2026, 6, 30), "2026-W27", "2026-07", "2026-Q3", "2026"),
    ],
)
def test_a_week_belongs_to_the_periods_of_its_thursday(day: date, week: str, month: str, quarter: str, year: str) -> None:
    found = Week.of(day)
    assert str(found) == week
    assert periods_of(found) == (month, quarter, year)


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
def test_a_week_reads_back_and_holds_its_day(day: date) -> None:
    week = Week.of(day)
    assert Week.parse(str(week)) == week
    assert week.monday <= day <= week.sunday
    assert week.next().previous() == week
    assert week < week.next()


@pytest.mark.parametrize("text", ["2026-47", "2026-W54", "2025-W53", "2026-W00", "tuần 47", ""])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- the kind is the contract
        Week.parse(text)


@pytest.mark.parametrize(
    ("period", "day"),
    [
        ("2026-11", date(2026, 11, 26)),
        ("2026-12", date(2026, 12, 31)),
        ("2026-Q3", date(2026, 9, 24)),
        ("2026", date(2026, 12, 31)),
        ("2026-ytd-02", date(2026, 2, 26)),
    ],
)
def test_the_last_thursday_decides_which_target_is_in_force(period: str, day: date) -> None:
    assert last_thursday(period) == day


def test_weeks_between_crosses_a_long_year() -> None:
    assert [str(week) for week in weeks_between(Week(2026, 52), Week(2027, 1))] == ["2026-W52", "2026-W53", "2027-W01"]
