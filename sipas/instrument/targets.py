"""Targets: what was promised, to whom, and which promise is in force for a unit and a sector (decision 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from sipas.instrument.model import Wording

INDICATORS = ("procedures", "services", "agency_service")
STATISTICS = ("overall", "pooled", "all", "mean")
OPERATORS = (">=", ">")
EVERY_SECTOR = "*"


@dataclass(frozen=True, slots=True)
class Target:
    """One promise."""

    indicator: str
    statistic: str
    unit: tuple[str, str] | None  # tier and code; None: every unit of the tree
    unit_until: date | None  # the day on which that unit ceased to exist: from then on its code may mean another
    sector: str  # a sector, a family or *
    operator: str
    value: float  # 0-1
    combine: Mapping[str, float] = field(default_factory=dict)  # indicator → weight, where several are joined


@dataclass(frozen=True, slots=True)
class TargetSet:
    """The promises of one document, in force from the first to the last day, both included."""

    code: str
    name: Wording
    legal_basis: str
    evidence: str
    valid_from: date
    valid_to: date
    demonstration: bool
    lines: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """The promise that answers for a unit, a sector and a day."""

    target: Target
    set: TargetSet
    expired: bool


class HoldsTargets(Protocol):
    """A shelf, as far as targets go."""

    @property
    def targets(self) -> Mapping[str, TargetSet]: ...


def resolve(
    shelf: HoldsTargets,
    *,
    chain: Sequence[tuple[str, str]],
    sector: str,
    family: str,
    day: date,
    demonstration: bool,
    indicator: str = "",
) -> Resolved | None:
    """The target in force on ``day``; else the last one that has expired; else None.

    ``chain`` holds (tier, code), the unit first, then its ancestors up to the root. The nearest unit decides, and within it the exact
    sector before the family before all. ``indicator`` is the family's own unless another is named.
    """
    ranked = sorted(
        (
            (promise.valid_to < day, near, exact, -promise.valid_to.toordinal(), promise.code, number)
            for promise, number, target in _lines(shelf, day=day, demonstration=demonstration)
            if target.indicator == (indicator or family)
            and (near := _nearness(target, chain)) is not None
            and (exact := _exactness(target, sector, family)) is not None
        )
    )
    if not ranked:
        return None
    expired, _, _, _, code, number = ranked[0]
    promise = shelf.targets[code]
    return Resolved(promise.lines[number], promise, expired)


def _lines(shelf: HoldsTargets, *, day: date, demonstration: bool) -> Iterator[tuple[TargetSet, int, Target]]:
    """Every line whose set has begun and whose unit still exists."""
    for promise in shelf.targets.values():
        if promise.demonstration != demonstration or promise.valid_from > day:
            continue
        for number, target in enumerate(promise.lines):
            if target.unit_until is None or day < target.unit_until:
                yield promise, number, target


def _nearness(target: Target, chain: Sequence[tuple[str, str]]) -> int | None:
    if target.unit is None:
        return len(chain)
    return chain.index(target.unit) if target.unit in chain else None


def _exactness(target: Target, sector: str, family: str) -> int | None:
    order = (sector, family, EVERY_SECTOR)
    return order.index(target.sector) if target.sector in order else None
