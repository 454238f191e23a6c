"""Front page and unit page from released facts."""

from __future__ import annotations

import random

import pytest
import sealed_rows as make

from sipas.reports.facts import compute
from sipas.reports.released import Shown, comparable, months_compared, period_before, read_shown
from sipas.reports.scorecard import list_periods, read_front, read_unit
from sipas.store.engine import Store
from sipas.store.units import get_unit


@pytest.fixture
def province(store: Store) -> make.Province:
    rng = random.Random(5)
    made = make.add_province(store, communes=2, hospitals=1, schools=1)
    make.add_frame(store, made, rng, answers=900)
    make.add_answers(store, made, rng, n=900)
    compute(store, make.shelf(), make.WAVE)
    return made


def test_front_page_has_the_family_before_its_sectors_and_three_sentences(store: Store, province: make.Province) -> None:
    with store.read() as session:
        front = read_front(session, make.shelf(), wave=make.WAVE, period="2026-ytd-11", root=get_unit(session, province.root))
    assert front.lines[0].sector == "procedures"
    assert {line.sector for line in front.lines} >= {*make.PROCEDURES, "health", "education"}
    assert [sentence.kind for sentence in front.sentences] == ["extremes", "targets", "coverage"]
    for line in front.lines[:-1]:  # the last is the service of agencies, which nobody measures
        assert line.target is not None or line.sector in {"civil_status", "others"}
        assert line.verdict in {"met", "not_met", "undecided"}
        assert line.estimate is not None
        assert line.estimate.low <= line.estimate.value <= line.estimate.high
        assert line.estimate.coverage == pytest.approx(1.0)
        assert line.difference == pytest.approx(100 * (line.estimate.value - line.target.value))
        assert (line.more_needed is not None) <= (line.verdict == "undecided")
    assert front.demonstration
    assert front.week == "2026-W47"


def test_unit_page_shows_measures_factors_items_and_channels(store: Store, province: make.Province) -> None:
    with store.read() as session:
        page = {"wave": make.WAVE, "period": "2026-ytd-11"}
        cards = [
            card for unit, _ in province.strata for card in read_unit(session, make.shelf(), **page, unit=get_unit(session, unit)).cards
        ]
    one = next(one for one in cards if one.line.estimate and all(channel.estimate for channel in one.channels))
    assert all(one.measures[name] is not None for name in ("overall", "pooled", "all", "mean"))
    assert {part.length for part in one.factors} >= {"short"}
    assert [channel.channel for channel in one.channels] == ["V", "S", "O"]
    for item in one.items:
        assert item.estimate is not None
        assert sum(item.levels) == item.estimate.n
        assert sum(item.levels[3:]) == item.estimate.n_satisfied


def test_a_land_office_that_receives_nothing_has_a_page_of_what_it_decided(store: Store, province: make.Province) -> None:
    with store.read() as session:
        card = read_unit(session, make.shelf(), wave=make.WAVE, period="2026-ytd-11", unit=get_unit(session, province.land_office))
    land = next(one for one in card.cards if one.line.sector == "land")
    assert land.line.verdict == "no_data"
    assert land.deciding is not None
    assert land.items


def test_hidden_line_tells_nothing(store: Store, province: make.Province) -> None:
    with store.read() as session:
        cards = [
            card
            for unit in {unit for unit, _ in province.strata}
            for card in read_unit(session, make.shelf(), wave=make.WAVE, period="2026-Q1", unit=get_unit(session, unit)).cards
        ]
    hidden = [card.line for card in cards if card.line.verdict == "hidden"]
    assert hidden
    assert all(line.estimate is None and line.unweighted is None and line.difference is None and line.excluded == 0 for line in hidden)


def test_periods_are_listed_newest_first(store: Store, province: make.Province) -> None:
    with store.read() as session:
        periods = list_periods(session, make.WAVE)
    assert periods[:3] == ("2026-ytd-11", "2026-Q4", "2026-11")
    assert periods.index("2026-11") < periods.index("2026-10") < periods.index("2026-Q1")
    assert len(set(periods)) == len(periods)


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2026-11", "2026-10"),
        ("2026-01", "2025-12"),
        ("2026-Q1", "2025-Q4"),
        ("2026-Q3", "2026-Q2"),
        ("2026", "2025"),
        ("2026-ytd-11", "2025-ytd-11"),
    ],
)
def test_comparable_period_before(period: str, before: str) -> None:
    assert period_before(period) == before


@pytest.mark.parametrize(
    ("period", "months"),
    [
        ("2026-ytd-03", ("2026-01", "2026-02", "2026-03")),
        ("2026-Q1", ()),
        ("2026-11", ()),
        ("2026", tuple(f"2026-{month:02d}" for month in range(1, 13))),
    ],
)
def test_only_years_need_every_month_to_be_compared(period: str, months: tuple[str, ...]) -> None:
    assert months_compared(period) == months


def test_a_year_of_which_the_wave_asked_in_part_is_not_compared(store: Store, province: make.Province) -> None:
    with store.read() as session:
        root = get_unit(session, province.root)
        fronts = {
            period: read_front(session, make.shelf(), wave=make.WAVE, period=period, root=root)
            for period in ("2025", "2026-ytd-11", "2026-11", "2026-Q4")
        }
        shown = read_shown(session, make.shelf().waves[make.WAVE], ("2026-ytd-11", "2025"), root.id)
    assert shown.best("2025", "receiving", "procedures", "overall", "headline") is not None
    assert all(line.change is None for period in ("2025", "2026-ytd-11") for line in fronts[period].lines)
    assert all(any(line.change for line in fronts[period].lines) for period in ("2026-11", "2026-Q4"))


def test_a_year_to_date_is_compared_when_each_of_its_months_was_asked_both_times() -> None:
    months = frozenset((f"{year}-{month:02d}", "headline") for year in (2025, 2026) for month in (1, 2, 3))
    assert comparable(Shown({}, answered=months), "2026-ytd-03", "headline")
    assert not comparable(Shown({}, answered=months), "2026-ytd-03", "O")
    assert not comparable(Shown({}, answered=months), "2026", "headline")
    assert not comparable(Shown({}, answered=months - {("2025-02", "headline")}), "2026-ytd-03", "headline")
    assert not comparable(Shown({}, answered=months - {("2026-02", "headline")}), "2026-ytd-03", "headline")
    assert comparable(Shown({}), "2026-03", "headline")


def test_the_service_of_agencies_is_told_to_have_no_data(store: Store, province: make.Province) -> None:
    with store.read() as session:
        root, office = get_unit(session, province.root), get_unit(session, province.strata[0][0])
        line = read_front(session, make.shelf(), wave=make.WAVE, period="2026-ytd-11", root=root).lines[-1]
        unpromised = read_front(session, make.shelf(), wave=make.WAVE, period="2025-12", root=root).lines[-1]
        below = read_front(session, make.shelf(), wave=make.WAVE, period="2025-12", root=office).lines[-1]
    assert (line.indicator, line.verdict, line.estimate) == ("agency_service", "no_data", None)
    assert line.target is not None
    assert (line.target.value, line.target.demonstration) == (0.9, True)
    assert (unpromised.indicator, unpromised.verdict, unpromised.target) == ("agency_service", "no_data", None)
    assert below.indicator != "agency_service"
