"""The shelf: every questionnaire, sector, wave and target set that the program holds, read once at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sipas.instrument.complaint import BadSurveysError
from sipas.instrument.model import FAMILIES, Family, Instrument, Sector, Wave
from sipas.instrument.reader.folder import read_folder
from sipas.instrument.targets import TargetSet
from sipas.terms import SipasError


class UnknownInstrumentError(SipasError):
    """A counter names an instrument that is not on the shelf."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that is asked, of whom, when, and what was promised; keys are codes."""

    instruments: Mapping[str, Instrument]
    sectors: Mapping[str, Sector]  # in the fixed order in which people read them
    waves: Mapping[str, Wave]
    targets: Mapping[str, TargetSet]
    families: Mapping[str, Family] = field(default_factory=lambda: FAMILIES)

    def wave_for(self, sector: str, day: date, *, demonstration: bool) -> Wave | None:
        """The open wave that holds a sector; the check leaves at most one."""
        for wave in self.waves.values():
            if wave.demonstration == demonstration and sector in wave.sectors and wave.is_open(day):
                return wave
        return None

    def instrument_for(self, wave: Wave, sector: str, override: str = "") -> Instrument:
        """The instrument of a sector in a wave.

        ``override`` is the counter's own (a ward, a clinic). It holds for the sectors that offer it; at a counter that serves
        several, the others keep theirs.
        """
        if override and override not in self.instruments:
            raise UnknownInstrumentError(f"there is no instrument {override!r}: point the counter to one of {', '.join(self.instruments)}")
        offered = self.sectors[sector].instruments
        return self.instruments[override if override in offered else wave.instruments.get(sector, offered[0])]

    def asks(self, wave: Wave, sector: str, what: str) -> bool:
        """Whether an answer of a sector can tell its stage, respondent or filing: some instrument of it asks."""
        offered = self.sectors[sector].instruments if sector in self.sectors else ()
        return any(what in self.instruments[code].asks for code in {*offered, *filter(None, [wave.instruments.get(sector)])})

    def instruments_of(self, wave: Wave) -> tuple[Instrument, ...]:
        """Every instrument that may be asked in a wave, by code."""
        codes = {code for sector in wave.sectors for code in self.sectors[sector].instruments}
        return tuple(self.instruments[code] for code in sorted(codes))


def read_shelf(folder: Path) -> Shelf:
    """The shelf of a folder; BadSurveysError tells everything that is wrong at once."""
    contents, complaints = read_folder(folder)
    if complaints:
        raise BadSurveysError(complaints)
    return Shelf(contents.instruments, contents.sectors, contents.waves, contents.targets)
