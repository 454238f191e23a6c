"""Front page and unit page from released facts."""

from __future__ import annotations

import random

import pytest
import sealed_rows as make

from sipas.reports.facts import compute
from sipas.reports.lines import Estimate
from sipas.reports.released import change_of, period_before
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
    for line in front.lines:
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
        card = read_unit(session, make.shelf(), wave=make.WAVE, period="2026", unit=get_unit(session, province.strata[3][0]))
    one = next(one for one in card.cards if one.line.sector == "civil_status")
    assert all(one.measures[name] is not None for name in ("overall", "pooled", "all", "mean"))
    assert {part.length for part in one.factors} >= {"short"}
    assert [channel.channel for channel in one.channels] == ["V", "S", "O"]
    for item in one.items:
        assert item.estimate is not None
        assert sum(item.levels) == item.estimate.n
        assert sum(item.levels[3:]) == item.estimate.n_satisfied


def test_a_land_office_that_receives_nothing_has_a_page_of_what_it_decided(store: Store, province: make.Province) -> None:
    with store.read() as session:
        card = read_unit(session, make.shelf(), wave=make.WAVE, period="2026", unit=get_unit(session, province.land_office))
    land = next(one for one in card.cards if one.line.sector == "land")
    assert land.line.verdict == "no_data"
    assert land.deciding is not None
    assert land.factors


def test_hidden_line_tells_nothing(store: Store, province: make.Province) -> None:
    with store.read() as session:
        cards = [
            card
            for unit in {unit for unit, _ in province.strata}
            for card in read_unit(session, make.shelf(), wave=make.WAVE, period="2026-03", unit=get_unit(session, unit)).cards
        ]
    hidden = [card.line for card in cards if card.line.verdict == "hidden"]
    assert hidden
    assert all(line.estimate is None and line.unweighted is None and line.difference is None and line.excluded == 0 for line in hidden)


def test_periods_are_listed_newest_first(store: Store, province: make.Province) -> None:
    with store.read() as session:
        periods = list_periods(session, make.WAVE)
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


def test_change_is_newcombes_hybrid() -> None:
    def estimate(value: float, low: float, high: float) -> Estimate:
        return Estimate(value, low, high, 100, 80.0, 0.01, 30.0, 1000, 1.0, 0.0, True, 80, 20, ())

    change = change_of(estimate(0.8, 0.7, 0.86), estimate(0.7, 0.6, 0.79), "2026-10", mean=False)
    assert change is not None
    assert change.points == pytest.approx(10)
    assert change.low == pytest.approx(10 - 100 * (0.1**2 + 0.09**2) ** 0.5)
    assert change.high == pytest.approx(10 + 100 * (0.06**2 + 0.1**2) ** 0.5)
