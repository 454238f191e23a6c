"""What a composite index of several items estimates: three answers by name, which differ in whom they count.

A mean is measured from the best score found, so that a perfect sheet is perfect to the last bit; weights of items are fractions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from sipas.stats.columns import DomainLike, Domains, column, domains
from sipas.stats.intervals import Bools, Floats
from sipas.stats.item_weights import ItemWeights
from sipas.stats.linearised import Linear
from sipas.stats.sampling import SampleDesign
from sipas.stats.sums import group_sums
from sipas.stats.variance import Scores


class BadScoresError(ValueError):
    """Scores that do not fit the design, the weights or the scale; the message names the place and the cure."""


def available_case(design: SampleDesign, scores: ArrayLike, weights: ItemWeights, domain: DomainLike = None) -> Linear:
    """Σ_k a_k R̂_k, each item's mean R̂_k over all who answered that item.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    scores : (n, K) float
        NaN where there is no answer.
    weights : ItemWeights
        Of the K items.
    domain : DomainLike
        See ``columns.domains``.

    Returns
    -------
    Linear
        A perfect sheet has exactly the perfect value. An item without an answer in a domain leaves it there, the others take its
        weight in proportion, and a warning says so.

    Raises
    ------
    BadScoresError
        Scores that are no table of n rows and K items.

    References
    ----------
    Statistics page section 6, (1.3): z_i = Σ_k a_k m_ki (s_ki − R̂_k)/Σ w m_k. R: ``svytotal`` of 2K columns and ``svycontrast``.
    """
    table = _table(design, scores, weights)
    places = domains(domain, design.n)
    k = len(places.names)
    means = [_mean(design, item[places.row], places, k) for item in table.T]
    known = np.column_stack([mean.known for mean in means])
    share, value = np.zeros(known.shape), np.zeros(k)
    for d in np.flatnonzero(known.any(axis=1)):
        there = np.flatnonzero(known[d]).tolist()
        whole = sum((weights.fractions[item] for item in there), Fraction(0))
        value[d] = float(sum((weights.fractions[item] * Fraction(float(means[item].value[d])) for item in there), Fraction(0)) / whole)
        share[d, there] = [float(weights.fractions[item] / whole) for item in there]
    z, there_at_all = np.zeros(len(places.row)), np.zeros(len(places.row), np.bool_)
    for item, mean in enumerate(means):
        z += share[places.domain, item] * mean.z
        there_at_all |= mean.answered
    short = np.flatnonzero(known.any(axis=1) & ~known.all(axis=1)).tolist()
    names = places.named("available_case")
    warnings = tuple(f"{names[d]}: no answer to {_items(~known[d])}; the other items take the weight." for d in short)
    return _linear("available_case", places, there_at_all, z, value, np.asarray(known.any(axis=1)), warnings)


def complete_case(design: SampleDesign, scores: ArrayLike, weights: ItemWeights, domain: DomainLike = None) -> Linear:
    """The mean of Σ_k a_k s_ki over the respondents that answered every item: another, smaller population.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    scores : (n, K) float
        NaN where there is no answer.
    weights : ItemWeights
        Of the K items.
    domain : DomainLike
        See ``columns.domains``.

    Returns
    -------
    Linear

    Raises
    ------
    BadScoresError
        Scores that are no table of n rows and K items.

    References
    ----------
    R: ``svymean(~s1 + s2 + …, na.rm = TRUE)`` and ``svycontrast``.
    """
    table = _table(design, scores, weights)
    own = np.where(np.isnan(table).any(axis=1), np.nan, _own_index(table, weights))
    return _mean_of(design, own, domain, "complete_case")


def respondent_level(design: SampleDesign, scores: ArrayLike, weights: ItemWeights, domain: DomainLike = None) -> Linear:
    """The mean over respondents of each one's own index: the weighted mean of the items that respondent answered.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    scores : (n, K) float
        NaN where there is no answer.
    weights : ItemWeights
        Of the K items; within a respondent scaled to the items answered.
    domain : DomainLike
        See ``columns.domains``.

    Returns
    -------
    Linear

    Raises
    ------
    BadScoresError
        Scores that are no table of n rows and K items.

    References
    ----------
    Statistics page section 6. R: ``svyratio`` of the index over the respondents that have one.
    """
    return _mean_of(design, _own_index(_table(design, scores, weights), weights), domain, "respondent_level")


Estimand = Callable[[SampleDesign, ArrayLike, ItemWeights, DomainLike], Linear]
ESTIMANDS: Mapping[str, Estimand] = MappingProxyType(
    {"available_case": available_case, "complete_case": complete_case, "respondent_level": respondent_level}
)


@dataclass(frozen=True, slots=True)
class _Mean:
    """The mean of one item in k domains, and what each of the m places adds."""

    value: Floats
    known: Bools
    answered: Bools
    z: Floats


def _mean(design: SampleDesign, scores: Floats, places: Domains, k: int) -> _Mean:
    """Means of the answered ``scores`` (m,), measured from each domain's best: a perfect domain is perfect to the last bit."""
    answered = ~np.isnan(scores)
    where, mine, weight = places.domain[answered], scores[answered], design.weight[places.row[answered]]
    best, worst = np.full(k, -np.inf), np.full(k, np.inf)
    np.maximum.at(best, where, mine)
    np.minimum.at(worst, where, mine)
    known = np.isfinite(best)
    best, worst = np.where(known, best, 0.0), np.where(known, worst, 0.0)
    below = np.where(known, group_sums(weight, where, k), 1.0)
    value = np.clip(best + group_sums(weight * (mine - best[where]), where, k) / below, worst, best)
    z = np.zeros(len(scores))
    z[answered] = (mine - value[where]) / below[where]
    return _Mean(value, known, answered, z)


def _mean_of(design: SampleDesign, own: Floats, domain: DomainLike, name: str) -> Linear:
    places = domains(domain, design.n)
    found = _mean(design, own[places.row], places, len(places.names))
    return _linear(name, places, found.answered, found.z, found.value, found.known, ())


def _own_index(table: Floats, weights: ItemWeights) -> Floats:
    """Each row's weighted mean of the items it answered, measured from its best; NaN without an answer."""
    there = ~np.isnan(table)
    best = np.max(np.where(there, table, -np.inf), axis=1, initial=-np.inf)
    lost = np.where(there, table - np.where(np.isfinite(best), best, 0.0)[:, None], 0.0) * weights.floats
    whole = (there * weights.floats).sum(axis=1)
    return np.where(whole > 0, np.where(whole > 0, best, 0.0) + lost.sum(axis=1) / np.where(whole > 0, whole, 1.0), np.nan)


def _linear(name: str, places: Domains, member: Bools, z: Floats, value: Floats, known: Bools, warnings: tuple[str, ...]) -> Linear:
    k = len(places.names)
    scores = Scores(places.row[member], places.domain[member], z[member], k)
    return Linear(places.named(name), (name,) * k, value, known, np.zeros(k), scores, warnings)


def _table(design: SampleDesign, scores: ArrayLike, weights: ItemWeights) -> Floats:
    table = np.asarray(scores, np.float64)
    if table.shape != (design.n, len(weights.fractions)):
        raise BadScoresError(
            f"scores have shape {table.shape}; the design has {design.n} rows and there are {len(weights.fractions)} item weights"
        )
    for item in range(table.shape[1]):
        column(table[:, item], design.n, f"item {item + 1}")
    return table


def _items(missing: Bools) -> str:
    numbers = [str(item + 1) for item in np.flatnonzero(missing)]
    return ("item " if len(numbers) == 1 else "items ") + ", ".join(numbers)
