"""Made quarters of honest units, dossiers and all, and five ways in which a whole unit stands out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sipas.stats.forensics import WholeUnits

WEEKS, PARTS = 13, 3
COLUMNS = ("unit", "week", "form", "part", "channel", "cluster", "level", "counted", "contested")
PLANTED = ("volume", "over_dossiers", "channel_gap", "busy_weeks", "contested")


def honest(seed: int, *, units: int = 60) -> WholeUnits:
    """Units with their own level, response rate, on-site share, gap between channels, bad weeks and busy weeks."""
    rng = np.random.default_rng(seed)
    dossiers = np.repeat(rng.integers(120, 900, (units, PARTS, 3)).astype(float), [4, 4, 5], axis=2) / np.repeat([4, 4, 5], [4, 4, 5])
    rate = np.minimum(0.6, 0.2 * np.exp(rng.normal(0, 0.3, units)))[:, None, None] * np.array([1.0, 0.7, 1.3])[:, None]
    busy = np.exp(rng.normal(0, 0.25, (units, 1, WEEKS)))
    unit, part, week = np.nonzero(np.ones_like(dossiers))
    count = rng.poisson((dossiers * rate * busy)[unit, part, week])
    unit, part, week = (np.repeat(column, count) for column in (unit, part, week))
    n = len(unit)
    on_site = (rng.random(n) < rng.beta(8, 8, units)[unit]).astype(np.int64)
    spent = (rng.random(n) < 0.002) & (on_site == 0)
    mood = rng.normal(1.6, 0.35, units)[unit] + rng.normal(0, 0.15, (units, WEEKS))[unit, week] + rng.normal(0, 1, n)
    level = np.clip(np.floor(mood + on_site * (0.08 + rng.normal(0, 0.1, units)[unit]) + 3.3), 1, 5).astype(np.int64)
    level[rng.random(n) < 0.01] = 0
    channel = np.where(spent, 2, on_site)
    day = rng.integers(0, 5, n)
    cluster = np.where(on_site == 1, (unit * WEEKS + week) * 5 + day, units * WEEKS * 5 + np.arange(n))
    return WholeUnits(unit, week, (rng.random(n) < 0.3).astype(np.int64), part, channel, cluster, level, ~spent, spent, dossiers)


def plant(whole: WholeUnits, unit: int, kind: str, seed: int = 5) -> WholeUnits:
    """One unit that does one of five things."""
    rng = np.random.default_rng(seed)
    mine = np.flatnonzero((whole.unit == unit) & (whole.channel < 2))
    if kind == "over_dossiers":
        dossiers = whole.dossiers.copy()
        dossiers[unit] *= 0.8 * len(mine) / dossiers[unit].sum()
        return replace(whole, dossiers=dossiers)
    if kind == "volume":
        return _more(whole, np.tile(mine, 5), {})
    if kind == "channel_gap":
        return _more(whole, rng.choice(mine[whole.channel[mine] == 1], len(mine)), {"level": 5})
    if kind == "busy_weeks":
        extra = rng.choice(mine[np.isin(whole.week[mine], (3, 4, 9, 10))], len(mine))
        return _more(whole, extra, {"level": 5})
    return _more(whole, mine[whole.channel[mine] == 0][: len(mine) // 8], {"channel": 2, "contested": True, "counted": False})


def turned(whole: WholeUnits) -> WholeUnits:
    """Every scale read from its other end."""
    return replace(whole, level=np.where(whole.level > 0, whole.levels + 1 - whole.level, whole.level))


def _more(whole: WholeUnits, extra: np.ndarray, marks: dict[str, object]) -> WholeUnits:
    columns = {name: getattr(whole, name)[extra].copy() for name in COLUMNS}
    for name, value in marks.items():
        columns[name][:] = value
    return replace(whole, **{name: np.concatenate([getattr(whole, name), columns[name]]) for name in COLUMNS})
