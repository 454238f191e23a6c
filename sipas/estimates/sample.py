"""Rows and a design file make a sample design: strata, clusters, weights and population sizes, each mistake told by its labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sipas.estimates.request import Request, Sampling
from sipas.estimates.sheet import Coded, Sheet, coded, match
from sipas.stats.intervals import Floats
from sipas.stats.sampling import SampleDesign, SecondStage, design
from sipas.stats.weights import Ints

FAR_APART = 0.05  # of the population: weights that miss it by more are told


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample design, and the words of its file.

    ``strata`` names every stratum of the design; ``elements`` says that rows themselves were drawn: only then do population sizes
    count respondents; ``complete`` that nothing was left out, neither cluster nor row.
    """

    design: SampleDesign
    strata: tuple[str, ...]
    elements: bool
    complete: bool
    warnings: tuple[str, ...]


def draw_up(sheet: Sheet, request: Request) -> Sample:
    """The sample design before calibration; a refusal names the place and the cure."""
    asked = request.sampling
    strata = coded(sheet, asked.strata, needed_for="its stratum") if asked.strata else Coded("", np.zeros(sheet.n, np.int64), ("all",))
    clusters = _clusters(sheet, asked, strata)
    drawn = _drawn(strata, clusters, sheet.n)
    names, sizes = _sizes(sheet, asked, strata, drawn)
    weight = _weights(sheet, asked)
    second = _second(sheet, asked, clusters)
    made = design(
        strata.code,
        None if clusters is None else clusters.code,
        weight=weight,
        population=sizes,
        second=second,
        lonely=asked.lonely,
    )
    if asked.lonely == "fail" and len(made.lonely_strata):
        one = names[int(made.lonely_strata[0])]
        raise sheet.refuse(
            f"stratum {one!r} has one cluster, and the lonely rule is 'fail'; join it with another by a recode, or write another rule"
        )
    elements = clusters is None and second is None
    complete = second is None and bool(np.all(made.clusters_in_stratum >= made.clusters_in_population))
    return Sample(made, names, elements, complete, _doubts(request, made, elements=elements))


def _doubts(request: Request, made: SampleDesign, *, elements: bool) -> tuple[str, ...]:
    if not request.sampling.weight and request.sampling.population is None:
        return ("No weight and no population is given: every row counts once.",)
    drawn_from = made.clusters_in_stratum > 0
    sum_of_weights, people = float(made.weight.sum()), float(made.clusters_in_population[drawn_from].sum())
    if elements and np.isfinite(people) and not request.calibration and abs(sum_of_weights / people - 1) > FAR_APART:
        return (f"Weights add up to {sum_of_weights:.6g} and population sizes to {people:.6g}: one of them may be wrong.",)
    return ()


def _clusters(sheet: Sheet, asked: Sampling, strata: Coded) -> Coded | None:
    if not asked.clusters:
        return None
    found = coded(sheet, asked.clusters, needed_for="its cluster")
    if asked.nest:
        both = strata.code * len(found.labels) + found.code
        kinds, code = np.unique(both, return_inverse=True)
        labels = tuple(f"{strata.labels[one // len(found.labels)]} / {found.labels[one % len(found.labels)]}" for one in kinds.tolist())
        return Coded(found.title, code.astype(np.int64), labels)
    home = np.zeros(len(found.labels), np.int64)
    home[found.code[::-1]] = strata.code[::-1]
    astray = np.flatnonzero(home[found.code] != strata.code)
    if len(astray):
        row = int(astray[0])
        first = found.first(int(found.code[row]))
        raise sheet.refuse(
            f"column {found.title!r}: cluster {found.labels[found.code[row]]!r} lies in stratum {strata.labels[strata.code[first]]!r} "
            f"({sheet.place(first)}) and in stratum {strata.labels[strata.code[row]]!r} ({sheet.place(row)}); "
            "if labels begin anew in each stratum, write nest = true in [design]"
        )
    return found


def _drawn(strata: Coded, clusters: Coded | None, n: int) -> Ints:
    """Clusters drawn from each stratum."""
    home = strata.code
    if clusters is not None:
        home = np.zeros(len(clusters.labels), np.int64)
        home[clusters.code] = strata.code
    return np.bincount(home, minlength=len(strata.labels)).astype(np.int64) if n else np.zeros(0, np.int64)


def _sizes(sheet: Sheet, asked: Sampling, strata: Coded, drawn: Ints) -> tuple[tuple[str, ...], Floats | None]:
    if asked.population is None:
        return strata.labels, None
    what = "clusters" if asked.clusters else "rows"
    if isinstance(asked.population, Mapping):
        return _sizes_of_table(sheet, asked.population, strata, drawn, what)
    sizes = _one_each(sheet, asked.population, strata, "stratum")
    _large_enough(sheet, sizes, strata, drawn, (f"column {asked.population!r}", "stratum", what))
    return strata.labels, sizes


def _sizes_of_table(sheet: Sheet, table: Mapping[str, float], strata: Coded, drawn: Ints, what: str) -> tuple[tuple[str, ...], Floats]:
    for number, one in enumerate(strata.labels):
        if one not in table:
            row = strata.first(number)
            raise sheet.refuse(f"stratum {one!r} ({sheet.place(row)}) has no size in [design.population]; {match(one, tuple(table))}")
    empty = tuple(one for one in table if one not in strata.labels)
    names = (*strata.labels, *empty)
    sizes = np.array([table[one] for one in names])
    for one, size in zip(names, sizes.tolist(), strict=True):
        _whole(sheet, size, f"[design.population], {one!r}")
    _large_enough(sheet, sizes, strata, drawn, ("[design.population]", "stratum", what))
    return names, sizes


def _one_each(sheet: Sheet, column: str, groups: Coded, kind: str) -> Floats:
    """The size of each stratum or cluster, from a column that repeats it in every row."""
    values = sheet.full_numbers(column, f"the population of its {kind}")
    sizes = np.zeros(len(groups.labels))
    sizes[groups.code[::-1]] = values[::-1]
    other = np.flatnonzero(sizes[groups.code] != values)
    if len(other):
        row = int(other[0])
        first = groups.first(int(groups.code[row]))
        raise sheet.refuse(
            f"column {column!r}: {kind} {groups.labels[groups.code[row]]!r} has population {values[first]:.12g} in {sheet.place(first)} "
            f"and {values[row]:.12g} in {sheet.place(row)}; write the same number in all its rows"
        )
    for number, size in enumerate(sizes.tolist()):
        _whole(sheet, size, f"column {column!r}, {sheet.place(groups.first(number))}")
    return sizes


def _whole(sheet: Sheet, size: float, where: str) -> None:
    if size < 0 or size != int(size):
        cure = "give the number of units, not the sampling fraction" if 0 < size < 1 else "population sizes are whole numbers, 0 or more"
        raise sheet.refuse(f"{where}: {size:.12g} is no population size; {cure}")


def _large_enough(sheet: Sheet, sizes: Floats, groups: Coded, drawn: Ints, words: tuple[str, str, str]) -> None:
    where, kind, what = words
    small = np.flatnonzero(sizes[: len(drawn)] < drawn)
    if len(small):
        one = int(small[0])
        raise sheet.refuse(
            f"{where}: {kind} {groups.labels[one]!r} has {drawn[one]} {what} in the sample but only {sizes[one]:.12g} in the population "
            f"(first in {sheet.place(groups.first(one))}); correct the size"
        )


def _weights(sheet: Sheet, asked: Sampling) -> Floats | None:
    if asked.weight is None:
        return None
    weight = sheet.full_numbers(asked.weight, "a weight")
    wrong = np.flatnonzero(weight <= 0)
    if len(wrong):
        row = int(wrong[0])
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        fault = f"column {asked.weight!r}, {sheet.place(row)}{more}: weight {weight[row]:g} is not above 0"
        raise sheet.refuse(f"{fault}; correct it, or take rows that stand for nobody out of the file")
    return weight


def _second(sheet: Sheet, asked: Sampling, clusters: Coded | None) -> SecondStage | None:
    if not asked.two_stages or clusters is None or asked.second_population is None:
        return None
    if asked.second_units is None:
        unit = np.arange(sheet.n, dtype=np.int64)
    else:
        units = coded(sheet, (asked.second_units,), needed_for="its second-stage unit")
        unit = np.unique(clusters.code * len(units.labels) + units.code, return_inverse=True)[1].astype(np.int64)
    sizes = _one_each(sheet, asked.second_population, clusters, "cluster")
    home = np.zeros(int(unit.max()) + 1, np.int64)
    home[unit] = clusters.code
    drawn = np.bincount(home, minlength=len(clusters.labels)).astype(np.int64)
    _large_enough(sheet, sizes, clusters, drawn, (f"column {asked.second_population!r}", "cluster", "units"))
    return SecondStage(unit, sizes)
