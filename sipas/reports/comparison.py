"""Groups instead of ranks: every unit of a branch beside the mean of the branch, all words right together with 95 %."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sipas.instrument.shelf import Shelf
from sipas.reports.counting import HEADLINE
from sipas.reports.indicators import KIND_MEAN, MAIN, kind_of
from sipas.reports.lines import Estimate, UnitMark, Words
from sipas.reports.lining import name_of, place_of, sector_order
from sipas.reports.pairs import apart, shares_of
from sipas.reports.released import estimate_of, mark_of, whose
from sipas.stats.intervals import Floats
from sipas.stats.multiplicity import simultaneous_alpha
from sipas.stats.ranking import ABOVE, BELOW, INSEPARABLE, beside, covariance_with_whole
from sipas.stats.verdict import LEAST_FOR_VERDICT
from sipas.store.facts import TOLD, Fact, find_last_run
from sipas.store.reading import Session
from sipas.store.standings import list_headline_facts, list_received
from sipas.store.units import Unit

TONES = dict.fromkeys((0x0300, 0x0301, 0x0303, 0x0309, 0x0323))  # grave, acute, tilde, hook, dot below
GROUPS = (ABOVE, INSEPARABLE, BELOW)
Parts = Mapping[str, tuple["Stand", ...]]


@dataclass(frozen=True, slots=True)
class Stand:
    """A unit beside the mean: its own figure, and the difference at the confidence of the whole table."""

    unit: UnitMark
    estimate: Estimate
    points: float  # unit less mean: percentage points; of a mean, points of the scale 1-5
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bystander:
    """A unit that is named and not compared."""

    unit: UnitMark
    n: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One table: an indicator in a sector and a period."""

    wave: str
    period: str
    week: str
    run_id: int | None
    unit: UnitMark  # the top of the branch: the mean is its own estimate
    kind: str  # "tỉnh" or "thành phố"
    sector: str
    name: Words
    statistic: str
    sectors: tuple[tuple[str, Words], ...]  # what can be chosen
    mean: Estimate | None
    groups: Parts  # above, inseparable, below; by name
    few: tuple[Bystander, ...]  # 10 to 29 answers
    unframed: tuple[Bystander, ...]  # not weighted as the mean is
    hidden: int  # units of which nothing may be told
    family: int  # units with a published figure: what the confidence is shared among

    @property
    def compared(self) -> int:
        """Units in the three groups."""
        return sum(len(group) for group in self.groups.values())


@dataclass(frozen=True, slots=True)
class Received:
    """What the branch received in a period."""

    units: Mapping[int, Unit]
    words: Mapping[int, Mapping[str, str]]  # unit → sector → what is said of its headline

    def tables(self, sector: str) -> tuple[int, ...]:
        """The units of a sector's table: those that no other unit of it stands below."""
        there = {number for number, words in self.words.items() if sector in words}
        above = {int(one) for number in there for one in self.units[number].path.strip("/").split("/")[:-1]}
        return tuple(sorted(there - above, key=lambda number: (in_order_of_letters(self.units[number].name), number)))


def in_order_of_letters(name: str) -> tuple[str, str]:
    """A sorting key in which Đ follows D, Ă and Â follow A, and tones decide last, as in a Vietnamese dictionary."""
    letters = unicodedata.normalize("NFD", name.casefold().replace("đ", "d\u0335"))
    return letters.translate(TONES), letters


def read_comparison(
    session: Session, shelf: Shelf, *, wave: str, period: str, root: Unit, sector: str = "", statistic: str = "overall"
) -> Comparison | None:
    """The table of a sector; of the first that has one where none is named. None for a sector without answers, or an unknown measure."""
    place, top = place_of(session, shelf, shelf.waves[wave], root, period)
    received = _received(session, wave, period, root)
    offered = [one for one in sector_order(shelf, place.wave) if one in received.words.get(root.id, {})]
    if statistic not in MAIN or (sector and sector not in offered):
        return None
    sector = sector or next(iter(offered), "")
    facts = _by_unit(list_headline_facts(session, wave, period, sector, statistic)) if sector else {}
    told = {unit for unit, words in received.words.items() if words.get(sector) == TOLD}
    mean = facts.get(root.id) if root.id in told else None
    units = received.tables(sector)
    parts = _sorted_out([received.units[number] for number in units if number in told], facts, mean)
    run = find_last_run(session, wave)
    return Comparison(
        wave=wave,
        period=period,
        week=run.week if run else "",
        run_id=run.id if run else None,
        unit=mark_of(root),
        kind=whose(top),
        sector=sector,
        name=name_of(shelf, sector),
        statistic=statistic,
        sectors=tuple((one, name_of(shelf, one)) for one in offered),
        mean=estimate_of(_best(mean)),
        groups=parts.groups,
        few=parts.few,
        unframed=parts.unframed,
        hidden=len(set(units) - told),
        family=parts.family,
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    groups: Parts
    few: tuple[Bystander, ...]
    unframed: tuple[Bystander, ...]
    family: int


def _received(session: Session, wave: str, period: str, root: Unit) -> Received:
    units: dict[int, Unit] = {}
    words: dict[int, dict[str, str]] = {}
    for unit, sector, channels, word in list_received(session, wave, period, root.path):
        units[unit.id] = unit
        if channels == HEADLINE:
            words.setdefault(unit.id, {})[sector] = word
    return Received(units, words)


def _by_unit(facts: Sequence[Fact]) -> dict[int, dict[bool, Fact]]:
    found: dict[int, dict[bool, Fact]] = {}
    for fact in facts:
        found.setdefault(fact.unit_id, {})[fact.weighted] = fact
    return found


def _best(both: Mapping[bool, Fact] | None) -> Fact | None:
    return None if both is None else both.get(True) or both.get(False)


def _sorted_out(units: Sequence[Unit], facts: Mapping[int, Mapping[bool, Fact]], both: Mapping[bool, Fact] | None) -> _Parts:
    """The three groups, and who stands beside them; nobody is compared without a mean."""
    mean = _best(both)
    own = [(unit, fact) for unit in units if (fact := _best(facts.get(unit.id))) is not None]
    few = [(unit, fact) for unit, fact in own if fact.n < LEAST_FOR_VERDICT]
    enough = [(unit, fact) for unit, fact in own if fact.n >= LEAST_FOR_VERDICT]
    alike = [(unit, fact) for unit, fact in enough if mean is not None and fact.weighted == mean.weighted]
    other = [(unit, fact) for unit, fact in enough if mean is None or fact.weighted != mean.weighted]
    groups = _grouped(alike, mean, family=len(own)) if mean is not None and alike else dict.fromkeys(GROUPS, ())
    return _Parts(groups, _named(few), _named(other), len(own))


def _named(pairs: Sequence[tuple[Unit, Fact]]) -> tuple[Bystander, ...]:
    return tuple(Bystander(mark_of(unit), fact.n) for unit, fact in pairs)


def _grouped(pairs: Sequence[tuple[Unit, Fact]], mean: Fact, *, family: int) -> Parts:
    """Each unit less the mean, at the confidence that all units published in the table share."""
    facts = [fact for _, fact in pairs]
    covariance = covariance_with_whole(shares_of(facts).variance, _part_of_whole(facts, mean))
    made = apart(facts, [mean] * len(facts), covariance, alpha=simultaneous_alpha(family))
    scale = 1.0 if kind_of(mean.indicator) == KIND_MEAN else 100.0
    found: dict[str, list[Stand]] = {word: [] for word in GROUPS}
    limits = zip(beside(made).tolist(), *((scale * side).tolist() for side in (made.value, made.low, made.high)), strict=True)
    for (unit, fact), (word, points, low, high) in zip(pairs, limits, strict=True):
        estimate = estimate_of(fact)
        assert estimate is not None  # ten answers are told
        found[word].append(Stand(mark_of(unit), estimate, points, low, high))
    return {word: tuple(stands) for word, stands in found.items()}


def _part_of_whole(facts: Sequence[Fact], mean: Fact) -> Floats:
    """Each unit's share of the dossiers that the mean stands for; 0, the cautious side, where it is not a population count."""
    if not mean.weighted or not mean.covered:
        return np.zeros(len(facts))
    return np.array([min(fact.covered / mean.covered, 1.0) if fact.covered else 0.0 for fact in facts])
