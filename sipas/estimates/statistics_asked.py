"""The statistics of a design file: for each kind the keys that it knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from sipas.estimates.keys import Keys
from sipas.estimates.request import Statistic
from sipas.stats.composites import SCALES
from sipas.stats.estimands import ESTIMANDS
from sipas.stats.item_weights import BadWeightsError, equal_weights, item_weights

DIFFERENCE_INTERVALS = ("mover", "t")


def read_statistics(tables: Sequence[Keys], intervals: Sequence[str]) -> tuple[Statistic, ...]:
    """Every ``[[statistics]]``; ``intervals`` are those of shares. Faults go where the tables' faults go."""
    found = []
    for keys in tables:
        name, kind = keys.text("name"), keys.one_of("kind", tuple(KINDS))
        if "[" in name:
            keys.blame(f"{name!r} holds a bracket, which parts a statistic from its domain", "choose a name without one", at="name")
        found.append(KINDS[kind](keys, name, intervals))
        keys.close()
    twice = [name for name, count in Counter(one.name for one in found).items() if count > 1]
    for name in twice:
        next(keys for keys, one in zip(tables, found, strict=True) if one.name == name).blame(
            f"two statistics are called {name!r}", "give each a name of its own", at="name"
        )
    return tuple(found)


def _share(keys: Keys, name: str, intervals: Sequence[str]) -> Statistic:
    levels = keys.scalars("levels")
    if "levels" not in keys:
        keys.blame("levels are missing", "write the answers that count, such as levels = [4, 5]", at="levels")
    if len({isinstance(level, str) for level in levels}) > 1:
        keys.blame("mixes texts and numbers", "write all levels as texts, or all as numbers", at="levels")
    return Statistic(
        name,
        "share",
        columns=(keys.text("column"),),
        levels=levels,
        domains=keys.texts("domains"),
        interval=keys.one_of("interval", intervals) if "interval" in keys else None,
        target=keys.find_number("target", above=0, below=1),
    )


def _mean(keys: Keys, name: str, intervals: Sequence[str]) -> Statistic:  # noqa: ARG001 -- one signature for all kinds
    ends = keys.numbers("scale", count=2)
    if ends and not ends[0] < ends[1]:
        keys.blame("the least value is not below the highest", "write scale = [1, 5]", at="scale")
    target = keys.find_number("target")
    if ends and target is not None and not ends[0] < target < ends[1]:
        keys.blame(f"{target:g} is not inside the scale", f"write a number between {ends[0]:g} and {ends[1]:g}", at="target")
    limits = (ends[0], ends[1]) if ends else None
    return Statistic(name, "mean", columns=(keys.text("column"),), domains=keys.texts("domains"), target=target, ends=limits)


def _total(keys: Keys, name: str, intervals: Sequence[str]) -> Statistic:  # noqa: ARG001
    column = keys.find_text("column")
    columns = (column,) if column else ()
    return Statistic(name, "total", columns=columns, domains=keys.texts("domains"), target=keys.find_number("target"))


def _ratio(keys: Keys, name: str, intervals: Sequence[str]) -> Statistic:  # noqa: ARG001
    columns = (keys.text("numerator"), keys.text("denominator"))
    return Statistic(name, "ratio", columns=columns, domains=keys.texts("domains"), target=keys.find_number("target"))


def _composite(keys: Keys, name: str, intervals: Sequence[str]) -> Statistic:  # noqa: ARG001
    columns, levels, weights = keys.texts("columns"), keys.scalars("levels"), keys.scalars("weights")
    if not columns:
        keys.blame("columns are missing", 'name the columns of its items, such as columns = ["q1", "q2"]', at="columns")
    shares = ("share", "share_pct")
    known = shares if levels else tuple(scale for scale in SCALES if scale not in shares)
    scale = keys.one_of("scale", known, default=known[0])
    if columns and weights and len(weights) != len(columns):
        keys.blame(f"{len(weights)} weights for {len(columns)} columns", "write one weight for each column", at="weights")
    elif columns:
        try:
            _ = item_weights(weights) if weights else equal_weights(len(columns))
        except BadWeightsError as fault:
            told, _, cure = str(fault).partition("; ")
            keys.blame(told, cure or 'write fractions as text, such as "1/9"', at="weights")
    target, scored = keys.find_number("target"), SCALES[scale]
    if target is not None and not scored.bottom < target < scored.top:
        keys.blame(f"{target:g} is not on scale {scale!r}", f"write a number between {scored.bottom:g} and {scored.top:g}", at="target")
    return Statistic(
        name,
        "composite",
        columns=columns,
        levels=levels,
        domains=keys.texts("domains"),
        target=target,
        weights=weights,
        scale=scale,
        estimand=keys.one_of("estimand", tuple(ESTIMANDS), default="available_case"),
    )


def _difference(keys: Keys, name: str, intervals: Sequence[str]) -> Statistic:  # noqa: ARG001
    of = (keys.text("first"), keys.text("second"))
    if of[0] == of[1]:
        keys.blame("first and second are the same", "name two different estimates", at="second")
    interval = keys.one_of("interval", DIFFERENCE_INTERVALS) if "interval" in keys else None
    return Statistic(name, "difference", of=of, coefficients=(1.0, -1.0), interval=interval)


def _contrast(keys: Keys, name: str, intervals: Sequence[str]) -> Statistic:  # noqa: ARG001
    of, coefficients = keys.texts("of"), keys.numbers("coefficients")
    if not of or len(of) != len(coefficients):
        keys.blame(f"{len(of)} estimates and {len(coefficients)} coefficients", "write one coefficient for each estimate", at="of")
    if coefficients and not any(coefficients):
        keys.blame("all coefficients are 0", "give at least one estimate another", at="coefficients")
    return Statistic(name, "contrast", of=of, coefficients=coefficients)


KINDS: Mapping[str, Callable[[Keys, str, Sequence[str]], Statistic]] = MappingProxyType(
    {
        "share": _share,
        "mean": _mean,
        "total": _total,
        "ratio": _ratio,
        "composite": _composite,
        "difference": _difference,
        "contrast": _contrast,
    }
)
