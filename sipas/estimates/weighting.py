"""Weights brought to known totals and trimmed, as a design file asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sipas.estimates.refusals import BadInputError
from sipas.estimates.request import Calibrating, Margin, Request
from sipas.estimates.sheet import Sheet, coded, match
from sipas.stats.calibration import Calibration, calibrate, post_stratify
from sipas.stats.effects import kish
from sipas.stats.intervals import Floats
from sipas.stats.margins import BadMarginError, checked_margin
from sipas.stats.raking import SAME_TOTAL, margin_columns, rake
from sipas.stats.sampling import SampleDesign, calibrated
from sipas.stats.trimming import BadTrimError, Trimmed, trim
from sipas.stats.weights import Ints


@dataclass(frozen=True, slots=True)
class Weighted:
    """A design with its final weights, the one before trimming where weights were trimmed, and what was done."""

    design: SampleDesign
    untrimmed: SampleDesign | None
    told: Mapping[str, object]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Categories:
    margin: Margin
    code: Ints
    totals: Floats
    labels: tuple[str, ...]


def weigh(sheet: Sheet, request: Request, design: SampleDesign) -> Weighted:
    """Calibration, then trimming; BadInputError where the margins or the bounds allow neither."""
    try:
        return _weigh(sheet, request, design)
    except BadTrimError as fault:
        raise BadInputError(sheet.name, [f"trimming: {fault}"]) from None
    except BadMarginError as fault:
        raise BadInputError(sheet.name, [f"calibration: {fault}"]) from None


def _weigh(sheet: Sheet, request: Request, design: SampleDesign) -> Weighted:
    told: dict[str, object] = {}
    found: Calibration | None = None
    if request.calibration:
        found = _calibration(sheet, request.calibration, design)
        told["calibration"] = {"method": request.calibration.method, "steps": found.steps, "n_kish_before": kish(found.base)}
    if request.trimming is None:
        made = design if found is None else calibrated(design, found)
        return Weighted(made, None, told, found.warnings if found else ())
    # Without margins the weights keep their sum alone, and no variance is taken off for it.
    start = found or post_stratify(design.weight, np.zeros(design.n, np.int64), np.array([design.weight.sum()]))
    trimmed = trim(start, low=request.trimming.low, high=request.trimming.high)
    told["trimming"] = _told(trimmed)
    if found is None:
        return Weighted(replace(design, weight=trimmed.calibration.weight), design, told, trimmed.warnings)
    return Weighted(calibrated(design, trimmed.calibration), calibrated(design, found), told, trimmed.warnings)


def _told(trimmed: Trimmed) -> dict[str, object]:
    names = ("low", "high", "rounds", "cut", "outside", "n_kish_before", "n_kish_after")
    return {name: getattr(trimmed, name) for name in names}


def _calibration(sheet: Sheet, asked: Calibrating, design: SampleDesign) -> Calibration:
    categories = [_categories(sheet, margin) for margin in asked.margins if isinstance(margin.totals, Mapping)]
    numeric = [margin for margin in asked.margins if not isinstance(margin.totals, Mapping)]
    for one in categories:
        checked_margin(one.code, one.totals, design.n, name=one.margin.name, labels=one.labels)
    categories, told = _one_total(sheet, categories, asked)
    if asked.method == "post":
        found = post_stratify(design.weight, categories[0].code, categories[0].totals, labels=categories[0].labels)
        return replace(found, warnings=(*told, *found.warnings))
    codes, totals = [one.code for one in categories], [one.totals for one in categories]
    if asked.method == "raking" and not numeric:
        found = rake(design.weight, codes, totals, names=[one.margin.name for one in categories], labels=[one.labels for one in categories])
        return replace(found, warnings=(*told, *found.warnings))
    x, wanted = margin_columns(codes, totals) if codes else (np.zeros((design.n, 0)), np.zeros(0))
    names = _column_names(categories)
    if not codes and asked.population is not None:
        x, wanted, names = np.ones((design.n, 1)), np.array([asked.population]), ["the population's size"]
    for margin in numeric:
        values = sheet.full_numbers(margin.columns[0], "a number for the calibration")
        x = np.column_stack([x, values])
        wanted, names = np.append(wanted, float(margin.totals)), [*names, repr(margin.columns[0])]  # type: ignore[arg-type] # a number here
    found = calibrate(design.weight, x, wanted, method=asked.method, bounds=asked.bounds, names=names)
    return replace(found, warnings=(*told, *found.warnings))


def _categories(sheet: Sheet, margin: Margin) -> _Categories:
    assert isinstance(margin.totals, Mapping)
    found = coded(sheet, margin.columns, needed_for=f"a category of {margin.name}")
    labels = tuple(margin.totals)
    for number, one in enumerate(found.labels):
        if one not in margin.totals:
            place = sheet.place(found.first(number))
            raise sheet.refuse(f"{margin.name}: category {one!r} ({place}) has no population total; {match(one, labels)}")
    at = {one: number for number, one in enumerate(labels)}
    code = np.array([at[one] for one in found.labels], np.int64)[found.code]
    return _Categories(margin, code, np.array([margin.totals[one] for one in labels]), labels)


def _column_names(categories: Sequence[_Categories]) -> list[str]:
    """As ``margin_columns`` makes them: all categories of the first margin, all but one of the others."""
    return [f"{one.margin.name}, category {name}" for place, one in enumerate(categories) for name in one.labels[place > 0 :]]


def _one_total(sheet: Sheet, categories: list[_Categories], asked: Calibrating) -> tuple[list[_Categories], tuple[str, ...]]:
    """Margins of one population have one grand total: rescaled to the first by wish, refused otherwise."""
    if not categories:
        return categories, ()
    first = categories[0]
    grand, title = float(first.totals.sum()), first.margin.name
    if asked.population is not None:
        grand, title = asked.population, "population"
    told, made = [], []
    for one in categories:
        mine = float(one.totals.sum())
        if abs(mine / grand - 1) > SAME_TOTAL:
            fault = f"{one.margin.name} adds up to {mine:.12g}, but {title} to {grand:.12g}"
            if not asked.rescale:
                raise sheet.refuse(f"calibration: {fault}; correct one of them, or write rescale = true in [calibration]")
            told.append(f"{fault}; it was rescaled.")
        made.append(replace(one, totals=one.totals * (grand / mine)))
    return made, tuple(told)
