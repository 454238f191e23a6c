"""How many answers on site a counter can honestly have in a day, from counts of dossiers: no counter has more answers than people it served.

A unit's dossiers of a sector are shared out evenly among its counters that serve the sector, so that the caps of a unit together never
allow more answers than there are dossiers (integrity 3.9: at most 1.0 × dossiers, but for rounding up).
"""

from __future__ import annotations

import math
from calendar import monthcalendar
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy.orm import Session

from sipas.instrument.shelf import Shelf
from sipas.store import frame, screens
from sipas.store.frame import Count
from sipas.store.units import Counter, list_every_counter

FLOWS = frozenset({"dossier", "visit", "discharge"})  # of which so many pass a day; pupils are there all year

Cell = tuple[int, str]  # unit and sector


def derive_from_frames(session: Session, shelf: Shelf, today: date, *, demonstration: bool) -> Mapping[int, int]:
    """Renew the caps that follow from the frames in force of the waves that are open; those caps by counter."""
    found: dict[Cell, float] = {}
    for wave in shelf.waves.values():
        if wave.is_open(today) and wave.demonstration == demonstration and (load := frame.get_frame(session, wave.code)) is not None:
            for cell, a_day in busiest_months(frame.list_counts(session, load.id), today).items():
                found[cell] = max(a_day, found.get(cell, 0.0))
    caps = share_out(list_every_counter(session), found)
    screens.replace_derived(session, caps, "frame")
    return caps


def busiest_months(counts: Iterable[Count], today: date) -> Mapping[Cell, float]:
    """Dossiers a working day of each unit and sector in its busiest month that is over; kinds never add up, the largest speaks."""
    sums: dict[tuple[int, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for count in counts:
        if count.kind in FLOWS and count.month < f"{today:%Y-%m}":
            both = sums[count.unit_id, count.sector, count.month, count.kind]
            both[0] += count.received
            both[1] += count.settled
    found: dict[Cell, float] = {}
    for (unit_id, sector, month, _), both in sums.items():
        found[unit_id, sector] = max(max(both) / working_days(month), found.get((unit_id, sector), 0.0))
    return found


def busiest_days(counts: Iterable[tuple[int, str, int]]) -> Mapping[Cell, float]:
    """Dossiers of each unit and sector on its busiest day, from one count a day."""
    found: dict[Cell, float] = {}
    for unit_id, sector, dossiers in counts:
        found[unit_id, sector] = max(float(dossiers), found.get((unit_id, sector), 0.0))
    return found


def share_out(counters: Iterable[Counter], a_day: Mapping[Cell, float]) -> Mapping[int, int]:
    """Cap by counter: its even share of each sector it serves, added up and rounded up.

    None for a counter of which one sector has no count: its people would be taken for too many.
    """
    serving = [(counter, [(counter.unit_id, sector) for sector in counter.sectors.split()]) for counter in counters]
    counters_of = Tally(cell for _, cells in serving for cell in cells)
    return {
        counter.id: max(1, math.ceil(sum(a_day[cell] / counters_of[cell] for cell in cells) - 1e-9))
        for counter, cells in serving
        if cells and all(cell in a_day for cell in cells)
    }


def working_days(month: str) -> int:
    """Mondays to Fridays of a month such as 2026-11; holidays are not known, so a day's count errs to the small side."""
    weeks = monthcalendar(int(month[:4]), int(month[5:]))
    return sum(1 for week in weeks for day in week[:5] if day)
