"""Would the verdict turn under another reasonable choice? The published figure of a sector, and the same computed otherwise.

Everything comes from stored facts. Open answers are added to the headline in proportion to the answers, their errors taken as wholly
correlated, because the two share counters and days: the cautious side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sipas.instrument.shelf import Shelf
from sipas.reports.counting import WITH_ASIDE
from sipas.reports.filing_told import FilingTold, read_filing_told
from sipas.reports.indicators import KIND_SHARE, MAIN, kind_of
from sipas.reports.lines import Line, TargetMark, UnitMark, Words
from sipas.reports.lining import in_order, name_of, place_of, read_line, sector_order
from sipas.reports.pairs import effects_of, shares_of
from sipas.reports.released import Shown, mark_of, read_shown, told
from sipas.stats.interval_methods import interval
from sipas.stats.intervals import Shares
from sipas.stats.verdict import HIDDEN, MET, NOT_MET, UNDECIDED, judge
from sipas.store.facts import Fact, find_last_run
from sipas.store.reading import Session
from sipas.store.units import Unit

PUBLISHED, UNWEIGHTED, WITH_OPEN, WITHOUT_FPC = "published", "unweighted", "with_O", "without_fpc"
SINGLE = ("V", "S")  # channels that may stand alone
OPEN = "O"
METHODS = ("wilson20", "logit")  # beside KG20
MEASURES = ("overall", "pooled", "all")
ORDER = (PUBLISHED, UNWEIGHTED, *SINGLE, WITH_OPEN, WITH_ASIDE, *METHODS, *MEASURES, WITHOUT_FPC)  # of the table's rows
JUDGED = (MET, NOT_MET, UNDECIDED)


@dataclass(frozen=True, slots=True)
class Way:
    """One way of computing: shares 0-1, a mean 1-5."""

    code: str  # published, unweighted, V, S, with_O, aside, wilson20, logit, overall, pooled, all, without_fpc
    value: float
    low: float
    high: float
    n: int
    verdict: str
    differs: bool  # another verdict than the published one, both given
    turned: bool  # met where the published is not met, or the reverse


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """A unit's sector under every way."""

    wave: str
    period: str
    week: str
    unit: UnitMark
    sector: str
    name: Words
    sectors: tuple[tuple[str, Words], ...]  # what can be chosen
    statistic: str
    target: TargetMark | None
    verdict: str
    indicative: bool
    ways: tuple[Way, ...]  # the published one first; empty where nothing is published
    filing: FilingTold | None = None  # where the recipe names filing

    @property
    def others(self) -> tuple[Way, ...]:
        """The other ways that give a verdict."""
        return tuple(way for way in self.ways[1:] if way.verdict in JUDGED)

    @property
    def differing(self) -> int:
        """How many of them give another one."""
        return sum(way.differs for way in self.others)

    @property
    def turned(self) -> bool:
        """Whether one of them says the opposite."""
        return any(way.turned for way in self.others)


def read_sensitivity(session: Session, shelf: Shelf, *, wave: str, period: str, unit: Unit, sector: str = "") -> Sensitivity | None:
    """The ways of a sector; of the first with answers where none is named. None for a sector in which the unit received nothing."""
    place, _ = place_of(session, shelf, shelf.waves[wave], unit, period)
    shown = read_shown(session, place.wave, (period,), unit.id, only=MAIN)
    offered = in_order([one for _, side, one in shown.by_sector if side == "receiving"], sector_order(shelf, place.wave))
    if sector and sector not in offered:
        return None
    sector = sector or next(iter(offered), "")
    line = read_line(place, shown, sector) if sector else None
    run = find_last_run(session, wave)
    base = told(shown.best(period, "receiving", line.sector, line.statistic, line.channels)) if line and line.estimate else None
    return Sensitivity(
        wave=wave,
        period=period,
        week=run.week if run else "",
        unit=mark_of(unit),
        sector=sector,
        name=name_of(shelf, sector) if sector else {},
        sectors=tuple((one, name_of(shelf, one)) for one in offered),
        statistic=line.statistic if line else "overall",
        target=line.target if line else None,
        verdict=line.verdict if line else HIDDEN,
        indicative=bool(line and line.indicative),
        ways=tuple(ways_of(shown, line, period)) if line and line.estimate else (),
        filing=read_filing_told(session, shelf, base, wave, unit) if base else None,
    )


def ways_of(shown: Shown, line: Line, period: str) -> Iterator[Way]:
    """Every way that the facts of a line allow, the published one first."""
    base = told(shown.best(period, "receiving", line.sector, line.statistic, line.channels))
    if base is None:
        return
    first = _as_stored(PUBLISHED, base, line)
    # More answers than dossiers: the interval alone may not decide, whichever way it is made.
    trusted = first.verdict not in {MET, NOT_MET} or line.verdict != UNDECIDED
    yield replace(first, verdict=line.verdict)
    others = [*_stored(shown, line, period, base), *_recomputed(shown, line, period, base)]
    for way in sorted(others, key=lambda way: ORDER.index(way.code)):
        verdict = way.verdict if trusted or way.verdict not in {MET, NOT_MET} else UNDECIDED
        both = {verdict, line.verdict}
        yield replace(way, verdict=verdict, differs=len(both) == 2 and both <= {*JUDGED}, turned=both == {MET, NOT_MET})


def _stored(shown: Shown, line: Line, period: str, base: Fact) -> Iterator[Way]:
    """Ways that the run stored itself: unweighted, single channels, with the answers set aside, other measures."""

    def find(statistic: str, channels: str, *, weighted: bool) -> Fact | None:
        return told(shown.find((period, "receiving", line.sector, statistic, channels, weighted)))

    if base.weighted and (plain := find(line.statistic, line.channels, weighted=False)):
        yield _as_stored(UNWEIGHTED, plain, line)
    if line.statistic == "overall" and line.channels == "headline":
        for channel in SINGLE:
            if alone := find("overall", channel, weighted=base.weighted):
                yield _as_stored(channel, alone, line)
    if line.channels == "headline" and (whole := find(line.statistic, WITH_ASIDE, weighted=base.weighted)):
        yield _as_stored(WITH_ASIDE, whole, line)
    for measure in MEASURES if line.statistic != "mean" else ():
        if measure != line.statistic and (other := find(measure, line.channels, weighted=base.weighted)):
            yield _as_stored(measure, other, line)


def _recomputed(shown: Shown, line: Line, period: str, base: Fact) -> Iterator[Way]:
    """Ways that follow from what is stored: with open answers, by other intervals, without the finite population."""
    if kind_of(base.indicator) != KIND_SHARE:
        return
    shares, effect = shares_of([base]), float(effects_of([base])[0])
    opened = told(shown.find((period, "receiving", line.sector, line.statistic, OPEN, base.weighted)))
    if opened is not None and line.channels != OPEN:
        yield _as_made(WITH_OPEN, joined(shares, shares_of([opened])), (max(effect, opened.d_pool or 1.0), "kg20"), line)
    for method in METHODS:
        yield _as_made(method, shares, (effect, method), line)
    if base.fraction:
        yield _as_made(WITHOUT_FPC, endless(shares, base.fraction), (effect, "kg20"), line)


def joined(first: Shares, second: Shares) -> Shares:
    """Two sets of answers as one, each by its number of answers; errors add up as if wholly correlated."""
    n = first.n + second.n
    part = first.n / n
    spread = part * np.sqrt(first.variance) + (1 - part) * np.sqrt(second.variance)
    return Shares(
        value=part * first.value + (1 - part) * second.value,
        variance=spread**2,
        n=n,
        n_satisfied=first.n_satisfied + second.n_satisfied,
        n_unsatisfied=first.n_unsatisfied + second.n_unsatisfied,
        n_kish=n**2 / (first.n**2 / first.n_kish + second.n**2 / second.n_kish),
        df=np.maximum(first.df, second.df),
        population=np.full(1, np.nan),
    )


def endless(shares: Shares, fraction: float) -> Shares:
    """The same without the finite population: V ÷ (1 − f), and of a full count p(1 − p) ÷ n."""
    plain = shares.value * (1 - shares.value) / shares.n_kish
    variance = shares.variance / (1 - fraction) if fraction < 1 else plain
    return replace(shares, variance=variance, population=np.full(1, np.nan))


def _as_stored(code: str, fact: Fact, line: Line) -> Way:
    assert fact.value is not None  # what is told has its interval
    return _way(code, (fact.value, fact.low or 0.0, fact.high or 0.0), fact.n, line)


def _as_made(code: str, shares: Shares, how: tuple[float, str], line: Line) -> Way:
    made = interval(how[1], shares, d_pool=how[0])
    return _way(code, (float(shares.value[0]), float(made.low[0]), float(made.high[0])), int(shares.n[0]), line)


def _way(code: str, figure: tuple[float, float, float], n: int, line: Line) -> Way:
    value, low, high = figure
    target = line.target.value if line.target else np.nan
    strict = bool(line.target and line.target.operator == ">")
    told_of = np.array([[low, high, n, target]], np.float64)
    verdict = judge(told_of[:, 0], told_of[:, 1], told_of[:, 2], told_of[:, 3], np.array([strict]))
    return Way(code, value, low, high, n, str(verdict[0]), differs=False, turned=False)
