"""Are those who answered like those who could have? R-indicator, its variation, and the bias it still allows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded at their first use
from numpy.typing import NDArray

from sipas.stats.honesty import KNOWN, NO_ANSWERS, NO_POPULATION, NO_SILENT, BadResponseError
from sipas.stats.intervals import Floats

Ints = NDArray[np.int64]

SEPARATED = "separated"  # some cell answered wholly or not at all: its propensity is 1 or 0, as R's glm warns
_EDGE = 1e-8
_STEPS = 200


@dataclass(frozen=True, slots=True)
class Balance:
    """How evenly people answered.

    Attributes
    ----------
    r_indicator : float or None
        1 − 2 S(ρ̂): 1 where all parts answered alike; None where nobody answered or could have.
    cv : float or None
        S(ρ̂)/ρ̄.
    spread : float
        S(ρ̂), standard deviation of the propensities over the population.
    mean : float
        ρ̄, 0-1.
    propensity : (c,) float
        Of each cell; 0 for a cell without people.
    outcome : str
        ``known``, ``separated``, ``no_population``, ``no_answers``, ``no_silent``.
    """

    r_indicator: float | None
    cv: float | None
    spread: float
    mean: float
    propensity: Floats
    outcome: str


def main_effects(*codes: Sequence[int] | Ints) -> Floats:
    """The columns of a logistic model without interactions: an intercept, and each level but the first of each variable.

    Parameters
    ----------
    *codes : (c,) int
        One array per register variable (sector, channel, month, age band); levels are the distinct codes in their order.

    Returns
    -------
    (c, p) float

    Raises
    ------
    BadResponseError
        No variable, or variables of different length.

    References
    ----------
    Treatment contrasts, as R ``contr.treatment``.
    """
    arrays = [np.asarray(one) for one in codes]
    if not arrays or any(one.shape != arrays[0].shape or one.ndim != 1 for one in arrays):
        raise BadResponseError("register variables are lists of one length, at least one of them")
    columns = [np.ones((arrays[0].size, 1))]
    columns += [(one[:, None] == np.unique(one)[1:]).astype(np.float64) for one in arrays]
    return np.concatenate(columns, axis=1)


def r_indicator(x: Floats, population: Floats, answered: Floats, *, weight: Floats | None = None) -> Balance:
    """R-indicator and its coefficient of variation from cells of the register.

    Parameters
    ----------
    x : (c, p) float
        Columns of the logistic model, one row a cell; see :func:`main_effects`. A column that others already tell is ignored.
    population : (c,) float
        People of the cell that could have answered (invited, or dossiers).
    answered : (c,) float
        How many did.
    weight : (c,) float, optional
        Design weight d of each of them where ``population`` is itself a sample; 1 without it. The model is fitted with it.

    Returns
    -------
    Balance

    Raises
    ------
    BadResponseError
        More answers than people in a cell, a negative number, arrays of different length.

    References
    ----------
    Schouten, Cobben & Bethlehem (2009), Survey Methodology 35, 101-113. The spread is estimated too large in small samples,
    and the indicator too small: compare only like with like.
    """
    count, n, d = _cells(x, population, answered, weight)
    whole = math.fsum(d * count)
    if whole == 0:
        return Balance(None, None, 0.0, 0.0, np.zeros(count.shape), NO_POPULATION)
    if n.sum() == 0:
        return Balance(None, None, 0.0, 0.0, np.zeros(count.shape), NO_ANSWERS)
    if np.all(n == count):
        return Balance(1.0, 0.0, 0.0, 1.0, np.where(count > 0, 1.0, 0.0), NO_SILENT)
    rho = np.where(count > 0, _logistic(x, count, n, d), 0.0)
    mean = math.fsum(d * count * rho) / whole
    spread = math.sqrt(math.fsum(d * count * (rho - mean) ** 2) / (whole - 1)) if whole > 1 else 0.0
    edge = (count > 0) & ((rho < _EDGE) | (rho > 1 - _EDGE))
    return Balance(1 - 2 * spread, spread / mean, spread, mean, rho, SEPARATED if edge.any() else KNOWN)


def bias_bound(cv: float, share: float, *, low: float | None = None, high: float | None = None) -> float:
    """The greatest bias that the variation of the propensities allows: CV · S_y.

    Parameters
    ----------
    cv : float
        Coefficient of variation of the propensities, 0 or more.
    share : float
        Satisfied share of those who answered, 0-1; S_y = √(p(1−p)).
    low, high : float, optional
        Its limits: then S_y is the greatest between them. Without them a share of 0 or 1 says nothing of S_y, and ½ is taken.

    Returns
    -------
    float
        0-1: a share cannot be further off than max(p, 1−p).

    Raises
    ------
    BadResponseError
        A number outside its range.

    References
    ----------
    Bethlehem (1988), J. Official Statistics 4, 251-260; Schouten, Cobben & Bethlehem (2009); the rule for 0 and 1 is our own.
    """
    bottom, top = share if low is None else low, share if high is None else high
    if not (cv >= 0 and 0 <= bottom <= share <= top <= 1):
        raise BadResponseError(f"a variation is 0 or more and limits hold their share, not {cv}, {bottom}, {share}, {top}")
    if bottom == top and share in {0.0, 1.0}:
        bottom, top = 0.0, 1.0
    widest = min(max(0.5, bottom), top)  # the share between the limits that is nearest to one half
    return min(cv * math.sqrt(widest * (1 - widest)), max(share, 1 - share))


def _cells(x: Floats, population: Floats, answered: Floats, weight: Floats | None) -> tuple[Floats, Floats, Floats]:
    count, n = np.asarray(population, np.float64), np.asarray(answered, np.float64)
    d = np.ones(count.shape) if weight is None else np.asarray(weight, np.float64)
    if count.ndim != 1 or not (x.ndim == 2 and len(x) == count.size and n.shape == d.shape == count.shape):
        raise BadResponseError(
            f"columns, people, answers and weights have one row a cell, not {x.shape}, {count.shape}, {n.shape}, {d.shape}"
        )
    for name, numbers in (("people", count), ("answers", n), ("weight", d)):
        wrong = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0)))
        if wrong.size:
            raise BadResponseError(f"cell {int(wrong[0]) + 1}: {name} is 0 or more, not {numbers[wrong[0]]}")
    over = np.flatnonzero(n > count)
    if over.size:
        cell = int(over[0])
        raise BadResponseError(f"cell {cell + 1}: {n[cell]:g} answers of {count[cell]:g} people; correct the register or join its cells")
    return count, n, d


def _logistic(x: Floats, count: Floats, n: Floats, d: Floats) -> Floats:
    """Fitted propensities by iteratively reweighted least squares, until the deviance stands still.

    Coefficients that run off to infinity (a cell that answered wholly or not at all) take their propensity to 0 or 1; least
    squares by singular values bear that, and columns that repeat each other.
    """
    share = np.where(count > 0, n / np.where(count > 0, count, 1), 0.0)
    eta = scipy.special.logit((n + 0.5) / (count + 1))
    rho = scipy.special.expit(eta)
    before = math.inf
    for _ in range(_STEPS):
        tail = np.maximum(rho * scipy.special.expit(-eta), 1e-300)
        root = np.sqrt(d * count * tail)
        aim = eta + (share - rho) / tail
        eta = x @ np.linalg.lstsq(x * root[:, None], root * aim, rcond=1e-14)[0]
        rho = scipy.special.expit(eta)
        deviance = 2 * math.fsum(
            d * count * (scipy.special.rel_entr(share, rho) + scipy.special.rel_entr(1 - share, scipy.special.expit(-eta)))
        )
        if abs(before - deviance) <= 1e-15 * (deviance + 0.1):
            break
        before = deviance
    return np.asarray(rho, np.float64)
