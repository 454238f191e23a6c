"""From which old unit a new one was made: free text read, one old unit found, or the part listed. Never guessed (decision 12)."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

UNCHANGED = "giữ nguyên"
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_BRACKETS = re.compile(r"\(([^()]*)\)")
_DISTRICT = re.compile(r"(?:do |thuộc )?((?:huyện|quận|thị xã|thành phố) .+?)(?:, tỉnh .+)?(?: quản lý)?", re.IGNORECASE)
_PROVINCE = re.compile(r"(?:tỉnh|thành phố) .+", re.IGNORECASE)
_SHORT_NAMES = {"tphcm": "thành phố hồ chí minh"}


class Key(NamedTuple):
    """A unit within the old or the new tree."""

    tier: str
    code: str


@dataclass(frozen=True, slots=True)
class OldUnit:
    """A unit that ended on 1 July 2025, with the branch it stood in."""

    key: Key
    full_name: str
    district: str  # the full name of its district; empty for a district or a province
    province: str  # code of its old province


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit that began on 1 July 2025, and the sentence that says what it was made from."""

    key: Key
    full_name: str
    province: str  # code of its new province
    merged_from: str


@dataclass(frozen=True, slots=True)
class Part:
    """One named part of that sentence."""

    source_text: str
    full_name: str
    district: str = ""
    extent: str = "whole"


@dataclass(frozen=True, slots=True)
class Link:
    """One old unit that went into a new one."""

    old: Key
    new: Key
    extent: str
    source_text: str


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A named part that does not point at exactly one old unit."""

    new_code: str
    new_name: str
    part: str
    reason: str  # ambiguous or unknown
    candidates: tuple[OldUnit, ...]


@dataclass(frozen=True, slots=True)
class Lineage:
    """What the sentences say, as far as they can be read without guessing."""

    links: tuple[Link, ...]
    unresolved: tuple[Unresolved, ...]
    parts: int  # named parts in all, "giữ nguyên" not counted
    resolved: int  # of them, those that point at one old unit


def fold(text: str) -> str:
    """A name as it is compared: hoà = hòa, Ia RVê = Ia Rvê, phường 01 = phường 1. Letters that sound different stay different."""
    words = re.sub(r"[’‘`]", "'", unicodedata.normalize("NFD", text).casefold()).replace("-", " ").split()
    return " ".join(_fold_word(word) for word in words)


@cache
def _fold_word(word: str) -> str:
    tones = "".join(sign for sign in word if sign in _TONES)
    letters = "".join(sign for sign in word if sign not in _TONES)
    return (letters.lstrip("0") if letters.isdecimal() else letters) + tones


def split_parts(merged_from: str) -> tuple[Part, ...]:
    """The named parts of a sentence; commas inside brackets do not part them."""
    pieces, depth, start = [], 0, 0
    for place, sign in enumerate(merged_from):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth <= 0:
            pieces.append(merged_from[start:place])
            start = place + 1
    pieces.append(merged_from[start:])
    return tuple(_read_part(piece.strip()) for piece in pieces if piece.strip() and piece.strip() != UNCHANGED)


def _read_part(text: str) -> Part:
    part = Part(text, " ".join(_BRACKETS.sub(" ", text).split()))
    for remark in _BRACKETS.findall(text):
        if "phần" in remark.casefold():
            part = replace(part, extent="part")
        elif found := _DISTRICT.fullmatch(remark.strip()):
            part = replace(part, district=found[1])
    return part


def trace(new_units: Iterable[NewUnit], old_units: Iterable[OldUnit], origins: dict[str, frozenset[str]]) -> Lineage:
    """Links from every new commune to the old units it names.

    ``origins`` says which old provinces went into a new one: names are looked up among these alone. An old unit that several
    new ones name was divided, so that none of them holds the whole of it, whatever each sentence says by itself; one that an
    unresolved part may mean as well is linked with the extent unknown.
    """
    index = _Index(old_units)
    links: dict[tuple[Key, Key], Link] = {}
    unresolved: list[Unresolved] = []
    parts = 0
    for unit in new_units:
        provinces = origins.get(unit.province, frozenset())
        if unit.merged_from == UNCHANGED:
            if old := index.same_code(unit, provinces):
                links[old.key, unit.key] = Link(old.key, unit.key, "whole", UNCHANGED)
            else:
                unresolved.append(Unresolved(unit.key.code, unit.full_name, UNCHANGED, "unknown", ()))
            continue
        for part in split_parts(unit.merged_from):
            parts += 1
            found = index.find(part, provinces)
            if len(found) == 1:
                link = Link(found[0].key, unit.key, part.extent, part.source_text)
                links[link.old, link.new] = _joined(links.get((link.old, link.new)), link)
            else:
                unresolved.append(_unresolved(unit, part, found))
    missed = sum(one.part != UNCHANGED for one in unresolved)
    return Lineage(_doubted(_divided(links.values()), unresolved), tuple(unresolved), parts, parts - missed)


def trace_provinces(new_units: Iterable[NewUnit], old_units: Sequence[OldUnit]) -> Lineage:
    """Links between provinces; their sentences join the last two with "và"."""
    by_name = {fold(unit.full_name): unit for unit in old_units}
    by_code = {unit.key.code: unit for unit in old_units}
    links: list[Link] = []
    unresolved: list[Unresolved] = []
    parts = 0
    for unit in new_units:
        if unit.merged_from == UNCHANGED and unit.key.code in by_code:
            links.append(Link(by_code[unit.key.code].key, unit.key, "whole", UNCHANGED))
            continue
        for name in re.split(r",| và (?=tỉnh |thành phố )", unit.merged_from):
            parts += 1
            text = name.strip()
            if old := by_name.get(fold(_SHORT_NAMES.get(text.casefold(), text))):
                links.append(Link(old.key, unit.key, "whole", text))
            else:
                unresolved.append(Unresolved(unit.key.code, unit.full_name, text, "unknown", ()))
    return Lineage(_divided(links), tuple(unresolved), parts, parts - len(unresolved))


class _Index:
    """Old units by folded name and by code."""

    def __init__(self, units: Iterable[OldUnit]) -> None:
        self._by_name: dict[str, list[OldUnit]] = defaultdict(list)
        self._by_code: dict[str, OldUnit] = {}
        for unit in units:
            self._by_name[fold(unit.full_name)].append(unit)
            if unit.key.tier == "commune":
                self._by_code[unit.key.code] = unit

    def find(self, part: Part, provinces: frozenset[str]) -> list[OldUnit]:
        """Every old unit that the part may mean."""
        found = [unit for unit in self._by_name.get(fold(part.full_name), ()) if unit.province in provinces]
        if part.district:
            return [unit for unit in found if fold(unit.district) == fold(part.district)]
        return found

    def same_code(self, unit: NewUnit, provinces: frozenset[str]) -> OldUnit | None:
        """The old commune of an unchanged one: it kept its code, whatever became of its spelling."""
        old = self._by_code.get(unit.key.code)
        return old if old and old.province in provinces else None


def _joined(before: Link | None, link: Link) -> Link:
    """Two parts of one sentence that mean the same old unit are one link with both texts."""
    if before is None or before.source_text == link.source_text:
        return link
    extent = "whole" if "whole" in (before.extent, link.extent) else "part"
    return replace(link, extent=extent, source_text=f"{before.source_text}, {link.source_text}")


def _divided(links: Iterable[Link]) -> tuple[Link, ...]:
    links = tuple(links)
    heirs = Counter(link.old for link in links)
    return tuple(replace(link, extent="part") if heirs[link.old] > 1 else link for link in links)


def _doubted(links: Iterable[Link], unresolved: Iterable[Unresolved]) -> tuple[Link, ...]:
    doubtful = {candidate.key for one in unresolved for candidate in one.candidates}
    return tuple(replace(link, extent="unknown") if link.extent == "whole" and link.old in doubtful else link for link in links)


def _unresolved(unit: NewUnit, part: Part, found: Sequence[OldUnit]) -> Unresolved:
    candidates = tuple(sorted(found, key=lambda old: old.key))
    return Unresolved(unit.key.code, unit.full_name, part.source_text, "ambiguous" if found else "unknown", candidates)
