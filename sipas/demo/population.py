"""The invented population behind the answers: a year of dossiers, visits, discharges and pupils, with the late ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from sipas.demo.days import SCHOOL_MONTHS
from sipas.demo.province import PARTS, UnitPlan

LATE = MappingProxyType({"land": 0.16, "construction": 0.10, "investment": 0.05, "civil_status": 0.015, "others": 0.035})
KINDS = MappingProxyType({"education": "pupil"})
MONTH_WEEKS = 52 / 12
BACKLOG = 0.35  # overdue and unsettled at a month's end, against those settled late in it


@dataclass(frozen=True, slots=True)
class FrameRow:
    """One count of the frame, as the one-stop software would hand it over."""

    unit: str
    deciding: str
    sector: str
    month: str
    kind: str
    received: int
    settled: int
    late: int
    overdue: int


def draw_late_shares(plans: Sequence[UnitPlan], rng: np.random.Generator) -> Mapping[tuple[str, str], float]:
    """Which share of the settled dossiers came late, by unit and sector; nothing is late where there is no deadline."""
    return MappingProxyType(
        {
            (plan.code, sector): float(min(LATE.get(sector, 0.0) * rng.lognormal(-0.15 * np.sign(plan.mood), 0.45), 0.5))
            for plan in plans
            for sector in plan.volume
        }
    )


def draw_frame(
    plans: Sequence[UnitPlan], months: Mapping[str, int], late_shares: Mapping[tuple[str, str], float], rng: np.random.Generator
) -> tuple[FrameRow, ...]:
    """A row for every unit, sector, month and kind; ``months`` tells how many weeks of each month the wave holds."""
    rows = []
    for plan in plans:
        for sector, volume in plan.volume.items():
            for kind, share in _kinds(plan, sector):
                steady = volume * share * float(rng.lognormal(0.0, 0.12))
                for month, weeks in months.items():
                    if kind == "pupil" and int(month[5:]) not in SCHOOL_MONTHS:
                        continue  # a school asks the parents of a part of its pupils in each month of the school year
                    mean = steady / 12 * weeks / MONTH_WEEKS
                    rows.append(_month_row(plan, sector, month, kind, mean, late_shares[plan.code, sector], rng))
    return tuple(rows)


def _kinds(plan: UnitPlan, sector: str) -> list[tuple[str, float]]:
    parts = {desk.part for desk in plan.counters if desk.part and sector in desk.sectors}
    if not parts:
        return [(KINDS.get(sector, "dossier"), 1.0)]
    return [PARTS[part] for part in sorted(parts)]


def _month_row(plan: UnitPlan, sector: str, month: str, kind: str, mean: float, late_share: float, rng: np.random.Generator) -> FrameRow:
    received = int(rng.poisson(mean))
    settled = int(rng.binomial(received, 0.94 if kind == "dossier" else 1.0))
    late = int(rng.binomial(settled, late_share))
    overdue = int(rng.binomial(received - settled, min(BACKLOG * 4 * late_share, 0.9)))
    deciding = plan.deciding.get(sector, "")
    return FrameRow(plan.code, deciding, sector, month, kind, received, settled, late, overdue)
