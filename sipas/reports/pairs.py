"""Two stored figures beside one another: the difference, its interval, and what both allow us to say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sipas.reports.indicators import KIND_MEAN, KIND_SHARE, kind_of
from sipas.reports.lines import Change, Estimate, Gap
from sipas.stats.differences import EQUIVALENCE_ALPHA, MARGIN, Difference, compare, difference, direction, equivalent
from sipas.stats.evidence import LEAST_DF, Evidence, Limits, evidence_of_facts
from sipas.stats.intervals import ALPHA, FEW, FLOOR_WITH_CLUSTERS, Bools, Floats, Shares, logit_t, mean_t
from sipas.store.facts import Fact

SCALE_WIDTH = 4  # a mean runs from 1 to 5: three points of a hundred are 0.12 of the scale


def shares_of(facts: Sequence[Fact]) -> Shares:
    """Stored facts as the arrays that intervals are made from."""
    return Shares(
        value=_column(facts, "value"),
        variance=np.nan_to_num(_column(facts, "se")) ** 2,
        n=_column(facts, "n"),
        n_satisfied=_column(facts, "n_satisfied"),
        n_unsatisfied=_column(facts, "n_unsatisfied"),
        n_kish=_column(facts, "n_kish"),
        df=np.nan_to_num(_column(facts, "df")),
        population=np.array([fact.n / fact.fraction if fact.fraction else np.nan for fact in facts]),
    )


def effects_of(facts: Sequence[Fact]) -> Floats:
    """The pooled design effect that each fact was guarded with."""
    return np.array([fact.d_pool or FLOOR_WITH_CLUSTERS for fact in facts], np.float64)


def evidence_of(figures: Sequence[Fact] | Sequence[Estimate]) -> Evidence:
    """Shares of respondents as evidence, at any confidence."""
    return evidence_of_facts(
        value=_column(figures, "value"),
        se=_column(figures, "se"),
        star=_column(figures, "n_effective"),
        df=np.nan_to_num(_column(figures, "df")),
        n=_column(figures, "n"),
        rarer=np.minimum(_column(figures, "n_satisfied"), _column(figures, "n_unsatisfied")),
    )


def apart(first: Sequence[Fact], second: Sequence[Fact], covariance: Floats | float = 0.0, *, alpha: float = ALPHA) -> Difference:
    """First minus second, facts of one indicator: shares by their evidence, ratios and means by the limits of their own method."""
    if kind_of(first[0].indicator) == KIND_SHARE:
        return compare(evidence_of(first), evidence_of(second), covariance, alpha=alpha)
    made = difference(_limits(first, alpha), _limits(second, alpha), _correlation(first, second, covariance), alpha=alpha)
    withheld = made.withheld | _silent(first) | _silent(second)
    return Difference(made.value, made.low, made.high, made.rho, withheld, alpha)


def change_of(now: Fact | None, before: Fact | None, since: str) -> Change | None:
    """Against the period before: nothing where a side is not told or the two are not weighted alike.

    Answers of one person in both periods would make the true interval narrower; without knowing them 0 is the cautious side.
    """
    gap = gap_of(now, before)
    return None if gap is None else Change(gap.points, gap.low, gap.high, gap.direction, gap.equivalent, since)


def gap_of(first: Fact | None, second: Fact | None) -> Gap | None:
    """First minus second, taken as independent; "nothing material" is read from the 90 % interval alone."""
    if first is None or second is None or first.value is None or second.value is None or first.weighted != second.weighted:
        return None
    mean = kind_of(first.indicator) == KIND_MEAN
    made, narrow = (apart([first], [second], alpha=alpha) for alpha in (ALPHA, EQUIVALENCE_ALPHA))
    return _told(made, narrow, mean=mean)


def channel_gap(first: Estimate | None, second: Estimate | None) -> Gap | None:
    """The same for the overall shares of two channels, from what a page holds."""
    if first is None or second is None or first.weighted != second.weighted:
        return None
    sides = evidence_of([first]), evidence_of([second])
    made, narrow = (compare(*sides, alpha=alpha) for alpha in (ALPHA, EQUIVALENCE_ALPHA))
    return _told(made, narrow, mean=False)


def _told(made: Difference, narrow: Difference, *, mean: bool) -> Gap:
    scale = 1.0 if mean else 100.0
    return Gap(
        points=float(scale * made.value[0]),
        low=float(scale * made.low[0]),
        high=float(scale * made.high[0]),
        direction=str(direction(made)[0]),
        equivalent=bool(equivalent(narrow, margin=MARGIN * (SCALE_WIDTH if mean else 1))[0]),
    )


def _limits(facts: Sequence[Fact], alpha: float) -> Limits:
    told, effect = shares_of(facts), effects_of(facts)
    made = (mean_t if kind_of(facts[0].indicator) == KIND_MEAN else logit_t)(told, effect, alpha)
    return Limits(told.value, made.low, made.high)


def _correlation(first: Sequence[Fact], second: Sequence[Fact], covariance: Floats | float) -> Floats:
    """C/(s₁ s₂) within ±1; a positive one only where both variances can be believed, as for shares."""
    spreads = [np.sqrt(shares_of(facts).variance) for facts in (first, second)]
    both = spreads[0] * spreads[1]
    rho = np.where(both > 0, np.asarray(covariance) / np.where(both > 0, both, 1.0), 0.0)
    return np.asarray(np.clip(np.where(_trusted(first) & _trusted(second), rho, np.minimum(rho, 0.0)), -1, 1), np.float64)


def _trusted(facts: Sequence[Fact]) -> Bools:
    told = shares_of(facts)
    return np.asarray((np.minimum(told.n_satisfied, told.n_unsatisfied) >= FEW) & (told.df >= LEAST_DF), np.bool_)


def _silent(facts: Sequence[Fact]) -> Bools:
    """No answers, or no degree of freedom."""
    told = shares_of(facts)
    return np.asarray((told.n <= 0) | (told.df < 1), np.bool_)


def _column(figures: Sequence[Fact] | Sequence[Estimate], name: str) -> Floats:
    return np.array([np.nan if (value := getattr(one, name)) is None else value for one in figures], np.float64)
