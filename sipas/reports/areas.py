"""The domains that are published: periods, and parts of the unit tree by sector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sipas.instrument.shelf import Shelf
from sipas.reports.weighting import Strata
from sipas.stats.intervals import Bools
from sipas.stats.weights import Ints

PIECE = "decided by "  # and a unit's number: the side of what other units receive and this one decides, which no page tells
ADDED_UP = ("procedures",)  # families whose sectors are summed; kinds of service never are


@dataclass(frozen=True, slots=True)
class Areas:
    """Domains of one side, sorted, and the parts they are made of."""

    side: str
    keys: tuple[tuple[int, str], ...]  # unit, sector or family
    domain: Ints  # pairs of a domain and a part, sorted
    part: Ints
    leaf: Bools  # (D,) one stratum of the unit's own


def list_periods(months: Sequence[str]) -> dict[str, Bools]:
    """Every month and quarter that the months touch, each year that reached December, and years to date; each with its months.

    A year that is not over is its year to date. That of the last year is there, the same months of the years before it (what it is
    compared with), and the last of a year that ended before its December. Earlier ones were told when they were new, and stay.
    """
    last = {month[:4]: month[5:] for month in months}
    newest = last[max(last)] if last else ""
    names: dict[str, list[int]] = {}
    for place, month in enumerate(months):
        year, number = month[:4], int(month[5:])
        names.setdefault(month, []).append(place)
        names.setdefault(f"{year}-Q{(number + 2) // 3}", []).append(place)
        if last[year] == "12":
            names.setdefault(year, []).append(place)
        for until in {newest} | ({last[year]} - {"12"}):
            if month[5:] <= until:
                names.setdefault(f"{year}-ytd-{until}", []).append(place)
    periods = {}
    for name in sorted(names):
        mask = np.zeros(len(months), np.bool_)
        mask[names[name]] = True
        periods[name] = mask
    return periods


def is_longest(period: str, periods: Iterable[str]) -> bool:
    """Whether a period is the longest of its year: the year itself, or until it is over the last year to date."""
    own = [other for other in periods if other[:4] == period[:4] and (len(other) == len("2026") or "-ytd-" in other)]
    return period == min(own, key=lambda other: (len(other) > len("2026"), -int(other[-2:])), default="")


def is_month(period: str) -> bool:
    """Whether a period is a single month."""
    return len(period) == 7 and period[5] != "Q"


def passes(period: str, periods: Iterable[str]) -> bool:
    """Whether a period is there only to be compared with: a year to date beside its longer year."""
    return "-ytd-" in period and not is_longest(period, periods) and any(period < other and "-ytd-" in other for other in periods)


def receiving_areas(strata: Strata, shelf: Shelf, paths: Mapping[int, str]) -> Areas:
    """Each unit and each of its ancestors, by sector and by family."""
    pairs = set()
    for part, (unit, sector) in enumerate(strata.keys):
        for above in ancestors(paths[unit]):
            pairs |= {((above, name), part) for name in _names(shelf, sector)}
    own = {(unit, sector): part for part, (unit, sector) in enumerate(strata.keys)}
    return _areas("receiving", pairs, own)


def deciding_areas(strata: Strata, shelf: Shelf) -> Areas:
    """Each deciding unit, by sector and by family, over all who receive for it."""
    pairs = set()
    for part, (stratum, unit) in enumerate(strata.deciding):
        pairs |= {((unit, name), part) for name in _names(shelf, strata.keys[stratum][1])}
    return _areas("deciding", pairs, {})


def pieces_areas(strata: Strata, shelf: Shelf, decides: int) -> Areas:
    """Each receiving unit, by sector and by family, as far as one unit decides."""
    pairs = set()
    for part, (stratum, unit) in enumerate(strata.deciding):
        if unit == decides:
            pairs |= {((strata.keys[stratum][0], name), part) for name in _names(shelf, strata.keys[stratum][1])}
    return _areas(f"{PIECE}{decides}", pairs, {})


def ancestors(path: str) -> tuple[int, ...]:
    """The numbers on a path ``/1/17/230/``, the root first, the unit itself last."""
    return tuple(int(number) for number in path.strip("/").split("/"))


def family_of(shelf: Shelf, sector: str) -> str:
    """The family of a sector, or of a family itself; empty for a sector that has left the shelf."""
    if sector in shelf.families:
        return sector
    return shelf.sectors[sector].family if sector in shelf.sectors else ""


def _names(shelf: Shelf, sector: str) -> tuple[str, ...]:
    family = family_of(shelf, sector)
    return (sector, family) if family in ADDED_UP else (sector,)


def _areas(side: str, pairs: set[tuple[tuple[int, str], int]], own: Mapping[tuple[int, str], int]) -> Areas:
    keys = tuple(sorted({key for key, _ in pairs}))
    number = {key: place for place, key in enumerate(keys)}
    both = np.array(sorted((number[key], part) for key, part in pairs), np.int64).reshape(-1, 2)
    size = np.bincount(both[:, 0], minlength=len(keys))
    leaf = np.array([size[place] == 1 and (key, own.get(key, -1)) in pairs for place, key in enumerate(keys)], np.bool_)
    return Areas(side, keys, both[:, 0], both[:, 1], leaf)
