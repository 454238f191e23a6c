"""One table of a TOML file, read key by key. A key that nobody asked for is a fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, TypeVar

from sipas.instrument.complaint import Complaint
from sipas.instrument.model import Wording
from sipas.instrument.speech import LEADING, clean

Kind = TypeVar("Kind")

NEVER = date(1, 1, 1)  # stands in for a day that could not be read; the file is refused anyway


class Table:
    """A TOML table, the place it stands at, and the list that its faults go to."""

    def __init__(self, raw: Mapping[str, Any], *, file: str, place: str, faults: list[Complaint]) -> None:
        self.file = file
        self.place = place
        self._raw = raw
        self._faults = faults
        self._known: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._raw

    def blame(self, fault: str, cure: str, *, at: str = "") -> None:
        """Write down a fault of this table, or of its key ``at``."""
        self._faults.append(Complaint(self.file, ": ".join(filter(None, (self.place, at))), fault, cure))

    def text(self, key: str, *, default: str | None = None) -> str:
        found = clean(self._get(key, str, "a text in quotation marks", default=default) or "")
        if not found and default is None and key in self._raw and isinstance(self._raw[key], str):
            self.blame("is empty", "write the text", at=key)
        return found

    def code(self, key: str, pattern: re.Pattern[str], example: str) -> str:
        """A text that machines read; ``pattern`` says how it may look."""
        found = self.text(key)
        if found and not pattern.fullmatch(found):
            self.blame(f"{found!r} is not a code", f"write one such as {example!r}", at=key)
        return found

    def one_of(self, key: str, known: Sequence[str], *, default: str | None = None) -> str:
        found = self.text(key, default=default)
        if found and found not in known:
            self.blame(f"{found!r} is not known", _suggest(found, known), at=key)
            return ""
        return found

    def some_of(self, key: str, known: Sequence[str], *, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        found = self.texts(key, default=default)
        for strange in (text for text in found if text not in known):
            self.blame(f"{strange!r} is not known", _suggest(strange, known), at=key)
        return tuple(text for text in found if text in known)

    def texts(self, key: str, *, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts, none of them twice."""
        found = self._get(key, list, "a list of texts", default=list(default) if default is not None else None) or []
        if not all(isinstance(text, str) for text in found):
            self.blame("holds something that is not a text", "put every entry in quotation marks", at=key)
            return ()
        if len(set(found)) < len(found):
            self.blame("names an entry twice", "delete the second", at=key)
        return tuple(map(clean, found))

    def flag(self, key: str, *, default: bool) -> bool:
        return bool(self._get(key, bool, "true or false", default=default))

    def whole(self, key: str) -> int:
        found = self._get(key, int, "a whole number")
        if found is None or isinstance(found, bool) or found < 1:
            if found is not None:
                self.blame(f"{found!r} is not a number from 1 up", "write a whole number such as 1", at=key)
            return 1
        return found

    def between(self, key: str, low: int, high: int, *, example: str) -> float:
        """A number strictly between two others; their middle where it cannot be read."""
        found = self._get(key, (int, float), f"a number such as {example}")
        if found is None or isinstance(found, bool) or not low < found < high:
            if found is not None:
                self.blame(f"{found!r} is not between {low} and {high}", f"write a number such as {example}", at=key)
            return (low + high) / 2
        return float(found)

    def day(self, key: str, *, needed: bool = True) -> date | None:
        found = self._get(key, date, "a day such as 2026-01-05, without quotation marks", default=None if needed else NEVER)
        if isinstance(found, datetime):
            self.blame("is a time, not a day", "write the day alone, such as 2026-01-05", at=key)
            return NEVER
        return (found or NEVER) if needed else (found if key in self._raw else None)

    def spoken(self, key: str, languages: Sequence[str]) -> Wording:
        """A sub-table with one text for every language."""
        inner = self.table(key)
        found = inner.wording(languages) if inner else dict.fromkeys(languages, "")
        if inner:
            inner.close()
        return found

    def wording(self, languages: Sequence[str]) -> Wording:
        """The texts that stand in this very table, under the names of the languages."""
        return MappingProxyType({language: self._worded(language) for language in languages})

    def table(self, key: str, *, needed: bool = True) -> Table | None:
        found = self._get(key, dict, f"a table [{key}]", default=None if needed else {})
        return None if found is None else self._inner(found, key)

    def tables(self, key: str, name: Callable[[Mapping[str, Any], int], str], *, needed: bool = True) -> list[Table]:
        """The tables of a list, each placed by ``name(raw, number from 1)``."""
        found = self._get(key, list, f"one or more tables [[{key}]]", default=None if needed else []) or []
        if not all(isinstance(inner, dict) for inner in found):
            self.blame("holds something that is not a table", f"write each entry as a table [[{key}]]", at=key)
            return []
        return [self._inner(inner, name(inner, number)) for number, inner in enumerate(found, 1)]

    def keys(self) -> tuple[str, ...]:
        return tuple(self._raw)

    def close(self) -> None:
        """Complain about every key that was not read."""
        for strange in (key for key in self._raw if key not in self._known):
            self.blame("is not a key that belongs here", _suggest(strange, sorted(self._known)), at=strange)

    def _inner(self, raw: Mapping[str, Any], name: str) -> Table:
        return Table(raw, file=self.file, place=": ".join(filter(None, (self.place, name))), faults=self._faults)

    def _worded(self, language: str) -> str:
        if language in self._raw:
            return self.text(language)
        self._known.add(language)
        tongue = "the Vietnamese wording, which is the authoritative one," if language == LEADING else f"the wording in {language!r}"
        self.blame(f"{tongue} is missing", f'add {language} = "…"')
        return ""

    def _get(self, key: str, kind: type[Kind] | tuple[type[Kind], ...], what: str, *, default: Kind | None = None) -> Kind | None:
        self._known.add(key)
        if key not in self._raw:
            if default is None:
                self.blame(f"{key} is missing", f"add {key}: {what}")
            return default
        found = self._raw[key]
        if not isinstance(found, kind):
            self.blame(f"is {_shown(found)}", f"write {what}", at=key)
            return default
        return found


def _suggest(strange: str, known: Iterable[str]) -> str:
    known = list(known)
    if close := get_close_matches(strange, known, n=1):
        return f"did you mean {close[0]!r}?"
    return f"choose from {', '.join(known)}" if known else "delete it"


def _shown(found: object) -> str:
    text = repr(found)
    return text if len(text) <= 40 else f"{text[:40]}…"
