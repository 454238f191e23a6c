"""Key drivers: which items go with the overall answer. Associations, never effects; the caveats travel with the figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sipas.stats.intervals import ALPHA, Bools, Floats
from sipas.stats.item_moments import BadItemsError, complete, moments
from sipas.stats.shapley import COLLINEAR, few_enough, shapley

Ints = NDArray[np.int64]

REPLICATES = 1000
SATISFIED_FROM = 4  # levels 4 and 5
CHUNK = 64  # replicates at once: memory stays below 100 MB at twelve items

ASSOCIATION, HALO, COLLINEARITY = "association_not_effect", "same_person_halo", "collinear_items_share_credit_arbitrarily"
CEILING, NO_RANKING = "ceiling_hides_important_items", "not_for_ranking_units"
CAVEATS = (ASSOCIATION, HALO, COLLINEARITY, CEILING, NO_RANKING)

IMPROVE_FIRST, KEEP, WATCH, LOW_PRIORITY = "improve_first", "keep_up", "watch", "low_priority"


class Clustered(Protocol):
    """What the bootstrap needs of a design: ``SampleDesign`` has it."""

    @property
    def stratum(self) -> Ints:
        """(n,) from 0."""

    @property
    def cluster(self) -> Ints:
        """(n,) from 0, unique over strata."""

    @property
    def weight(self) -> Floats:
        """(n,) final weights."""


@dataclass(frozen=True, slots=True)
class Drivers:
    """What each of K items has to do with the outcome.

    Attributes
    ----------
    n : int
        Respondents that answered the outcome and every item.
    r_squared : float
        Of all items together, 0-1.
    contribution : (K,) float
        Shapley parts of R²; not negative, their sum is R².
    share : (K,) float
        Contribution ÷ R²; 0 where R² is 0.
    importance : (K,) float
        Correlation with the outcome, −1 to 1; 0 where one of the two does not vary.
    performance : (K,) float
        Weighted share of satisfied answers to the item, 0-1, over all who answered it; 0 where ``answers`` is.
    answers : (K,) int
        Respondents that answered the item.
    importance_line, performance_line : float
        Medians over items: the lines of the picture.
    quadrant : tuple of str
        ``improve_first`` (important, low), ``keep_up`` (important, high), ``low_priority`` or ``watch`` (not important, low or high).
    caveats : tuple of str
        Keys of the sentences to print beside.
    """

    n: int
    r_squared: float
    contribution: Floats
    share: Floats
    importance: Floats
    performance: Floats
    answers: Ints
    importance_line: float
    performance_line: float
    quadrant: tuple[str, ...]
    caveats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """Bootstrap limits of one set of drivers.

    Attributes
    ----------
    contribution, share, importance : (2, K) float
        Lower and upper percentile limits.
    r_squared : (2,) float
        Of R².
    se_contribution, se_share, se_importance : (K,) float
        Standard deviations over replicates.
    replicates : int
        How many were drawn.
    lonely : int
        Strata with one cluster: they were kept as they are, so their spread is missing.
    """

    contribution: Floats
    share: Floats
    importance: Floats
    r_squared: Floats
    se_contribution: Floats
    se_share: Floats
    se_importance: Floats
    replicates: int
    lonely: int


def drivers(
    items: Floats, outcome: Floats, *, weight: Floats | None = None, member: Bools | None = None, satisfied_from: float = SATISFIED_FROM
) -> Drivers:
    """Importance, performance and share of R² of each item.

    Parameters
    ----------
    items : (n, K) float
        Answers, K from 1 to 12; NaN where there is none.
    outcome : (n,) float
        The overall answer; NaN where there is none.
    weight : (n,) float, optional
        Final weights; 1 for everybody by default.
    member : (n,) bool, optional
        The domain; everybody by default.
    satisfied_from : float
        The lowest answer that counts as satisfied.

    Returns
    -------
    Drivers
        All 0 where the outcome or the items do not vary.

    Raises
    ------
    TooManyDriversError
        More than twelve items.
    BadItemsError
        Tables that do not belong together; see ``item_moments.complete``.

    References
    ----------
    Martilla & James (1977), J. Marketing 41, 77-79 for importance-performance; statistics page section 6.
    """
    table = _beside(items, outcome)
    found = moments(table, weight=weight, member=member)
    parts = shapley(found.covariance)
    total = float(parts.sum())
    importance = _correlations(found.covariance)
    performance, answers = _performance(items, weight, member, satisfied_from)
    line = float(np.median(importance))
    level = float(np.median(performance[answers > 0])) if answers.any() else 0.0
    return Drivers(
        n=found.n,
        r_squared=min(total, 1.0),
        contribution=parts,
        share=parts / total if total > 0 else np.zeros(len(parts)),
        importance=importance,
        performance=performance,
        answers=answers,
        importance_line=line,
        performance_line=level,
        quadrant=tuple(_quadrant(i >= line, p >= level) for i, p in zip(importance, performance, strict=True)),
        caveats=CAVEATS,
    )


def bootstrap(
    design: Clustered,
    items: Floats,
    outcome: Floats,
    *,
    rng: np.random.Generator,
    member: Bools | None = None,
    replicates: int = REPLICATES,
    alpha: float = ALPHA,
) -> Spread:
    """Percentile limits of the drivers, by resampling whole clusters within strata.

    From the a clusters of a stratum a − 1 are drawn with replacement, and a cluster's weight is multiplied by a/(a − 1) times how
    often it came. Finite populations are not used: where most of a stratum answered, the limits are too wide.

    Parameters
    ----------
    design : Clustered
        Stratum, cluster and weight of the n rows, all clusters of the design included.
    items : (n, K) float
        Answers, K from 1 to 12; NaN where there is none.
    outcome : (n,) float
        The overall answer; NaN where there is none.
    rng : numpy.random.Generator
        The chance.
    member : (n,) bool, optional
        The domain; everybody by default.
    replicates : int
        At least 2.
    alpha : float
        1 − confidence.

    Returns
    -------
    Spread

    Raises
    ------
    TooManyDriversError
        More than twelve items.
    BadItemsError
        Tables that do not belong together, or fewer than two replicates.

    References
    ----------
    Rao & Wu (1988), JASA 83, 231-241, with a − 1 draws; R survey ``as.svrepdesign(type = "subbootstrap")``.
    """
    if replicates < 2:
        raise BadItemsError(f"{replicates} replicates; draw at least 2, and some 1,000 for limits to be published")
    table = _beside(items, outcome)
    few_enough(items.shape[1])
    totals, of_stratum = _cluster_totals(design, table, member)
    times, lonely = _draws(of_stratum, replicates, rng)
    covariance = covariances_of(times @ totals, table.shape[1])
    parts = np.concatenate([shapley(covariance[at : at + CHUNK]) for at in range(0, replicates, CHUNK)])
    r_squared = parts.sum(axis=1)
    share = parts / np.where(r_squared > 0, r_squared, 1.0)[:, None]
    importance = _correlations(covariance)
    ends = [alpha / 2, 1 - alpha / 2]
    return Spread(
        contribution=np.quantile(parts, ends, axis=0),
        share=np.quantile(share, ends, axis=0),
        importance=np.quantile(importance, ends, axis=0),
        r_squared=np.clip(np.quantile(r_squared, ends), 0.0, 1.0),
        se_contribution=parts.std(axis=0, ddof=1),
        se_share=share.std(axis=0, ddof=1),
        se_importance=importance.std(axis=0, ddof=1),
        replicates=replicates,
        lonely=lonely,
    )


def _beside(items: Floats, outcome: Floats) -> Floats:
    if items.ndim != 2 or outcome.shape != (len(items),):
        raise BadItemsError(f"items have shape {items.shape} and the outcome {outcome.shape}; give (n, K) and (n,) of the same n")
    return np.column_stack([items, outcome])


def _correlations(covariance: Floats) -> Floats:
    """Of each item with the outcome, the last column; 0 where one of the two does not vary."""
    deviation = np.sqrt(np.maximum(np.diagonal(covariance, axis1=-2, axis2=-1), 0.0))
    scale = deviation[..., :-1] * deviation[..., -1:]
    found = covariance[..., :-1, -1] / np.where(scale > 0, scale, 1.0)
    return np.asarray(np.where(scale > 0, np.clip(found, -1.0, 1.0), 0.0), np.float64)


def _performance(items: Floats, weight: Floats | None, member: Bools | None, satisfied_from: float) -> tuple[Floats, Ints]:
    shares, answers = np.zeros(items.shape[1]), np.zeros(items.shape[1], np.int64)
    for k in range(items.shape[1]):
        inside, used = complete(items[:, [k]], weight, member)
        answers[k] = inside.sum()
        if answers[k]:
            satisfied = inside & (items[:, k] >= satisfied_from)
            shares[k] = np.sort(used[satisfied]).sum() / np.sort(used[inside]).sum()
    return shares, answers


def _quadrant(important: np.bool_, high: np.bool_) -> str:
    if important:
        return KEEP if high else IMPROVE_FIRST
    return WATCH if high else LOW_PRIORITY


def _cluster_totals(design: Clustered, table: Floats, member: Bools | None) -> tuple[Floats, Ints]:
    """Σ w, Σ w e and Σ w e e' of each cluster, e around the mean of all, and the stratum of each cluster."""
    inside, used = complete(table, design.weight, member)
    _, first, code = np.unique(design.cluster, return_index=True, return_inverse=True)
    e = table[inside] - moments(table, weight=design.weight, member=member).mean
    w, own = used[inside], code[inside]
    columns = [np.ones(len(e)), *e.T]
    sums = [np.bincount(own, w * column, len(first)) for column in columns]
    sums += [np.bincount(own, w * a * b, len(first)) for a in e.T for b in e.T]
    return np.stack(sums, axis=1), np.asarray(design.stratum)[first]


def _draws(of_stratum: Ints, replicates: int, rng: np.random.Generator) -> tuple[Floats, int]:
    """What each cluster's weight is multiplied by in each replicate (R, J), and how many strata have one cluster."""
    times = np.ones((replicates, len(of_stratum)))
    lonely = 0
    for stratum in np.unique(of_stratum):
        here = np.flatnonzero(of_stratum == stratum)
        count = len(here)
        if count == 1:
            lonely += 1
            continue
        times[:, here] = rng.multinomial(count - 1, np.full(count, 1 / count), size=replicates) * (count / (count - 1))
    return times, lonely


def covariances_of(sums: Floats, columns: int) -> Floats:
    """Covariance matrices from totals.

    Parameters
    ----------
    sums : (R, 1 + K + K²) float
        Σw, Σwx and Σwxx' of each replicate.
    columns : int
        K.

    Returns
    -------
    (R, K, K) float
        0 in a replicate without members, and beside a column that does not vary in it.

    References
    ----------
    None: a definition.
    """
    total = np.where(sums[:, 0] > 0, sums[:, 0], 1.0)[:, None]
    mean = sums[:, 1 : columns + 1] / total
    square = (sums[:, columns + 1 :] / total).reshape(-1, columns, columns)
    covariance = square - mean[:, :, None] * mean[:, None, :]
    # What is left of a column that does not vary in a replicate is rounding.
    flat = np.diagonal(covariance, axis1=1, axis2=2) <= COLLINEAR * np.diagonal(square, axis1=1, axis2=2)
    return np.where(flat[:, :, None] | flat[:, None, :], 0.0, covariance)
