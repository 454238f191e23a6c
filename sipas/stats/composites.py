"""A composite index of several items on a named scale, by a named estimand, with its limits; and who answered its items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from sipas.stats.columns import DomainLike, domains
from sipas.stats.estimands import ESTIMANDS, BadScoresError
from sipas.stats.estimators import Estimates, as_shares, estimate
from sipas.stats.intervals import ALPHA, Bools, Floats, Interval, Shares, logit_t, mean_t
from sipas.stats.item_weights import Given, ItemWeights, equal_weights, item_weights
from sipas.stats.sampling import SampleDesign
from sipas.stats.weights import Ints

MOST_SILENT = 0.20  # of those an item applies to; above it the item is flagged and its bounds are shown


@dataclass(frozen=True, slots=True)
class Scale:
    """How a mean of item scores is printed: factor · (mean − shift).

    Attributes
    ----------
    name : str
        Printed with every figure: two scales of one mean differ by up to 20 points.
    least, most : float
        The lowest and the highest score of an item.
    factor, shift : float
    """

    name: str
    least: float
    most: float
    factor: float
    shift: float

    @property
    def bottom(self) -> float:
        """What a sheet of lowest scores is printed as."""
        return self.factor * (self.least - self.shift)

    @property
    def top(self) -> float:
        """What a perfect sheet is printed as."""
        return self.factor * (self.most - self.shift)


SCALES: Mapping[str, Scale] = MappingProxyType(
    {
        "share": Scale("share", 0, 1, 1, 0),
        "share_pct": Scale("share_pct", 0, 1, 100, 0),
        "mean": Scale("mean", 1, 5, 1, 0),
        "20x": Scale("20x", 1, 5, 20, 0),
        "25(x-1)": Scale("25(x-1)", 1, 5, 25, 1),
        "25x": Scale("25x", 1, 4, 25, 0),  # nine items of four levels, Permenpan-RB 14/2017
    }
)
SHARES = ("share", "share_pct")


@dataclass(frozen=True, slots=True)
class Composite:
    """An index in k domains.

    Attributes
    ----------
    estimand : str
        Its name in ``ESTIMANDS``.
    scale : Scale
        On which ``value``, ``covariance`` and limits are printed.
    weights : ItemWeights
    estimates : Estimates
        On the items' own scale, 0-1, 1-4 or 1-5.
    """

    estimand: str
    scale: Scale
    weights: ItemWeights
    estimates: Estimates

    @property
    def value(self) -> Floats:
        """(k,) float on the scale; its bottom where nobody answered."""
        known = np.where(self.estimates.known, self.estimates.value, self.scale.least)
        return np.asarray(self.scale.factor * (known - self.scale.shift), np.float64)

    @property
    def covariance(self) -> Floats:
        """(k, k) float, on the scale squared."""
        return self.estimates.covariance * self.scale.factor**2

    @property
    def se(self) -> Floats:
        """(k,) float, standard errors on the scale."""
        return np.sqrt(np.diagonal(self.covariance))


@dataclass(frozen=True, slots=True)
class ItemResponse:
    """Who answered each item, of the members of k domains, unweighted.

    Attributes
    ----------
    answered, not_applicable, silent : (k, K) int
        Respondents that answered; outside the item's population; inside it without an answer.
    silent_share : (k, K) float
        silent ÷ (answered + silent), 0-1; 0 where the item applied to nobody.
    flagged : (k, K) bool
        More than 20 % silent: show the item's bounds.
    """

    answered: Ints
    not_applicable: Ints
    silent: Ints
    silent_share: Floats
    flagged: Bools


def composite(
    design: SampleDesign,
    scores: ArrayLike,
    weights: ItemWeights | Sequence[Given] | Floats | None = None,
    domain: DomainLike = None,
    *,
    estimand: str = "available_case",
    scale: str = "share",
) -> Composite:
    """A composite index in every domain, with the covariance between domains.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    scores : (n, K) float
        Within the scale's least and most; NaN where there is no answer. Satisfied or not as 1 and 0 for a share.
    weights : ItemWeights, or what ``item_weights`` takes; None
        a_k of the K items; equal by default.
    domain : DomainLike
        See ``columns.domains``.
    estimand : str
        One of ``ESTIMANDS``.
    scale : str
        One of ``SCALES``.

    Returns
    -------
    Composite

    Raises
    ------
    BadScoresError
        Unknown estimand or scale, a score outside the scale, or a table that does not fit.
    BadWeightsError
        Weights that do not add up to 1.

    References
    ----------
    Statistics page section 6.
    """
    if estimand not in ESTIMANDS:
        raise BadScoresError(f"estimand {estimand!r} is unknown; choose from {', '.join(ESTIMANDS)}")
    if scale not in SCALES:
        raise BadScoresError(f"scale {scale!r} is unknown; choose from {', '.join(SCALES)}")
    table = np.asarray(scores, np.float64)
    count = table.shape[1] if table.ndim == 2 else 0
    used = equal_weights(count) if weights is None else weights if isinstance(weights, ItemWeights) else item_weights(weights)
    outside = np.argwhere((table < SCALES[scale].least) | (table > SCALES[scale].most))
    if table.ndim == 2 and len(outside):
        row, item = outside[0]
        limits = f"{SCALES[scale].least:g}-{SCALES[scale].most:g}"
        raise BadScoresError(f"row {row + 1}, item {item + 1}: {table[row, item]:g} is outside {limits} of scale {scale!r}")
    return Composite(estimand, SCALES[scale], used, estimate(design, ESTIMANDS[estimand](design, table, used, domain)))


def limits(made: Composite, *, d_pool: float | Floats = 1.0, alpha: float = ALPHA, population: Floats | None = None) -> Interval:
    """Confidence limits of a composite on its own scale.

    Shares: logit-t, and Clopper-Pearson with n_K/d_pool answers where the variance is 0. Means: Student's t within the scale;
    where all agree, the share of others the sample leaves possible is put at the ends of the scale.

    Parameters
    ----------
    made : Composite
        In k domains.
    d_pool : float or (k,) float
        Pooled design effect of the same channel set, at least 1.
    alpha : float
        1 − confidence.
    population : (k,) float, optional
        Everyone who could have answered, where the finite-population rule applies; NaN where not. Who all answered leave no doubt.

    Returns
    -------
    Interval
        Within bottom and top of the scale, holding the value; all of the scale where nobody answered.

    Raises
    ------
    BadScoresError
        ``d_pool`` is below 1 somewhere.

    References
    ----------
    Statistics page section 6; ``intervals.logit_t`` and ``intervals.mean_t``.
    """
    effect = np.broadcast_to(np.asarray(d_pool, np.float64), made.value.shape).copy()
    if not np.all(effect >= 1):
        raise BadScoresError("d_pool is a design effect and cannot be below 1")
    scale, shares = made.scale, as_shares(made.estimates)
    if scale.name in SHARES:
        found, first, span = logit_t(shares, effect, alpha), 0.0, 1.0
    else:  # mean_t knows 1-5: an item's scale is stretched to it
        found, first, span = mean_t(_from_one_to_five(shares, scale), effect, alpha), 1.0, 4.0
    height = (scale.most - scale.least) / span * scale.factor
    low, high = (scale.bottom + (limit - first) * height for limit in (found.low, found.high))
    known = shares.n > 0
    whole = known & (np.zeros(len(known), np.bool_) if population is None else shares.n >= population)
    low = np.where(whole, made.value, np.maximum(np.where(known, np.minimum(low, made.value), low), scale.bottom))
    high = np.where(whole, made.value, np.minimum(np.where(known, np.maximum(high, made.value), high), scale.top))
    return Interval(low, high, found.n_star)


def item_response(
    design: SampleDesign, scores: ArrayLike, not_applicable: ArrayLike | None = None, domain: DomainLike = None
) -> ItemResponse:
    """Answers, items that did not apply, and silence, by domain and item.

    Parameters
    ----------
    design : SampleDesign
        Of n rows.
    scores : (n, K) float
        NaN where there is no answer.
    not_applicable : (n, K) bool, optional
        Where the item did not apply or had no opinion to ask for; elsewhere a missing answer is silence.
    domain : DomainLike
        See ``columns.domains``.

    Returns
    -------
    ItemResponse

    Raises
    ------
    BadScoresError
        Tables that do not fit, or an item both answered and not applicable.

    References
    ----------
    Statistics page section 6, "Missing".
    """
    table = np.asarray(scores, np.float64)
    if table.ndim != 2 or len(table) != design.n:
        raise BadScoresError(f"scores have shape {table.shape}, and the design {design.n} rows; give (n, K)")
    outside = np.zeros(table.shape, np.bool_) if not_applicable is None else np.asarray(not_applicable, np.bool_)
    if outside.shape != table.shape:
        raise BadScoresError(f"not_applicable has shape {outside.shape} and scores {table.shape}; give one mark for each score")
    both = np.argwhere(outside & ~np.isnan(table))
    if len(both):
        raise BadScoresError(f"row {both[0][0] + 1}, item {both[0][1] + 1}: answered, and marked as not applicable; choose one")
    places = domains(domain, design.n)

    def count(marks: Bools) -> Ints:
        found = [np.bincount(places.domain, marks[places.row, item], len(places.names)) for item in range(table.shape[1])]
        return np.column_stack(found).astype(np.int64)

    answered, silent = count(~np.isnan(table)), count(np.isnan(table) & ~outside)
    share = silent / np.maximum(answered + silent, 1)
    return ItemResponse(answered, count(outside), silent, share, share > MOST_SILENT)


def _from_one_to_five(shares: Shares, scale: Scale) -> Shares:
    stretch = 4 / (scale.most - scale.least)
    value = np.where(shares.n > 0, 1 + (shares.value - scale.least) * stretch, 1.0)
    return Shares(
        value, shares.variance * stretch**2, shares.n, shares.n_satisfied, shares.n_unsatisfied, shares.n_kish, shares.df, shares.population
    )
