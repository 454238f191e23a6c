"""The attack that a reader could make: everything told of a wave, taken together, against everything that is not."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from sipas.extract import Extract
from sipas.instrument.shelf import Shelf
from sipas.reports.areas import PIECE
from sipas.reports.auditing_details import list_detail_leaks, told_in
from sipas.reports.facts import get_wave, read_counts
from sipas.reports.lattice import Cell, lay_lattice
from sipas.reports.protection import list_leaks
from sipas.stats.disclosure import Leak
from sipas.store.engine import Store
from sipas.store.facts import TOLD, list_facts, list_released, list_weighted
from sipas.store.reading import Session, list_units


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit found."""

    told: int  # domains
    details: int  # figures of items, factors and indices
    hidden: int  # groups of people of whom nothing is told now
    leaks: tuple[str, ...]  # a line each, with the place
    seconds: float


def audit(store: Store, shelf: Shelf, wave: str, *, extract: Extract | None = None, details: bool = True) -> AuditReport:
    """Try every sum over units, sectors, periods and channels of what is released: of the domains' answers, then of each indicator's.

    The second takes ten times as long: every indicator is a table of its own. Without ``details`` it is left out.
    """
    began = perf_counter()
    chosen = get_wave(shelf, wave)
    with store.read() as session:
        counted = read_counts(session, extract or Extract(None), shelf, chosen)
        released = list_released(session, wave)
        lattice = lay_lattice(counted.strata, counted.whole, shelf, chosen, (counted.paths, released))
        hidden, leaks = list_leaks(lattice, released, list_weighted(session, wave))
        lines = [_line(session, cell, leak) for cell, leak in leaks]
        told_details = told_in(list_facts(session, wave, {domain.period for domain in released})) if details else {}
        instruments = sorted({code for _, one in counted.counts for code in one.instruments}) if details else []
        places, known = (counted.paths, instruments), (lattice, told_details)
        for indicator, cell, leak in list_detail_leaks(counted.strata, counted.whole, shelf, places, known) if details else ():
            lines.append(_line(session, cell, leak).replace("leak: ", f"leak: {indicator}, ", 1))
    told = sum(one.word == TOLD for one in released.values())
    return AuditReport(told, len(told_details), hidden, tuple(lines), perf_counter() - began)


def _name(session: Session, number: int) -> str:
    unit = next(iter(list_units(session, {number})), None)
    return f"{unit.tier} {unit.code}" if unit else f"unit {number}"


def _line(session: Session, cell: Cell, leak: Leak) -> str:
    """Where it leaks, and how far; the true count is not told here either."""
    period, number, side, sector, channels = cell.domain
    where = _name(session, number)
    if cell.piece:
        side = PIECE + _name(session, int(side.removeprefix(PIECE)))
    part = {0: "", 1: ", with a frame", 2: ", without a frame"}[cell.frame] + (f", what is left of its {cell.rest}" if cell.rest else "")
    return f"leak: {where}, {side}, {sector}, {period}, {channels}{part}: between {max(0.0, leak.low):.0f} and {leak.high:.0f} answers"
