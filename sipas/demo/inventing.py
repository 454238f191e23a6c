"""The invented year, drawn whole before anything of it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from sipas.demo.days import CounterDay, demo_weeks, plan_counter_days, weeks_by_month
from sipas.demo.latent import Crowd, draw_crowd
from sipas.demo.population import FrameRow, draw_frame, draw_late_shares
from sipas.demo.province import UnitPlan, plan_province


@dataclass(frozen=True, slots=True)
class Invented:
    """Everything that was drawn, before any of it is stored."""

    plans: tuple[UnitPlan, ...]
    clusters: tuple[CounterDay, ...]
    crowd: Crowd
    frame: tuple[FrameRow, ...]
    weeks: int


def invent(*, today: date, first_day: date, sheets: int, rng: np.random.Generator) -> Invented:
    """Draw the year: counter-days, people and population. The same generator gives the same year."""
    plans = plan_province()
    weeks = demo_weeks(today, first_day)
    clusters = plan_counter_days(plans, weeks, today=today, sheets=sheets, rng=rng)
    late_shares = draw_late_shares(plans, rng)
    frame = draw_frame(plans, weeks_by_month(weeks), late_shares, rng)
    return Invented(plans, clusters, draw_crowd(plans, clusters, late_shares, rng), frame, len(weeks))
