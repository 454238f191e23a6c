"""The page of key drivers: what a released run keeps of a sector, form by form, with each factor's own published share beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sipas.instrument.shelf import Shelf
from sipas.reports.areas import is_longest
from sipas.reports.counting import HEADLINE, RECEIVING
from sipas.reports.drivers import FactorShare, FormDrivers, find_drivers
from sipas.reports.lines import Estimate, UnitMark, Words
from sipas.reports.lining import in_order, name_of, sector_order
from sipas.reports.released import estimate_of, is_indicative, mark_of
from sipas.store.facts import Fact, find_last_run, list_facts, list_released_periods
from sipas.store.reading import Session
from sipas.store.units import Unit

ABOVE, ALIKE, BELOW = "above", "alike", "below"  # an even share
FEW = 100  # complete forms: with fewer the limits hold 89-93 of 100 times instead of 95


@dataclass(frozen=True, slots=True)
class DriverLine:
    """One factor: its share of what the factors explain together, and its own satisfied share."""

    name: Words
    told: FactorShare
    estimate: Estimate | None  # of the factor, as published
    stands: str  # above, alike or below an even share, by the interval


@dataclass(frozen=True, slots=True)
class FormPart:
    """One form; another form's factors are other factors."""

    title: Words
    told: FormDrivers
    lines: tuple[DriverLine, ...]
    even: float  # what each factor would have if all had the same, 0-1

    @property
    def shaky(self) -> bool:
        return self.told.n < FEW

    def names(self, stands: str) -> tuple[Words, ...]:
        """The factors that stand so, in the order of the form."""
        return tuple(line.name for line in self.lines if line.stands == stands)


@dataclass(frozen=True, slots=True)
class Driving:
    """A sector of a unit. ``forms`` is empty where too few answered a whole form."""

    wave: str
    period: str
    week: str
    unit: UnitMark
    sector: str
    name: Words
    sectors: tuple[tuple[str, Words], ...]
    forms: tuple[FormPart, ...]
    indicative: bool
    run_id: int | None


def read_driving(session: Session, shelf: Shelf, *, wave: str, period: str, unit: Unit, sector: str = "") -> Driving | None:
    """The longest period of the chosen year; the first sector with answers where none is named, None for one without."""
    released = list_released_periods(session, wave)
    longest = next((one for one in released if one[:4] == period[:4] and is_longest(one, released)), period)
    facts = [fact for fact in list_facts(session, wave, [longest], units=[unit.id]) if (fact.side, fact.channels) == (RECEIVING, HEADLINE)]
    offered = in_order(tuple({fact.sector for fact in facts}), sector_order(shelf, shelf.waves[wave]))
    if sector and sector not in offered:
        return None
    sector = sector or next(iter(offered), "")
    mine = _best([fact for fact in facts if fact.sector == sector])
    last = find_last_run(session, wave)
    forms = _forms(session, shelf, mine, longest)
    return Driving(
        wave=wave,
        period=longest,
        week=last.week if last else "",
        unit=mark_of(unit),
        sector=sector,
        name=name_of(shelf, sector) if sector else {},
        sectors=tuple((one, name_of(shelf, one)) for one in offered),
        forms=forms,
        indicative=is_indicative(shelf.waves[wave], HEADLINE),
        run_id=max((fact.run_id for fact in mine.values()), default=None),
    )


def _best(facts: Sequence[Fact]) -> dict[str, Fact]:
    """The weighted fact of each indicator, the unweighted where there is no other."""
    best: dict[str, Fact] = {}
    for fact in facts:
        if fact.weighted or fact.indicator not in best:
            best[fact.indicator] = fact
    return best


def _forms(session: Session, shelf: Shelf, facts: Mapping[str, Fact], period: str) -> tuple[FormPart, ...]:
    """Only forms whose index is released, from the very run that it is released from."""
    parts = []
    for code, fact in facts.items():
        if not code.startswith("index:") or estimate_of(fact) is None:
            continue
        for told in find_drivers(session, fact.run_id, fact.unit_id):
            known = f"index:{told.instrument}:{told.length}", told.sector, told.period, told.weighted
            if known == (code, fact.sector, period, fact.weighted) and told.instrument in shelf.instruments:
                parts.append(_part(shelf, told, facts))
    return tuple(sorted(parts, key=lambda part: (part.told.length == "full", part.told.instrument)))


def _part(shelf: Shelf, told: FormDrivers, facts: Mapping[str, Fact]) -> FormPart:
    instrument, even = shelf.instruments[told.instrument], 1 / len(told.factors)
    lines = tuple(
        DriverLine(
            instrument.get_factor(one.code).name,
            one,
            estimate_of(facts.get(f"factor:{told.instrument}:{told.length}:{one.code}")),
            ABOVE if one.low > even else BELOW if one.high < even else ALIKE,
        )
        for one in told.factors
    )
    return FormPart(instrument.title, told, lines, even)
