"""Weights of micro-data, recomputed on the recoded strata: what one row stands for over the whole wave."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sipas.exports.strata import HEADLINE, Stratum

Population = Mapping[tuple[int, str], int]  # unit, sector → dossiers, visits, discharges or pupils


@dataclass(frozen=True, slots=True)
class Weighed:
    """A released stratum with its population, its answers and the weight of each."""

    stratum: Stratum
    number: int
    population: int | None  # None: the frame does not know it
    n: int
    weight: float | None  # population ÷ n; 1 where there are more answers than population
    flag: str  # over_frame, no_frame, part_frame (some units of a merged stratum are not in the frame), no_answer


def weigh(homes: Iterable[Stratum | None], strata: Mapping[Stratum, Stratum], population: Population) -> Sequence[Weighed]:
    """Every released stratum, numbered, and after them the headline strata that have a population and no answer."""
    counts = Counter(home for home in homes if home is not None)
    parts: dict[Stratum, list[int | None]] = defaultdict(list)
    for first, home in strata.items():
        parts[home].append(population.get((first.unit_id, first.sector)))
    weighed = [_weigh(stratum, number, parts[stratum], counts[stratum]) for number, stratum in enumerate(sorted(counts), start=1)]
    covered = {(first.unit_id, first.sector) for first in strata if first.channels == HEADLINE}
    silent = sorted(key for key, number in population.items() if number and key not in covered)
    for number, key in enumerate(silent, start=len(weighed) + 1):
        weighed.append(Weighed(Stratum(*key, HEADLINE), number, population[key], 0, None, "no_answer"))
    return weighed


def _weigh(stratum: Stratum, number: int, parts: Sequence[int | None], n: int) -> Weighed:
    known = [part for part in parts if part]
    if not known:
        return Weighed(stratum, number, None, n, None, "no_frame")
    population = sum(known)
    if n > population:
        return Weighed(stratum, number, population, n, 1.0, "over_frame")
    return Weighed(stratum, number, population, n, population / n, "part_frame" if len(known) < len(parts) else "")
