"""What is wrong with a file, all of it at once: line, column, value, fault and cure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sipas.terms import SipasError

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Complaint:
    """One fault of a file, and its cure."""

    line: int  # as an editor counts; 0 for the file as a whole
    column: str
    value: str
    fault: str
    cure: str

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else "the file"
        column = f", column {self.column}" if self.column else ""
        value = f": {self.value[:60]!r}" if self.value else ""
        return f"{place}{column}{value} {self.fault}; {self.cure}"


class BadFileError(SipasError):
    """A file that was not taken. Nothing of it was stored."""

    def __init__(self, file: str, complaints: Sequence[Complaint]) -> None:
        self.file = file
        self.complaints = tuple(sorted(complaints, key=lambda one: (one.line, one.column)))
        self.count = len(self.complaints)
        lines = [f"{file} was not taken and nothing of it was stored: {self.count} {'fault' if self.count == 1 else 'faults'}."]
        lines += [f"  {complaint}" for complaint in self.complaints[:MOST_SHOWN]]
        if self.count > MOST_SHOWN:
            lines.append(f"  … and {self.count - MOST_SHOWN} more.")
        super().__init__("\n".join(lines))
