"""Scorecards: the released facts of a unit, laid out as a page needs them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from sipas.instrument.shelf import Shelf
from sipas.reports.lines import Change, ChannelLine, Estimate, Front, Line, Part, Scorecard, SectorCard, Sentence, TargetMark, UnitMark
from sipas.store.units import Unit

__all__ = [
    "Change",
    "ChannelLine",
    "Estimate",
    "Front",
    "Line",
    "Part",
    "Scorecard",
    "SectorCard",
    "Sentence",
    "TargetMark",
    "UnitMark",
    "list_periods",
    "read_front",
    "read_unit",
]


def list_periods(session: Session, wave: str) -> tuple[str, ...]:
    """Every period that has released facts, newest first: year to date, year, quarters, months."""
    raise NotImplementedError(f"{session} {wave}")


def read_front(session: Session, shelf: Shelf, *, wave: str, period: str, root: Unit, channels: str = "headline") -> Front:
    """The table of the first page for ``root``."""
    raise NotImplementedError(f"{session} {shelf} {wave} {period} {root} {channels}")


def read_unit(session: Session, shelf: Shelf, *, wave: str, period: str, unit: Unit) -> Scorecard:
    """The page of one unit."""
    raise NotImplementedError(f"{session} {shelf} {wave} {period} {unit}")
