"""Key drivers of a run: against the rows themselves, only where the index is told, and the same however the weeks were read."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
import sealed_rows as make

from sipas.extract import Extract
from sipas.instrument.model import OVERALL
from sipas.reports.design import designs_of
from sipas.reports.drivers import FormDrivers, find_drivers
from sipas.reports.driving import read_driving
from sipas.reports.facts import compute, read_material
from sipas.reports.together import form_of, forms_of, read_together
from sipas.stats.drivers import drivers
from sipas.stats.reliability import alpha, omega
from sipas.store.engine import Store
from sipas.store.facts import find_last_run, list_facts
from sipas.store.responses import OpenResponse, Response
from sipas.store.units import get_unit
from sipas.terms import Week, weeks_between

PERIOD = "2026-ytd-11"
SERVICE = "sipas-service-2023"


def filled(store: Store, *, n: int = 900, frame: bool = True) -> make.Province:
    rng = random.Random(5)
    province = make.add_province(store, communes=2, hospitals=1, schools=1)
    if frame:
        make.add_frame(store, province, rng, answers=n)
    make.add_answers(store, province, rng, n=n)
    compute(store, make.shelf(), make.WAVE)
    return province


def kept(store: Store, unit: int) -> dict[tuple[str, str, str, str], FormDrivers]:
    with store.read() as session:
        run = find_last_run(session, make.WAVE)
        assert run
        return {(one.period, one.sector, one.instrument, one.length): one for one in find_drivers(session, run.id, unit)}


def rows_of(store: Store, length: str) -> list[Response | OpenResponse]:
    """The headline procedures of 2026."""
    with store.read() as session:
        return [
            row for row in make.all_rows(session)
            if row.instrument == SERVICE and row.length == length and row.channel in "VS" and month_of(row) >= "2026"
        ]  # fmt: skip


def by_hand(store: Store, length: str) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Factor means, overall answers and items, from the rows."""
    form, rows = form_of(make.shelf().instruments[SERVICE], length), rows_of(store, length)
    answers = [json.loads(row.answers) for row in rows]
    levels = {item: np.array([float(one.get(item) or 0) or np.nan for one in answers]) for own in form.items for item in own}
    items = {factor: np.column_stack([levels[item] for item in own]) for factor, own in zip(form.factors, form.items, strict=True)}
    with np.errstate(invalid="ignore"):
        means = np.column_stack([np.nansum(own, axis=1) / np.sum(~np.isnan(own), axis=1) for own in items.values()])
    return means, np.array([float(one[OVERALL] or 0) or np.nan for one in answers]), items


def month_of(row: Response | OpenResponse) -> str:
    return Week.parse(row.week).month


@pytest.mark.parametrize("length", ["short", "full"])
def test_shares_and_coefficients_are_those_of_the_rows(sqlite_store: Store, length: str) -> None:
    province = filled(sqlite_store, frame=False)
    told = kept(sqlite_store, province.root)[PERIOD, "procedures", SERVICE, length]
    means, overall, items = by_hand(sqlite_store, length)
    right = drivers(means, overall)
    assert told.n == right.n
    assert told.r_squared == pytest.approx(right.r_squared, rel=1e-9)
    assert [one.share for one in told.factors] == pytest.approx(right.share, abs=1e-9)
    assert [one.correlation for one in told.factors] == pytest.approx(right.importance, abs=1e-9)
    for one in told.factors:
        own = items[one.code]
        if own.shape[1] > 2:
            assert one.alpha == pytest.approx(alpha(own).value, abs=1e-9)
            assert one.omega == pytest.approx(omega(own).value, abs=1e-6)
        assert (one.alpha is None) == (own.shape[1] < 2)
        assert 0 <= one.low <= one.share <= one.high <= 1


def test_each_answer_counts_with_the_weight_of_its_stratum_and_month(sqlite_store: Store) -> None:
    province = filled(sqlite_store)
    shelf = make.shelf()
    with sqlite_store.read() as session:
        material = read_material(session, Extract(None), shelf, shelf.waves[make.WAVE], correction=True)
    design, *_ = designs_of(material.strata, material.whole, shelf.waves[make.WAVE], "headline")
    number, months = {key: h for h, key in enumerate(material.strata.keys)}, material.strata.months
    cells = [design.weighting.cell[number[row.unit_id, row.sector], months.index(month_of(row))] for row in rows_of(sqlite_store, "short")]
    means, overall, _ = by_hand(sqlite_store, "short")
    right = drivers(means, overall, weight=design.weighting.weight[cells])
    told = kept(sqlite_store, province.root)[PERIOD, "procedures", SERVICE, "short"]
    assert told.weighted
    assert told.n == right.n
    assert [one.share for one in told.factors] == pytest.approx(right.share, abs=1e-9)
    assert [one.share for one in told.factors] != pytest.approx(drivers(means, overall).share, abs=1e-4)


def test_drivers_stand_only_where_the_index_is_told_and_thirty_answered_all(store: Store) -> None:
    province = filled(store)
    found = 0
    for unit in {province.root, *(unit for unit, _ in province.strata)}:
        with store.read() as session:
            facts = list_facts(session, make.WAVE, ["2025", PERIOD], units=[unit])
        indices = {(fact.period, fact.sector, fact.indicator) for fact in facts if fact.indicator.startswith("index:")}
        for (period, sector, instrument, length), one in kept(store, unit).items():
            found += 1
            assert one.n >= 30
            assert (period, sector, f"index:{instrument}:{length}") in indices
    assert found >= 5


def test_kept_weeks_and_rows_read_anew_tell_the_same(store: Store, tmp_path: Path) -> None:
    filled(store, n=400)
    extract, wave = Extract(tmp_path), make.shelf().waves[make.WAVE]
    with store.read() as session:
        months = sorted({week.month for week in weeks_between(make.FIRST, make.LAST)})
        keys = sorted({(row.unit_id, row.sector) for row in make.all_rows(session)})
        fresh, written, again = (read_together(session, one, make.shelf(), wave, keys, months) for one in (Extract(None), extract, extract))
    assert list(tmp_path.glob("*/together-*.counts"))
    for name, one in fresh.items():
        for field in ("stratum", "month", "group", "clusters", "sums", "item_stratum", "item_month", "item_sums"):
            assert np.array_equal(getattr(one, field), getattr(written[name], field))
            assert np.array_equal(getattr(one, field), getattr(again[name], field))


def test_a_kept_file_of_other_weeks_or_of_broken_bytes_is_counted_anew(sqlite_store: Store, tmp_path: Path) -> None:
    filled(sqlite_store, n=400)
    extract, wave = Extract(tmp_path), make.shelf().waves[make.WAVE]
    with sqlite_store.read() as session:
        months = sorted({week.month for week in weeks_between(make.FIRST, make.LAST)})
        keys = sorted({(row.unit_id, row.sector) for row in make.all_rows(session)})
        right = read_together(session, extract, make.shelf(), wave, keys, months)
        first, second, *_ = sorted(tmp_path.glob("*/together-*.counts"))
        first.write_bytes(second.read_bytes())
        second.write_bytes(b"broken")
        anew = read_together(session, extract, make.shelf(), wave, keys, months)
    assert all(np.array_equal(right[name].sums, anew[name].sums) for name in right)


def test_a_page_shows_its_forms_apart_and_nothing_of_a_sector_without_answers(store: Store) -> None:
    province = filled(store)
    with store.read() as session:
        unit = get_unit(session, province.root)
        page = read_driving(session, make.shelf(), wave=make.WAVE, period="2026-03", unit=unit, sector="procedures")
        assert read_driving(session, make.shelf(), wave=make.WAVE, period=PERIOD, unit=unit, sector="nowhere") is None
    assert page
    assert page.period == PERIOD
    assert [part.told.length for part in page.forms] == ["short", "full"]
    for part in page.forms:
        assert sum(line.told.share for line in part.lines) == pytest.approx(1)
        assert part.shaky == (part.told.n < 100)


def test_every_form_has_all_its_items_and_no_overall_item_among_them() -> None:
    for form in forms_of(make.shelf()):
        items = [item for own in form.items for item in own]
        assert len(items) == len(set(items))
        assert OVERALL not in items
