"""Signals of a change: of the channels' shares since the previous period, and of the mean level at a deadline; both directions."""

from __future__ import annotations

import numpy as np
import scipy  # its parts are loaded at their first use

from sipas.stats.forensics.baseline import MAD_EFFICIENCY, standing_out
from sipas.stats.forensics.scene import LEAST_ROWS, Near, Scene, Signal
from sipas.stats.intervals import Bools, Floats
from sipas.stats.weights import Ints


def _no_rows(scene: Scene) -> Bools:
    return np.zeros(len(scene.unit), np.bool_)


def channel_mix(scene: Scene) -> Signal:
    """Change of a channel's share against the previous period, on the arcsine scale, by the MAD over units; both directions.

    Parameters
    ----------
    scene : Scene
        Rows with their units, and the period that is judged.

    Returns
    -------
    Signal

    References
    ----------
    Anscombe (1948), Biometrika 35, 246-254 (arcsine); statistics page section 9.
    """
    ground, kinds = scene.ground, scene.ground.channels
    cell = scene.unit * (2 * kinds) + ground.period_and_channel
    k = np.bincount(cell, minlength=ground.units * 2 * kinds).reshape(ground.units, 2, kinds)
    n = k.sum(axis=2)
    usable, safe = n.min(axis=1) >= LEAST_ROWS, np.maximum(n, 1)
    angle = 2 * np.arcsin(np.sqrt((k + 0.375) / (safe[:, :, None] + 0.75)))
    share = k / safe[:, :, None]
    noise, df = (1 / safe).sum(axis=1), max(1.0, float(usable.sum()) - 1)
    p, observed = np.ones(ground.units), np.zeros(ground.units)
    for kind in range(kinds):
        z = standing_out(angle[:, 1, kind] - angle[:, 0, kind], noise, usable)
        chance = np.minimum(1.0, 2 * kinds * scipy.special.stdtr(df, -np.abs(z)))
        smaller = usable & (chance < p)
        p[smaller], observed[smaller] = chance[smaller], (share[:, 1, kind] - share[:, 0, kind])[smaller]
    return Signal(p, observed, np.zeros(ground.units), lambda: _no_rows(scene))


def step(scene: Scene) -> Signal:
    """Step of the mean level at a deadline, sector and channel held, clustered, against the other units' steps; both directions.

    Parameters
    ----------
    scene : Scene
        Rows with their units, and the period that is judged.

    Returns
    -------
    Signal

    References
    ----------
    Binder (1983), Int. Stat. Rev. 51, 279-292 (linearised variance); statistics page section 9.
    """
    units, near = scene.ground.units, scene.ground.near
    if near is None:
        return Signal(np.ones(units), np.zeros(units), np.zeros(units), lambda: _no_rows(scene))
    found = contrasted(near, scene.unit[near.rows], units)
    return Signal(found.p, found.observed, found.expected, lambda: _no_rows(scene))


def contrasted(near: Near, unit: Ints, units: int) -> Signal:
    """The difference of the mean level between two sides, cells held, clustered, against the other units' differences; both directions.

    Parameters
    ----------
    near : Near
        Rows of the two sides, sorted by cluster; ``after`` names the second side.
    unit : (m,) int
        The unit of each of them.
    units : int
        How many there are.

    Returns
    -------
    Signal
        ``observed`` and ``expected`` are differences of mean levels, second side less first.

    References
    ----------
    Binder (1983), Int. Stat. Rev. 51, 279-292 (linearised variance).
    """
    change, variance, clusters, rows_of = _steps(near, unit, units)
    usable = (rows_of >= LEAST_ROWS) & (clusters > 9)
    plain = variance * np.maximum(rows_of, 1)
    floor = 0.25 * float(np.median(plain[usable])) if usable.any() else 0.0
    z = standing_out(change, np.maximum(variance, floor / np.maximum(rows_of, 1)), usable)
    df = np.clip(np.minimum(clusters - 2, MAD_EFFICIENCY * (usable.sum() - 1)), 1.0, None)
    p = np.where(usable, np.minimum(1.0, 2 * scipy.special.stdtr(df, -np.abs(z))), 1.0)
    middle = float(np.median(change[usable])) if usable.any() else 0.0
    nobody = np.zeros(len(unit), np.bool_)
    return Signal(p, change / 2, np.full(units, middle / 2), lambda: nobody)


def _steps(near: Near, unit: Ints, units: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Change by unit in half levels, its linearised variance over clusters, clusters, and the effective rows of the smaller side."""
    cell, cells = unit * near.cells + near.cell, units * near.cells
    sided = cell * 2 + near.after
    n = np.bincount(sided, minlength=2 * cells).reshape(cells, 2)
    mean = np.bincount(sided, near.twice, 2 * cells).reshape(cells, 2) / np.maximum(n, 1)
    both = n.min(axis=1) > 0
    size = np.where(both, n.sum(axis=1), 0).reshape(units, near.cells)
    share = (size / np.maximum(size.sum(axis=1, keepdims=True), 1)).ravel()
    change = (share * (mean[:, 1] - mean[:, 0])).reshape(units, near.cells).sum(axis=1)
    away = (near.twice - mean.ravel()[sided]) / np.maximum(n, 1).ravel()[sided] * share[cell]
    z, used = np.where(near.after, away, -away), np.flatnonzero(both[cell])
    short = unit[used].astype(np.uint16 if units <= 1 << 16 else np.int64)  # sorted digit by digit, without comparisons
    order = used[np.argsort(short, kind="stable")]  # by unit, and by cluster within
    owner, label = unit[order], near.cluster[order]
    first = np.flatnonzero(np.concatenate([[True], (owner[1:] != owner[:-1]) | (label[1:] != label[:-1])])) if len(order) else order
    total = np.add.reduceat(z[order], first) if len(order) else np.zeros(0)
    clusters = np.bincount(owner[first], minlength=units).astype(np.float64)
    variance = np.bincount(owner[first], total**2, units) * clusters / np.maximum(clusters - 1, 1)
    rows = np.where(both[:, None], n, 0).reshape(units, near.cells, 2).sum(axis=1)
    return change, variance, clusters, 2 * rows[:, 0] * rows[:, 1] / np.maximum(rows.sum(axis=1), 1)
