"""From a weighted design to figures: every statistic in the whole and in its domains, with one covariance matrix for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType

import numpy as np

from sipas.estimates.recoding import follows
from sipas.estimates.request import DomainRule, Request, Statistic
from sipas.estimates.sample import Sample
from sipas.estimates.sheet import Coded, Sheet, coded, match
from sipas.stats import linearised
from sipas.stats.columns import Domains
from sipas.stats.composites import SCALES
from sipas.stats.estimands import ESTIMANDS
from sipas.stats.estimators import Estimates, estimate
from sipas.stats.intervals import Floats
from sipas.stats.item_weights import ItemWeights, equal_weights, item_weights
from sipas.stats.linearised import Linear
from sipas.stats.sampling import SampleDesign
from sipas.stats.weights import Ints


@dataclass(frozen=True, slots=True)
class Part:
    """Where one statistic stands among all estimates: its positions, and how its values are printed."""

    statistic: Statistic
    at: Ints
    domains: tuple[str, ...]
    population: Floats  # respondents there could have been, NaN where it is not known
    factor: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """All estimates of statistics that are read from rows: ``value`` and ``covariance`` as they are printed."""

    parts: tuple[Part, ...]
    estimates: Estimates  # on the scale of the answers
    value: Floats
    covariance: Floats
    exact: bool  # a variance of 0 is knowledge: everything was drawn, or margins tell it
    warnings: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return self.estimates.names


MOST_ESTIMATES = 5_000  # their covariance matrix has this squared numbers
Members = Mapping[str, Ints]  # name → rows; "" is the whole


def figures(sheet: Sheet, request: Request, sample: Sample, design: SampleDesign) -> Figures:
    """Estimates of every share, mean, total, ratio and composite that is asked for."""
    rules = {rule.name: _rule(sheet, rule) for rule in request.domains}
    strata_tell = {rule.name: all(follows(request, column) for column in rule.columns) for rule in request.domains}
    parts: list[Part] = []
    linears: list[Linear] = []
    warnings = _astray(sheet, request, rules)
    start = 0
    for statistic in (one for one in request.statistics if not one.derived):
        members = _members(sheet, statistic, rules)
        known = {one: not one or any(strata_tell[name] and one in rules[name] for name in statistic.domains) for one in members}
        population = np.array([_population(sample, rows, known=known[one]) for one, rows in members.items()])
        linear, told = LINEAR[statistic.kind](sheet, statistic, design, _domains(members))
        scale = SCALES[statistic.scale] if statistic.kind == "composite" else None
        at = np.arange(start, start + len(members), dtype=np.int64)
        start += len(members)
        part = Part(statistic, at, tuple(members), population, scale.factor if scale else 1.0, scale.shift if scale else 0.0)
        parts.append(part)
        linears.append(linear)
        warnings.extend(told)
    if not linears:
        raise sheet.refuse("only differences and contrasts are asked for; add the statistics that they are made of")
    if start > MOST_ESTIMATES:
        raise sheet.refuse(
            f"{start} estimates are asked for, and {MOST_ESTIMATES} are the most; take domains with fewer values, or band them"
        )
    made = estimate(design, linearised.stack(*linears))
    factor = np.concatenate([np.full(len(part.at), part.factor) for part in parts])
    shift = np.concatenate([np.full(len(part.at), part.shift) for part in parts])
    covariance = made.covariance * factor[:, None] * factor[None, :]
    told_twice = (*warnings, *made.warnings)
    exact = sample.complete or request.calibration is not None
    return Figures(tuple(parts), made, factor * (made.value - shift), covariance, exact, tuple(dict.fromkeys(told_twice)))


def untrimmed_values(sheet: Sheet, request: Request, design: SampleDesign, made: Figures) -> Floats:
    """The same estimates with the weights before trimming."""
    again = []
    rules = {rule.name: _rule(sheet, rule) for rule in request.domains}
    for part in made.parts:
        places = _domains(_members(sheet, part.statistic, rules))
        linear, _ = LINEAR[part.statistic.kind](sheet, part.statistic, design, places)
        again.append(part.factor * (linear.value - part.shift))
    return np.concatenate(again)


def taken(estimates: Estimates, at: Ints) -> Estimates:
    """Some of the estimates, with the covariance between them."""
    picked = {field.name: getattr(estimates, field.name)[at] for field in fields(Estimates) if field.name in _ARRAYS}
    names = tuple(estimates.names[place] for place in at.tolist())
    kinds = tuple(estimates.kinds[place] for place in at.tolist())
    return replace(estimates, names=names, kinds=kinds, covariance=estimates.covariance[np.ix_(at, at)], **picked)


_ARRAYS = frozenset({"value", "known", "df", "n", "satisfied", "weight_sum", "weight_squares", "simple_variance"})


def item_weights_of(statistic: Statistic) -> ItemWeights:
    """The exact weights of a composite's items."""
    return item_weights(statistic.weights) if statistic.weights else equal_weights(len(statistic.columns))


def _members(sheet: Sheet, statistic: Statistic, rules: Mapping[str, Members]) -> Members:
    """The whole and the domains of one statistic."""
    found = {"": np.arange(sheet.n, dtype=np.int64)}
    for name in statistic.domains:
        found |= rules[name]
    return found


def _astray(sheet: Sheet, request: Request, rules: Mapping[str, Members]) -> list[str]:
    asked = {name for statistic in request.statistics for name in statistic.domains}
    left = {rule.name: sheet.n - sum(map(len, rules[rule.name].values())) for rule in request.domains if rule.by and rule.name in asked}
    return [
        f"domains.{name}: {rows} of {sheet.n} rows have no value there and belong to none of them." for name, rows in left.items() if rows
    ]


def _domains(members: Members) -> Domains:
    number = np.repeat(np.arange(len(members), dtype=np.int64), [len(rows) for rows in members.values()])
    return Domains(tuple(members), np.concatenate(list(members.values())), number)


def _rule(sheet: Sheet, rule: DomainRule) -> dict[str, Ints]:
    """The domains of one rule: each with its name and its members."""
    if rule.by:
        found = coded(sheet, rule.by)
        if not found.labels:
            raise sheet.refuse(f"domains.{rule.name}: column {found.title!r} is empty; name a column with values")
        order = np.argsort(found.code, kind="stable").astype(np.int64)
        edges = np.searchsorted(found.code[order], np.arange(len(found.labels) + 1))
        return {f"{found.title}={name}": order[edges[k] : edges[k + 1]] for k, name in enumerate(found.labels)}
    inside = np.ones(sheet.n, np.bool_)
    for column, values in (rule.where or {}).items():
        found = coded(sheet, (column,))
        inside &= np.isin(found.code, [_number(sheet, rule.name, found, value) for value in values])
    return {rule.name: np.flatnonzero(inside).astype(np.int64)}


def _number(sheet: Sheet, rule: str, found: Coded, value: str) -> int:
    if value not in found.labels:
        raise sheet.refuse(f"domains.{rule}: no row of column {found.title!r} has {value!r}; {match(value, found.labels)}")
    return found.labels.index(value)


def _population(sample: Sample, rows: Ints, *, known: bool) -> float:
    """How many could have answered; NaN where that is not known.

    Known are the sizes of strata, where rows themselves were drawn and the domain is made of strata; and the rows of a complete count.
    """
    design = sample.design
    if not sample.elements or not known:
        return float(len(rows)) if sample.complete else np.nan
    inside = np.arange(design.strata) if len(rows) == design.n else np.unique(design.stratum[rows])
    size = float(design.clusters_in_population[inside].sum())
    return size if np.isfinite(size) and size > 0 else np.nan


Answer = tuple[Linear, tuple[str, ...]]


def _share(sheet: Sheet, statistic: Statistic, design: SampleDesign, places: Domains) -> Answer:
    satisfied, told = _satisfied(sheet, statistic, statistic.columns[0])
    return linearised.share(design, satisfied, (1.0,), places, name=statistic.name), told


def _mean(sheet: Sheet, statistic: Statistic, design: SampleDesign, places: Domains) -> Answer:
    values = sheet.numbers(statistic.columns[0])
    if statistic.ends:
        _on_scale(sheet, statistic.columns[0], values, statistic.ends)
    return linearised.mean(design, values, places, name=statistic.name), ()


def _total(sheet: Sheet, statistic: Statistic, design: SampleDesign, places: Domains) -> Answer:
    values = sheet.numbers(statistic.columns[0]) if statistic.columns else np.ones(sheet.n)
    gaps = int(np.isnan(values).sum())
    told = (f"{statistic.name}: {gaps} rows have no value and add nothing to the total.",) if gaps else ()
    return linearised.total(design, values, places, name=statistic.name), told


def _ratio(sheet: Sheet, statistic: Statistic, design: SampleDesign, places: Domains) -> Answer:
    upper, lower = (sheet.numbers(column) for column in statistic.columns)
    return linearised.ratio(design, upper, lower, places, name=statistic.name), ()


def _composite(sheet: Sheet, statistic: Statistic, design: SampleDesign, places: Domains) -> Answer:
    scale = SCALES[statistic.scale]
    items: list[Floats] = []
    told: list[str] = []
    for column in statistic.columns:
        if statistic.levels:
            item, said = _satisfied(sheet, statistic, column)
            told.extend(said)
        else:
            item = sheet.numbers(column)
            _on_scale(sheet, column, item, (scale.least, scale.most))
        items.append(item)
    linear = ESTIMANDS[statistic.estimand](design, np.column_stack(items), item_weights_of(statistic), places)
    names = tuple(name.replace(statistic.estimand, statistic.name, 1) for name in linear.names)
    warnings = tuple(warning.replace(statistic.estimand, statistic.name, 1) for warning in linear.warnings)
    return replace(linear, names=names, warnings=warnings), tuple(told)


LINEAR: Mapping[str, Callable[[Sheet, Statistic, SampleDesign, Domains], Answer]] = MappingProxyType(
    {"share": _share, "mean": _mean, "total": _total, "ratio": _ratio, "composite": _composite}
)


def _satisfied(sheet: Sheet, statistic: Statistic, column: str) -> tuple[Floats, tuple[str, ...]]:
    """1 where the answer is one of the levels, 0 where it is another, NaN where there is none."""
    levels = statistic.levels
    if any(isinstance(level, str) for level in levels):
        cells = sheet.cells(column)
        wanted = {str(level) for level in levels}
        found = np.array([np.nan if not cell else float(cell in wanted) for cell in cells])
        absent = [level for level in wanted if level not in set(cells)]
        known = sorted({cell for cell in cells if cell})
        cures = {level: match(level, known) for level in absent}
        if any(cure.startswith("the file writes") for cure in cures.values()):
            level = next(one for one, cure in cures.items() if cure.startswith("the file writes"))
            raise sheet.refuse(f"statistics.{statistic.name}: no row of column {column!r} has level {level!r}; {cures[level]}")
    else:
        values = sheet.numbers(column)
        found = np.where(np.isnan(values), np.nan, np.isin(values, np.array(levels, np.float64)))
        absent = [f"{level:g}" for level in levels if not isinstance(level, str) and not np.any(values == level)]
        known = [f"{value:g}" for value in np.unique(values[~np.isnan(values)]).tolist()]
    there = f"there are {', '.join(known[:12])}" if known else "it is empty"
    told = tuple(f"{statistic.name}: no row of column {column!r} has level {level!r}; {there}." for level in sorted(absent))
    return np.asarray(found, np.float64), told


def _on_scale(sheet: Sheet, column: str, values: Floats, ends: tuple[float, float]) -> None:
    outside = np.flatnonzero((values < ends[0]) | (values > ends[1]))
    if len(outside):
        row = int(outside[0])
        raise sheet.refuse(
            f"column {column!r}, {sheet.place(row)}: {values[row]:g} is outside the scale {ends[0]:g}-{ends[1]:g}; "
            'correct it, or recode it to "" if it means that there was no answer'
        )
