"""What must hold between the files of a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations

from sipas.instrument.complaint import Complaint
from sipas.instrument.model import FAMILIES, Instrument, Sector, Wave
from sipas.instrument.targets import EVERY_SECTOR, Target, TargetSet


def check(
    instruments: Mapping[str, Instrument],
    sectors: Mapping[str, Sector],
    waves: Mapping[str, Wave],
    targets: Mapping[str, TargetSet],
    *,
    faults: list[Complaint],
) -> None:
    """Append every fault between files to ``faults``."""
    for sector in sectors.values():
        faults.extend(_sector_faults(sector, instruments))
    for wave in waves.values():
        faults.extend(_wave_faults(wave, sectors))
        faults.extend(_margin_faults(wave, sectors, instruments))
    faults.extend(_overlapping_waves(waves))
    for promise in targets.values():
        faults.extend(_target_faults(promise, sectors))
    faults.extend(_equal_targets(targets))


def _sector_faults(sector: Sector, instruments: Mapping[str, Instrument]) -> Iterator[Complaint]:
    file = f"sectors/{sector.code}.toml"
    for code in sector.instruments:
        if code not in instruments:
            yield Complaint(file, "instruments", f"there is no instrument {code!r}", f"choose from {', '.join(instruments)}")
        elif instruments[code].family != sector.family:
            fault = f"{code} is an instrument for {instruments[code].family}, and this sector belongs to {sector.family}"
            yield Complaint(file, "instruments", fault, "name an instrument of the same family")
        elif instruments[code].kind not in sector.kinds:
            fault = f"an answer to {code} stands for one {instruments[code].kind}, which this sector's frame does not count"
            yield Complaint(file, "kinds", fault, f"add {instruments[code].kind!r} to kinds")


def _wave_faults(wave: Wave, sectors: Mapping[str, Sector]) -> Iterator[Complaint]:
    file = f"waves/{wave.code}.toml"
    for code in wave.sectors:
        if code not in sectors:
            yield Complaint(file, "sectors", f"there is no sector {code!r}", f"choose from {', '.join(sectors)}")
    for code, instrument in wave.instruments.items():
        if code not in wave.sectors:
            yield Complaint(file, f"instruments: {code}", "this wave does not hold that sector", "add it to sectors, or delete the line")
        elif code in sectors and instrument not in sectors[code].instruments:
            fault = f"{instrument!r} is not an instrument of that sector"
            yield Complaint(file, f"instruments: {code}", fault, f"choose from {', '.join(sectors[code].instruments)}")


def _margin_faults(wave: Wave, sectors: Mapping[str, Sector], instruments: Mapping[str, Instrument]) -> Iterator[Complaint]:
    """A wave cannot be weighted by what none of its forms asks."""
    codes = {code for sector in wave.sectors if sector in sectors for code in sectors[sector].instruments} | {*wave.instruments.values()}
    if "filing" in wave.calibrate and not any("filing" in instruments[code].asks for code in codes if code in instruments):
        fault = "names filing, and no instrument of its sectors asks how a dossier was filed"
        yield Complaint(f"waves/{wave.code}.toml", "calibrate", fault, 'take "filing" out, or add "filing" to asks in an instrument')


def _overlapping_waves(waves: Mapping[str, Wave]) -> Iterator[Complaint]:
    for one, other in combinations(waves.values(), 2):
        shared = sorted({*one.sectors} & {*other.sectors})
        if shared and one.demonstration == other.demonstration and one.first_day <= other.last_day and other.first_day <= one.last_day:
            fault = f"is open together with {other.code}, and both hold {', '.join(shared)}"
            yield Complaint(f"waves/{one.code}.toml", "first_day", fault, "let one end before the other begins")


def _target_faults(promise: TargetSet, sectors: Mapping[str, Sector]) -> Iterator[Complaint]:
    known = (*sectors, *FAMILIES, EVERY_SECTOR)
    for number, target in enumerate(promise.lines, 1):
        if target.sector and target.sector not in known:
            fault = f"there is no sector or family {target.sector!r}"
            yield Complaint(f"targets/{promise.code}.toml", f"line {number}: sector", fault, f"choose from {', '.join(known)}")
        family = sectors[target.sector].family if target.sector in sectors else target.sector
        if target.indicator in FAMILIES and family in FAMILIES and family != target.indicator:
            fault = f"{target.sector} belongs to {family}, so this line would answer nobody"
            yield Complaint(f"targets/{promise.code}.toml", f"line {number}: indicator", fault, f"write indicator = {family!r}")


def _equal_targets(targets: Mapping[str, TargetSet]) -> Iterator[Complaint]:
    """Two lines that would answer the same question on the same day: neither can be preferred."""
    lines = [(promise, number, target) for promise in targets.values() for number, target in enumerate(promise.lines, 1)]
    for (one, first, target), (other, second, rival) in combinations(lines, 2):
        same = (target.indicator, target.unit, target.sector) == (rival.indicator, rival.unit, rival.sector)
        if same and target.sector and one.demonstration == other.demonstration and _meet(one, target, other, rival):
            fault = f"is equal to line {first} of {one.code}: same indicator, unit and sector, in force on the same day"
            yield Complaint(f"targets/{other.code}.toml", f"line {second}", fault, "delete one, or end one set before the other begins")


def _meet(one: TargetSet, target: Target, other: TargetSet, rival: Target) -> bool:
    begin = max(one.valid_from, other.valid_from)
    ends = [one.valid_to, other.valid_to]
    ends += [date.fromordinal(until.toordinal() - 1) for until in (target.unit_until, rival.unit_until) if until]
    return begin <= min(ends)
