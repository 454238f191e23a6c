"""Facts as they are stored, made by hand: a share of some answers, clustered as is believable."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sipas.stats.intervals import Shares, kg20, logit_t, mean_t, n_star
from sipas.store.facts import Fact

UNIT = 1


def fact(satisfied: int, n: int, *, indicator: str = "overall", effect: float = 1.5, **told: Any) -> Fact:
    """A fact of ``n`` answers, ``satisfied`` of them; limits as the run would have stored them."""
    mean = indicator == "mean"
    share = satisfied / n
    value = 1 + 4 * share if mean else share
    variance = share * (1 - share) * effect / n * (16 if mean else 1)
    shares = Shares(*(np.array([float(part)]) for part in (value, variance, n, satisfied, n - satisfied, n, max(n // 4, 1) - 1, math.nan)))
    pooled = np.array([effect])
    made = {"mean": mean_t, "pooled": logit_t}.get(indicator, kg20)(shares, pooled)
    star = float(n_star(shares, pooled)[0])
    columns: dict[str, Any] = {
        "run_id": 1, "period": "2026-11", "unit_id": UNIT, "side": "receiving", "sector": "land", "indicator": indicator,
        "channels": "headline", "weighted": True, "n": n, "n_satisfied": satisfied, "n_unsatisfied": n - satisfied,
        "n_effective": star, "n_kish": float(n), "value": value, "se": math.sqrt(variance), "low": float(made.low[0]),
        "high": float(made.high[0]), "df": float(shares.df[0]), "d_pool": effect, "fraction": 0.0, "population": 10 * n,
        "covered": 10 * n, "lonely": 0, "target": 0.9, "operator": ">=", "target_set": "demo-2026", "verdict": "", "levels": "", "flags": "",
    }  # fmt: skip
    return Fact(**{**columns, **told})
