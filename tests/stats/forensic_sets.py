"""Made answers of honest units that differ as honest units do, and five ways of cheating."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sipas.stats.forensics import Rows

WEEKS, ITEMS = 8, 6
CHEATS = ("fast", "burst", "straight", "pattern", "channel_mix")


def honest(seed: int, *, units: int = 60, sizes: tuple[int, int] = (60, 600)) -> Rows:
    """Units of 60 to 600 answers in eight weeks; levels, speeds, hours, channels and counter-days of their own; a quarter straight lines."""
    rng = np.random.default_rng(seed)
    size = rng.integers(*sizes, units)
    unit = np.repeat(np.arange(units), size)
    n = len(unit)
    week = rng.integers(0, WEEKS, n)
    day = rng.integers(0, 5, n)
    form = (rng.random(n) < 0.3).astype(np.int64)
    channel = (rng.random(n) < rng.beta(4, 6, units)[unit]).astype(np.int64)
    mood = rng.normal(0, 1, n) + rng.normal(1.6, 0.35, units)[unit]
    latent = 0.75 * mood[:, None] + 0.8 * rng.normal(0, 1, (n, ITEMS)) + np.array([0.0, 0.3, -0.2, 0.1, 0.4, -0.3])
    answers = np.clip(np.floor(latent + 3.3), 1, 5).astype(np.int8)
    lazy = rng.random(n) < rng.beta(12, 60, units)[unit]
    answers[lazy] = answers[lazy, :1]
    answers[rng.random((n, ITEMS)) < 0.03] = 0
    level = np.clip(np.floor(mood + 3.3), 1, 5).astype(np.int64)
    cluster = (unit * WEEKS + week) * 5 + day
    runs = rng.random(cluster.max() + 1) < 0.02  # a bus arrives
    burst = runs[cluster] & (rng.random(n) < 0.4)
    fast = rng.random(n) < np.where(form == 1, 0.02, 0.05) * rng.gamma(8, 1 / 8, units)[unit]
    late = rng.random(n) < rng.beta(3, 30, units)[unit] * (channel == 1)
    return Rows(unit, week, form, channel, rng.integers(0, 3, n), cluster, answers, level, fast, burst, late)


def cheat(rows: Rows, unit: int, kind: str, seed: int = 7) -> Rows:
    """Some 60 % more answers put into one unit in the last four weeks, in one of five ways."""
    rng = np.random.default_rng(seed)
    late = rows.week >= WEEKS // 2
    mine, others = np.flatnonzero((rows.unit == unit) & late), np.flatnonzero((rows.unit != unit) & late)
    extra = rng.choice(others, max(40, int(0.6 * len(mine))), replace=False)
    names = ("unit", "week", "form", "channel", "part", "cluster", "answers", "level", "fast", "burst", "off_hours")
    columns = {name: getattr(rows, name)[extra].copy() for name in names}
    columns["unit"][:] = unit
    columns["cluster"] = rng.choice(rows.cluster[mine], len(extra))
    if kind in {"fast", "burst"}:
        columns[kind][:] = True
    elif kind == "straight":
        columns["answers"][:] = 5
    elif kind == "pattern":
        columns["answers"][:] = [5, 5, 4, 5, 5, 4]
        columns["form"][:] = 0
    else:
        columns["channel"][:] = 1
        columns["off_hours"][:] = False
    return replace(rows, **{name: np.concatenate([getattr(rows, name), columns[name]]) for name in names})
