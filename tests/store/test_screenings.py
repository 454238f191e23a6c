"""Screenings, flags and decisions are kept for good, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from sipas.store.engine import Store
from sipas.store.forensics import (
    Disposition,
    Screening,
    ScreeningFlag,
    ScreeningShare,
    add_disposition,
    add_screening,
    find_last_screening,
    find_screening,
    list_dispositions,
    list_flagged_units,
    list_flags,
    list_screened_periods,
    list_screenings,
    list_shares,
)

AT = datetime(2026, 11, 16, 8, tzinfo=UTC)


def screening(period: str, week: str, root: str) -> Screening:
    return Screening(
        wave="demo-2026", period=period, week=week, rules="forensics-1", root=root * 64, units=20, answers=900,
        expected_if_clean=0.12, expected_false=0.1, seconds=1.5,
    )  # fmt: skip


def flag(unit: int, reason: str, p: float) -> ScreeningFlag:
    return ScreeningFlag(
        unit_id=unit, instrument="SIPAS", length="short", reason=reason, p=p, unit_p=8 * p, observed=60.0, expected=2.5,
        rows=60, weeks="2026-W45:40 2026-W46:20",
    )  # fmt: skip


def share(unit: int, sector: str) -> ScreeningShare:
    return ScreeningShare(
        unit_id=unit, sector=sector, statistic="overall", n=90, value=0.9, low=0.8, high=0.95, verdict="met",
        n_without=8, value_without=None, low_without=None, high_without=None, verdict_without="",
    )  # fmt: skip


@pytest.fixture
def kept(store: Store) -> Store:
    with store.write() as session:
        add_screening(session, screening("2026-Q3", "2026-W39", "a"), [flag(7, "fast", 1e-6)], [])
        shares = [share(8, "procedures"), share(8, "land")]
        add_screening(session, screening("2026-Q4", "2026-W45", "b"), [flag(7, "fast", 1e-6), flag(8, "burst", 1e-7)], shares)
        last = add_screening(session, screening("2026-Q4", "2026-W46", "c"), [flag(8, "fast", 1e-5), flag(8, "burst", 1e-7)], [])
        made = Disposition(screening_id=last.id, unit_id=8, decision="keep", reason="xem lại sổ", official="a@b", at=AT)
        add_disposition(session, made)
    return store


def test_the_newest_screening_of_a_quarter_is_shown_and_all_are_kept(kept: Store) -> None:
    with kept.read() as session:
        assert list_screened_periods(session, "demo-2026") == ["2026-Q4", "2026-Q3"]
        assert [one.week for one in list_screenings(session, "demo-2026")] == ["2026-W39", "2026-W45", "2026-W46"]
        assert find_last_screening(session, "demo-2026", "2026-Q4").week == "2026-W46"
        assert find_screening(session, "demo-2026", rules="forensics-1", root="b" * 64).week == "2026-W45"
        assert find_screening(session, "demo-2026", rules="forensics-0", root="b" * 64) is None


def test_flags_come_by_unit_and_chance_and_units_once_flagged_are_remembered(kept: Store) -> None:
    with kept.read() as session:
        last, before = (
            find_last_screening(session, "demo-2026", "2026-Q4"),
            find_screening(session, "demo-2026", rules="forensics-1", root="b" * 64),
        )
        assert [(one.unit_id, one.reason) for one in list_flags(session, last.id)] == [(8, "burst"), (8, "fast")]
        assert list_flagged_units(session, "demo-2026", "2026-Q4") == {7, 8}
        assert [one.sector for one in list_shares(session, before.id)] == ["land", "procedures"]


def test_a_decision_is_listed_with_the_week_that_was_known(kept: Store) -> None:
    with kept.read() as session:
        (made, week), *rest = list_dispositions(session, "demo-2026", "2026-Q4")
        assert (made.unit_id, made.decision, week, rest) == (8, "keep", "2026-W46", [])
        assert list_dispositions(session, "demo-2026", "2026-Q3") == []


@pytest.mark.parametrize("table", ["screening", "screening_flag", "screening_share", "disposition"])
@pytest.mark.parametrize("act", ["UPDATE {} SET screening_id = screening_id", "DELETE FROM {}"])
def test_what_was_found_and_decided_refuses_change(kept: Store, table: str, act: str) -> None:
    statement = act.format(table).replace("screening_id", "id") if table == "screening" else act.format(table)
    with pytest.raises(DatabaseError, match="never changed"), kept.write() as session:
        session.execute(text(statement))


def test_a_decision_that_nobody_knows_is_refused(kept: Store) -> None:
    with pytest.raises(IntegrityError), kept.write() as session:
        add_disposition(session, Disposition(screening_id=1, unit_id=8, decision="delete", reason="không", official="a@b", at=AT))
