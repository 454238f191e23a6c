"""A series at one mix of channels throughout: a change of how much comes from each channel can look like a trend and is none.

A single channel is published by the year only, so that this is computed with the run, from months or quarters in which every channel
has ten answers, and kept with it: the slope alone, the number of those periods, and the mix in whole percents. It is told where the year's
own figures of every channel are, and from the run that the year's headline figure is released from.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.areas import is_longest, is_month, list_periods, passes
from sipas.reports.counting import HEADLINE, RECEIVING
from sipas.reports.design import sides_of
from sipas.reports.estimation import Side, Told, behind, figures, leaves, sums
from sipas.reports.releasing import Published
from sipas.reports.rows import COLUMNS, Row
from sipas.reports.sample import CHANNELS
from sipas.reports.weighting import Strata
from sipas.stats.differences import mover
from sipas.stats.evidence import Limits, evidence_of_facts, wilson
from sipas.stats.intervals import Bools, Floats
from sipas.stats.trend import Trend, at_fixed_mix, trend
from sipas.stats.weights import Ints
from sipas.store.facts import OVERALL, TOLD, Domain, Said, add_paper, find_paper
from sipas.store.reading import Session

PAPER = "fixed-mix"  # and the unit's number behind it
FIGURES = ("value", "low", "high", "variance", "df")
DIGITS = 4  # of a slope in points a month: enough to read, too few to count by


@dataclass(frozen=True, slots=True)
class FixedMix:
    """The slope, in percentage points a month, as it would be had every channel had the same part of the answers in every period."""

    sector: str
    step: str  # month or quarter
    weighted: bool
    mix: tuple[tuple[str, float], ...]  # channel and its part of the wave's answers: whole percents, 0-1
    told: Trend  # ``periods`` counts those in which every channel has ten answers


@dataclass(frozen=True, slots=True)
class _Apart:
    """One channel's shares: by period and domain, NaN where fewer than ten answered."""

    everybody: Floats  # (D,) of the wave
    value: Floats  # (T, D), points
    low: Floats
    high: Floats
    variance: Floats  # points squared
    df: Floats

    def take(self, rows: Sequence[int], domain: int) -> _Apart:
        """One domain in some periods."""
        return _Apart(self.everybody[domain], *(getattr(self, name)[rows, domain] for name in FIGURES))


def add_mixes(session: Session, run_id: int, papers: Mapping[str, bytes]) -> None:
    """Keep what was computed with its run."""
    for name, content in sorted(papers.items()):
        add_paper(session, run_id, name, content)


def find_mix(session: Session, run_id: int, unit: int, what: tuple[str, str, bool]) -> FixedMix | None:
    """What a run keeps of a unit for a sector, a step, and weighted or not; None where nothing is told."""
    paper = find_paper(session, run_id, f"{PAPER}/{unit}")
    for one in json.loads(zlib.decompress(paper)) if paper else []:
        if (one["sector"], one["step"], one["weighted"]) == what:
            return FixedMix(*what, tuple((channel, part) for channel, part in one["mix"]), Trend(**one["told"]))
    return None


def mix_papers(
    strata: Strata,
    shelf: Shelf,
    wave: Wave,
    paths: Mapping[int, str],
    published: Sequence[Published],
    told: tuple[Sequence[Row], Mapping[Domain, Said]],
) -> dict[str, bytes]:
    """One paper a unit, for the domains whose year this run tells: ``told`` are its rows, and everything that is released."""
    rows, said = told
    parts = [one for one in published if one.side == RECEIVING and one.channels in {channel.value for channel in wave.headline}]
    parts.sort(key=lambda one: CHANNELS.index(one.channels))
    every = list_periods(strata.months)
    lasting = {period: months for period, months in every.items() if not passes(period, every)}
    side = sides_of(strata, shelf, paths)[RECEIVING]
    years = [period for period in lasting if is_longest(period, every)]
    of_unit: dict[int, list[FixedMix]] = {}
    for weighted in (True, False):
        told_here = rows_told(rows, weighted)
        domains = [key for key in side.areas.keys if _may_tell(key, years, (told_here, said), parts)]
        if len(parts) > 1 and domains and all(_design(one, weighted=weighted) is not None for one in parts):
            for unit, found in _of_domains(parts, side, lasting, (domains, years), weighted=weighted):
                of_unit.setdefault(unit, []).append(found)
    return {f"{PAPER}/{unit}": zlib.compress(json.dumps([asdict(one) for one in found]).encode()) for unit, found in of_unit.items()}


def rows_told(rows: Sequence[Row], weighted: bool) -> frozenset[tuple[str, int, str]]:  # noqa: FBT001 -- which of the two figures
    """Period, unit and sector of the headline's overall shares among some rows."""
    at = {name: COLUMNS.index(name) for name in ("period", "unit_id", "side", "sector", "indicator", "channels", "weighted")}
    wanted = (RECEIVING, OVERALL, HEADLINE, weighted)
    return frozenset(
        (str(row[at["period"]]), int(str(row[at["unit_id"]])), str(row[at["sector"]]))
        for row in rows
        if (row[at["side"]], row[at["indicator"]], row[at["channels"]], bool(row[at["weighted"]])) == wanted
    )


def _may_tell(
    key: tuple[int, str],
    years: Collection[str],
    told: tuple[frozenset[tuple[str, int, str]], Mapping[Domain, Said]],
    parts: Sequence[Published],
) -> bool:
    """Whether this run tells the newest year, and every year's figure of each channel is told too."""
    (unit, sector), (rows, said) = key, told
    if (max(years, default=""), unit, sector) not in rows:
        return False
    apart = [said.get(Domain(year, unit, RECEIVING, sector, part.channels)) for year in years for part in parts]
    return all(one is None or one.word == TOLD for one in apart) and any(apart)


def _design(part: Published, *, weighted: bool) -> object:
    return next((design for design in part.designs if design.weighted == weighted), None)


def _of_domains(
    parts: Sequence[Published],
    side: Side,
    lasting: Mapping[str, Bools],
    which: tuple[Sequence[tuple[int, str]], Sequence[str]],
    *,
    weighted: bool,
) -> Iterator[tuple[int, FixedMix]]:
    """Every domain with two channels or more, by months and by quarters."""
    domains, years = which
    places = np.array([side.areas.keys.index(key) for key in domains])
    apart = {part.channels: _apart(part, side, lasting, (places, years), weighted=weighted) for part in parts}
    names = list(lasting)
    for step in ("month", "quarter"):
        rows = [place for place, period in enumerate(names) if (is_month(period) if step == "month" else "Q" in period)]
        when = np.array([_middle(lasting[names[row]], names) for row in rows])
        for number, (unit, sector) in enumerate(domains):
            n = {channel: float(one.everybody[number]) for channel, one in apart.items() if one.everybody[number] > 0}
            if len(n) > 1:
                mix = np.round(100 * np.array(list(n.values())) / sum(n.values())) / 100
                made = _slope([apart[channel].take(rows, number) for channel in n], mix, when)
                if made is not None:
                    yield unit, FixedMix(sector, step, weighted, tuple(zip(n, mix.tolist(), strict=True)), made)


def _middle(months: Bools, names: Sequence[str]) -> float:
    """Months since the year 0: the middle of those that a period has."""
    calendar = [name for name in names if is_month(name)]
    return float(np.mean([12 * int(calendar[place][:4]) + int(calendar[place][5:]) - 1 for place in np.flatnonzero(months)]))


def _apart(
    part: Published,
    side: Side,
    lasting: Mapping[str, Bools],
    which: tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Sequence[str]],
    *,
    weighted: bool,
) -> _Apart:
    """One channel's own figures in the wanted domains; its design effect is pooled as it is for what is published."""
    places, years = which
    design = next(one for one in part.designs if one.weighted == weighted)
    block, groups = part.groups[0]
    shape = len(lasting), len(side.areas.keys)
    wanted = np.zeros(shape, np.bool_)
    wanted[:, places] = True
    told = Told(behind(groups, design, side, lasting), leaves(side.areas, lasting), wanted.ravel())
    (made, *_) = figures(sums(groups, block, design, side, lasting), block, told, np.arange(wanted.size), None)
    rarer = np.minimum(made.n_satisfied, made.n_unsatisfied)
    own = wilson(evidence_of_facts(value=made.value, se=np.sqrt(made.variance), star=made.star, df=made.df, n=made.n, rarer=rarer))
    laid = (
        _laid(column, made.at, shape)[:, places]
        for column in (100 * own.value, 100 * own.low, 100 * own.high, 1e4 * made.variance, made.df)
    )
    names = list(lasting)
    everybody = part.everybody.reshape(-1, shape[1])[[names.index(year) for year in years]][:, places].sum(axis=0)
    return _Apart(everybody, *laid)


def _laid(column: Floats, at: Ints, shape: tuple[int, int]) -> Floats:
    """Figures in their places, and NaN in the others."""
    whole = np.full(shape[0] * shape[1], np.nan)
    whole[at] = column
    return whole.reshape(shape)


def _slope(apart: Sequence[_Apart], mix: Floats, when: Floats) -> Trend | None:
    """The slope over the periods in which each channel has a figure, rounded; None where fewer than two have."""
    value, low, high, variance, df = (np.stack([getattr(one, name) for one in apart], axis=1) for name in FIGURES)
    there = np.flatnonzero(~np.isnan(value).any(axis=1))
    if len(there) < 2:
        return None
    series, covariance = at_fixed_mix(value[there], np.diag(variance[there].ravel()), mix)
    limits = (Limits(value[at], low[at], high[at]) for at in there)
    of_period = [mover(mix / mix.sum(), own, np.eye(len(mix))) for own in limits]
    sides = Limits(*(np.array([getattr(one, name) for one in of_period]) for name in Limits.__slots__))
    (found,) = trend(series, covariance, when[there], float(df[there].sum()), limits=sides)
    rounded = {
        name: None if (whole := getattr(found, name)) is None else round(whole, DIGITS) for name in ("slope", "se", "low", "high", "t", "p")
    }
    return Trend(found.first, found.last, found.periods, df=found.df, reason=found.reason, **rounded)
