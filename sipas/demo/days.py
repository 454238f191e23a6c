"""When the counters ask: days on which a counter hands out its sign, concentrated so that a day brings several answers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np

from sipas.demo.province import PARTS, UnitPlan
from sipas.terms import SipasError, Week, weeks_between

WEEKS = 52
LEAST_ANSWERS = 2  # of a day on which a counter asks
HOLIDAYS = frozenset({(1, 1), (4, 30), (5, 1), (9, 1), (9, 2)})
NEW_YEAR_WEEKS = frozenset({"2025-W05", "2026-W08", "2027-W06", "2028-W05", "2029-W07"})  # Tết
SCHOOL_MONTHS = frozenset({1, 2, 3, 4, 5, 9, 10, 11, 12})
EAGERNESS = MappingProxyType({"health": 1.15, "education": 3.6})  # a school reaches a larger part of its parents than an office
POWER = 0.8  # small desks ask a larger share of their visitors


class BadDayError(SipasError):
    """The demonstration cannot be built for that day."""


@dataclass(frozen=True, slots=True)
class CounterDay:
    """One counter on one day on which it asks: a cluster of answers."""

    unit: int  # position in the plan
    counter: int  # position in its unit
    day: date
    size: int


def demo_weeks(today: date, first_day: date) -> tuple[Week, ...]:
    """The 52 weeks that end with the open one, none before the wave begins."""
    open_week = Week.of(today)
    first = max(Week.of(open_week.monday - timedelta(weeks=WEEKS - 1)), Week.of(first_day))
    if first > open_week:
        raise BadDayError(f"the demonstration's wave begins on {first_day}: it cannot be built for {today}")
    return weeks_between(first, open_week)


def weeks_by_month(weeks: Sequence[Week]) -> dict[str, int]:
    """How many of the weeks belong to each statistical month."""
    return dict(Counter(week.month for week in weeks))


def working_days(week: Week, today: date) -> list[date]:
    """Monday to Friday, without public holidays and without today, whose answers are still to come."""
    if str(week) in NEW_YEAR_WEEKS:
        return []
    days = (week.monday + timedelta(days=number) for number in range(5))
    return [day for day in days if (day.month, day.day) not in HOLIDAYS and day < today]


def plan_counter_days(
    plans: Sequence[UnitPlan], weeks: Sequence[Week], *, today: date, sheets: int, rng: np.random.Generator
) -> tuple[CounterDay, ...]:
    """Exactly ``sheets`` answers, spread over counter-days in the order of days."""
    desks = [(unit, counter) for unit, plan in enumerate(plans) for counter in range(len(plan.counters))]
    wanted = np.array([_wish(plans[unit], counter) for unit, counter in desks])
    wanted *= sheets / wanted.sum()
    clusters: list[CounterDay] = []
    for (unit, counter), share in zip(desks, wanted, strict=True):
        schooling = "education" in plans[unit].counters[counter].sectors
        days = _spread(share, weeks, today=today, schooling=schooling, rng=rng)
        mean = max(share / max(len(days), 1), LEAST_ANSWERS + 1.0)
        sizes = LEAST_ANSWERS + rng.poisson(mean - LEAST_ANSWERS, len(days))
        clusters += [CounterDay(unit, counter, day, int(size)) for day, size in zip(days, sizes, strict=True)]
    exact = _trim(clusters, sheets, rng)
    return tuple(sorted(exact, key=lambda cluster: (cluster.day, cluster.unit, cluster.counter)))


def _wish(plan: UnitPlan, counter: int) -> float:
    """A counter's weight: its dossiers to a power below one, shared with the desks beside it."""
    part = plan.counters[counter].part
    share = PARTS[part][1] if part else 1.0
    wishes = (
        EAGERNESS.get(sector, 1.0) * math.pow(plan.volume[sector] * share, POWER) / _desks(plan, sector, part)
        for sector in plan.counters[counter].sectors
    )
    return sum(wishes)


def _desks(plan: UnitPlan, sector: str, part: str) -> int:
    return sum(sector in desk.sectors and desk.part == part for desk in plan.counters)


def _spread(share: float, weeks: Sequence[Week], *, today: date, schooling: bool, rng: np.random.Generator) -> list[date]:
    """About ``share / size`` days at even distances, one a week at most, so that every month has its part."""
    size = float(np.clip(4.2 + share / 90, 5.0, 9.0))
    count = max(3, round(share / size))
    usable = [week for week in weeks if working_days(week, today) and (not schooling or week.thursday.month in SCHOOL_MONTHS)]
    days: set[date] = set()
    step = len(usable) / count
    for number in range(count):
        week = usable[min(int((number + rng.random()) * step), len(usable) - 1)]
        free = [day for day in working_days(week, today) if day not in days]
        if free:
            days.add(free[int(rng.integers(len(free)))])
    return sorted(days)


def _trim(clusters: list[CounterDay], sheets: int, rng: np.random.Generator) -> list[CounterDay]:
    """The same counter-days with answers added or taken one by one until the sum is right."""
    sizes = np.array([cluster.size for cluster in clusters])
    while (gap := sheets - int(sizes.sum())) != 0:
        chosen = rng.choice(len(sizes), size=min(abs(gap), len(sizes)), replace=False)
        if gap < 0:
            chosen = chosen[sizes[chosen] > LEAST_ANSWERS]
            if not chosen.size:
                raise BadDayError(f"{sheets} sheets are too few for {len(clusters)} counter-days; ask for more")
        sizes[chosen] += 1 if gap > 0 else -1
    return [CounterDay(c.unit, c.counter, c.day, int(size)) for c, size in zip(clusters, sizes, strict=True)]
