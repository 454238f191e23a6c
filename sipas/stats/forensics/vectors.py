"""Signals of whole answer vectors: one that comes again and again, and vectors less varied than elsewhere. Straight lines are left out."""

from __future__ import annotations

import numpy as np
import scipy  # its parts are loaded at their first use

from sipas.stats.forensics.baseline import TRIM, TRIMMED_VARIANCE, standing_out
from sipas.stats.forensics.scene import LEAST_ROWS, Crooked, Scene, Signal
from sipas.stats.forensics.tails import least_tails
from sipas.stats.intervals import Bools, Floats
from sipas.stats.weights import Ints

PATTERN_FLOOR = 0.01  # least overdispersion believed
NO_REPEATS = 0.1  # added to log m − H before its logarithm: a unit without a repeated vector has 0
HONEST_SPREAD = 0.005  # variance of that logarithm that is always granted


def pattern(scene: Scene) -> Signal:
    """The vector that a unit repeats most against its share elsewhere, times the number of vectors it shows (beta-binomial).

    Parameters
    ----------
    scene : Scene
        Rows with their units, and the period that is judged.

    Returns
    -------
    Signal

    References
    ----------
    Statistics page section 9.
    """
    units, crooked = scene.ground.units, scene.ground.crooked
    owner, vector, k = scene.pairs
    n, vectors = np.bincount(owner, k, units).astype(np.float64), np.bincount(owner, minlength=units)
    count, total = k.astype(np.float64), n[owner]
    rate = (crooked.everywhere[vector] - count + 0.5) / (len(crooked.rows) - total + 1.0)
    rho = max(PATTERN_FLOOR, _spread(units, crooked, (owner, vector, k), n))
    twice = np.flatnonzero((k > 1) & (total >= LEAST_ROWS))
    least = np.ones(units)
    found, which = least_tails(owner[twice], count[twice], total[twice], rate[twice], rho)
    least[: len(found)] = found
    first = twice[which]
    observed, expected = np.zeros(units), np.zeros(units)
    np.maximum.at(observed, owner[first], count[first])
    np.maximum.at(expected, owner[first], (total * rate)[first])

    def named() -> Bools:
        width = max(1, len(crooked.everywhere))
        rows = np.zeros(len(scene.unit), np.bool_)
        rows[crooked.rows] = np.isin(scene.unit[crooked.rows] * width + crooked.vector, owner[first] * width + vector[first])
        return rows

    return Signal(np.minimum(1.0, np.where(least < 1, vectors * least, 1.0)), observed, expected, named)


def _spread(units: int, crooked: Crooked, pairs: tuple[Ints, Ints, Ints], n: Floats) -> float:
    """Overdispersion of the commonest vectors over the middle 80 % of the units: the median of what each of them shows, by moments."""
    if not len(crooked.top):
        return 0.0
    owner, vector, k = pairs
    place = np.full(len(crooked.everywhere), -1)
    place[crooked.top] = np.arange(len(crooked.top))
    mine = place[vector] >= 0
    shape = (units, len(crooked.top))
    count = np.bincount(owner[mine] * shape[1] + place[vector[mine]], k[mine], units * shape[1]).reshape(shape)
    usable = n > 1
    some, size = count[usable], n[usable, None]
    kept = np.ones(some.shape, np.bool_)
    for _ in range(3):
        rate = (np.sum(some * kept, axis=0) + 0.5) / (np.sum(size * kept, axis=0) + 1.0)
        z = (some - size * rate) / np.sqrt(size * rate * (1 - rate))
        low, high = np.quantile(z, [TRIM, 1 - TRIM], axis=0)
        kept = (z >= low) & (z <= high)
    pearson, used = np.sum(np.where(kept, z**2, 0.0), axis=0) / TRIMMED_VARIANCE, kept.sum(axis=0)
    rho = (pearson - used + 1) / np.maximum(np.sum((size - 1) * kept, axis=0), 1.0)
    return float(np.clip(np.median(np.where(used >= 3, rho, 0.0)), 0.0, 0.9))


def entropy(scene: Scene) -> Signal:
    """Vectors less varied than elsewhere: log(log m − H), its dependence on m and on the level taken off, by the MAD over units.

    The level enters as its distance from the middle, which has no direction.

    Parameters
    ----------
    scene : Scene
        Rows with their units, and the period that is judged.

    Returns
    -------
    Signal

    References
    ----------
    Shannon (1948); Hampel (1974), JASA 69, 383-393; statistics page section 9.
    """
    units, crooked = scene.ground.units, scene.ground.crooked
    owner, vector, k = scene.pairs
    m = np.bincount(owner, k, units)
    usable, safe = m >= LEAST_ROWS, np.maximum(m, 1.0)
    sizes, size = np.unique(k, return_inverse=True)  # by size within a unit: the sum does not depend on which vectors they are
    often = np.bincount(owner * len(sizes) + size, minlength=units * len(sizes)).reshape(units, len(sizes))
    deficit, squares = (often @ (sizes * np.log(np.maximum(sizes, 1)) ** power) / safe for power in (1, 2))
    noise = np.maximum((squares - deficit**2) / safe / (deficit + NO_REPEATS) ** 2, 1 / safe) + HONEST_SPREAD
    unit = scene.unit[crooked.rows]
    level = np.bincount(unit, crooked.far, units) / np.maximum(np.bincount(unit, crooked.given, units), 1.0)
    logged = np.log(deficit + NO_REPEATS)
    fitted = _fitted(logged, np.column_stack([np.ones(units), np.log(safe), level, level**2]), usable)
    z = standing_out(logged - fitted, noise, usable)
    p = np.where(usable, scipy.special.stdtr(max(1.0, float(usable.sum()) - 4), -np.maximum(z, 0.0)), 1.0)

    def named() -> Bools:
        width = max(1, len(crooked.everywhere))
        again = (owner * width + vector)[k > 1]
        rows = np.zeros(len(scene.unit), np.bool_)
        rows[crooked.rows] = np.isin(unit * width + crooked.vector, again)
        return rows

    return Signal(np.where(z > 0, p, 1.0), deficit, np.maximum(0.0, np.exp(fitted) - NO_REPEATS), named)


def _fitted(y: Floats, x: Floats, usable: Bools) -> Floats:
    """Least squares over the units that stay near the line: those beyond 2.5 MAD leave, five times."""
    kept = usable
    fitted = np.zeros(len(y))
    for _ in range(5):
        if kept.sum() <= x.shape[1] + 1:
            return np.full(len(y), float(np.median(y[usable])) if usable.any() else 0.0)
        fitted = x @ np.linalg.lstsq(x[kept], y[kept], rcond=None)[0]
        away = np.abs(y - fitted)
        kept = usable & (away <= 2.5 * 1.4826 * np.median(away[usable]) + 1e-12)
    return np.asarray(fitted, np.float64)
