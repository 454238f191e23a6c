"""`sipas estimate`, from a sheet and a request to everything that is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sipas.estimates.comparing import Compared, compared
from sipas.estimates.figures import Figures, Part, figures, taken, untrimmed_values
from sipas.estimates.limits import Limited, limited
from sipas.estimates.recoding import recoded
from sipas.estimates.refusals import BadInputError
from sipas.estimates.request import Request
from sipas.estimates.sample import Sample, draw_up
from sipas.estimates.sheet import Sheet
from sipas.estimates.weighting import weigh
from sipas.stats.columns import BadColumnError
from sipas.stats.effects import design_effect, kish
from sipas.stats.estimands import BadScoresError
from sipas.stats.interval_methods import BadIntervalError
from sipas.stats.intervals import Floats
from sipas.stats.multiplicity import BadComparisonError
from sipas.stats.sampling import BadDesignError, SampleDesign
from sipas.stats.verdict import judge


@dataclass(frozen=True, slots=True)
class Line:
    """One estimate as it is printed; None where there is nothing to tell."""

    name: str
    statistic: str
    kind: str
    domain: str
    estimate: float | None
    se: float | None
    df: float
    interval: str
    low: float | None
    high: float | None
    target: float | None
    p: float | None
    p_of: str | None
    verdict: str | None
    n: int
    n_effective: float | None
    n_kish: float
    deff: float | None
    deff_replace: float | None
    d_pool: float | None
    population: int | None
    untrimmed: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a design file's questions got for an answer."""

    sheet: Sheet
    request: Request
    design: SampleDesign
    lines: tuple[Line, ...]
    names: tuple[str, ...]
    covariance: Floats
    told: Mapping[str, object]
    warnings: tuple[str, ...]


def answer(sheet: Sheet, request: Request) -> Answer:
    """Every statistic of the design file, estimated; BadInputError where rows and design do not fit."""
    try:
        return _answer(sheet, request)
    except (BadDesignError, BadColumnError, BadScoresError, BadIntervalError, BadComparisonError) as fault:
        raise BadInputError(sheet.name, [str(fault)]) from None


def _answer(sheet: Sheet, request: Request) -> Answer:
    sheet = recoded(sheet, request)
    sample = draw_up(sheet, request)
    weighted = weigh(sheet, request, sample.design)
    made = figures(sheet, request, sample, weighted.design)
    clustered = weighted.design.clusters < weighted.design.n
    before = untrimmed_values(sheet, request, weighted.untrimmed, made) if weighted.untrimmed else None
    lines, warnings = [], [*sample.warnings, *_sentences(weighted.warnings), *made.warnings]
    limits = [limited(request, made, part, clustered=clustered) for part in made.parts]
    for part, mine in zip(made.parts, limits, strict=True):
        lines.extend(_lines(made, part, mine, before))
    between = compared(request, made, [(part, mine.d_pool) for part, mine in zip(made.parts, limits, strict=True)])
    lines.extend(_compared_line(made, one) for one in between)
    order = {statistic.name: place for place, statistic in enumerate(request.statistics)}
    numbers = sorted(range(len(lines)), key=lambda k: order[lines[k].statistic])
    shared = np.vstack([np.zeros((0, len(made.value))), *(one.coefficients @ made.covariance for one in between)])
    between_them = shared @ np.vstack([np.zeros((0, len(made.value))), *(one.coefficients for one in between)]).T
    full = np.block([[made.covariance, shared.T], [shared, between_them]])
    warnings += [
        f"{line.name}: the sample sets no limits."
        for line in lines
        if line.estimate is not None and (line.low is None or line.high is None)
    ]
    told = {**_of_design(sample, weighted.design), **weighted.told}
    return Answer(
        sheet,
        request,
        weighted.design,
        tuple(lines[k] for k in numbers),
        tuple(lines[k].name for k in numbers),
        full[np.ix_(numbers, numbers)],
        told,
        tuple(dict.fromkeys(warnings)),
    )


def _sentences(warnings: tuple[str, ...]) -> list[str]:
    return [warning if warning.endswith(".") else f"{warning[0].upper()}{warning[1:]}." for warning in warnings]


def _of_design(sample: Sample, design: SampleDesign) -> dict[str, object]:
    return {
        "rows": design.n,
        "strata": design.strata,
        "clusters": design.clusters,
        "stages": 1 if design.second is None else 2,
        "df": float(design.clusters - np.count_nonzero(design.clusters_in_stratum)),
        "lonely_strata": [sample.strata[h] for h in design.lonely_strata.tolist()],
        "lonely": design.lonely,
        "weight_sum": float(design.weight.sum()),
        "n_kish": kish(design.weight),
    }


def _lines(made: Figures, part: Part, mine: Limited, before: Floats | None) -> list[Line]:
    estimates, statistic = taken(made.estimates, part.at), part.statistic
    effect, replaced, effective = design_effect(estimates), design_effect(estimates, replace=True), estimates.n_effective
    se = np.sqrt(np.diagonal(made.covariance))[part.at]
    verdicts = None
    if statistic.target is not None:
        target = np.full(len(part.at), statistic.target)
        verdicts = judge(mine.low, mine.high, estimates.n, target, np.zeros(len(part.at), np.bool_))
    found = []
    for k, place in enumerate(part.at.tolist()):
        known = bool(estimates.known[k])
        found.append(
            Line(
                name=made.names[place],
                statistic=statistic.name,
                kind=statistic.kind,
                domain=part.domains[k],
                estimate=float(made.value[place]) if known else None,
                se=float(se[k]) if known else None,
                df=float(estimates.df[k]),
                interval=mine.method,
                low=_finite(mine.low[k]),
                high=_finite(mine.high[k]),
                target=statistic.target,
                p=_finite(mine.p[k]),
                p_of=None if statistic.target is None else _side(statistic.target, float(made.value[place]), known=known),
                verdict=None if verdicts is None else str(verdicts[k]),
                n=int(estimates.n[k]),
                n_effective=float(effective[k]) if known else None,
                n_kish=float(estimates.n_kish[k]),
                deff=float(effect[k]) if known else None,
                deff_replace=float(replaced[k]) if known else None,
                d_pool=mine.d_pool if statistic.kind in {"share", "composite"} else None,
                population=None if np.isnan(part.population[k]) else int(part.population[k]),
                untrimmed=float(before[place]) if before is not None and known else None,
            )
        )
    return found


def _side(target: float, value: float, *, known: bool) -> str:
    return f"one-sided, {'at least' if not known or value >= target else 'below'} {target:g}"


def _compared_line(made: Figures, one: Compared) -> Line:
    used = np.flatnonzero(one.coefficients)
    smallest = used[int(np.argmin(made.estimates.n[used]))]
    return Line(
        name=one.statistic.name,
        statistic=one.statistic.name,
        kind=one.statistic.kind,
        domain="",
        estimate=_finite(one.value),
        se=_finite(one.se),
        df=made.estimates.design_df,
        interval=one.method,
        low=_finite(one.low),
        high=_finite(one.high),
        target=None,
        p=_finite(one.p),
        p_of="two-sided, equal to 0",
        verdict=None,
        n=int(made.estimates.n[smallest]),
        n_effective=None,
        n_kish=float(made.estimates.n_kish[smallest]),
        deff=None,
        deff_replace=None,
        d_pool=None,
        population=None,
    )


def _finite(value: float | np.float64) -> float | None:
    return float(value) if np.isfinite(value) else None
