"""Intervals and p-values of figures: the method that each statistic names, with the answers of counts where a formula has none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sipas.estimates.figures import Figures, Part, item_weights_of, taken
from sipas.estimates.request import Request
from sipas.stats.composites import SCALES, SHARES, Composite, limits
from sipas.stats.effective import FLOOR_WITH_CLUSTERS, pool_effect
from sipas.stats.estimators import as_shares
from sipas.stats.interval_methods import interval
from sipas.stats.intervals import Floats, Shares, proved
from sipas.stats.verdict import p_mean, p_ratio, p_share

LEAST_P = 1e-12  # where p is found by inverting an interval, a smaller one is told as this
STEPS = 60
ENDLESS = (-np.inf, np.inf)


@dataclass(frozen=True, slots=True)
class Limited:
    """Limits of one statistic in its domains: on the printed scale, infinite where the sample sets none."""

    method: str
    low: Floats
    high: Floats
    p: Floats  # one-sided, against the target; NaN without one
    d_pool: float


def limited(request: Request, made: Figures, part: Part, *, clustered: bool) -> Limited:
    """The limits and p-values of a statistic that is read from rows."""
    shares = as_shares(taken(made.estimates, part.at), part.population)
    effect = request.pooled_effect
    if effect is None and part.statistic.kind == "share":
        effect = pool_effect(shares, clustered=clustered)
    d_pool = effect if effect is not None else FLOOR_WITH_CLUSTERS if clustered else 1.0
    how = {"share": _of_shares, "composite": _of_composite}.get(part.statistic.kind, _of_numbers)
    method, low, high, p = how(request, part, shares, made, np.full(len(part.at), d_pool))
    return Limited(method, low, high, np.where(shares.n > 0, p, 1.0) if part.statistic.target is not None else p, d_pool)


Answer = tuple[str, Floats, Floats, Floats]


def _of_shares(request: Request, part: Part, shares: Shares, made: Figures, d_pool: Floats) -> Answer:  # noqa: ARG001 -- one signature
    method, alpha = part.statistic.interval or request.interval, round(1 - request.level, 12)
    found = interval(method, shares, alpha=alpha, d_pool=d_pool)
    if part.statistic.target is None:
        return method, found.low, found.high, np.full(len(found.low), np.nan)
    target = np.full(len(found.low), part.statistic.target)
    if method == "kg20":
        least, most = proved(shares)
        return method, found.low, found.high, p_share(found.n_star, shares.value, target, least=least, most=most)

    def excludes(doubt: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        each = [interval(method, _one(shares, k), alpha=float(doubt[k]), d_pool=d_pool[k : k + 1]) for k in range(len(doubt))]
        low, high = (np.concatenate([getattr(one, side) for one in each]) for side in ("low", "high"))
        return np.where(shares.value >= target, low >= target, high < target)

    return method, found.low, found.high, _inverted(excludes, len(target))


def _one(shares: Shares, k: int) -> Shares:
    return Shares(*(getattr(shares, name)[k : k + 1] for name in Shares.__slots__))


def _inverted(excludes: Callable[[Floats], np.ndarray[tuple[int, ...], np.dtype[np.bool_]]], count: int) -> Floats:
    """One-sided p: half the least doubt at which the limits exclude the target, by bisection."""
    floor, top = np.full(count, np.log(2 * LEAST_P)), np.full(count, np.log1p(-1e-6))
    never = ~excludes(np.exp(top))
    for _ in range(STEPS):
        middle = (floor + top) / 2
        out = excludes(np.exp(middle))
        floor, top = np.where(out, floor, middle), np.where(out, middle, top)
    return np.where(never, 1.0, np.exp(top) / 2)


def _of_composite(request: Request, part: Part, shares: Shares, made: Figures, d_pool: Floats) -> Answer:
    scale, alpha = SCALES[part.statistic.scale], round(1 - request.level, 12)
    whole = Composite(part.statistic.estimand, scale, item_weights_of(part.statistic), taken(made.estimates, part.at))
    found = limits(whole, d_pool=d_pool, alpha=alpha, population=part.population)
    method = "logit_t" if scale.name in SHARES else "t"
    if part.statistic.target is None:
        return method, found.low, found.high, np.full(len(found.low), np.nan)
    target = np.full(len(found.low), part.statistic.target / scale.factor + scale.shift)
    p = p_ratio(shares, d_pool, target) if scale.name in SHARES else p_mean(shares, d_pool, target, scale=(scale.least, scale.most))
    return method, found.low, found.high, np.where(shares.n >= part.population, 0.0, p)


def _of_numbers(request: Request, part: Part, shares: Shares, made: Figures, d_pool: Floats) -> Answer:
    ends, alpha = part.statistic.ends or ENDLESS, round(1 - request.level, 12)
    found = interval("t", shares, alpha=alpha, d_pool=d_pool, scale=ends)
    low, high = found.low, found.high
    # What the design or its margins fix is known: a number of units, a calibrated total, a complete count.
    counted = part.statistic.kind == "total" and not part.statistic.columns
    varied = taken(made.estimates, part.at).simple_variance > 0
    fixed = (shares.variance == 0) & (shares.n > 0) & (counted | (made.exact & varied))
    low, high = np.where(fixed, shares.value, low), np.where(fixed, shares.value, high)
    if part.statistic.target is None:
        return "t", low, high, np.full(len(low), np.nan)
    p = p_mean(shares, d_pool, np.full(len(low), part.statistic.target), scale=ends)
    return "t", low, high, np.where((low == high) & (shares.n > 0), 0.0, p)
