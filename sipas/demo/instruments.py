"""Which questionnaire is asked at which counter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sipas.demo.province import PARTS, CounterPlan, UnitPlan
from sipas.instrument.model import Instrument, Wave
from sipas.instrument.shelf import Shelf


def override_of(desk: CounterPlan, shelf: Shelf) -> str:
    """The questionnaire of a ward or a clinic: that of its sector whose answers stand for the part's kind."""
    if not desk.part:
        return ""
    kind = PARTS[desk.part][0]
    return next(code for code in shelf.sectors[desk.sectors[0]].instruments if shelf.instruments[code].kind == kind)


def choose_instruments(plans: Sequence[UnitPlan], shelf: Shelf, wave: Wave) -> Mapping[tuple[int, int, str], Instrument]:
    """The questionnaire of every unit, counter and sector."""
    return MappingProxyType(
        {
            (position, number, sector): shelf.instrument_for(wave, sector, override_of(desk, shelf))
            for position, plan in enumerate(plans)
            for number, desk in enumerate(plan.counters)
            for sector in desk.sectors
        }
    )
