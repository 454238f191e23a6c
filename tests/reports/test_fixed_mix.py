"""A series at one mix of channels: a change of mix that looks like a trend is none, small cells enter nothing, and the run keeps the slope alone."""

from __future__ import annotations

import json
import random
import zlib
from types import SimpleNamespace

import numpy as np
import pytest

from sipas.reports.facts import compute
from sipas.reports.fixed_mix import _Apart, _may_tell, _slope, find_mix
from sipas.reports.trends import Series, read_series
from sipas.stats.evidence import evidence_of_facts, wilson
from sipas.store.engine import Store
from sipas.store.facts import Domain, Said
from sipas.store.responses import add_sealed
from sipas.store.units import get_unit
from sipas.terms import weeks_between
from tests.reports import sealed_rows as make

SHELF = make.shelf()
MONTHS = np.arange(10.0)


def channels(shares: list[tuple[float, float]], n: float = 200.0) -> list[_Apart]:
    """Two channels' shares by period, as a run would have them."""
    made = []
    for value in np.array(shares).T:
        variance, many, df = value * (1 - value) / n, np.full(value.shape, n), np.full(value.shape, 40.0)
        own = wilson(evidence_of_facts(value=value, se=np.sqrt(variance), star=many, df=df, n=many, rarer=np.full(value.shape, 20.0)))
        made.append(_Apart(many.sum(), 100 * own.value, 100 * own.low, 100 * own.high, 1e4 * variance, df))
    return made


def test_a_mix_that_moves_between_two_channels_that_stay_is_no_trend() -> None:
    mix = np.linspace(0.1, 0.9, 10)
    plain = np.polyfit(MONTHS, 100 * (0.95 * mix + 0.75 * (1 - mix)), 1)[0]
    fixed = _slope(channels([(0.95, 0.75)] * 10), np.array([0.5, 0.5]), MONTHS)
    assert plain == pytest.approx(16 / 9, rel=1e-6)
    assert fixed.slope == 0
    assert fixed.direction == "undecided"


def test_what_every_channel_does_stays_a_trend_and_keeps_its_size() -> None:
    climbing = [(0.70 + 0.02 * month, 0.60 + 0.02 * month) for month in range(10)]
    for mix in ((0.5, 0.5), (0.9, 0.1)):
        found = _slope(channels(climbing, 400), np.array(mix), MONTHS)
        assert found.slope == pytest.approx(2)
        assert found.direction == "higher"


def test_a_period_with_a_silent_channel_is_left_out_and_one_alone_is_nothing() -> None:
    told = channels([(0.9, 0.8)] * 10)
    told[1].value[3] = np.nan
    assert _slope(told, np.array([0.5, 0.5]), MONTHS).periods == 9
    told[0].value[1:] = np.nan
    assert _slope(told, np.array([0.5, 0.5]), MONTHS) is None


def province_with_a_moving_mix(store: Store) -> make.Province:
    """S answers are all content, V answers as they are; S is rare at first and common at the end."""
    rng = random.Random(8)
    province = make.add_province(store, communes=2, hospitals=1, schools=1)
    make.add_frame(store, province, rng, answers=6000)
    make.add_answers(store, province, rng, n=0)
    rows, weeks = [], weeks_between(make.FIRST, make.LAST.previous())
    for number, week in enumerate(weeks):
        for _ in range(24):
            channel = "S" if rng.random() < 0.2 + 0.6 * number / len(weeks) else "V"
            row = make.one_row(SHELF, province, rng, (province.strata[0][0], "civil_status", channel, str(week), rng.randbytes(16), 0.0))
            levels = dict.fromkeys(json.loads(row["answers"]), 5 if channel == "S" else rng.choice((5, 3)))
            rows.append(row | {"answers": json.dumps(levels, sort_keys=True, separators=(",", ":"))})
    with store.write() as session:
        add_sealed(session, rows, closed=True)
    return province


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory, blank_sqlite) -> tuple[Store, make.Province, int]:
    path = tmp_path_factory.mktemp("mix") / "own.sqlite"
    path.write_bytes(blank_sqlite.read_bytes())
    store = Store(f"sqlite:///{path}")
    province = province_with_a_moving_mix(store)
    return store, province, compute(store, SHELF, make.WAVE).run_id


def series_of(moving: tuple[Store, make.Province, int], step: str = "month") -> Series:
    store, province, _ = moving
    with store.read() as session:
        return read_series(session, SHELF, wave=make.WAVE, unit=get_unit(session, province.root), sector="procedures", step=step)


def test_a_province_whose_mix_moves_has_a_trend_and_none_at_one_mix(moving: tuple[Store, make.Province, int]) -> None:
    page = series_of(moving)
    (plain,) = page.pieces
    assert plain.direction == "higher"
    assert page.mix.told.direction == "undecided"
    assert abs(page.mix.told.slope) < plain.slope / 3
    assert page.mix.told.periods <= plain.periods
    assert [channel for channel, _ in page.mix.mix] == ["V", "S"]
    assert sum(part for _, part in page.mix.mix) == pytest.approx(1, abs=0.011)


def test_the_paper_holds_a_slope_and_no_count(moving: tuple[Store, make.Province, int]) -> None:
    store, province, run_id = moving
    with store.read() as session:
        query = "SELECT name, content FROM run_paper WHERE name LIKE 'fixed-mix/%'"
        papers = {name: json.loads(zlib.decompress(content)) for name, content in session.connection().exec_driver_sql(query)}
        assert f"fixed-mix/{province.root}" in papers
        for one in (one for told in papers.values() for one in told):
            assert set(one) == {"sector", "step", "weighted", "mix", "told"}
            assert all(part == round(part, 2) for _, part in one["mix"])
            assert one["told"]["slope"] == round(one["told"]["slope"], 4)
        assert find_mix(session, run_id, province.root, ("procedures", "week", True)) is None


@pytest.mark.parametrize(("word", "told"), [("told", True), ("protects", False), ("few", False)])
def test_no_slope_tells_what_a_channel_hides(word: str, *, told: bool) -> None:
    parts = [SimpleNamespace(channels="V"), SimpleNamespace(channels="S")]
    rows = frozenset({("2026-ytd-11", 1, "land")})
    said = {Domain("2026-ytd-11", 1, "receiving", "land", channel): Said(50, word if channel == "S" else "told") for channel in "VS"}
    assert _may_tell((1, "land"), ["2025", "2026-ytd-11"], (rows, said), parts) is told
    assert not _may_tell((1, "land"), ["2025", "2026-ytd-11"], (frozenset(), said), parts), "the year's own figure stayed as it was"
