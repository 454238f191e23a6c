"""Units as files name them: ``48``, or ``48@province`` where several tiers share a code; the date decides which unit is meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from sipas.store.units import Bearer, list_bearers
from sipas.terms import SipasError


class UnknownNameError(SipasError):
    """A code that names no unit, or several."""


@dataclass(frozen=True, slots=True)
class Misnamed:
    """Why a code names no unit on a day, and the cure."""

    fault: str
    cure: str


class Directory:
    """Every unit that is stored, by code."""

    def __init__(self, bearers: Sequence[Bearer]) -> None:
        self._by_code: dict[str, list[Bearer]] = defaultdict(list)
        for bearer in bearers:
            self._by_code[bearer.code].append(bearer)

    @classmethod
    def read(cls, session: Session) -> Directory:
        return cls(list_bearers(session))

    def find(self, text: str, *days: date) -> Bearer | Misnamed:
        """The unit that bore the code on the first of ``days`` on which any did."""
        code, _, tier = text.partition("@")
        known = [bearer for bearer in self._by_code.get(code.strip(), ()) if tier.strip() in {"", bearer.tier}]
        for day in days:
            alive = [bearer for bearer in known if bearer.bore(day)]
            if len(alive) == 1:
                return alive[0]
            if alive:
                names = ", ".join(f"{bearer.code}@{bearer.tier} ({bearer.name})" for bearer in alive)
                return Misnamed("is the code of several units", f"write one of {names}")
        if known:
            spans = ", ".join(f"{one.name} ({one.valid_from or 'the beginning'} to {one.valid_to or 'now'})" for one in known)
            return Misnamed(f"named no unit on {days[0]}", f"it is {spans}; write the code of the unit that existed then")
        return self._unknown(code.strip())

    def _unknown(self, code: str) -> Misnamed:
        padded = [code.zfill(width) for width in (2, 3, 5) if code.isdecimal() and code.zfill(width) in self._by_code and width > len(code)]
        if padded:
            return Misnamed("is no unit", f"a spreadsheet may have dropped the leading zeros of {' or '.join(padded)}: keep codes as text")
        return Misnamed("is no unit", "correct the code, or load the unit with: sipas units import-local")


def find_named(session: Session, text: str, day: date) -> int:
    """The number of the unit that a person named; UnknownNameError says why there is none."""
    found = Directory.read(session).find(text, day)
    if isinstance(found, Misnamed):
        raise UnknownNameError(f"{text!r} {found.fault}; {found.cure}")
    return found.id
