"""The rows of a file: columns of text, each row knowing its place, read as numbers or as categories where a design asks for it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sipas.estimates.refusals import BadInputError, nearest
from sipas.stats.intervals import Floats
from sipas.stats.weights import Ints

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
MOST = 1e100  # beyond it squares are no numbers any more
_GROUPS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+", re.ASCII)
_PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read of a file.

    ``columns`` holds one text a row, empty where there is none; ``places`` the line of each row, or its number in a file without
    lines, which ``place_word`` says; ``missing`` the texts that stand for no answer; ``decimal`` the mark before decimals, if it is
    known.
    """

    name: str
    found: str
    columns: Mapping[str, Sequence[str]]
    places: Sequence[int]
    place_word: str = "line"
    missing: tuple[str, ...] = ()
    decimal: str | None = None

    @property
    def n(self) -> int:
        return len(self.places)

    def place(self, row: int) -> str:
        """Where a row, counted from 0, stands in the file."""
        return f"{self.place_word} {self.places[row]}"

    def refuse(self, complaint: str) -> BadInputError:
        return BadInputError(self.name, [complaint])

    def cells(self, column: str) -> list[str]:
        """A column's texts; empty where missing."""
        if column not in self.columns:
            raise self.refuse(f"column {column!r} is not in the file; {nearest(column, self.columns)}")
        if not self.missing:
            return list(self.columns[column])
        out = set(self.missing)
        return ["" if cell in out else cell for cell in self.columns[column]]

    def numbers(self, column: str) -> Floats:
        """A column of numbers, NaN where missing."""
        cells = self.cells(column)
        mark = self._mark(column, cells)
        known: dict[str, float] = {"": math.nan}
        strange: list[int] = []
        for row, cell in enumerate(cells):
            if cell not in known:
                text = cell.replace("−", "-")
                text = text if mark == "." else ("?" if "." in text else text.replace(",", "."))
                known[cell] = float(text) if NUMBER.fullmatch(text) else math.inf
            if abs(known[cell]) > MOST:
                strange.append(row)
        if strange:
            raise self.refuse(self._no_number(column, cells, strange, mark))
        return np.array([known[cell] for cell in cells], np.float64)

    def full_numbers(self, column: str, what: str) -> Floats:
        """A column of numbers without a gap."""
        values = self.numbers(column)
        empty = np.flatnonzero(np.isnan(values))
        if len(empty):
            raise self.refuse(f"column {column!r}, {self.place(int(empty[0]))}{_more(len(empty))}: is empty; every row needs {what}")
        return values

    def _mark(self, column: str, cells: Sequence[str]) -> str:
        """The mark before decimals: what the design or the format says, else what this column shows."""
        if self.decimal is not None:
            return self.decimal
        with_comma = [row for row, cell in enumerate(cells) if "," in cell and NUMBER.fullmatch(cell.replace(",", "."))]
        if not with_comma:
            return "."
        first = with_comma[0]
        dotted = next((row for row, cell in enumerate(cells) if "." in cell and NUMBER.fullmatch(cell)), None)
        if dotted is not None:
            raise self.refuse(
                f"column {column!r}: {self.place(first)} has {cells[first]!r} and {self.place(dotted)} has {cells[dotted]!r}; "
                "use one decimal mark in a column"
            )
        if all(_GROUPS.fullmatch(cells[row]) for row in with_comma):
            raise self.refuse(
                f"column {column!r}, {self.place(first)}: {cells[first]!r} may have a comma between thousands or before decimals; "
                'write decimal = "," in the design if it parts decimals, else take it out of the file'
            )
        return ","

    def _no_number(self, column: str, cells: Sequence[str], strange: Sequence[int], mark: str) -> str:
        cell = cells[strange[0]]
        cure = "mend it, or leave the cell empty if there was no answer"
        if cell.upper() in {"NA", "N/A", "NAN", "NULL", ".", "-", "?"}:
            cure = f'if it means that there was no answer, write missing = ["{cell}"] in the design'
        elif _GROUPS.fullmatch(cell) or re.fullmatch(r"\d{1,3}(?:[ .\u00a0]\d{3})+", cell):
            cure = f"write numbers without marks between thousands, and {'a point' if mark == '.' else 'a comma'} before decimals"
        elif cell.endswith("%"):
            cure = "write 0.9 for 90 %, or take the sign away in the whole column"
        return f"column {column!r}, {self.place(strange[0])}{_more(len(strange))}: {cell[:40]!r} is not a number; {cure}"


@dataclass(frozen=True, slots=True)
class Coded:
    """Categories of rows: ``code`` (n,) from 0 in the order of ``labels``, −1 where missing."""

    title: str
    code: Ints
    labels: tuple[str, ...]

    def first(self, number: int) -> int:
        """The first row that has this category."""
        return int(np.argmax(self.code == number))


def coded(sheet: Sheet, columns: Sequence[str], *, needed_for: str | None = None) -> Coded:
    """The combinations of columns' values; with ``needed_for`` no row may lack one."""
    title = " × ".join(columns)
    parts = [sheet.cells(column) for column in columns]
    for column, cells in zip(columns, parts, strict=True):
        _one_spelling(sheet, column, cells)
    joined = parts[0] if len(parts) == 1 else [" / ".join(row) if all(row) else "" for row in zip(*parts, strict=True)]
    labels = tuple(sorted({cell for cell in joined if cell}, key=_natural))
    number = {"": -1} | {one: place for place, one in enumerate(labels)}
    code = np.array([number[cell] for cell in joined], np.int64)
    empty = np.flatnonzero(code < 0)
    if needed_for and len(empty):
        raise sheet.refuse(f"column {title!r}, {sheet.place(int(empty[0]))}{_more(len(empty))}: is empty; every row needs {needed_for}")
    return Coded(title, code, labels)


def match(wanted: str, labels: Sequence[str]) -> str:
    """The cure for a category that does not occur: one that is the same number, the nearest, or all of them."""
    same = [one for one in labels if _value(one) is not None and _value(one) == _value(wanted)]
    return f"the file writes {same[0]!r}" if same else nearest(wanted, labels)


def _one_spelling(sheet: Sheet, column: str, cells: Sequence[str]) -> None:
    """A category is a number or a text, not both: "1" beside "01" or "1.0" is a mistake."""
    spelled: dict[float, str] = {}
    for cell in dict.fromkeys(cells):
        value = _value(cell)
        if value is not None and spelled.setdefault(value, cell) != cell:
            one, two = (f"{text!r} ({sheet.place(cells.index(text))})" for text in (spelled[value], cell))
            raise sheet.refuse(f"column {column!r}: {one} and {two} are one number written in two ways; write it in one way")


def _value(text: str) -> float | None:
    return float(text.replace(",", ".")) if _PLAIN.fullmatch(text) else None


def _natural(text: str) -> tuple[int, float, str]:
    value = _value(text)
    return (0, value, text) if value is not None else (1, 0.0, text)


def _more(count: int) -> str:
    return f" (and {count - 1} more)" if count > 1 else ""
