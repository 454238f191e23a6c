"""One line of a table, from released facts and the target in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.instrument.targets import Resolved, resolve
from sipas.reports.areas import ADDED_UP, ancestors, family_of
from sipas.reports.indicators import MAIN
from sipas.reports.judging import Chain, find_target
from sipas.reports.lines import Line, TargetMark, Words
from sipas.reports.pairs import change_of
from sipas.reports.released import Shown, comparable, estimate_of, is_indicative, period_before, told
from sipas.stats.verdict import HIDDEN, HIDDEN_BELOW, NO_TARGET
from sipas.store.facts import Fact
from sipas.store.reading import Session, list_units
from sipas.store.units import Unit
from sipas.terms import last_thursday

NO_DATA = "no_data"
AGENCY = "agency_service"
AGENCY_NAME: Words = {"vi": "Sự phục vụ của cơ quan hành chính", "en": "Service of administrative agencies"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when lines are read."""

    shelf: Shelf
    wave: Wave
    unit: Unit
    chain: Chain
    period: str


def place_of(session: Session, shelf: Shelf, wave: Wave, unit: Unit, period: str) -> tuple[Place, Unit | None]:
    """A unit with its chain of ancestors, and the root of its tree."""
    above = {one.id: one for one in list_units(session, ancestors(unit.path))}
    chain = tuple((above[number].tier, above[number].code) for number in reversed(ancestors(unit.path)) if number in above)
    return Place(shelf, wave, unit, chain, period), above.get(ancestors(unit.path)[0])


def sector_order(shelf: Shelf, wave: Wave) -> tuple[str, ...]:
    """Families that are added up, each before its sectors, then the others: the fixed order of every table."""
    order: list[str] = []
    for family in shelf.families:
        own = [code for code, sector in shelf.sectors.items() if sector.family == family and code in wave.sectors]
        order += [family, *own] if own and family in ADDED_UP else own
    return tuple(order)


def name_of(shelf: Shelf, sector: str) -> Words:
    """A sector's or a family's name."""
    if sector in shelf.families:
        return shelf.families[sector].name
    return shelf.sectors[sector].name if sector in shelf.sectors else {"vi": sector}


def read_line(place: Place, shown: Shown, sector: str, channels: str = "headline") -> Line:
    """The line of a sector; where only open answers exist, theirs, marked as indicative."""
    if channels == "headline" and not _any(place, shown, sector, channels) and _any(place, shown, sector, "O"):
        channels = "O"
    promised = find_target(place.shelf, place.wave, place.chain, sector, last_thursday(place.period))
    statistic = promised.target.statistic if promised and channels == "headline" else "overall"
    fact = _fact(place, shown, sector, statistic, channels)
    plain = shown.find((place.period, "receiving", sector, statistic, channels, False))
    return _line(place, sector, (statistic, channels), (fact, plain), (promised, _before(place, shown, sector, statistic, channels)))


def agency_lines(place: Place) -> tuple[Line, ...]:
    """Agencies' own service is another indicator: measured nowhere, it is told to have no data, at the top and wherever it is promised."""
    promised = resolve(
        place.shelf,
        chain=place.chain,
        sector="*",
        family=AGENCY,
        day=last_thursday(place.period),
        demonstration=place.wave.demonstration,
        indicator=AGENCY,
    )
    asked = any(family_of(place.shelf, sector) in ADDED_UP for sector in place.wave.sectors)
    if promised is None and (len(place.chain) > 1 or not asked):
        return ()
    statistic = promised.target.statistic if promised else "overall"
    return (_line(place, "*", (statistic, "headline"), (None, None), (promised, None)),)


def _fact(place: Place, shown: Shown, sector: str, statistic: str, channels: str) -> Fact | None:
    """The figure that is judged; of a hidden domain only the overall row is there, and says so."""
    overall = shown.best(place.period, "receiving", sector, "overall", channels)
    if overall is not None and overall.verdict == HIDDEN:
        return overall
    return shown.best(place.period, "receiving", sector, statistic, channels)


def _any(place: Place, shown: Shown, sector: str, channels: str) -> bool:
    return any(shown.best(place.period, "receiving", sector, statistic, channels) for statistic in MAIN)


def _before(place: Place, shown: Shown, sector: str, statistic: str, channels: str) -> Fact | None:
    if not comparable(shown, place.period, channels):
        return None
    return shown.best(period_before(place.period), "receiving", sector, statistic, channels)


def _line(
    place: Place, sector: str, what: tuple[str, str], facts: tuple[Fact | None, Fact | None], beside: tuple[Resolved | None, Fact | None]
) -> Line:
    (statistic, channels), (fact, plain), (promised, before) = what, facts, beside
    estimate, unweighted = estimate_of(fact), estimate_of(plain)
    target = _target(promised, fact)
    mean = statistic == "mean"
    left_out = plain.n - fact.n if fact and plain and fact.weighted else 0
    return Line(
        unit_id=place.unit.id,
        sector=sector,
        name=name_of(place.shelf, sector) if sector != "*" else _agency_name(place.shelf, promised),
        indicator=family_of(place.shelf, sector) if sector != "*" else AGENCY,
        statistic=statistic,
        channels=channels,
        estimate=estimate,
        unweighted=unweighted,
        target=target,
        verdict=_verdict(fact, target),
        difference=(estimate.value - target.value) * (1 if mean else 100) if estimate and target else None,
        more_needed=fact.more_needed if fact else None,
        change=change_of(told(fact), told(before), period_before(place.period)),
        indicative=is_indicative(place.wave, channels),
        provisional=bool(estimate and "provisional" in estimate.flags),
        excluded=left_out if left_out >= HIDDEN_BELOW else 0,
        flags=estimate.flags if estimate else tuple(fact.flags.split()) if fact else (),
    )


def _agency_name(shelf: Shelf, promised: Resolved | None) -> Words:
    """Agencies' own service; where a promise joins it with others, all of them with their weights."""
    joined = promised.target.combine if promised else {}
    if not joined:
        return AGENCY_NAME
    parts = [(AGENCY_NAME if one == AGENCY else name_of(shelf, one), weight) for one, weight in joined.items()]
    told = {language: " + ".join(f"{name[language]} ({weight:.0%})" for name, weight in parts) for language in AGENCY_NAME}
    return {"vi": f"Tính gộp: {told['vi']}", "en": f"Joined: {told['en']}"}


def _verdict(fact: Fact | None, target: TargetMark | None) -> str:
    if fact is None:
        return NO_DATA
    if fact.verdict == HIDDEN or fact.value is None:
        return HIDDEN
    return fact.verdict or NO_TARGET if target else NO_TARGET


def _target(promised: Resolved | None, fact: Fact | None) -> TargetMark | None:
    """The promise of the shelf; once a fact was judged, its own number stands."""
    if promised is None:
        return None
    return TargetMark(
        value=fact.target if fact and fact.target is not None else promised.target.value,
        operator=fact.operator if fact and fact.operator else promised.target.operator,
        statistic=promised.target.statistic,
        set_code=promised.set.code,
        set_name=promised.set.name,
        legal_basis=promised.set.legal_basis,
        expired=promised.expired,
        demonstration=promised.set.demonstration,
    )


def in_order(sectors: Sequence[str], order: Sequence[str]) -> tuple[str, ...]:
    """Sectors in the fixed order; those that have left the shelf come last."""
    place = {code: number for number, code in enumerate(order)}
    return tuple(sorted(set(sectors), key=lambda code: (place.get(code, len(place)), code)))
