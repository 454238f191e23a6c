"""The signals: one chance per unit each, from what is stored of every answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import scipy  # its parts are loaded at their first use

from sipas.stats.forensics.baseline import Ints, beta_binomial_tail, excess, standing_out, weekly_excess
from sipas.stats.forensics.patterns import Patterns, Rows
from sipas.stats.intervals import Bools, Floats

TOP_VECTORS = 20  # that tell how units differ in their commonest vectors
LEAST_ROWS = 20  # fewer rows in a unit, and patterns, mix and step are not tested
NO_REPEATS = 0.1  # added to log m − H before its logarithm: a unit without a repeated vector has 0
HONEST_SPREAD = 0.005  # variance of that logarithm that is always granted
SPAN = 8  # weeks at either side of a deadline
FLOORS: Mapping[str, float] = MappingProxyType(
    {"fast": 0.02, "burst": 0.05, "off_hours": 0.03, "straight": 0.02, "pattern": 0.01}
)  # least overdispersion believed: bursts and hours come in runs


@dataclass(frozen=True, slots=True)
class Scene:
    """Rows with the period that is judged.

    Attributes
    ----------
    rows : Rows
    seen : Patterns
        Of the same rows.
    units : int
    since : int
        First week of the period; the weeks before are the previous period.
    deadline : int or None
        First week after a target's deadline.
    """

    rows: Rows
    seen: Patterns
    units: int
    since: int
    deadline: int | None

    @property
    def now(self) -> Bools:
        """Rows of the period."""
        return self.rows.week >= self.since


@dataclass(frozen=True, slots=True)
class Signal:
    """One test of every unit.

    Attributes
    ----------
    p : (u,) float
        1 where a unit cannot be tested.
    observed, expected : (u,) float
        Counts; changes of a share (0-1) or of a mean level for ``channel_mix`` and ``step``.
    rows : (n,) bool
        The rows that a finding of this signal is about; none for signals of a whole unit.
    """

    p: Floats
    observed: Floats
    expected: Floats
    rows: Bools


def _counted(scene: Scene, flag: Bools, among: Bools, floor: float, kind: Ints) -> Signal:
    """Excess of a flag over the period, and in any single week; the smaller chance twice, its weeks counted."""
    rows = scene.rows
    inside = np.flatnonzero(scene.now & among)
    class_ = np.unique(np.stack([rows.form, rows.channel, kind])[:, inside], axis=1, return_inverse=True)[1].ravel()
    classes = int(class_.max(initial=-1)) + 1
    weeks, week = np.unique(rows.week[inside], return_inverse=True)
    cell = (rows.unit[inside] * max(1, len(weeks)) + week) * max(1, classes) + class_
    shape = (scene.units, len(weeks), max(1, classes))
    size = scene.units * len(weeks) * max(1, classes)
    total = np.bincount(cell, minlength=size).astype(np.float64).reshape(shape)
    count = np.bincount(cell[flag[inside]], minlength=size).astype(np.float64).reshape(shape)
    whole = excess(count.sum(axis=1), total.sum(axis=1), floor=floor)
    p = whole.p
    if len(weeks) > 1:
        by_week = weekly_excess(count, total, whole, floor=floor)
        tried = np.maximum(1, (total.sum(axis=2) > 0).sum(axis=1))
        p = np.minimum(1.0, 2 * np.minimum(p, np.minimum(1.0, tried * by_week.min(axis=1))))
    return Signal(p, count.sum(axis=(1, 2)), whole.expected, flag & scene.now & among)


def fast(scene: Scene) -> Signal:
    """Answers given too fast: beta-binomial excess over the period and in its weeks.

    Parameters
    ----------
    scene : Scene
        Rows and the period that is judged.

    Returns
    -------
    Signal

    References
    ----------
    Statistics page section 9; integrity page F3.
    """
    return _counted(scene, scene.rows.fast, scene.now, FLOORS["fast"], np.zeros_like(scene.rows.unit))


def burst(scene: Scene) -> Signal:
    """Answers that came in bursts at one counter: the same.

    Parameters
    ----------
    scene : Scene
        Rows and the period that is judged.

    Returns
    -------
    Signal

    References
    ----------
    Naus (1982), JASA 77, 177-183, for the scan behind the flag; statistics page section 9.
    """
    return _counted(scene, scene.rows.burst, scene.now, FLOORS["burst"], np.zeros_like(scene.rows.unit))


def off_hours(scene: Scene) -> Signal:
    """Answers outside opening hours: the same.

    Parameters
    ----------
    scene : Scene
        Rows and the period that is judged.

    Returns
    -------
    Signal

    References
    ----------
    Integrity page F7.
    """
    return _counted(scene, scene.rows.off_hours, scene.now, FLOORS["off_hours"], np.zeros_like(scene.rows.unit))


def straight(scene: Scene) -> Signal:
    """Straight lines beyond the many honest ones: the same, among rows with enough answers.

    Rows are classed by how far their overall level lies from the middle, too: at the end of a scale answers agree more often.

    Parameters
    ----------
    scene : Scene
        Rows and the period that is judged.

    Returns
    -------
    Signal

    References
    ----------
    Zhang & Conrad (2014), Survey Research Methods 8, 127-135.
    """
    level = scene.rows.level
    far = np.where(level > 0, 1 + np.abs(2 * level - scene.rows.levels - 1), 0)
    return _counted(scene, scene.seen.straight, scene.seen.telling, FLOORS["straight"], far)


def _pairs(first: Ints, second: Ints) -> tuple[Ints, Ints, Ints]:
    """The distinct pairs of two columns, (2, k) by first and second; where each row's pair stands, and how often it comes."""
    width = int(second.max(initial=0)) + 1
    key, where, count = np.unique(first * width + second, return_inverse=True, return_counts=True)
    return np.stack([key // width, key % width]), where.astype(np.int64), count.astype(np.int64)


def _crooked(scene: Scene) -> Bools:
    return scene.now & scene.seen.telling & ~scene.seen.straight


def pattern(scene: Scene) -> Signal:
    """The vector that a unit repeats most against its share elsewhere, times the number of vectors it shows (beta-binomial).

    Straight lines are left out: they have a signal of their own.

    Parameters
    ----------
    scene : Scene
        Rows and the period that is judged.

    Returns
    -------
    Signal

    References
    ----------
    Statistics page section 9.
    """
    rows = np.flatnonzero(_crooked(scene))
    unit, vector = scene.rows.unit[rows], scene.seen.vector[rows]
    pairs, where, k = _pairs(unit, vector)
    n, everywhere = np.bincount(unit, minlength=scene.units), np.bincount(vector, minlength=int(scene.seen.vector.max(initial=0)) + 1)
    vectors = np.bincount(pairs[0], minlength=scene.units)
    count, total = k.astype(np.float64), n[pairs[0]].astype(np.float64)
    rate = (everywhere[pairs[1]] - count + 0.5) / (len(rows) - total + 1.0)
    rho = max(FLOORS["pattern"], _vector_spread(scene.units, pairs, count, n, everywhere))
    twice = (k > 1) & (total >= LEAST_ROWS)
    chance = np.ones(len(k))
    chance[twice] = beta_binomial_tail(count[twice], total[twice], rate[twice], rho)
    p, observed, expected, named = np.ones(scene.units), np.zeros(scene.units), np.zeros(scene.units), np.zeros(len(k), bool)
    least = np.ones(scene.units)
    np.minimum.at(least, pairs[0], chance)
    first = np.flatnonzero(twice & (chance == least[pairs[0]]))
    p[pairs[0][first]] = np.minimum(1.0, vectors[pairs[0][first]] * least[pairs[0][first]])
    np.maximum.at(observed, pairs[0][first], count[first])
    np.maximum.at(expected, pairs[0][first], (total * rate)[first])
    named[first] = True
    flagged = np.zeros(len(scene.rows.unit), bool)
    flagged[rows] = named[where]
    return Signal(p, observed, expected, flagged)


def _vector_spread(units: int, pairs: Ints, count: Floats, n: Ints, everywhere: Ints) -> float:
    """Overdispersion of the commonest vectors over units: the median of what each of them shows."""
    if not len(everywhere) or everywhere.max() < LEAST_ROWS:
        return 0.0
    top = np.flatnonzero(everywhere >= max(LEAST_ROWS, np.sort(everywhere)[-min(TOP_VECTORS, len(everywhere))]))
    found = []
    for vector in top.tolist():
        mine = pairs[1] == vector
        k = np.bincount(pairs[0][mine], count[mine], units).astype(np.float64)[:, None]
        found.append(excess(k, n[:, None].astype(np.float64), floor=0.0).overdispersion)
    return float(np.median(found))


def entropy(scene: Scene) -> Signal:
    """Vectors less varied than elsewhere: log(log m − H), its dependence on m and on the level taken off, by the MAD over units.

    Straight lines are left out. The level enters as its distance from the middle, which has no direction.

    Parameters
    ----------
    scene : Scene
        Rows and the period that is judged.

    Returns
    -------
    Signal

    References
    ----------
    Shannon (1948); Hampel (1974), JASA 69, 383-393; statistics page section 9.
    """
    rows = np.flatnonzero(_crooked(scene))
    unit, vector = scene.rows.unit[rows], scene.seen.vector[rows]
    pairs, where, k = _pairs(unit, vector)
    m = np.bincount(unit, minlength=scene.units).astype(np.float64)
    usable, safe = m >= LEAST_ROWS, np.maximum(m, 1.0)
    order = np.lexsort((k, pairs[0]))  # by size within a unit: the sum does not depend on which vectors they are
    each = (k * np.log(k), k * np.log(k) ** 2)
    deficit, squares = (np.bincount(pairs[0][order], terms[order], scene.units) / safe for terms in each)
    noise = np.maximum((squares - deficit**2) / safe / (deficit + NO_REPEATS) ** 2, 1 / safe) + HONEST_SPREAD
    answers = scene.rows.answers[rows].astype(np.int64)
    far = np.where(answers > 0, np.abs(2 * answers - scene.rows.levels - 1), 0).sum(axis=1)
    given = np.bincount(unit, (answers > 0).sum(axis=1), scene.units)
    level = np.bincount(unit, far, scene.units) / np.maximum(given, 1.0)
    logged = np.log(deficit + NO_REPEATS)
    fitted = _fitted(logged, np.column_stack([np.ones(scene.units), np.log(safe), level, level**2]), usable)
    z = standing_out(logged - fitted, noise, usable)
    p = np.where(usable, scipy.special.stdtr(max(1.0, float(usable.sum()) - 4), -np.maximum(z, 0.0)), 1.0)
    flagged = np.zeros(len(scene.rows.unit), bool)
    flagged[rows] = k[where] > 1
    return Signal(np.where(z > 0, p, 1.0), deficit, np.maximum(0.0, np.exp(fitted) - NO_REPEATS), flagged)


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


def channel_mix(scene: Scene) -> Signal:
    """Change of a channel's share against the previous period, on the arcsine scale, by the MAD over units; both directions.

    Parameters
    ----------
    scene : Scene
        Rows and the period that is judged.

    Returns
    -------
    Signal

    References
    ----------
    Anscombe (1948), Biometrika 35, 246-254 (arcsine); statistics page section 9.
    """
    rows, now = scene.rows, scene.now
    kinds = int(rows.channel.max(initial=0)) + 1
    n = [np.bincount(rows.unit[side], minlength=scene.units) for side in (~now, now)]
    usable = np.minimum(n[0], n[1]) >= LEAST_ROWS
    p, observed = np.ones(scene.units), np.zeros(scene.units)
    safe = [np.maximum(count, 1) for count in n]
    for kind in range(kinds):
        k = [np.bincount(rows.unit[side & (rows.channel == kind)], minlength=scene.units) for side in (~now, now)]
        angle = [2 * np.arcsin(np.sqrt((k[t] + 0.375) / (safe[t] + 0.75))) for t in (0, 1)]
        z = standing_out(angle[1] - angle[0], 1 / safe[0] + 1 / safe[1], usable)
        chance = np.minimum(1.0, 2 * kinds * scipy.special.stdtr(max(1.0, float(usable.sum()) - 1), -np.abs(z)))
        smaller = usable & (chance < p)
        p[smaller], observed[smaller] = chance[smaller], (k[1] / safe[1] - k[0] / safe[0])[smaller]
    return Signal(p, observed, np.zeros(scene.units), np.zeros(len(rows.unit), bool))


def step(scene: Scene) -> Signal:
    """Step of the mean level at a deadline, sector and channel held, clustered, against the other units' steps; both directions.

    Parameters
    ----------
    scene : Scene
        Rows and the period that is judged.

    Returns
    -------
    Signal

    References
    ----------
    Binder (1983), Int. Stat. Rev. 51, 279-292 (linearised variance); statistics page section 9.
    """
    rows = scene.rows
    nothing = Signal(np.ones(scene.units), np.zeros(scene.units), np.zeros(scene.units), np.zeros(len(rows.unit), bool))
    if scene.deadline is None:
        return nothing
    near = (rows.level > 0) & (rows.week >= scene.deadline - SPAN) & (rows.week < scene.deadline + SPAN)
    inside = np.flatnonzero(near)
    if not len(inside):
        return nothing
    unit, after = rows.unit[inside], rows.week[inside] >= scene.deadline
    twice = 2 * rows.level[inside] - rows.levels - 1  # whole numbers around 0: the other end is the same with a minus
    cells, cell = np.unique(np.stack([unit, rows.part[inside], rows.channel[inside]]), axis=1, return_inverse=True)
    cell = cell.ravel()
    change, variance, clusters, rows_of = _steps(unit, cell, cells[0], after, twice, rows.cluster[inside], scene.units)
    usable = (rows_of >= LEAST_ROWS) & (clusters > 9)
    plain = variance * np.maximum(rows_of, 1)
    floor = 0.25 * float(np.median(plain[usable])) if usable.any() else 0.0
    z = standing_out(change, np.maximum(variance, floor / np.maximum(rows_of, 1)), usable)
    df = np.clip(np.minimum(clusters - 2, usable.sum() - 1), 1.0, None)
    p = np.where(usable, np.minimum(1.0, 2 * scipy.special.stdtr(df, -np.abs(z))), 1.0)
    middle = float(np.median(change[usable])) if usable.any() else 0.0
    return Signal(p, change / 2, np.full(scene.units, middle / 2), nothing.rows)


def _steps(unit: Ints, cell: Ints, owner: Ints, after: Bools, y: Ints, cluster: Ints, units: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Change by unit in half levels, its linearised variance over clusters, clusters, and the effective rows of the smaller side."""
    cells = len(owner)
    n = [np.bincount(cell[side], minlength=cells) for side in (~after, after)]
    mean = [np.bincount(cell[side], y[side], cells) / np.maximum(count, 1) for side, count in zip((~after, after), n, strict=True)]
    both = (n[0] > 0) & (n[1] > 0)
    size = np.where(both, n[0] + n[1], 0)
    share = size / np.maximum(np.bincount(owner, size, units), 1)[owner]
    change = np.bincount(owner, share * (mean[1] - mean[0]), units).astype(np.float64)
    z = np.where(after, (y - mean[1][cell]) / np.maximum(n[1], 1)[cell], -(y - mean[0][cell]) / np.maximum(n[0], 1)[cell]) * share[cell]
    used = both[cell]
    label, where, _ = _pairs(unit[used], cluster[used])
    total = np.bincount(where, z[used], label.shape[1])
    clusters = np.bincount(label[0], minlength=units).astype(np.float64)
    variance = np.bincount(label[0], total**2, units) * clusters / np.maximum(clusters - 1, 1)
    rows = [np.bincount(owner, np.where(both, count, 0), units) for count in n]
    return change, variance, clusters, 2 * rows[0] * rows[1] / np.maximum(rows[0] + rows[1], 1)


SIGNALS: Mapping[str, Callable[[Scene], Signal]] = MappingProxyType(
    {
        "fast": fast,
        "burst": burst,
        "off_hours": off_hours,
        "straight": straight,
        "pattern": pattern,
        "entropy": entropy,
        "channel_mix": channel_mix,
        "step": step,
    }
)
