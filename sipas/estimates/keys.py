"""One table of a design file, read key by key. A key that nobody asked for is a fault, with the nearest one that is known."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from sipas.estimates.refusals import nearest

Scalar = str | int | float


def label(value: Scalar) -> str:
    """A value as a category is written: 1 and 1.0 are "1", texts are trimmed and in NFC."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) and value == int(value) else repr(value)
    return unicodedata.normalize("NFC", str(value)).strip()


class Keys:
    """A TOML table, the place it stands at, and the list that its faults go to."""

    def __init__(self, raw: Mapping[str, Any], *, place: str, faults: list[str]) -> None:
        self.place = place
        self._raw = raw
        self._faults = faults
        self._known: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return self._offered(key)

    def blame(self, fault: str, cure: str, *, at: str = "") -> None:
        """Write down a fault of this table, or of its key ``at``."""
        place = ".".join(filter(None, (self.place, at)))
        self._faults.append(f"{place}: {fault}; {cure}" if place else f"{fault}; {cure}")

    def text(self, key: str, *, default: str | None = None) -> str:
        found = self._get(key, "a text in quotation marks", default=default)
        if isinstance(found, str) and (label(found) or found == default):
            return label(found)
        if found is not None:
            self.blame(f"{found!r} is no text", "write a text in quotation marks", at=key)
        return default or ""

    def find_text(self, key: str) -> str | None:
        """A text that may be left out."""
        return (self.text(key) or None) if self._offered(key) else None

    def one_of(self, key: str, known: Sequence[str], *, default: str | None = None) -> str:
        found = self.text(key, default=default)
        if found and found not in known:
            self.blame(f"{found!r} is not known", nearest(found, known), at=key)
            return default or known[0]
        return found or known[0]

    def flag(self, key: str, *, default: bool) -> bool:
        found = self._get(key, "true or false", default=default)
        if not isinstance(found, bool):
            self.blame(f"{found!r} is neither true nor false", "write true or false without quotation marks", at=key)
            return default
        return found

    def find_number(self, key: str, *, above: float = -math.inf, below: float = math.inf) -> float | None:
        """A number that may be left out, strictly between two others."""
        if not self._offered(key):
            return None
        found = self._raw[key]
        if not _is_number(found) or not above < found < below:
            limits = " and ".join([f"above {above:g}"] * (above > -math.inf) + [f"below {below:g}"] * (below < math.inf))
            self.blame(f"{found!r} is no number{' ' * bool(limits)}{limits}", "write such a number without quotation marks", at=key)
            return None
        return float(found)

    def numbers(self, key: str, *, count: int | None = None) -> tuple[float, ...]:
        """A list of numbers; empty where the key is left out."""
        if not self._offered(key):
            return ()
        found = self._raw[key]
        if not isinstance(found, list) or not all(map(_is_number, found)) or (count is not None and len(found) != count):
            many = "numbers" if count is None else f"{count} numbers"
            self.blame(f"{found!r} is no list of {many}", f"write {many} in square brackets", at=key)
            return ()
        return tuple(map(float, found))

    def scalars(self, key: str) -> tuple[Scalar, ...]:
        """One text or number, or a list of them, true as "true"; empty where the key is left out."""
        if not self._offered(key):
            return ()
        found = self._raw[key]
        many = found if isinstance(found, list) else [found]
        if not many or not all(isinstance(one, str | int | float) for one in many):
            self.blame(f"{found!r} is no list of texts or numbers", "write them in square brackets", at=key)
            return ()
        return tuple(label(one) if isinstance(one, bool) else one for one in many)

    def texts(self, key: str) -> tuple[str, ...]:
        """One text or a list of texts, none twice; empty where the key is left out."""
        found = self.scalars(key)
        if not all(isinstance(one, str) and one.strip() for one in found):
            self.blame("holds something that is no text", "put every entry in quotation marks", at=key)
            return ()
        names = tuple(map(label, found))
        if len(set(names)) < len(names):
            self.blame("names an entry twice", "delete the second", at=key)
        return tuple(dict.fromkeys(names))

    def table(self, key: str) -> Keys | None:
        """A table that may be left out."""
        if not self._offered(key):
            return None
        if not isinstance(self._raw[key], dict):
            self.blame(f"{self._raw[key]!r} is no table", f"write a table [{'.'.join(filter(None, (self.place, key)))}]", at=key)
            return None
        return Keys(self._raw[key], place=".".join(filter(None, (self.place, key))), faults=self._faults)

    def tables(self, key: str) -> list[Keys]:
        """The tables of a list, each placed by its name or its number; empty where the key is left out."""
        found = self._raw[key] if self._offered(key) else []
        if not isinstance(found, list) or not all(isinstance(inner, dict) for inner in found):
            self.blame("is no list of tables", f"write each entry as a table [[{'.'.join(filter(None, (self.place, key)))}]]", at=key)
            return []
        names = [inner["name"] if isinstance(inner.get("name"), str) else str(number) for number, inner in enumerate(found, 1)]
        start = ".".join(filter(None, (self.place, key)))
        return [Keys(inner, place=f"{start}.{name}", faults=self._faults) for name, inner in zip(names, found, strict=True)]

    def holds(self, key: str, kind: type) -> bool:
        """Whether the key is there and its value is of this kind."""
        return isinstance(self._raw.get(key), kind)

    def names(self) -> tuple[str, ...]:
        """Every key, for tables whose keys are names."""
        self._known.update(self._raw)
        return tuple(self._raw)

    def close(self) -> None:
        """Complain about every key that was not read."""
        for strange in (key for key in self._raw if key not in self._known):
            self.blame("is not a key that belongs here", nearest(strange, sorted(self._known)), at=strange)

    def _offered(self, key: str) -> bool:
        self._known.add(key)
        return key in self._raw

    def _get(self, key: str, what: str, *, default: Any = None) -> Any:
        if not self._offered(key):
            if default is None:
                self.blame(f"{key} is missing", f"add {key}: {what}")
            return default
        return self._raw[key]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
