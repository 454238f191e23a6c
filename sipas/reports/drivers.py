"""Key drivers: how much of the overall answer goes with each factor, and how well a factor's items hang together.

Computed with each run for the domains whose index it publishes, from thirty complete forms on, and kept with the run by unit. Weights are
the run's own by stratum and month. Limits come from the extended delete-a-group jackknife: what a factor's share would be without one
thirtieth of the clusters, thirty times.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from sipas.instrument.shelf import Shelf
from sipas.reports.areas import Areas, is_longest, list_periods, receiving_areas
from sipas.reports.counting import HEADLINE, RECEIVING
from sipas.reports.estimation import Design
from sipas.reports.releasing import Published
from sipas.reports.rows import COLUMNS, Row
from sipas.reports.together import GROUPS, Form, Together, bounds, forms_of
from sipas.reports.weighting import Strata
from sipas.stats.drivers import covariances_of
from sipas.stats.group_jackknife import half_width, replicates
from sipas.stats.intervals import Bools, Floats
from sipas.stats.one_factor import one_factor
from sipas.stats.reliability import FLAT, alpha_of, correlation, omega_of
from sipas.stats.shapley import shapley
from sipas.stats.verdict import LEAST_FOR_VERDICT
from sipas.stats.weights import Ints
from sipas.store.facts import add_paper, find_paper
from sipas.store.reading import Session

PAPER = "drivers"  # and the unit's number behind it


@dataclass(frozen=True, slots=True)
class FactorShare:
    """One factor beside the others of its form. Shares and limits are 0-1."""

    code: str
    share: float  # of R²; they add up to 1
    low: float
    high: float
    correlation: float  # with the overall item, −1 to 1
    items: int
    n: int  # complete rows behind α and ω
    alpha: float | None  # None for a single item, or where it does not exist
    omega: float | None  # None below three items; of two, Spearman-Brown stands in ``alpha``'s place


@dataclass(frozen=True, slots=True)
class FormDrivers:
    """The factors of one form in one domain."""

    period: str
    sector: str
    instrument: str
    length: str
    weighted: bool
    n: int  # complete forms: every factor and the overall item answered
    clusters: int
    r_squared: float
    r_low: float
    r_high: float
    factors: tuple[FactorShare, ...]


def add_drivers(session: Session, run_id: int, papers: Mapping[str, bytes]) -> None:
    """Keep what was computed with its run."""
    for name, content in sorted(papers.items()):
        add_paper(session, run_id, name, content)


def find_drivers(session: Session, run_id: int, unit: int) -> tuple[FormDrivers, ...]:
    """What a run keeps of a unit; nothing of a run that knew of no drivers."""
    paper = find_paper(session, run_id, f"{PAPER}/{unit}")
    told = json.loads(zlib.decompress(paper)) if paper else []
    return tuple(FormDrivers(**{**one, "factors": tuple(FactorShare(**factor) for factor in one["factors"])}) for one in told)


def driver_papers(
    together: Mapping[str, Together],
    shelf: Shelf,
    strata: Strata,
    paths: Mapping[int, str],
    published: Sequence[Published],
    rows: Sequence[Row],
) -> dict[str, bytes]:
    """One paper a unit, for the domains whose index stands among ``rows``."""
    part = next((one for one in published if (one.channels, one.side) == (HEADLINE, RECEIVING)), None)
    if part is None:
        return {}
    allowed = _published_indices(rows)
    of_unit: dict[int, list[FormDrivers]] = {}
    areas, every = receiving_areas(strata, shelf, paths), list_periods(strata.months)
    periods = {name: months for name, months in every.items() if is_longest(name, every)}
    for form in forms_of(shelf):
        if form.name not in together:
            continue
        for design in part.designs:
            for period, months in periods.items():
                wanted = allowed.get((period, f"index:{form.name}", design.weighted), [])
                for unit, one in _of_form(form, together[form.name], (period, months), (design, areas), wanted):
                    of_unit.setdefault(unit, []).append(one)
    return {f"{PAPER}/{unit}": zlib.compress(json.dumps([asdict(one) for one in found]).encode()) for unit, found in of_unit.items()}


def _published_indices(rows: Sequence[Row]) -> dict[tuple[str, str, bool], list[tuple[int, str]]]:
    """Units and sectors by period, index and whether they are weighted: what may be told already guards against subtraction."""
    at = {name: COLUMNS.index(name) for name in ("period", "unit_id", "side", "sector", "indicator", "channels", "weighted")}
    found: dict[tuple[str, str, bool], list[tuple[int, str]]] = {}
    for row in rows:
        indicator = str(row[at["indicator"]])
        if indicator.startswith("index:") and (row[at["side"]], row[at["channels"]]) == (RECEIVING, HEADLINE):
            key = str(row[at["period"]]), indicator, bool(row[at["weighted"]])
            found.setdefault(key, []).append((int(str(row[at["unit_id"]])), str(row[at["sector"]])))
    return found


def _of_form(
    form: Form, told: Together, when: tuple[str, Bools], where: tuple[Design, Areas], wanted: Sequence[tuple[int, str]]
) -> Iterator[tuple[int, FormDrivers]]:
    """The domains of one form in one period."""
    (period, months), (design, areas) = when, where
    strata = len(design.usable)
    sums, clusters, plain = _first(told, months, design)
    inside = months[told.item_month] & design.usable[told.item_stratum]
    of_items = told.item_sums[inside] * _weight(design, told.item_stratum[inside], told.item_month[inside])[:, None]
    items, rows = np.zeros((strata, of_items.shape[1])), np.zeros((strata, len(form.factors)), np.int64)
    np.add.at(items, told.item_stratum[inside], of_items)
    np.add.at(rows, told.item_stratum[inside], told.item_sums[inside][:, [begin for begin, _ in bounds(form)]])
    number = {key: place for place, key in enumerate(areas.keys)}
    for key in wanted:
        parts = areas.part[areas.domain == number[key]]
        n = int(plain[parts].sum())
        found = _shares(form, sums[parts], clusters[parts]) if n >= LEAST_FOR_VERDICT else None
        if found is not None:
            own = _items(form, items[parts].sum(axis=0), rows[parts].sum(axis=0))
            r_squared, shares = found
            factors = tuple(FactorShare(*share, *one) for share, one in zip(shares, own, strict=True))
            yield key[0], FormDrivers(period, key[1], *form.key, design.weighted, n, int(clusters[parts].sum()), *r_squared, factors)


def _weight(design: Design, stratum: Ints, month: Ints) -> Floats:
    return design.weighting.weight[design.weighting.cell[stratum, month]]


def _first(told: Together, months: Bools, design: Design) -> tuple[Floats, Ints, Floats]:
    """Weighted totals (H, G, L), clusters (H, G) and complete forms (H,) of some months."""
    inside, strata = months[told.month] & design.usable[told.stratum], len(design.usable)
    stratum, cell = told.stratum[inside], told.stratum[inside] * GROUPS + told.group[inside]
    sums = np.zeros((strata * GROUPS, told.sums.shape[1]))
    np.add.at(sums, cell, told.sums[inside] * _weight(design, stratum, told.month[inside])[:, None])
    clusters = np.bincount(cell, told.clusters[inside], strata * GROUPS).astype(np.int64)
    plain = np.bincount(stratum, told.sums[inside, 0], strata).astype(np.float64)
    return sums.reshape(strata, GROUPS, -1), clusters.reshape(strata, GROUPS), plain


Share = tuple[str, float, float, float, float]  # factor, share of R² with its limits, correlation


def _shares(form: Form, sums: Floats, clusters: Ints) -> tuple[tuple[float, float, float], tuple[Share, ...]] | None:
    """R² and the factors' shares of it; None where the overall answer, or every factor, is the same for all."""
    covariance = covariances_of(replicates(sums, clusters), len(form.factors) + 1)
    parts = shapley(covariance)
    total = parts.sum(axis=1)
    if not total[0] > 0:
        return None
    share = parts / np.where(total > 0, total, 1.0)[:, None]
    df = min(GROUPS - 1, int(clusters.sum()) - int((clusters.sum(axis=1) > 0).sum()))
    half, r_half, r = half_width(share, df), float(half_width(total[:, None], df)[0]), float(total[0])
    deviation = np.sqrt(np.diagonal(covariance[0]))
    beside = covariance[0][:-1, -1] / np.where(deviation[:-1] > 0, deviation[:-1], 1.0) / deviation[-1]
    low, high = np.maximum(share[0] - half, 0.0), np.minimum(share[0] + half, 1.0)
    told = zip(form.factors, share[0].tolist(), low.tolist(), high.tolist(), beside.tolist(), strict=True)
    return (min(r, 1.0), max(0.0, r - r_half), min(1.0, r + r_half)), tuple(told)


def _items(form: Form, sums: Floats, rows: Ints) -> Iterator[tuple[int, int, float | None, float | None]]:
    """Items, complete rows, α and ω of each factor."""
    for (begin, end), items, n in zip(bounds(form), form.items, rows.tolist(), strict=True):
        yield len(items), n, *_reliability(sums[begin:end], len(items), n)


def _reliability(sums: Floats, size: int, n: int) -> tuple[float | None, float | None]:
    """α (of two items Spearman-Brown) and ω of a factor, of thirty complete rows or more."""
    if size < 2 or n < LEAST_FOR_VERDICT:
        return None, None
    covariance = covariances_of(sums[None], size)[0]
    matrix = correlation(covariance)
    if size == 2:
        r = None if matrix is None else float(matrix[0, 1])
        return (None if r is None or r <= FLAT - 1 else 2 * r / (1 + r)), None
    singular = matrix is None or np.linalg.eigvalsh(matrix)[0] < FLAT * size
    return alpha_of(covariance), None if singular or matrix is None else omega_of(one_factor(matrix))
