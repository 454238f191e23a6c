"""A unit's scorecard with what its other pages tell: each sector over time, and what goes with satisfaction in it."""

from __future__ import annotations

from dataclasses import dataclass

from sipas.instrument.shelf import Shelf
from sipas.reports.driving import Driving, read_driving
from sipas.reports.lines import Scorecard
from sipas.reports.scorecard import read_unit
from sipas.reports.trends import Series, read_series
from sipas.store.reading import Session
from sipas.store.units import Unit


@dataclass(frozen=True, slots=True)
class WholeCard:
    """A scorecard for a file that tells all of it."""

    card: Scorecard
    trends: tuple[Series, ...]  # of the sectors that the unit received answers in, by the step that its page opens with
    drivers: tuple[Driving, ...]  # of the year's longest period


def read_whole(session: Session, shelf: Shelf, *, wave: str, period: str, unit: Unit) -> WholeCard:
    """The scorecard, and for each of its sectors the series and the drivers as their pages read them."""
    card = read_unit(session, shelf, wave=wave, period=period, unit=unit)
    sectors = [one.line.sector for one in card.cards]
    trends = [read_series(session, shelf, wave=wave, unit=unit, sector=sector) for sector in sectors]
    drivers = [read_driving(session, shelf, wave=wave, period=period, unit=unit, sector=sector) for sector in sectors]
    return WholeCard(card, tuple(one for one in trends if one), tuple(one for one in drivers if one))
