"""One seal: the whole inbox behind it, or nothing (decision 18)."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from sipas.evidence.keys import DUP_DAYS, Keyring
from sipas.evidence.traces import cluster_label, seen_hash
from sipas.sealing import forms, proposals, strip
from sipas.sealing.merkle import root_of
from sipas.store import batches, canaries, comments, inbox, responses, screens, tokens
from sipas.store.audit import add_audit
from sipas.store.emptying import empty
from sipas.store.engine import Store
from sipas.store.locks import only_one
from sipas.terms import ZONE, SipasError, Week, last_thursday

JOB = "seal"
SPENT_DAYS = 400  # a batch of one-time codes runs a year at most; what was spent of it is known a month longer
log = structlog.get_logger()


class SealRunningError(SipasError):
    """Another seal is at work."""


class SealFailedError(SipasError):
    """The database could not carry it out; everything is as it was."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A row of the inbox, and what is kept of it."""

    row: Mapping[str, Any]
    kept: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SealReport:
    """What a seal did, by week and never by day."""

    taken: int  # rows that waited in the inbox
    open: Mapping[str, int]  # week → rows, of the weeks that stay open
    closed: Mapping[str, int]  # week → rows, of the weeks fixed by this seal
    quarantined: Mapping[str, int]  # reason → rows among those taken
    altered: tuple[str, ...]  # what had been changed behind the seal's back
    destroyed: int = 0  # keys
    clean: bool = True  # False while a long read keeps SQLite's log from being cut


def seal(store: Store, keyring: Keyring, *, now: datetime, rng: random.Random) -> SealReport:
    """Take the whole inbox, rewrite the open weeks and fix those that have ended; SealRunningError while another one runs."""
    with _refused(), only_one(store, JOB) as alone:
        if not alone:
            raise SealRunningError("a seal is running already: nothing was done. Wait for its end; `sipas seal` can be run again then")
        return _seal(store, keyring, now.astimezone(ZONE), rng)


def seal_when_due(store: Store, keyring: Keyring, *, now: datetime, rng: random.Random, seal_at: tuple[int, int]) -> SealReport | None:
    """Seal unless it has been done for that day, by this or another node; None where there was nothing to do."""
    with _refused(), only_one(store, JOB) as alone:
        if not alone or not due(store, now, seal_at):
            return None
        return _seal(store, keyring, now.astimezone(ZONE), rng)


def due(store: Store, now: datetime, seal_at: tuple[int, int]) -> bool:
    """Whether the day's seal is still to be run; one missed while the machine was off is.

    A row from the future beyond tomorrow comes from a clock that has since been put right, and stops nothing.
    """
    local = now.astimezone(ZONE)
    expected = local.date() - timedelta(days=(local.hour, local.minute) < seal_at)
    with store.read() as session:
        last = batches.find_day(session, JOB)
    return last is None or last < expected or last > local.date() + timedelta(days=1)


@contextmanager
def _refused() -> Iterator[None]:
    """What a database that fails says. One that is lost at the end may have done the work: whoever asks again is told."""
    try:
        yield
    except DBAPIError as error:
        reason = str(error.orig).strip()
        if error.connection_invalidated:
            raise SealFailedError(
                f"the database was lost ({reason}): the whole inbox was sealed or nothing was. "
                "Mend it (did it stop, is the disk of its log full?), then run `sipas seal`, which says which"
            ) from error
        if not isinstance(error, OperationalError):
            raise
        raise SealFailedError(
            f"the database refused ({reason}): nothing was sealed and the inbox is whole. Mend it (is the disk full?), then run `sipas seal`"
        ) from error


def _seal(store: Store, keyring: Keyring, now: datetime, rng: random.Random) -> SealReport:
    today = now.date()
    with store.write() as session:
        report = _write(session, keyring, today, rng)
        if report.altered:
            add_audit(session, at=now, official=JOB, action="altered", details=json.dumps(report.altered))
    for complaint in report.altered:
        log.error("seal.altered", complaint=complaint)
    return replace(report, clean=store.checkpoint(), destroyed=_destroy_keys(keyring, today))


def _destroy_keys(keyring: Keyring, today: date) -> int:
    """After the commit: a seal that failed must find the day's key again. What cannot be destroyed now is by the next seal."""
    try:
        return keyring.destroy_cluster_keys(today) + keyring.destroy_dup_keys(today) + keyring.destroy_null_keys(today)
    except OSError as error:
        log.exception("seal.keys_not_destroyed", reason=error.strerror)
        return 0


def _write(session: Session, keyring: Keyring, today: date, rng: random.Random) -> SealReport:
    inbox.take_alone(session)
    known = {row["week"]: row for row in batches.list_batches(session)}
    taken = _take(session, keyring, today, known)
    older, altered = _reopen(keyring, responses.list_open(session), known, today)
    remarks, damaged, more = _open_comments(session, keyring)
    hashes, spent = _hashes(session, keyring, taken), tokens.list_open_nullifiers(session)
    empty(session, *batches.OPEN_TABLES)

    rows = [forms.sealed(keyring, "response", row, rng) for row in [*older, *(one.kept for one in taken)]]
    rows.sort(key=lambda row: (row["week"], row["id"]))
    weeks = {row["week"] for row in rows} | {week for pairs in hashes.values() for _, week in pairs}
    ended = {week for week in weeks if Week.parse(week).sunday < today}
    for closed in (False, True):
        responses.add_sealed(session, [row for row in rows if (row["week"] in ended) == closed], closed=closed)
        for what, pairs in hashes.items():
            batches.add_hashes(session, what, [pair for pair in pairs if (pair[1] in ended) == closed], closed=closed)
        tokens.add_nullifiers(session, [pair for pair in spent if (Week.parse(pair[1]).sunday < today) == closed], closed=closed)
    remarks += strip.comments_of([(one.row, one.kept["week"]) for one in taken])
    _put_comments(session, [forms.sealed(keyring, "comment", row, rng) for row in remarks] + damaged, today=today)
    counts = _put_batches(session, keyring, rows, ended)
    _forget(session, keyring, today)
    batches.put_day(session, JOB, today)
    return SealReport(
        taken=len(taken),
        open={week: n for week, n in counts.items() if week not in ended},
        closed={week: n for week, n in counts.items() if week in ended},
        quarantined=Counter(one.kept["quarantine"] for one in taken if one.kept["quarantine"]),
        altered=(*altered, *more, *(f"{place}: {fault}" for place, fault in proposals.list_faults(session, keyring))),
    )


def _forget(session: Session, keyring: Keyring, today: date) -> None:
    """What has outlived its use, and the order in which dossiers were invited."""
    batches.expire_seen(session, before=str(Week.of(today - timedelta(days=DUP_DAYS))))
    tokens.expire_nullifiers(session, before=str(Week.of(today - timedelta(days=SPENT_DAYS))))
    tokens.shuffle_tags(session)
    screens.forget_tallies(session, but=_labels_of(keyring, screens.list_capped(session), today))


def _labels_of(keyring: Keyring, counters: Sequence[int], today: date) -> set[bytes]:
    """The labels of today, if its key is still there: the clock may have gone back."""
    return {cluster_label(keyring, one, today) for one in counters} if keyring.has_cluster_key(today) else set()


def _take(session: Session, keyring: Keyring, today: date, known: Mapping[str, Mapping[str, Any]]) -> list[Taken]:
    """The whole inbox, each row beside what is kept of it."""
    taken, declared = [], canaries.list_canaries(session)
    for row in inbox.list_waiting(session):
        week, late = strip.week_for(row, closed=_closed(known), today=today)
        taken.append(Taken(row, strip.stripped(row, week=week, late=late, quarantine=strip.quarantine_of(keyring, row, declared))))
    canaries.forget_canaries(session, [bytes(one.row["receipt_h"]) for one in taken if one.kept["quarantine"] == canaries.CANARY])
    return taken


def _closed(known: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(week for week, batch in known.items() if batch["state"] == "closed")


def _reopen(
    keyring: Keyring, rows: Sequence[dict[str, Any]], known: Mapping[str, Mapping[str, Any]], today: date
) -> tuple[list[dict[str, Any]], list[str]]:
    """The open weeks' rows as they were sealed; what had been changed since is set aside and told, not signed anew in silence."""
    altered: list[str] = []
    leaves: dict[str, list[bytes]] = defaultdict(list)
    for row in rows:
        leaves[row["week"]].append(row["leaf"])
        if fault := forms.fault_of(keyring, "response", row):
            altered.append(f"{row['week']}: a sealed answer was changed ({fault}); it is set aside")
            row["quarantine"] = strip.MAC_FAIL
            row["week"], _ = strip.week_for(row, closed=_closed(known), today=today)
    for week in sorted({*leaves, *(week for week, batch in known.items() if batch["state"] == "open")}):
        altered += [f"{week}: {fault}" for fault in batch_faults(keyring, known.get(week), leaves[week])]
    return list(rows), altered


def batch_faults(keyring: Keyring, batch: Mapping[str, Any] | None, leaves: Sequence[bytes]) -> list[str]:
    """What is wrong between a batch's row and the leaves that are there."""
    if batch is None:
        return [f"{len(leaves)} sealed answers without their batch"]
    faults = []
    if forms.batch_mac(keyring, batch) != batch["mac"]:
        faults.append("the batch itself was changed")
    if batch["n"] != len(leaves):
        faults.append(f"{len(leaves)} sealed answers where {batch['n']} were sealed")
    if batch["root"] != root_of(leaves):
        faults.append("the root does not fit the answers")
    return faults


def _open_comments(session: Session, keyring: Keyring) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """The open months' comments: sound ones, to be sealed anew, and changed ones, carried over as they are so that they keep failing."""
    sound: list[dict[str, Any]] = []
    damaged: list[dict[str, Any]] = []
    for row in comments.list_open_comments(session):
        (damaged if forms.fault_of(keyring, "comment", row) else sound).append(row)
    return sound, damaged, [f"{row['month']}: a sealed comment was changed" for row in damaged]


def _put_comments(session: Session, rows: list[dict[str, Any]], *, today: date) -> None:
    rows.sort(key=lambda row: (row["month"], row["id"]))
    for closed in (False, True):
        comments.add_comments(session, [row for row in rows if _month_ended(row["month"], today) == closed], closed=closed)


def _month_ended(month: str, today: date) -> bool:
    """Whether the last week of a statistical month has ended."""
    try:
        return Week.of(last_thursday(month)).sunday < today
    except ValueError:  # only a changed row, which is never closed
        return False


def _hashes(session: Session, keyring: Keyring, taken: Sequence[Taken]) -> dict[str, set[tuple[bytes, str]]]:
    """Receipts and seen iids of the open weeks, those of the inbox among them; a second content adds none of its own."""
    first = [one for one in taken if not one.row["quarantined"]]
    return {
        "receipt": {*batches.list_open_hashes(session, "receipt"), *((one.row["receipt_h"], one.kept["week"]) for one in first)},
        "seen": {*batches.list_open_hashes(session, "seen"), *((seen_hash(keyring, one.row["iid_h"]), one.kept["week"]) for one in first)},
    }


def _put_batches(session: Session, keyring: Keyring, rows: Sequence[Mapping[str, Any]], ended: set[str]) -> dict[str, int]:
    leaves: dict[str, list[bytes]] = defaultdict(list)
    for row in rows:
        leaves[row["week"]].append(row["leaf"])
    found = []
    for week, of_week in leaves.items():
        batch = {"week": week, "state": "closed" if week in ended else "open", "n": len(of_week), "root": root_of(of_week)}
        found.append(batch | {"mac": forms.batch_mac(keyring, batch)})
    batches.replace_open_batches(session, found)
    return {week: len(of_week) for week, of_week in leaves.items()}
