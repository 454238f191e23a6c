"""Rows that change units at random, and ranks among them that stay honest however early one stops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import numpy as np

from sipas.stats.forensics.scene import Scene
from sipas.stats.intervals import Floats

EARLY_LOOKS = (99, 299)  # permutations after which it may be clear already


def shuffled(scene: Scene, rng: np.random.Generator) -> Iterator[Scene]:
    """The scene with its rows dealt out anew among the units, within week and form, again and again without end.

    Parameters
    ----------
    scene : Scene
        The true one.
    rng : numpy Generator
        Chance; the same seed deals the same.

    Returns
    -------
    iterator of Scene

    References
    ----------
    Statistics page section 9 (the empirical null).
    """
    rows = scene.ground.rows
    order = np.lexsort((rows.form, rows.week))
    last = np.flatnonzero((np.diff(rows.week[order]) != 0) | (np.diff(rows.form[order]) != 0)) + 1
    pool = scene.unit[order]
    while True:
        for block in np.split(pool, last):  # views: a deal starts from the one before, which is as good as from the truth
            rng.shuffle(block)
        unit = np.empty_like(pool)
        unit[order] = pool
        yield Scene(scene.ground, unit)


def looks_until(permutations: int) -> tuple[int, ...]:
    """The numbers of permutations after which one looks, the last of them ``permutations``.

    Parameters
    ----------
    permutations : int
        At least 1.

    Returns
    -------
    tuple of int
        Growing.
    """
    return (*(look for look in EARLY_LOOKS if look < permutations), permutations)


def rank_by_looks(least: Floats, drawn: Iterable[Floats], looks: tuple[int, ...], settled: Callable[[Floats, Floats], bool]) -> Floats:
    """The rank of each value among drawn ones, looked at a few times.

    At each look the chance is (1 + values drawn that are no larger) / (1 + values drawn); of the looks made the smallest counts,
    times the number of looks planned. By Bonferroni that is a p-value whatever makes one stop: to stop early only leaves smaller
    ones out.

    Parameters
    ----------
    least : (u,) float
        Observed.
    drawn : iterable of (v,) float
        A permutation each; no more are taken than needed.
    looks : tuple of int
        Numbers of permutations, growing.
    settled : callable
        Given the p-values so far and the plain ranks of this look, each (u,), whether it is enough.

    Returns
    -------
    (u,) float
        0-1.

    References
    ----------
    Besag & Clifford (1991), Biometrika 78, 301-304, for ranks of a sequential Monte Carlo test.
    """
    source = iter(drawn)
    rank, below, values, made = np.ones(len(least)), np.zeros(len(least)), 0, 0
    for look in looks:
        for some in islice(source, look - made):
            below += np.searchsorted(np.sort(some), least, side="right")
            values += len(some)
        made = look
        now = (1 + below) / (1 + values)
        rank = np.minimum(rank, len(looks) * now)
        if settled(rank, now):
            break
    return rank
