"""What the province sees of its kiosks and screens: where they stand, what is missing from them, what was done to them. Never an answer.

How many answers came is left out on purpose: a number that rises while one watches tells when somebody answered.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from sipas.evidence.runs import Gap
from sipas.evidence.screen_codes import FARTHEST
from sipas.reports.kiosks import old_gaps, silent_days
from sipas.store.audit import list_audits
from sipas.store.kiosks import Kiosk, KioskLedger, gaps_of, list_standings
from sipas.store.screens import Screen, list_hung
from sipas.store.units import Counter, Unit
from sipas.terms import ZONE

ACTS = ("add", "code", "pair", "revoke", "gap")


@dataclass(frozen=True, slots=True)
class KioskCard:
    """One kiosk: its place, its last word, and what is missing."""

    kiosk: Kiosk
    counter: Counter
    unit: Unit
    ledger: KioskLedger
    gaps: tuple[Gap, ...]
    old: tuple[Gap, ...]  # of these, what has been missing for over 72 hours
    silent: int  # days without a word where that is too long, else 0

    @property
    def state(self) -> str:
        """``new``, ``paired`` or ``revoked``."""
        if self.kiosk.revoked is not None:
            return "revoked"
        return "new" if self.kiosk.public_key is None else "paired"

    @property
    def missing(self) -> int:
        return sum(gap.size for gap in self.gaps)

    @property
    def gives_cause(self) -> bool:
        """Whether somebody should look at it."""
        return bool(self.state == "new" or self.old or self.silent or self.ledger.breaks or self.ledger.held or self.is_unsure)

    @property
    def is_unsure(self) -> bool:
        """Whether its browser cannot promise to keep what waits."""
        return self.state == "paired" and self.ledger.durable == "unknown"


@dataclass(frozen=True, slots=True)
class ScreenCard:
    """One screen: its place, since when it shows its key, and what its clock said."""

    screen: Screen
    counter: Counter
    unit: Unit
    cap: int | None
    source: str  # of the cap: hand, daily or frame
    age: int | None  # days since its key was made

    @property
    def state(self) -> str:
        """``new``, ``paired`` or ``revoked``."""
        if self.screen.revoked:
            return "revoked"
        return "paired" if self.screen.turn else "new"

    @property
    def is_wrong(self) -> bool:
        """Whether its clock is further off than is allowed for, so that its codes count as open."""
        return self.state == "paired" and abs(self.screen.ahead) > FARTHEST

    @property
    def gives_cause(self) -> bool:
        """Whether somebody should look at it."""
        return self.is_wrong or self.state == "new"


@dataclass(frozen=True, slots=True)
class Act:
    """One act of the audit: the day, never the moment."""

    day: date
    official: str
    action: str
    told: Mapping[str, Any]


def read_kiosks(session: Session, branch: str, today: date) -> tuple[KioskCard, ...]:
    """Every kiosk of a branch, in the order of the tree."""
    return tuple(
        KioskCard(
            kiosk=standing.kiosk,
            counter=standing.counter,
            unit=standing.unit,
            ledger=ledger,
            gaps=tuple(Gap(*gap) for gap in gaps_of(ledger)),
            old=tuple(old_gaps(ledger, today)),
            silent=silent_days(standing, ledger, today),
        )
        for standing, ledger in list_standings(session, branch)
    )


def read_screens(session: Session, branch: str, today: date) -> tuple[ScreenCard, ...]:
    """Every screen of a branch, in the order of the tree."""
    return tuple(ScreenCard(*one, (today - one.screen.paired).days if one.screen.paired else None) for one in list_hung(session, branch))


def list_acts(session: Session, kind: str, code: str) -> tuple[Act, ...]:
    """What was done to a ``kiosk`` or a ``screen``, newest first."""
    found = []
    for act in ACTS:
        for audit in list_audits(session, action=f"{kind}_{act}"):
            told = json.loads(audit.details)
            if code in {told.get(kind), audit.official.removeprefix(f"{kind} ")}:
                found.append((audit.id, Act(day_of(audit.at), audit.official, act, told)))
    return tuple(act for _, act in sorted(found, key=lambda one: -one[0]))


def day_of(moment: datetime) -> date:
    """The day in Viet Nam; SQLite gives times back without their zone, and they were written in that one."""
    return (moment.astimezone(ZONE) if moment.tzinfo else moment).date()
