"""A figure over its periods: slopes a month, breaks that none crosses, units whose history is one, and what is not told."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import numpy as np
import pytest
import sealed_rows as make

from sipas.reports.facts import compute
from sipas.reports.released import estimate_of
from sipas.reports.succession import first_month, joined
from sipas.reports.trends import BORDERS, Point, Series, read_series, slopes
from sipas.reports.trends import Break as Broken
from sipas.store.engine import Store
from sipas.store.units import Predecessor, Unit, get_unit
from tests.reports.stored import fact

MONTHS = tuple(f"2026-{month:02d}" for month in range(1, 11))


@pytest.fixture
def province(store: Store) -> make.Province:
    rng = random.Random(5)
    made = make.add_province(store, communes=2, hospitals=1, schools=1)
    make.add_frame(store, made, rng, answers=900)
    make.add_answers(store, made, rng, n=900)
    compute(store, make.shelf(), make.WAVE)
    return made


def series_of(store: Store, unit: int, sector: str = "", step: str = "") -> Series | None:
    with store.read() as session:
        return read_series(session, make.shelf(), wave=make.WAVE, unit=get_unit(session, unit), sector=sector, step=step)


def points_of(satisfied: list[int], n: int = 400, **told: Any) -> tuple[list[Point], dict[str, Any]]:
    facts = {month: fact(some, n, period=month, **told) for month, some in zip(MONTHS, satisfied, strict=False)}
    points = [
        Point(month, float(place), estimate_of(one), hidden="", partial=False, target=0.9, piece=0)
        for place, (month, one) in enumerate(facts.items())
    ]
    return points, facts


def test_a_share_that_climbs_two_points_a_month_is_told_to_rise_by_two() -> None:
    points, facts = points_of([280 + 8 * month for month in range(10)])
    (piece,) = slopes(points, facts, ())
    assert piece.slope == pytest.approx(2.0)
    assert piece.direction == "higher"
    assert piece.low is not None
    assert piece.high is not None
    assert 1 < piece.low < 2 < piece.high < 3


def test_the_slope_is_that_of_the_straight_line() -> None:
    satisfied = [301, 322, 299, 340, 333, 318, 350, 347, 329, 361]
    points, facts = points_of(satisfied)
    (piece,) = slopes(points, facts, ())
    assert piece.slope == pytest.approx(np.polyfit(np.arange(10), 100 * np.array(satisfied) / 400, 1)[0])
    error = [(facts[month].se or 0) * 100 for month in MONTHS]
    apart = np.arange(10) - 4.5
    assert piece.se == pytest.approx(np.sqrt(np.sum((apart * error) ** 2)) / np.sum(apart**2))


def test_no_slope_crosses_a_break_and_few_periods_are_not_tested() -> None:
    points, facts = points_of([280] * 5 + [380] * 5)
    early, late = slopes(points, facts, (Broken("2026-06", ("wave",), ()),))
    assert [early.slope, late.slope] == pytest.approx([0, 0])
    assert {early.reason, late.reason} == {"few_periods"}
    (whole,) = slopes(points, facts, ())
    assert whole.direction == "higher"


def test_a_mean_keeps_its_own_scale() -> None:
    points, facts = points_of([280 + 8 * month for month in range(10)], indicator="mean")
    (piece,) = slopes(points, facts, ())
    assert piece.slope == pytest.approx(0.08)


def test_the_top_is_told_by_month_and_a_desk_by_quarter(store: Store, province: make.Province) -> None:
    desk = next(unit for unit, sector in province.strata if sector == "land")
    root, below = series_of(store, province.root, "procedures"), series_of(store, desk, "land")
    assert root is not None
    assert root.step == "month"
    assert len(root.told) >= 10
    assert below is not None
    assert "month" not in below.steps
    assert all("Q" in point.period for point in below.points)


def test_quarters_that_are_not_over_say_so_and_stand_in_their_middle(store: Store, province: make.Province) -> None:
    page = series_of(store, province.root, "procedures", "quarter")
    assert page is not None
    by_period = {point.period: point for point in page.points}
    assert by_period["2025-Q4"].partial
    assert not by_period["2026-Q2"].partial
    assert by_period["2026-Q2"].when == 12 * 2026 + 4
    assert by_period["2025-Q4"].when > 12 * 2025 + 10  # nobody was asked in October


@pytest.mark.parametrize(("sector", "step"), [("nowhere", ""), ("land", "week")])
def test_what_nobody_offered_is_none(store: Store, province: make.Province, sector: str, step: str) -> None:
    assert series_of(store, province.root, sector, step) is None


def test_a_part_that_came_from_another_unit_breaks_the_series(store: Store, province: make.Province) -> None:
    with store.write() as session:
        old = Unit(code="old", tier="commune", kind="Xã", name="Cũ", full_name="Xã Cũ", parent_id=None, valid_to=date(2026, 5, 20))
        session.add(old)
        session.flush()
        session.add(Predecessor(old_id=old.id, new_id=province.root, extent="part", source_text="thôn 3"))
    page = series_of(store, province.root, "procedures")
    assert page is not None
    (broken,) = page.breaks
    assert (broken.period, broken.reasons, broken.names) == ("2026-05", (BORDERS,), ("Xã Cũ",))
    assert [place for place, _ in page.placed] == [0, 1]
    assert page.pieces[0].last < page.pieces[1].first


def test_a_whole_predecessor_lends_its_history_without_a_break(store: Store, province: make.Province) -> None:
    hospital = next(unit for unit, sector in province.strata if sector == "health")
    with store.write() as session:
        new = Unit(code="new", tier="hospital", kind="Bệnh viện", name="Mới", full_name="Bệnh viện Mới", valid_from=date(2026, 12, 1))
        session.add(new)
        session.flush()
        new.path = f"/{new.id}/"
        session.add(Predecessor(old_id=hospital, new_id=new.id, extent="whole", source_text="đổi tên"))
        number = new.id
    renamed, before = series_of(store, number, "health"), series_of(store, hospital, "health")
    assert renamed is not None
    assert before is not None
    assert renamed.points == before.points
    assert renamed.breaks == ()


def test_units_of_one_history_are_added_up_by_dossiers() -> None:
    one = joined([fact(80, 100, population=1000), fact(300, 300, population=3000)])
    assert one is not None
    assert one.value == pytest.approx(0.25 * 0.8 + 0.75 * 1.0)
    assert (one.n, one.population) == (400, 4000)
    assert one.se == pytest.approx(0.25 * np.sqrt(0.8 * 0.2 * 1.5 / 100))
    assert estimate_of(one)
    assert (one.low or 0) < 0.95 < (one.high or 0)


def test_a_sum_with_a_hidden_or_unweighted_part_is_not_told() -> None:
    assert joined([fact(80, 100), fact(8, 9, verdict="hidden")]) is None
    assert joined([fact(80, 100), fact(80, 100, weighted=False)]) is None
    assert joined([]) is None


@pytest.mark.parametrize(("day", "month"), [(date(2026, 6, 29), "2026-07"), (date(2026, 7, 1), "2026-07"), (date(2026, 5, 20), "2026-05")])
def test_a_change_counts_from_the_next_week_on(day: date, month: str) -> None:
    assert first_month(day) == month
