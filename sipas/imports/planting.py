"""Rows of units on their way into the tree: no code may mean two things at one time, every parent must exist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from sipas.imports.complaints import BadFileError, Complaint
from sipas.imports.predecessors import Key
from sipas.store.units import Bearer, add_units, list_bearers

Progress = Callable[[str], None]


class Meaning(NamedTuple):
    """What a code means from when until when."""

    name: str
    valid_from: date | None
    valid_to: date | None

    def overlaps(self, other: Meaning) -> bool:
        starts_before_other_ends = self.valid_from is None or other.valid_to is None or self.valid_from < other.valid_to
        other_starts_before_end = other.valid_from is None or self.valid_to is None or other.valid_from < self.valid_to
        return starts_before_other_ends and other_starts_before_end


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as a file names it."""

    line: int
    key: Key
    kind: str
    name: str
    full_name: str
    name_en: str
    parent: Key | None
    valid_from: date | None
    valid_to: date | None = None

    @property
    def meaning(self) -> Meaning:
        return Meaning(self.name, self.valid_from, self.valid_to)


class Tree:
    """Every unit that is stored, by its key."""

    def __init__(self, bearers: Sequence[Bearer]) -> None:
        self._by_key: dict[Key, list[Bearer]] = defaultdict(list)
        for bearer in bearers:
            self._by_key[Key(bearer.tier, bearer.code)].append(bearer)

    @classmethod
    def read(cls, session: Session) -> Tree:
        return cls(list_bearers(session))

    def find(self, key: Key, valid_from: date | None) -> int | None:
        """The number of the unit with exactly this key and start."""
        return next((bearer.id for bearer in self._by_key[key] if bearer.valid_from == valid_from), None)

    def find_at(self, key: Key, day: date) -> int | None:
        """The number of the unit that bore the key on a day."""
        return next((bearer.id for bearer in self._by_key[key] if bearer.bore(day)), None)

    def find_parent(self, row: UnitRow) -> int | None:
        """The unit above a row: alive when the row's unit began, or just before it ended where the start is unknown."""
        if row.parent is None:
            return None
        if row.valid_from is not None:
            return self.find_at(row.parent, row.valid_from)
        bearers = [bearer for bearer in self._by_key[row.parent] if bearer.valid_to == row.valid_to]
        return bearers[0].id if len(bearers) == 1 else None

    def meanings(self, key: Key) -> list[Meaning]:
        return [Meaning(bearer.name, bearer.valid_from, bearer.valid_to) for bearer in self._by_key[key]]


def check_meanings(file: str, rows: Sequence[UnitRow], tree: Tree) -> None:
    """BadFileError where a code of one tier would mean two things at the same time."""
    complaints = []
    seen: dict[Key, list[tuple[str, Meaning]]] = defaultdict(list)
    for row in rows:
        stored = [("the database", meaning) for meaning in tree.meanings(row.key) if meaning[:2] != row.meaning[:2]]
        for where, meaning in [*seen[row.key], *stored]:
            if row.meaning.overlaps(meaning):
                complaints.append(_two_meanings(row, where, meaning))
        seen[row.key].append((f"line {row.line}", row.meaning))
    if complaints:
        raise BadFileError(file, complaints)


def _two_meanings(row: UnitRow, where: str, other: Meaning) -> Complaint:
    span = f"{other.valid_from or 'the beginning'} to {other.valid_to or 'now'}"
    return Complaint(
        row.line,
        "code",
        row.key.code,
        f"means the {row.key.tier} {row.name!r} here and {other.name!r} in {where} ({span})",
        "a code may change its meaning only when the older unit has ended: give the older one its last day, or this one its first",
    )


def plant(session: Session, file: str, rows: Sequence[UnitRow], tree: Tree) -> tuple[int, Tree]:
    """Store the rows that are new; how many they were, and the tree as it is now. Parents must be stored or stand among the rows."""
    check_meanings(file, rows, tree)
    waiting = [row for row in rows if tree.find(row.key, row.valid_from) is None]
    added = 0
    while waiting:
        ready = [row for row in waiting if row.parent is None or tree.find_parent(row) is not None]
        if not ready:
            raise BadFileError(file, [_orphan(row) for row in waiting])
        add_units(session, [_columns(row, tree.find_parent(row)) for row in ready])
        added += len(ready)
        planted = {id(row) for row in ready}
        waiting = [row for row in waiting if id(row) not in planted]
        tree = Tree.read(session)
    return added, tree


def _orphan(row: UnitRow) -> Complaint:
    assert row.parent is not None
    value = f"{row.parent.code}@{row.parent.tier}"
    return Complaint(row.line, "parent", value, "is no unit at that time", "load the unit above first, or correct its code, tier or date")


def _columns(row: UnitRow, parent_id: int | None) -> Mapping[str, Any]:
    return {
        "code": row.key.code,
        "tier": row.key.tier,
        "kind": row.kind,
        "name": row.name,
        "full_name": row.full_name,
        "name_en": row.name_en,
        "parent_id": parent_id,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
    }
