"""Weights and population margins as they come in: one exact complaint for each thing that is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sipas.stats.distances import TOLERANCE
from sipas.stats.intervals import Floats
from sipas.stats.weights import Ints

SWEEPS = 1000


class BadMarginError(ValueError):
    """Weights, totals or bounds from which no calibration follows; the message names the place and the cure."""


class NoConvergenceError(BadMarginError):
    """The iterations ended before the totals were met: the margins contradict one another inside the sample."""


def checked_weights(base: Floats) -> Floats:
    """Weights as floats, after a look at each.

    Parameters
    ----------
    base : (n,) float
        Weights.

    Returns
    -------
    (n,) float

    Raises
    ------
    BadMarginError
        There is none, or one is not a finite number above 0; its row is named, the first being 1.

    References
    ----------
    Own rule.
    """
    weights = np.asarray(base, np.float64)
    if weights.ndim != 1 or weights.size == 0:
        raise BadMarginError(f"weights must be one column with at least one row; their shape is {weights.shape}")
    bad = np.flatnonzero(~(np.isfinite(weights) & (weights > 0)))
    if bad.size:
        raise BadMarginError(f"row {bad[0] + 1}: weight {weights[bad[0]]:g} is not a number above 0; mend it or leave the row out")
    return weights


def checked_margin(codes: Ints, totals: Floats, n: int, *, name: str, labels: Sequence[str] | None = None) -> Ints:
    """Category codes of one margin, after comparing sample and population.

    Parameters
    ----------
    codes : (n,) int
        Category of each row, 0 to G − 1.
    totals : (G,) float
        Population of each category.
    n : int
        Rows expected.
    name : str
        The margin, for complaints.
    labels : sequence of G str, optional
        Its categories, for complaints; else their numbers from 0.

    Returns
    -------
    (n,) int

    Raises
    ------
    BadMarginError
        Lengths differ, a code is out of range, a total is negative or missing, a category has population and no sample, or the
        reverse.

    References
    ----------
    Statistics page section 3, existence.
    """
    codes, totals = np.asarray(codes), np.asarray(totals, np.float64)
    titles = tuple(labels) if labels is not None else tuple(str(g) for g in range(totals.size))
    if codes.shape != (n,) or len(titles) != totals.size or totals.ndim != 1:
        raise BadMarginError(f"{name}: {codes.size} codes, {totals.size} totals and {len(titles)} labels for {n} rows do not fit together")
    outside = np.flatnonzero((codes < 0) | (codes >= totals.size) | (codes != np.floor(codes)))
    if outside.size:
        raise BadMarginError(f"{name}: row {outside[0] + 1} has code {codes[outside[0]]}, but categories run from 0 to {totals.size - 1}")
    bad = np.flatnonzero(~(np.isfinite(totals) & (totals >= 0)))
    if bad.size:
        raise BadMarginError(f"{name}: the population of category {titles[bad[0]]} is {totals[bad[0]]:g}; give a number from 0 up")
    codes = codes.astype(np.int64)
    answers = np.bincount(codes, minlength=totals.size)
    for g in np.flatnonzero((answers > 0) != (totals > 0)).tolist():
        if answers[g]:
            raise BadMarginError(f"{name}: category {titles[g]} has {answers[g]} respondents but population 0; correct its total")
        raise BadMarginError(
            f"{name}: category {titles[g]} has population {totals[g]:g} but no respondents; merge it with the category most like it"
        )
    return codes


def correction(weight: Floats, codes: Ints, total: Floats) -> Floats:
    """What one margin still wants of each weight.

    Parameters
    ----------
    weight : (C,) float
        Weights so far, by cell.
    codes : (C,) int
        Category of each cell.
    total : (G,) float
        Population of each category.

    Returns
    -------
    (C,) float
        Wanted / reached of the cell's category; 1 where it is empty.

    References
    ----------
    Deming & Stephan (1940), Ann. Math. Statist. 11, 427-444.
    """
    reached = np.bincount(codes, weight, total.size)
    factor = np.divide(total, reached, out=np.ones_like(total), where=reached > 0)
    return np.asarray(factor[codes], np.float64)


def fit_margins(mass: Floats, kinds: Ints, totals: Sequence[Floats], names: Sequence[str]) -> tuple[Floats, int]:
    """Ratios by cell, swept margin by margin until every one is met to 1e-12.

    Parameters
    ----------
    mass : (C,) float
        Sum of starting weights by cell.
    kinds : (C, M) int
        Categories of each cell.
    totals : sequence of M (G_m,) float
        Population of each category; one grand total.
    names : sequence of M str
        The margins' names for complaints.

    Returns
    -------
    (C,) float and int
        Ratios, and sweeps taken.

    Raises
    ------
    NoConvergenceError
        1000 sweeps were not enough.

    References
    ----------
    Deming & Stephan (1940), Ann. Math. Statist. 11, 427-444; tolerance and limit of statistics page section 3.
    """
    ratio = np.ones(mass.size)
    worst, place = np.inf, (0, 0)
    for sweep in range(SWEEPS):
        worst, place = _misfit(mass * ratio, kinds, totals)
        if worst < TOLERANCE:
            return ratio, sweep
        for m, total in enumerate(totals):
            ratio = ratio * correction(mass * ratio, kinds[:, m], total)
    raise NoConvergenceError(
        f"raking did not converge in {SWEEPS} sweeps: {names[place[0]]}, category number {place[1]} is off by {worst:.2g} of its total; "
        "the margins contradict one another in this sample: merge categories or drop a margin"
    )


def _misfit(weight: Floats, kinds: Ints, totals: Sequence[Floats]) -> tuple[float, tuple[int, int]]:
    worst, place = -1.0, (0, 0)
    for m, total in enumerate(totals):
        reached = np.bincount(kinds[:, m], weight, total.size)
        off = np.abs(np.divide(reached, total, out=np.ones_like(total), where=total > 0) - 1)
        if off.max() > worst:
            worst, place = float(off.max()), (m, int(off.argmax()))
    return worst, place
