"""The invented year, before any of it is stored: its size, its clusters and its published spreads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import pytest

from sipas.demo.comments import COMMENTS
from sipas.demo.days import HOLIDAYS, BadDayError, demo_weeks
from sipas.demo.instruments import choose_instruments
from sipas.demo.inventing import Invented, invent
from sipas.demo.people import Draft, draw_drafts
from sipas.demo.province import DEPARTMENTS, plan_province
from sipas.instrument.model import OVERALL
from sipas.instrument.sheet import Sheet, read_sheet
from sipas.instrument.shelf import Shelf, read_shelf
from sipas.terms import Week
from sipas.web.house import SURVEYS

TODAY = date(2026, 11, 20)
SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Year:
    """One invented year with its sheets as they would be read."""

    invented: Invented
    drafts: tuple[Draft, ...]
    sheets: tuple[Sheet, ...]

    def shares(self, code: str) -> np.ndarray:
        """1 where an item was answered with 4 or 5, 0 where lower, NaN where there is no answer."""
        answers = (sheet.answers.get(code) for sheet in self.sheets)
        return np.array([float(int(answer) >= 4) if answer else np.nan for answer in answers])


@cache
def shelf() -> Shelf:
    return read_shelf(SURVEYS)


@cache
def year(seed: int, *, sheets: int = 20_000, today: date = TODAY) -> Year:
    wave = shelf().waves["demo-2026"]
    rng = np.random.default_rng([seed, today.toordinal()])
    invented = invent(today=today, first_day=wave.first_day, sheets=sheets, rng=rng)
    instruments = choose_instruments(invented.plans, shelf(), wave)
    drafts = tuple(draw_drafts(invented.clusters, invented.crowd, instruments, rng))
    read = [read_sheet(instruments[d.unit, d.counter, d.sector], d.length, d.raw, reminded=True) for d in drafts]
    assert all(isinstance(sheet, Sheet) for sheet in read)
    return Year(invented, drafts, tuple(sheet for sheet in read if isinstance(sheet, Sheet)))


def design_effect(satisfied: np.ndarray, strata: np.ndarray, clusters: np.ndarray) -> float:
    """Variance of a share from cluster totals within strata, over that of a simple sample of the same size (statistics 1.4)."""
    share = satisfied.mean()
    numbers, cluster = np.unique(np.stack([strata, clusters]), axis=1, return_inverse=True)
    totals = np.bincount(cluster.ravel(), satisfied - share)
    of = numbers[0]
    count = np.bincount(of)
    middle = np.bincount(of, totals) / np.maximum(count, 1)
    spread = ((totals - middle[of]) ** 2 * (count / np.maximum(count - 1, 1))[of]).sum()
    return float(spread / (len(satisfied) * share * (1 - share)))


def test_the_province_has_the_bodies_that_were_ordered() -> None:
    plans = plan_province()
    rated = [plan for plan in plans if plan.counters]
    assert (len(rated), sum(len(plan.counters) for plan in rated)) == (60, 150)
    assert Counter(plan.tier for plan in plans) == {"one_stop": 41, "land_office": 9, "school": 8, "department": 5, "hospital": 2}
    assert {code for plan in plans for code in plan.deciding.values()} >= set(DEPARTMENTS)
    assert sum(plan.only_open for plan in rated) >= 3
    assert len({plan.code for plan in plans}) == len(plans)


def test_a_year_is_fifty_two_weeks_with_the_open_one() -> None:
    weeks = demo_weeks(TODAY, date(2025, 11, 24))
    assert (len(weeks), weeks[0], weeks[-1]) == (52, Week(2025, 48), Week.of(TODAY))


def test_a_day_before_the_wave_is_refused() -> None:
    with pytest.raises(BadDayError, match="begins on 2025-11-24"):
        demo_weeks(date(2025, 11, 20), date(2025, 11, 24))


@pytest.mark.parametrize("seed", SEEDS)
def test_counter_days_are_clusters_of_four_and_more(seed: int) -> None:
    clusters = year(seed).invented.clusters
    assert sum(day.size for day in clusters) == 20_000
    assert np.median([day.size for day in clusters]) >= 4
    assert len({(day.unit, day.counter, day.day) for day in clusters}) == len(clusters)
    assert all(day.day < TODAY and day.day.weekday() < 5 and (day.day.month, day.day.day) not in HOLIDAYS for day in clusters)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_design_effect_of_the_overall_share_is_about_one_and_a_half(seed: int) -> None:
    made = year(seed)
    satisfied = made.shares(OVERALL)
    answered = ~np.isnan(satisfied)
    strata = np.unique([f"{draft.unit}/{draft.sector}" for draft in made.drafts], return_inverse=True)[1]
    effect = design_effect(satisfied[answered], strata[answered], made.invented.crowd.cluster[answered])
    assert 1.25 <= effect <= 1.75


@pytest.mark.parametrize("seed", SEEDS)
def test_land_lies_about_fifteen_points_under_civil_status(seed: int) -> None:
    made = year(seed)
    satisfied, sector = made.shares(OVERALL), np.array([draft.sector for draft in made.drafts])
    share = {name: np.nanmean(satisfied[sector == name]) for name in set(sector)}
    assert 0.12 <= share["civil_status"] - share["land"] <= 0.20
    assert 0.85 <= share["health"] <= 0.93
    assert 0.85 <= share["education"] <= 0.93


@pytest.mark.parametrize("seed", SEEDS)
def test_complaints_handling_is_lowest_and_staff_or_access_highest(seed: int) -> None:
    made = year(seed)
    instrument = shelf().instruments["sipas-service-2023"]
    mine = np.array([draft.sector not in {"health", "education"} for draft in made.drafts])
    factor = {
        one.code: np.nanmean(np.concatenate([made.shares(item.code)[mine] for item in instrument.items if item.factor == one.code]))
        for one in instrument.factors
    }
    assert min(factor, key=factor.__getitem__) == "PA"
    assert max(factor, key=factor.__getitem__) in {"CC", "TC"}
    assert max(factor.values()) - min(factor.values()) < 0.08


def test_answers_of_one_person_go_together() -> None:
    made = year(1)
    first, second = made.shares("TT2"), made.shares("CC1")
    both = ~np.isnan(first) & ~np.isnan(second)
    assert np.corrcoef(first[both], second[both])[0, 1] > 0.3


def test_late_dossiers_please_less() -> None:
    made = year(1)
    satisfied, stage = made.shares(OVERALL), np.array([sheet.stage for sheet in made.sheets])
    assert np.nanmean(satisfied[stage == "late"]) < np.nanmean(satisfied[stage == "on_time"]) - 0.15


def test_every_kind_of_sheet_occurs() -> None:
    made = year(1)
    channels = Counter(draft.channel for draft in made.drafts)
    assert all(channels[channel] > 3_000 for channel in "VSO")
    assert all(channels[channel] < 10_000 for channel in "VSO")
    assert {draft.length for draft in made.drafts} == {"short", "full"}
    assert {sheet.stage for sheet in made.sheets} >= {"on_time", "late", "waiting", "overdue", "returned", "inquiry", "not_asked"}
    values = {answer for sheet in made.sheets for answer in sheet.answers.values()}
    assert {0, 1, 2, 3, 4, 5, None} <= values
    assert any(sheet.wants_reply for sheet in made.sheets)
    assert {draft.language for draft in made.drafts} == {"vi", "other"}
    assert len({draft.iid for draft in made.drafts}) == 20_000
    codes = {d.unit: d.channel for d in made.drafts}
    only = [position for position, plan in enumerate(made.invented.plans) if plan.only_open]
    assert {codes[position] for position in only} == {"O"}


def test_the_population_stands_behind_the_answers_in_every_stratum() -> None:
    made = year(1)
    plans = made.invented.plans
    settled: Counter[tuple[str, str]] = Counter()
    for row in made.invented.frame:
        assert 0 <= row.late <= row.settled <= row.received
        settled[row.unit, row.sector] += row.settled
    answers = Counter((plans[draft.unit].code, draft.sector) for draft in made.drafts)
    assert all(settled[key] >= number for key, number in answers.items())
    assert {row.kind for row in made.invented.frame} == {"dossier", "visit", "discharge", "pupil"}
    assert sum(row.late for row in made.invented.frame) > 10_000
    assert sum(row.overdue for row in made.invented.frame) > 1_000


def test_the_same_seed_and_day_give_the_same_sheets() -> None:
    assert year.__wrapped__(5, sheets=2_000).drafts == year(5, sheets=2_000).drafts
    assert year(6, sheets=2_000).drafts != year(5, sheets=2_000).drafts


@pytest.mark.parametrize("today", [date(2026, 11, 23), date(2027, 2, 9), date(2027, 9, 5), date(2028, 1, 1)])
def test_any_day_has_its_year(today: date) -> None:
    made = year(1, sheets=3_000, today=today)
    assert len(made.drafts) == 3_000
    assert max(draft.at.date() for draft in made.drafts) < today


def test_too_few_sheets_are_refused_with_a_sentence() -> None:
    with pytest.raises(BadDayError, match="too few"):
        year(1, sheets=400)


def test_comments_are_believable_and_name_nobody() -> None:
    texts = [text for choices in COMMENTS.values() for text in choices]
    assert len(texts) >= 36
    assert sum("đồng" in text for text in texts) >= 4
    assert len(set(texts)) == len(texts)
