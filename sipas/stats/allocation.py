"""Answers spread over strata: by size, or by size and spread, never under a floor and never over the population."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded at their first use
from numpy.typing import NDArray

from sipas.stats.intervals import ALPHA, Floats
from sipas.stats.power import BadPlanError

Ints = NDArray[np.int64]

FLOOR, FLOOR_PUBLISHED = 5, 10  # answers of a stratum: the least, and the least where its own figure is to be published
AS_ASKED, RAISED, EVERYONE = "as_asked", "raised_to_floor", "everyone"
PROPORTIONAL, NEYMAN = "proportional", "neyman"


@dataclass(frozen=True, slots=True)
class Allocation:
    """Answers by stratum.

    Attributes
    ----------
    sizes : (H,) int
        Between the floor (or the population, where that is smaller) and the population.
    total : int
        Their sum: what was asked for, unless the floors need more or there are not so many people.
    outcome : str
        ``as_asked``, ``raised_to_floor``, ``everyone``.
    """

    sizes: Ints
    total: int
    outcome: str


def allocate(population: Ints, total: int, *, spread: Floats | None = None, floor: int = FLOOR) -> Allocation:
    """``total`` answers spread in proportion to N_h (or to N_h S_h), within floor and population, to whole numbers.

    What the bounds leave is spread in proportion again until all fit; the fractions left go to the greatest remainders, the
    earlier stratum first where they are equal. Strata without spread get their floor, and a share of what others cannot take.

    Parameters
    ----------
    population : (H,) int
        Dossiers; 0 is allowed and gets nothing.
    total : int
        Answers to spread, 0 or more.
    spread : (H,) float, optional
        S_h, no unit: Neyman's allocation; see :func:`spread_of`. Without it: proportional.
    floor : int
        The least of a stratum: 5, or 10 where its own figure is to be published.

    Returns
    -------
    Allocation

    Raises
    ------
    BadPlanError
        A negative or missing number, or arrays of different length.

    References
    ----------
    Cochran (1977), Sampling Techniques, §5.5 (Neyman) and §5.8 (strata that would need more than all); Neyman (1934).
    """
    count = np.asarray(population, np.int64)
    share = np.ones(count.shape) if spread is None else np.asarray(spread, np.float64)
    _check(count, share, total, floor)
    low, high = np.minimum(floor, count).astype(np.float64), count.astype(np.float64)
    if total >= high.sum():
        return Allocation(count.copy(), int(count.sum()), EVERYONE)
    if total <= low.sum():
        return Allocation(low.astype(np.int64), int(low.sum()), RAISED if total < low.sum() else AS_ASKED)
    sizes = _water(count * share, low, high, float(total))
    if (rest := total - sizes.sum()) > 0.5:  # everyone with a spread is taken: the rest goes to those without
        flat = count * share == 0
        sizes[flat] = _water(high[flat], low[flat], high[flat], float(sizes[flat].sum() + rest))
    return Allocation(_whole(sizes, high, total), total, AS_ASKED)


def spread_of(expected: Floats) -> Floats:
    """S_h of a share: √(p(1−p)).

    Parameters
    ----------
    expected : (H,) float
        0-1.

    Returns
    -------
    (H,) float
        0 where everybody is expected to agree; Neyman's allocation then gives the floor.

    References
    ----------
    Cochran (1977), §5.10: between shares of 0.84 and 0.99 it changes little, and so does Neyman's allocation.
    """
    p = np.asarray(expected, np.float64)
    return np.sqrt(p * (1 - p))


def planned_margin(sizes: Ints, population: Ints, expected: Floats, *, deff: float = 1.0, alpha: float = ALPHA) -> float:
    """Half the interval of the share over all strata that an allocation promises.

    Parameters
    ----------
    sizes, population : (H,) int
        Answers and dossiers; strata without dossiers are left out.
    expected : (H,) float
        Shares expected, 0-1.
    deff : float
        Design effect within strata.
    alpha : float
        1 − confidence.

    Returns
    -------
    float
        z √(deff Σ (N_h/N)² (1−f_h) S_h²/n_h), S_h² = N_h p(1−p)/(N_h−1); 0 where everybody is asked.
        A stratum expected to agree wholly counts as half an answer short of it: no sample has a margin of 0.

    Raises
    ------
    BadPlanError
        A stratum with dossiers gets no answer: then nothing is known of it.

    References
    ----------
    Cochran (1977), eq. 5.53.
    """
    alive = np.asarray(population) > 0
    n, count, p = (np.asarray(one, np.float64)[alive] for one in (sizes, population, expected))
    if np.any(n <= 0):
        place = int(np.flatnonzero(alive)[int(np.argmax(n <= 0))])
        raise BadPlanError(f"stratum {place + 1} has dossiers and gets no answer; give it a floor of at least 1")
    if not count.size:
        return 0.0
    p = np.where((p > 0) & (p < 1), p, (n * p + 0.5) / (n + 1))
    spread = p * (1 - p) * count / np.maximum(count - 1, 1)
    terms = (count / count.sum()) ** 2 * (1 - n / count) * spread / n
    return float(scipy.special.ndtri(1 - alpha / 2)) * math.sqrt(deff * math.fsum(terms))


def _check(population: Ints, spread: Floats, total: int, floor: int) -> None:
    if population.ndim != 1 or population.shape != spread.shape:
        raise BadPlanError(f"population and spread are lists of one length, not {population.shape} and {spread.shape}")
    for name, numbers in (("population", population), ("spread", spread)):
        wrong = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0)))
        if wrong.size:
            raise BadPlanError(f"the {name} of stratum {int(wrong[0]) + 1} is 0 or more, not {numbers[wrong[0]]}")
    if total < 0 or floor < 0:
        raise BadPlanError(f"a total and a floor are 0 or more, not {total} and {floor}")


def _water(measure: Floats, low: Floats, high: Floats, total: float) -> Floats:
    """clip(λ·measure, low, high) with the λ at which it sums to ``total``, or the greatest sum below it.

    The sum grows along straight pieces between the λ at which a stratum leaves its floor or reaches its population.
    """
    some = measure > 0
    bends = np.unique(np.concatenate([[0.0], (low[some] / measure[some]), (high[some] / measure[some])]))

    def filled(level: float) -> Floats:
        return np.where(some, np.clip(level * measure, low, high), low)

    first, last = 0, bends.size - 1
    if math.fsum(filled(bends[last])) <= total:
        return filled(bends[last])
    while last - first > 1:
        middle = (first + last) // 2
        first, last = (first, middle) if math.fsum(filled(bends[middle])) > total else (middle, last)
    before, after = filled(bends[first]), filled(bends[last])
    start, end = math.fsum(before), math.fsum(after)
    return before + (after - before) * ((total - start) / (end - start))


def _whole(sizes: Floats, high: Floats, total: int) -> Ints:
    whole = np.floor(sizes + 1e-9)
    remainder = np.round(sizes - whole, 9)
    order = np.lexsort((np.arange(sizes.size), -np.where(whole < high, remainder, -1.0)))
    whole[order[: total - int(whole.sum())]] += 1
    return whole.astype(np.int64)
