"""A year that is not over is its year to date; nothing is computed twice under two names."""

from __future__ import annotations

import pytest

from sipas.reports.areas import is_longest, list_periods, passes
from sipas.terms import Week, weeks_between


def long_periods(first: Week, last: Week) -> dict[str, str]:
    """Years and years to date: the longest of its year, there for comparison, or beside the year."""
    periods = list_periods(sorted({week.month for week in weeks_between(first, last)}))
    kinds = {}
    for period in periods:
        if len(period) == 4 or "ytd" in period:
            kinds[period] = "longest" if is_longest(period, periods) else "compared" if passes(period, periods) else "beside"
    return kinds


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (Week(2025, 48), Week(2026, 47), {"2025": "longest", "2025-ytd-11": "compared", "2026-ytd-11": "longest"}),
        (Week(2025, 2), Week(2026, 53), {"2025": "longest", "2025-ytd-12": "compared", "2026": "longest", "2026-ytd-12": "beside"}),
        (Week(2025, 2), Week(2025, 20), {"2025-ytd-05": "longest"}),
        (Week(2025, 10), Week(2025, 10), {"2025-ytd-03": "longest"}),
    ],
)
def test_a_year_that_is_not_over_is_its_year_to_date(first: Week, last: Week, found: dict[str, str]) -> None:
    assert long_periods(first, last) == found


def test_a_survey_that_paused_over_new_year_keeps_the_last_of_each_year() -> None:
    periods = list_periods(["2025-05", "2025-06", "2026-02", "2026-03"])
    assert {"2025-ytd-06", "2025-ytd-03", "2026-ytd-03"} >= {period for period in periods if "ytd" in period}
    assert is_longest("2025-ytd-06", periods)
    assert not passes("2025-ytd-06", periods)


def test_no_month_no_period() -> None:
    assert list_periods([]) == {}
