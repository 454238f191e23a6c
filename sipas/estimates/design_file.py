"""A design file, read whole: every fault of it at once, each with its place and its cure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from types import MappingProxyType

from sipas.estimates.keys import Keys, label
from sipas.estimates.refusals import BadInputError
from sipas.estimates.request import Calibrating, DomainRule, Margin, Recode, Request, Sampling, Trimming
from sipas.estimates.statistics_asked import read_statistics
from sipas.stats.distances import DISTANCES
from sipas.stats.interval_methods import INTERVALS
from sipas.stats.sampling import LONELY

SHARE_INTERVALS = tuple(name for name in INTERVALS if name != "t")
METHODS = ("post", *DISTANCES)
BOUNDED = tuple(name for name, distance in DISTANCES.items() if distance.bounded)


def read_design(content: bytes, name: str) -> Request:
    """The design in a TOML file's bytes; BadInputError says all that is wrong with it."""
    try:
        raw = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadInputError(name, ["the design is not UTF-8; save it as UTF-8 and try again"]) from None
    except tomllib.TOMLDecodeError as fault:
        raise BadInputError(name, [f"this is no TOML: {fault}; mend that place"]) from None
    faults: list[str] = []
    keys = Keys(raw, place="", faults=faults)
    request = Request(
        name=name,
        sampling=_sampling(keys.table("design")),
        level=keys.find_number("level", above=0, below=1) or 0.95,
        interval=keys.one_of("interval", SHARE_INTERVALS, default="kg20"),
        covariance=keys.flag("covariance", default=False),
        missing=tuple(label(value) for value in keys.scalars("missing")),
        decimal=keys.one_of("decimal", (".", ",")) if "decimal" in keys else None,
        pooled_effect=_at_least_one(keys),
        calibration=_calibration(keys.table("calibration")),
        trimming=_trimming(keys.table("trimming")),
        recodes=_recodes(keys.table("recodes")),
        domains=_domains(keys.table("domains")),
        statistics=read_statistics(keys.tables("statistics"), SHARE_INTERVALS),
    )
    keys.close()
    _cross_check(request, faults)
    if faults:
        raise BadInputError(name, faults)
    return request


def _at_least_one(keys: Keys) -> float | None:
    effect = keys.find_number("pooled_effect")
    if effect is not None and effect < 1:
        keys.blame(f"{effect:g} is no pooled design effect", "write a number from 1 up, or leave it out", at="pooled_effect")
        return None
    return effect


def _sampling(keys: Keys | None) -> Sampling:
    if keys is None:
        return Sampling()
    second = keys.table("second")
    population = _totals(keys, "population") if keys.holds("population", dict) else keys.find_text("population")
    found = Sampling(
        strata=keys.texts("strata"),
        clusters=keys.texts("clusters"),
        nest=keys.flag("nest", default=False),
        weight=keys.find_text("weight"),
        population=population,
        two_stages=second is not None,
        second_units=second.find_text("units") if second else None,
        second_population=second.text("population") if second else None,
        lonely=keys.one_of("lonely", LONELY, default="adjust"),
    )
    if second:
        second.close()
        if not found.clusters:
            keys.blame("a second stage needs clusters", "name the column of clusters, or delete [design.second]", at="clusters")
    keys.close()
    return found


def _totals(keys: Keys, key: str) -> Mapping[str, float]:
    table = keys.table(key)
    if table is None:
        return MappingProxyType({})
    found = {label(name): table.find_number(name) for name in table.names()}
    if not found:
        table.blame("has no entry", "write a number for each label")
    return MappingProxyType({name: number for name, number in found.items() if number is not None})


def _calibration(keys: Keys | None) -> Calibrating | None:
    if keys is None:
        return None
    method = keys.one_of("method", METHODS)
    bounds = keys.numbers("bounds", count=2)
    found = Calibrating(
        method=method,
        margins=tuple(_margin(inner) for inner in keys.tables("margins")),
        bounds=(bounds[0], bounds[1]) if bounds else None,
        population=keys.find_number("population", above=0),
        rescale=keys.flag("rescale", default=False),
    )
    if not found.margins:
        keys.blame("no margin is given", "add [[calibration.margins]] with columns and totals", at="margins")
    if method in BOUNDED and not bounds and "bounds" not in keys:
        keys.blame(f"method {method!r} needs bounds", "add bounds = [0.5, 2.0], lower below 1 and upper above 1", at="bounds")
    if method not in BOUNDED and bounds:
        keys.blame(f"method {method!r} has no bounds", f"delete them, or choose from {', '.join(BOUNDED)}", at="bounds")
    if method == "post" and (len(found.margins) > 1 or any(isinstance(margin.totals, float) for margin in found.margins)):
        keys.blame("post-strata are one margin of categories", 'keep one, or write method = "raking"', at="method")
    keys.close()
    return found


def _margin(keys: Keys) -> Margin:
    columns = keys.texts("columns")
    if not columns:
        keys.blame("columns are missing", 'write columns = "month", or several columns for their combinations', at="columns")
    if ("totals" in keys) == ("total" in keys):
        keys.blame("has not one of totals and total", "write totals = { … } for categories, or total = … for a column of numbers")
    totals: Mapping[str, float] | float = _totals(keys, "totals")
    number = keys.find_number("total")
    if number is not None:
        totals = number
        if len(columns) > 1:
            keys.blame("one total of several columns", "name one column of numbers, or write totals = { … }", at="total")
    keys.close()
    return Margin(columns, totals)


def _trimming(keys: Keys | None) -> Trimming | None:
    if keys is None:
        return None
    low, high = keys.find_number("low", below=1), keys.find_number("high", above=1)
    if low is not None and low < 0:
        keys.blame(f"{low:g} is below 0", "write a share of the median weight, 0 to 1", at="low")
    keys.close()
    return Trimming(0.3 if low is None else low, 5.0 if high is None else high)


def _recodes(keys: Keys | None) -> tuple[Recode, ...]:
    tables = [(name, keys.table(name)) for name in keys.names()] if keys else []
    return tuple(_recode(label(name), inner) for name, inner in tables if inner)


def _recode(name: str, keys: Keys) -> Recode:
    source = keys.text("from")
    table = keys.table("values")
    values: dict[str, str] = {}
    for key in table.names() if table else ():
        given = table.scalars(key) if table else ()
        if len(given) == 1:
            values[label(key)] = label(given[0])
        elif given and table:
            table.blame("is a list", "write one value", at=key)
    cuts, labels = keys.numbers("cuts"), keys.texts("labels")
    if bool(table) == bool(cuts):
        keys.blame("has not one of values and cuts", 'write values = { old = "new" }, or cuts = [18, 60] with three labels')
    if cuts and (list(cuts) != sorted(set(cuts)) or len(labels) != len(cuts) + 1):
        keys.blame(f"{len(cuts)} cuts and {len(labels)} labels", "write ascending cuts and one label more than cuts", at="cuts")
    others = keys.find_text("others")
    keys.close()
    return Recode(name, source, MappingProxyType(values), others, cuts, labels)


def _domains(keys: Keys | None) -> tuple[DomainRule, ...]:
    tables = [(name, keys.table(name)) for name in keys.names()] if keys else []
    return tuple(_domain(label(name), inner) for name, inner in tables if inner)


def _domain(name: str, keys: Keys) -> DomainRule:
    by = keys.texts("by")
    table = keys.table("where")
    where = {label(key): tuple(map(label, table.scalars(key))) for key in table.names()} if table else {}
    if bool(by) == bool(where):
        keys.blame("has not one of by and where", 'write by = "unit" for a domain a value, or where = { unit = ["A", "B"] }')
    keys.close()
    return DomainRule(name, by, MappingProxyType(where))


def _cross_check(request: Request, faults: list[str]) -> None:
    known = {rule.name for rule in request.domains}
    for statistic in request.statistics:
        strange = [name for name in statistic.domains if name not in known]
        faults.extend(f"statistics.{statistic.name}.domains: {name!r} is not one of the domains; add [domains.{name}]" for name in strange)
    if not request.statistics:
        faults.append("statistics: nothing is asked for; add [[statistics]] with name and kind")
    if request.sampling.population is not None and not request.sampling.strata and isinstance(request.sampling.population, Mapping):
        faults.append(
            "design.population: a number for each stratum, but there are no strata; name the column of strata, or a column of sizes"
        )
