"""What the province looks into at its kiosks: answers that never came, chains that broke, tablets that fell silent. Not for the unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sipas.evidence.canonical import canonical_text
from sipas.evidence.runs import Gap
from sipas.store.audit import add_audit, list_audits
from sipas.store.engine import Store
from sipas.store.kiosks import KioskLedger, Standing, gaps_of, list_standings

GAP_TIME = timedelta(hours=72)  # in whole days, as a ledger knows no hours
SILENT_DAYS = 3
ACTION = "kiosk_gap"


@dataclass(frozen=True, slots=True)
class Report:
    """Sentences about every kiosk that gives cause, and how many kiosks there are."""

    sentences: tuple[str, ...]
    kiosks: int


def look(store: Store, today: date) -> Report:
    """Everything that gives cause today, in the order of the tree."""
    with store.read() as session:
        rows = list_standings(session)
    told = []
    for standing, ledger in rows:
        place = f"{standing.kiosk.code}  {standing.unit.full_name} · {standing.counter.name}"
        told += [f"{place}: {sentence}" for sentence in complaints(standing, ledger, today)]
    return Report(tuple(told), len(rows))


def old_gaps(ledger: KioskLedger, today: date) -> list[Gap]:
    """What has been missing for over 72 hours."""
    return [gap for gap in (Gap(*gap) for gap in gaps_of(ledger)) if today - gap.since > GAP_TIME]


def complaints(standing: Standing, ledger: KioskLedger, today: date) -> Iterator[str]:
    """Sentences about one kiosk, worst first."""
    if old := old_gaps(ledger, today):
        missing, numbers = sum(gap.size for gap in old), ", ".join(str(gap) for gap in old)
        yield f"{missing:,} answers missing for over 72 hours, numbers {numbers}"
    if ledger.breaks:
        yield f"{ledger.breaks:,} envelopes that do not follow from the one before: its store was copied, set back or replaced"
    if ledger.held:
        yield f"{ledger.held:,} answers that the server refused and the tablet still holds"
    if standing.kiosk.revoked is not None or standing.kiosk.public_key is None:
        return
    if ledger.durable == "unknown":
        yield "its browser cannot promise to keep what waits; use a newer one"
    if silent := silent_days(standing, ledger, today):
        yield f"not heard of for {silent} days"


def silent_days(standing: Standing, ledger: KioskLedger, today: date) -> int:
    """For how many days a kiosk in use was not heard of; 0 while that is not too long, and for one that is new or revoked."""
    if standing.kiosk.revoked is not None or standing.kiosk.public_key is None:
        return 0
    days = (today - (ledger.seen or standing.kiosk.enrolled or today)).days
    return days if days > SILENT_DAYS else 0


def note_gaps(store: Store, now: datetime) -> int:
    """Write each gap that has become older than 72 hours into the log, once; how many."""
    noted = 0
    with store.write() as session:
        known = {audit.details for audit in list_audits(session, action=ACTION)}
        for standing, ledger in list_standings(session):
            for gap in old_gaps(ledger, now.date()):
                details = canonical_text({"kiosk": standing.kiosk.code, "first": gap.first, "last": gap.last})
                if details not in known:
                    add_audit(session, at=now, official="clockwork", action=ACTION, details=details)
                    noted += 1
    return noted
