"""How satisfied the invented people are: a normal latent mood, shifted by sector, unit, day, stage and evidence.

``eta`` is the shift of a sheet; an answer is at least *satisfied* (4) when ``eta`` + the item's own shift + the person's noise is above 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sipas.demo.days import CounterDay
from sipas.demo.province import UnitPlan

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

# Share of satisfied people by sector: land about 15 points under civil status (domain 2.3).
SHARES = MappingProxyType(
    {"land": 0.80, "construction": 0.84, "investment": 0.88, "civil_status": 0.945, "others": 0.91, "health": 0.895, "education": 0.88}
)
CHANNELS = ("V", "S", "O")
MIX = (0.36, 0.40, 0.24)
FLATTERY = MappingProxyType({"V": -0.08, "S": 0.0, "O": 0.22})
STAGES = ("on_time", "late", "waiting", "overdue", "returned", "inquiry")
STAGE_SHIFT = MappingProxyType({"on_time": 0.12, "late": -0.85, "waiting": 0.0, "overdue": -1.15, "returned": -0.70, "inquiry": 0.0})
DAY_SPREAD = 0.66  # of counter-days: with six answers a day this gives a design effect of about 1.5
UNIT_SPREAD = 0.12
DRIFT = 0.16  # what the year brings, from its first to its last day
CUTS = (-1.75, -1.05, 0.0, 0.95)  # between the levels 1 to 5
PERSON = 0.80  # how much of an answer is the person and not the item


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody who answers, in the order of counter-days: one array entry a person."""

    cluster: Integers  # position among the counter-days
    sector: tuple[str, ...]
    stage: tuple[str, ...]  # as the sheet says it, where its questionnaire asks
    channel: tuple[str, ...]
    eta: Floats
    person: Floats  # standard normal

    def levels(self, shift: float, rng: np.random.Generator) -> Integers:
        """Everybody's answer, 1 to 5, to an item that is ``shift`` easier than the overall one."""
        noise = rng.standard_normal(len(self.eta))
        mood = self.eta + shift + PERSON * self.person + np.sqrt(1 - PERSON**2) * noise
        return np.asarray(np.searchsorted(np.array(CUTS), mood) + 1, dtype=np.int64)


def draw_crowd(
    plans: Sequence[UnitPlan], clusters: Sequence[CounterDay], late_shares: Mapping[tuple[str, str], float], rng: np.random.Generator
) -> Crowd:
    """Draw everybody who answers on these counter-days."""
    cluster = np.repeat(np.arange(len(clusters)), [day.size for day in clusters])
    sectors = tuple(sector for day in clusters for sector in _sectors(plans[day.unit], day, rng))
    days = [day for day in clusters for _ in range(day.size)]  # one a person
    codes = [plans[day.unit].code for day in days]
    stages = tuple(_stage(late_shares[code, sector], rng) for code, sector in zip(codes, sectors, strict=True))
    channels = tuple(_channel(plans[day.unit], rng) for day in days)
    day_effect = rng.normal(0.0, DAY_SPREAD, len(clusters))
    base = _base_by_stratum(plans, late_shares, rng)
    first = clusters[0].day.toordinal()
    span = max(clusters[-1].day.toordinal() - first, 1)
    drift = np.array([DRIFT * ((day.day.toordinal() - first) / span - 0.5) for day in days])
    eta = np.array([base[key] for key in zip(codes, sectors, strict=True)]) + day_effect[cluster] + drift
    eta += np.array([STAGE_SHIFT[stage] for stage in stages]) + np.array([FLATTERY[channel] for channel in channels])
    return Crowd(cluster, sectors, stages, channels, eta, rng.standard_normal(len(cluster)))


def _base_by_stratum(
    plans: Sequence[UnitPlan], late_shares: Mapping[tuple[str, str], float], rng: np.random.Generator
) -> dict[tuple[str, str], float]:
    """The shift that makes a sector's people satisfied in the wanted share, once all other effects are averaged over."""
    spread = float(np.sqrt(1 + DAY_SPREAD**2 + UNIT_SPREAD**2))
    base: dict[tuple[str, str], float] = {}
    for sector, share in SHARES.items():
        units = [plan for plan in plans if sector in plan.volume]
        volume = np.array([plan.volume[sector] for plan in units])
        own = np.array([0.8 * plan.mood for plan in units]) + rng.normal(0.0, UNIT_SPREAD, len(units))
        delay = np.array([_expected_stage_shift(late_shares[plan.code, sector]) for plan in units])
        middle = float(np.average(own + delay, weights=volume))
        wanted = NormalDist().inv_cdf(share) * spread - middle
        base |= {(plan.code, sector): wanted + float(effect) for plan, effect in zip(units, own, strict=True)}
    return base


def stage_weights(late_share: float) -> tuple[float, ...]:
    """How many of those who answer stand at which stage, in the order of STAGES."""
    if late_share == 0:
        return (1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    done, returned, inquiry = 0.78, 0.03, 0.05
    waiting = 1 - done - returned - inquiry
    overdue = waiting * min(1.2 * late_share, 0.6)
    return (done * (1 - late_share), done * late_share, waiting - overdue, overdue, returned, inquiry)


def _expected_stage_shift(late_share: float) -> float:
    return sum(weight * STAGE_SHIFT[stage] for stage, weight in zip(STAGES, stage_weights(late_share), strict=True))


def _stage(late_share: float, rng: np.random.Generator) -> str:
    return STAGES[int(np.searchsorted(np.cumsum(stage_weights(late_share)), rng.random() * 0.999999))]


def _channel(plan: UnitPlan, rng: np.random.Generator) -> str:
    if plan.only_open:
        return "O"
    return CHANNELS[int(np.searchsorted(np.cumsum(MIX), rng.random() * 0.999999))]


def _sectors(plan: UnitPlan, day: CounterDay, rng: np.random.Generator) -> list[str]:
    """What each visitor of a counter-day came for."""
    choices = plan.counters[day.counter].sectors
    weights = np.array([plan.volume[sector] ** 0.8 for sector in choices])
    return [choices[int(number)] for number in rng.choice(len(choices), size=day.size, p=weights / weights.sum())]
