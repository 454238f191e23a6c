"""Whether everything behind the seal is as it was sealed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from sipas.evidence.keys import Keyring
from sipas.sealing import proposals
from sipas.sealing.forms import fault_of
from sipas.sealing.seal import JOB, SealRunningError, batch_faults
from sipas.store import batches, comments, responses
from sipas.store.engine import Store
from sipas.store.locks import only_one


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: the week, month or proposal, and what is wrong there."""

    place: str
    fault: str

    def __str__(self) -> str:
        return f"{self.place}: {self.fault}"


@dataclass(frozen=True, slots=True)
class Findings:
    """What a check read and what it found."""

    answers: int
    comments: int
    weeks: int
    faults: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        return not self.faults


def verify(store: Store, keyring: Keyring) -> Findings:
    """Check every row's MAC and leaf, every week's count and root, open and closed, and what people set aside; not while a seal runs."""
    with only_one(store, JOB) as alone:
        if not alone:
            raise SealRunningError("a seal is running: check again when it has ended")
        with store.read() as session:
            return _verify(session, keyring)


def _verify(session: Session, keyring: Keyring) -> Findings:
    faults: list[Finding] = []
    known = {row["week"]: row for row in batches.list_batches(session)}
    counted: Counter[str] = Counter()
    for state in ("open", "closed"):
        leaves = _read_rows(session, keyring, faults, closed=state == "closed")
        counted.update({week: len(of_week) for week, of_week in leaves.items()})
        for week in sorted({*leaves, *(week for week, batch in known.items() if batch["state"] == state)}):
            batch = known.get(week)
            if batch is not None and batch["state"] != state:
                faults.append(Finding(week, f"{len(leaves[week])} answers among the {state} weeks, but the week is {batch['state']}"))
            else:
                faults += [Finding(week, fault) for fault in batch_faults(keyring, batch, leaves[week])]
    remarks = [row for closed in (False, True) for row in _check_comments(session, keyring, faults, closed=closed)]
    faults += [Finding(place, fault) for place, fault in proposals.list_faults(session, keyring)]
    return Findings(answers=counted.total(), comments=len(remarks), weeks=len(known), faults=tuple(faults))


def _read_rows(session: Session, keyring: Keyring, faults: list[Finding], *, closed: bool) -> Mapping[str, list[bytes]]:
    leaves: dict[str, list[bytes]] = defaultdict(list)
    for row in responses.stream_sealed(session, closed=closed):
        leaves[row["week"]].append(row["leaf"])
        if fault := fault_of(keyring, "response", _plain(row)):
            faults.append(Finding(row["week"], f"an answer was changed ({fault})"))
    return leaves


def _check_comments(session: Session, keyring: Keyring, faults: list[Finding], *, closed: bool) -> list[str]:
    months = []
    for row in comments.stream_comments(session, closed=closed):
        months.append(row["month"])
        if fault := fault_of(keyring, "comment", _plain(row)):
            faults.append(Finding(row["month"], f"a comment was changed ({fault})"))
    return months


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}
