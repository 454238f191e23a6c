"""Differences and contrasts between figures, with the covariance that the design gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sipas.estimates.figures import Figures, Part, taken
from sipas.estimates.refusals import BadInputError, nearest
from sipas.estimates.request import Request, Statistic
from sipas.stats.differences import compare, contrast_t, p_difference
from sipas.stats.estimators import as_shares
from sipas.stats.evidence import Evidence, evidence
from sipas.stats.intervals import Floats
from sipas.stats.weights import Ints


@dataclass(frozen=True, slots=True)
class Compared:
    """One difference or contrast; NaN or infinite where nothing may be said."""

    statistic: Statistic
    coefficients: Floats  # (1, k), over all figures that are read from rows
    method: str
    value: float
    se: float
    low: float
    high: float
    p: float


def compared(request: Request, made: Figures, effects: Sequence[tuple[Part, float]]) -> list[Compared]:
    """Every difference and contrast of the design file, in its order."""
    found = []
    for statistic in (one for one in request.statistics if one.derived):
        at = np.array([_position(request, statistic, made, name) for name in statistic.of], np.int64)
        coefficients = np.zeros((1, len(made.value)))
        np.add.at(coefficients[0], at, statistic.coefficients)
        if not made.estimates.known[at].all():
            found.append(Compared(statistic, coefficients, "none", np.nan, np.nan, -np.inf, np.inf, 1.0))
            continue
        both_shares = statistic.kind == "difference" and all(made.estimates.kinds[place] == "share" for place in at.tolist())
        if statistic.interval == "mover" and not both_shares:
            fault = f"statistics.{statistic.name}.interval: 'mover' is for two shares; write \"t\", or leave it out"
            raise BadInputError(request.name, [fault])
        if both_shares and statistic.interval != "t":
            found.append(_mover(request, statistic, made, at, (coefficients, effects)))
        else:
            found.append(_by_t(request, statistic, made, coefficients))
    return found


def _position(request: Request, statistic: Statistic, made: Figures, name: str) -> int:
    if name not in made.names:
        fault = f"statistics.{statistic.name}: {name!r} is not one of the estimates; {nearest(name, made.names)}"
        raise BadInputError(request.name, [fault])
    return made.names.index(name)


def _by_t(request: Request, statistic: Statistic, made: Figures, coefficients: Floats) -> Compared:
    found = contrast_t(made.value, made.covariance, coefficients, made.estimates.design_df, alpha=round(1 - request.level, 12))
    numbers = (float(part[0]) for part in (found.value, found.se, found.low, found.high, found.p))
    return Compared(statistic, coefficients, "t", *numbers)


def _mover(request: Request, statistic: Statistic, made: Figures, at: Ints, with_: tuple[Floats, Sequence[tuple[Part, float]]]) -> Compared:
    coefficients, effects = with_
    first, second = (_evidence(made, place, effects) for place in at.tolist())
    shared = float(made.covariance[at[0], at[1]])
    found = compare(first, second, shared, alpha=round(1 - request.level, 12))
    variance = (coefficients @ made.covariance @ coefficients.T)[0, 0]
    p = float(p_difference(first, second, shared)[0])
    se = float(np.sqrt(max(variance, 0.0)))
    return Compared(statistic, coefficients, "mover", float(found.value[0]), se, float(found.low[0]), float(found.high[0]), p)


def _evidence(made: Figures, place: int, effects: Sequence[tuple[Part, float]]) -> Evidence:
    part, effect = next((part, effect) for part, effect in effects if place in part.at)
    at = np.array([place], np.int64)
    return evidence(as_shares(taken(made.estimates, at), part.population[part.at == place]), np.array([effect]))
