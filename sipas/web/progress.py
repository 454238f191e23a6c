"""How far a load has come that runs beside the pages: one value, replaced whole, so that every thread reads a whole one."""

from __future__ import annotations

from dataclasses import dataclass

_NOW: list[Progress | None] = [None]


@dataclass(frozen=True, slots=True)
class Progress:
    """What is being loaded and how far it is."""

    text: str
    done: int
    total: int

    @property
    def percent(self) -> int:
        """0 to 99: the page says 100 by no longer saying anything."""
        return min(99, 100 * self.done // self.total) if self.total else 0


def current() -> Progress | None:
    """What is loading now; None when nothing is."""
    return _NOW[0]


def show(progress: Progress | None) -> None:
    """Replace what is shown; None ends it."""
    _NOW[0] = progress
