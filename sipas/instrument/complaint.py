"""What is wrong with a file under `surveys/`: where, what, and the cure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sipas.terms import SipasError


@dataclass(frozen=True, slots=True)
class Complaint:
    """One fault, in words for the person who edits the file."""

    file: str
    place: str  # the item, line or key; empty for the file as a whole
    fault: str
    cure: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.place}" if self.place else self.file
        return f"{where}: {self.fault}; {self.cure}"


class BadSurveysError(SipasError):
    """The folder of questionnaires cannot be used; every fault is told at once."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__("\n".join(map(str, complaints)))
        self.complaints = tuple(complaints)
