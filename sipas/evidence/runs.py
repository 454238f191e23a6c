"""Which numbers of a growing sequence have come, as its highest number and the gaps below it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """Numbers that are missing, both ends included, and the day on which they were first missed."""

    first: int
    last: int
    since: date

    @property
    def size(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class Run:
    """Every number from 1 to ``highest`` has come, but for the gaps, which are in order and never touch."""

    highest: int = 0
    gaps: tuple[Gap, ...] = ()

    def has(self, number: int) -> bool:
        """Whether the number has come."""
        return 1 <= number <= self.highest and not any(gap.first <= number <= gap.last for gap in self.gaps)

    def with_number(self, number: int, day: date) -> Run:
        """The run once ``number`` has come too; a gap that is cut keeps the day on which it was first missed."""
        if number > self.highest:
            opened = (Gap(self.highest + 1, number - 1, day),) if number > self.highest + 1 else ()
            return Run(number, (*self.gaps, *opened))
        return Run(self.highest, tuple(part for gap in self.gaps for part in _without(gap, number)))


def _without(gap: Gap, number: int) -> Iterable[Gap]:
    if not gap.first <= number <= gap.last:
        yield gap
        return
    if gap.first < number:
        yield Gap(gap.first, number - 1, gap.since)
    if number < gap.last:
        yield Gap(number + 1, gap.last, gap.since)
