"""The signals: one chance per unit each, from what is stored of every answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np

from sipas.stats.forensics.baseline import excess, weekly_excess
from sipas.stats.forensics.changes import channel_mix, step
from sipas.stats.forensics.scene import Scene, Signal
from sipas.stats.forensics.vectors import entropy, pattern

FLOORS: Mapping[str, float] = MappingProxyType(
    {"fast": 0.02, "burst": 0.05, "off_hours": 0.03, "straight": 0.02}
)  # least overdispersion believed: bursts and hours come in runs


def flagged(scene: Scene, name: str) -> Signal:
    """Excess of a stored flag, or of straight lines, over the period and in any single week; the smaller chance twice, weeks counted.

    Parameters
    ----------
    scene : Scene
        Rows with their units, and the period that is judged.
    name : str
        A name of ``FLOORS``.

    Returns
    -------
    Signal

    References
    ----------
    Statistics page section 9; integrity page F2, F3 and F7; Naus (1982), JASA 77, 177-183, for the scan behind ``burst``; Zhang & Conrad
    (2014), Survey Research Methods 8, 127-135, for straight lines.
    """
    ground, floor = scene.ground, FLOORS[name]
    there = ground.flaggings[name]
    shape = (ground.units, there.weeks, there.classes)
    cell = scene.unit[there.inside] * (there.weeks * there.classes) + there.cell
    size = int(np.prod(shape))
    total = np.bincount(cell, minlength=size).astype(np.float64).reshape(shape)
    count = np.bincount(cell[there.flagged], minlength=size).astype(np.float64).reshape(shape)
    whole = excess(count.sum(axis=1), total.sum(axis=1), floor=floor)
    p = whole.p
    if there.weeks > 1:
        by_week = weekly_excess(count, total, whole, floor=floor)
        tried = np.maximum(1, (total.sum(axis=2) > 0).sum(axis=1))
        p = np.minimum(1.0, 2 * np.minimum(p, np.minimum(1.0, tried * by_week.min(axis=1))))

    def named() -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        rows = np.zeros(len(scene.unit), np.bool_)
        rows[there.inside[there.flagged]] = True
        return rows

    return Signal(p, count.sum(axis=(1, 2)), whole.expected, named)


SIGNALS: Mapping[str, Callable[[Scene], Signal]] = MappingProxyType(
    {
        **{name: partial(flagged, name=name) for name in FLOORS},
        "pattern": pattern,
        "entropy": entropy,
        "channel_mix": channel_mix,
        "step": step,
    }
)
