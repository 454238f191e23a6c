"""Estimates as functions of weighted totals, with the linearised value each row adds: what every variance here is made of.

A domain is never a filtered file: rows outside it add 0, and the whole design stays. One ``Linear`` may hold several statistics in
several domains; their covariance is then full.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import ArrayLike

from sipas.stats.columns import BadColumnError, DomainLike, Domains, column, domains
from sipas.stats.intervals import Bools, Floats
from sipas.stats.sampling import SampleDesign
from sipas.stats.sums import group_sums
from sipas.stats.variance import Scores
from sipas.stats.weights import Ints


@dataclass(frozen=True, slots=True)
class Linear:
    """k estimates and the linearised values behind them.

    Attributes
    ----------
    names, kinds : tuple of str
        What each estimate is called, and which estimator made it.
    value : (k,) float
        In units of the statistic; 0 where nothing is known.
    known : (k,) bool
        False where nobody answered.
    satisfied : (k,) float
        Rows that count for a share, unweighted; 0 for other estimators.
    scores : Scores
        One entry for each row that is a member of an estimate.
    warnings : tuple of str
        Whole sentences.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    value: Floats
    known: Bools
    satisfied: Floats
    scores: Scores
    warnings: tuple[str, ...] = ()


def ratio(design: SampleDesign, y: ArrayLike, x: ArrayLike, domain: DomainLike = None, *, name: str = "ratio") -> Linear:
    """Σ w y / Σ w x in every domain; rows with either missing are outside.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    y, x : (n,) float
        NaN where missing; any unit.
    domain : DomainLike
        See ``domains``.
    name : str
        Of the statistic.

    Returns
    -------
    Linear
        Unknown, value 0, where Σ w x is 0.

    Raises
    ------
    BadColumnError
        A column does not fit.

    References
    ----------
    Statistics page (1.2), (1.3), (2.1); Särndal, Swensson & Wretman (1992), 5.6 and ch. 10.
    """
    upper, lower = column(y, design.n, f"{name}: y"), column(x, design.n, f"{name}: x")
    return _ratio(design, upper, lower, domains(domain, design.n), name=name, kind="ratio")


def mean(design: SampleDesign, y: ArrayLike, domain: DomainLike = None, *, name: str = "mean") -> Linear:
    """Weighted mean in every domain, of the rows that answered.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    y : (n,) float
        NaN where missing; any unit.
    domain : DomainLike
        See ``domains``.
    name : str
        Of the statistic.

    Returns
    -------
    Linear

    Raises
    ------
    BadColumnError
        A column does not fit.

    References
    ----------
    Statistics page (1.2), (2.1).
    """
    values = column(y, design.n, name)
    return _ratio(design, values, np.ones(design.n), domains(domain, design.n), name=name, kind="mean")


def share(design: SampleDesign, y: ArrayLike, levels: Sequence[float], domain: DomainLike = None, *, name: str = "share") -> Linear:
    """Share, 0-1, of the answers that are one of ``levels``, in every domain.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    y : (n,) float
        Answers; NaN where missing.
    levels : sequence of float
        The answers that count; 4 and 5 for satisfied.
    domain : DomainLike
        See ``domains``.
    name : str
        Of the statistic.

    Returns
    -------
    Linear

    Raises
    ------
    BadColumnError
        A column does not fit, or no level is given.

    References
    ----------
    Statistics page (1.2), (2.1).
    """
    answers = column(y, design.n, name)
    if not len(levels):
        raise BadColumnError(f"{name}: no level counts; name at least one")
    counts = np.where(np.isnan(answers), np.nan, np.isin(answers, np.asarray(levels, np.float64)))
    return _ratio(design, counts, np.ones(design.n), domains(domain, design.n), name=name, kind="share")


def total(design: SampleDesign, y: ArrayLike, domain: DomainLike = None, *, name: str = "total") -> Linear:
    """Σ w y in every domain; missing values add nothing.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    y : (n,) float
        NaN where missing; any unit.
    domain : DomainLike
        See ``domains``.
    name : str
        Of the statistic.

    Returns
    -------
    Linear

    Raises
    ------
    BadColumnError
        A column does not fit.

    References
    ----------
    Statistics page (1.1).
    """
    values = column(y, design.n, name)
    places = domains(domain, design.n).of(~np.isnan(values))
    k = len(places.names)
    z = values[places.row]
    value = group_sums(design.weight[places.row] * z, places.domain, k)
    known = np.bincount(places.domain, minlength=k) > 0
    return Linear(places.named(name), ("total",) * k, value, known, np.zeros(k), Scores(places.row, places.domain, z, k))


def composite(design: SampleDesign, scores: ArrayLike, shares: ArrayLike, domain: DomainLike = None, *, name: str = "composite") -> Linear:
    """Σ_k a_k R̂_k of item means R̂_k, each over the rows that answered the item (available case), in every domain.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    scores : (n, K) float
        A column for each item, NaN where missing; 0/1 for shares, 1-5 for means.
    shares : (K,) float
        a_k, no unit; they add up to 1.
    domain : DomainLike
        See ``domains``.
    name : str
        Of the statistic.

    Returns
    -------
    Linear
        Items without an answer in a domain leave it, and the others take their share in proportion; a warning says so.

    Raises
    ------
    BadColumnError
        Shapes do not fit, or the shares are not positive or do not add up to 1.

    References
    ----------
    Statistics page section 6; Binder (1983), Int. Stat. Rev. 51, 279-292.
    """
    items, part = np.atleast_2d(np.asarray(scores, np.float64).T), np.asarray(shares, np.float64)
    if items.shape != (len(part), design.n):
        raise BadColumnError(f"{name}: {items.shape[0]} items of {items.shape[1]} rows, {len(part)} shares, {design.n} rows in the design")
    if not (np.all(part > 0) and abs(part.sum() - 1) <= 1e-9):
        raise BadColumnError(f"{name}: shares add up to {part.sum():.12g}; they must be positive and add up to 1")
    places = domains(domain, design.n)
    upper, lower = (np.zeros((len(places.names), len(part))) for _ in range(2))
    for number, item in enumerate(items):
        mine, there, _ = _answers(column(item, design.n, name), places)
        weight = design.weight[mine.row]
        upper[:, number] = group_sums(weight * there, mine.domain, len(places.names))
        lower[:, number] = group_sums(weight, mine.domain, len(places.names))
    known = lower > 0
    means = np.divide(upper, lower, out=np.zeros(lower.shape), where=known)
    share_of = np.where(known, part, 0.0)
    share_of /= np.where(known.any(axis=1), share_of.sum(axis=1), 1.0)[:, None]
    factor = np.divide(share_of, lower, out=np.zeros(lower.shape), where=known)
    z, member = np.zeros(len(places.row)), np.zeros(len(places.row), np.bool_)
    for number, item in enumerate(items):
        mine, there, at = _answers(item, places)
        z[at] += factor[mine.domain, number] * (there - means[mine.domain, number])
        member[at] = True
    value = (share_of * means).sum(axis=1)
    names, k = places.named(name), len(places.names)
    scores_of = Scores(places.row[member], places.domain[member], z[member], k)
    return Linear(names, ("composite",) * k, value, np.asarray(known.any(axis=1)), np.zeros(k), scores_of, _silent(names, known))


def smooth(
    design: SampleDesign,
    columns: ArrayLike,
    g: Callable[[Floats], float],
    gradient: Callable[[Floats], ArrayLike],
    domain: DomainLike = None,
    *,
    name: str = "smooth",
) -> Linear:
    """θ = g(T) of the weighted totals T of several columns, in every domain.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    columns : (n, c) float
        NaN where missing: such a value adds nothing to its total.
    g : callable
        (c,) totals to one number; finite on the totals of every domain.
    gradient : callable
        (c,) totals to the (c,) derivatives of g.
    domain : DomainLike
        See ``domains``.
    name : str
        Of the statistic.

    Returns
    -------
    Linear

    Raises
    ------
    BadColumnError
        A column does not fit, or g or its gradient is not finite.

    References
    ----------
    Statistics page (1.3); Särndal, Swensson & Wretman (1992), 5.5; Binder (1983).
    """
    table = np.atleast_2d(np.asarray(columns, np.float64).T)
    for number, values in enumerate(table):
        column(values, design.n, f"{name}: column {number + 1}")
    there = ~np.isnan(table)
    places = domains(domain, design.n).of(np.asarray(there.any(axis=0)))
    k = len(places.names)
    filled = np.where(there, table, 0.0)[:, places.row]
    weight = design.weight[places.row]
    totals = np.column_stack([group_sums(weight * values, places.domain, k) for values in filled])
    known = np.bincount(places.domain, minlength=k) > 0
    value, slope = np.zeros(k), np.zeros(totals.shape)
    for d in np.flatnonzero(known).tolist():
        with np.errstate(all="ignore"):
            value[d], slope[d] = g(totals[d]), gradient(totals[d])
        if not (np.isfinite(value[d]) and np.isfinite(slope[d]).all()):
            raise BadColumnError(f"{places.named(name)[d]}: the function is not finite at its totals {totals[d].tolist()}")
    z = np.zeros(len(places.row))
    for number, values in enumerate(filled):
        z += slope[places.domain, number] * values
    return Linear(places.named(name), ("smooth",) * k, value, known, np.zeros(k), Scores(places.row, places.domain, z, k))


def stack(*parts: Linear) -> Linear:
    """Several statistics side by side, for their joint covariance.

    Parameters
    ----------
    *parts : Linear
        Of one design.

    Returns
    -------
    Linear

    References
    ----------
    Statistics page (1.5).
    """
    first = np.concatenate(([0], np.cumsum([part.scores.k for part in parts]))).astype(np.int64)
    scores = Scores(
        np.concatenate([part.scores.row for part in parts]),
        np.concatenate([part.scores.column + start for part, start in zip(parts, first[:-1], strict=True)]),
        np.concatenate([part.scores.z for part in parts]),
        int(first[-1]),
    )
    return Linear(
        tuple(chain.from_iterable(part.names for part in parts)),
        tuple(chain.from_iterable(part.kinds for part in parts)),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.known for part in parts]),
        np.concatenate([part.satisfied for part in parts]),
        scores,
        tuple(dict.fromkeys(chain.from_iterable(part.warnings for part in parts))),
    )


def _ratio(design: SampleDesign, y: Floats, x: Floats, places: Domains, *, name: str, kind: str) -> Linear:
    inside = places.of(~(np.isnan(y) | np.isnan(x)))
    k, weight = len(places.names), design.weight[inside.row]
    mine, below = y[inside.row], x[inside.row]
    best = _best(mine, below, inside.domain, k)
    short = mine - best[inside.domain] * below  # measured from the best: where all agree nothing is left, not even rounding
    missing, lower = group_sums(weight * short, inside.domain, k), group_sums(weight * below, inside.domain, k)
    known = lower != 0
    inverse = np.divide(1.0, lower, out=np.zeros(k), where=known)
    apart = np.divide(missing, lower, out=np.zeros(k), where=known)
    value = np.where(known, best + apart, 0.0)
    z = (short - apart[inside.domain] * below) * inverse[inside.domain]
    satisfied = np.bincount(inside.domain, mine, k).astype(np.float64) if kind == "share" else np.zeros(k)
    return Linear(inside.named(name), (kind,) * k, value, known, satisfied, Scores(inside.row, inside.domain, z, k))


def _best(y: Floats, x: Floats, domain: Ints, k: int) -> Floats:
    """The greatest y/x of each domain; 0 where no x is positive."""
    best = np.full(k, -np.inf)
    positive = x > 0
    np.maximum.at(best, domain[positive], y[positive] / x[positive])
    return np.where(np.isfinite(best), best, 0.0)


def _answers(item: Floats, places: Domains) -> tuple[Domains, Floats, Ints]:
    """Members that answered an item, what they answered, and where they stand among all members."""
    at = np.flatnonzero(~np.isnan(item)[places.row]).astype(np.int64)
    mine = Domains(places.names, places.row[at], places.domain[at])
    return mine, item[mine.row], at


def _silent(names: Sequence[str], known: Bools) -> tuple[str, ...]:
    short = np.flatnonzero(known.any(axis=1) & ~known.all(axis=1))
    items = known.shape[1]
    return tuple(
        f"{names[d]}: {np.count_nonzero(~known[d])} of {items} items have no answer; the others take their share." for d in short.tolist()
    )
