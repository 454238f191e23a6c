"""What is wrong with a design file or with the rows it speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from sipas.terms import SipasError

MOST_SHOWN = 50
MOST_NAMES = 12


class BadInputError(SipasError):
    """Nothing was estimated; one line for each fault, with its place and its cure."""

    def __init__(self, file: str, complaints: Sequence[str]) -> None:
        self.file = file
        self.complaints = tuple(complaints)
        if len(self.complaints) == 1:
            super().__init__(f"{file}: {self.complaints[0]}.")
            return
        lines = [f"{file}: {len(self.complaints)} faults."]
        lines += [f"  {complaint}." for complaint in self.complaints[:MOST_SHOWN]]
        if len(self.complaints) > MOST_SHOWN:
            lines.append(f"  … and {len(self.complaints) - MOST_SHOWN} more.")
        super().__init__("\n".join(lines))


def nearest(strange: str, known: Iterable[str]) -> str:
    """The cure for a name that is not known: the one most like it, or all of them."""
    names = list(known)
    if close := get_close_matches(strange, names, n=1):
        return f"write {close[0]!r} if that is meant"
    if not names:
        return "delete it"
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"choose from {', '.join(names[:MOST_NAMES])}{more}"
