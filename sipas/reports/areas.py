"""The domains that are published: periods, and parts of the unit tree by sector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sipas.instrument.shelf import Shelf
from sipas.reports.weighting import Strata
from sipas.stats.intervals import Bools
from sipas.stats.weights import Ints

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
    """Every month, quarter, year to date and year that the months touch, each with its months."""
    names: dict[str, list[int]] = {}
    for place, month in enumerate(months):
        year, number = month[:4], int(month[5:])
        names.setdefault(month, []).append(place)
        names.setdefault(f"{year}-Q{(number + 2) // 3}", []).append(place)
        names.setdefault(year, []).append(place)
        names[f"{year}-ytd-{month[5:]}"] = [earlier for earlier in range(place + 1) if months[earlier][:4] == year]
    periods = {}
    for name in sorted(names):
        mask = np.zeros(len(months), np.bool_)
        mask[names[name]] = True
        periods[name] = mask
    return periods


def is_year(period: str) -> bool:
    """Whether a period is a whole year."""
    return len(period) == 4


def is_month(period: str) -> bool:
    """Whether a period is a single month."""
    return len(period) == 7 and period[5] != "Q"


def passes(period: str, periods: Iterable[str]) -> bool:
    """Whether a period is a year to date that a later one has overtaken."""
    return "-ytd-" in period and any(period < other and "-ytd-" in other for other in periods)


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
