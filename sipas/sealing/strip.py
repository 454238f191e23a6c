"""From a row of the inbox to what is kept of it."""

from __future__ import annotations

import hmac
import json
from collections.abc import Container, Mapping, Sequence
from datetime import date
from typing import Any

from sipas.evidence.keys import Keyring
from sipas.evidence.traces import inbox_mac
from sipas.sealing.forms import RESPONSE_1
from sipas.store.canaries import CANARY
from sipas.terms import Week

MAC_FAIL = "mac_fail"
IID_CONFLICT = "iid_conflict"
SET_ASIDE = ("kiosk_revoked", "kiosk_too_late")  # reasons given at acceptance that keep an answer out of every count
_KEPT = tuple(name for name in RESPONSE_1 if name not in {"form", "key", "id", "week", "reasons", "quarantine"})
_MOODS = {5: "satisfied", 4: "satisfied", 3: "neutral", 2: "unsatisfied", 1: "unsatisfied"}


def quarantine_of(keyring: Keyring, row: Mapping[str, Any], canaries: Container[bytes] = ()) -> str:
    """Why a row of the inbox is set aside: its MAC fails, another content came first, what it came with, or (empty) not at all.

    ``canaries`` are the declared receipts of test answers: they travel like all others up to here.

    A failing row cannot stay behind, since the inbox is emptied whole; so it is sealed with its reason and never counted.
    """
    if not hmac.compare_digest(inbox_mac(keyring, row), bytes(row["mac"])):
        return MAC_FAIL
    if row["quarantined"]:
        return IID_CONFLICT
    if bytes(row["receipt_h"]) in canaries:
        return CANARY
    reasons = row["reasons"].split()
    return next((reason for reason in SET_ASIDE if reason in reasons), "")


def week_for(row: Mapping[str, Any], *, closed: Container[str], today: date) -> tuple[str, bool]:
    """The week into which a row goes, and whether that is later than the week of its acceptance."""
    try:
        week = Week.parse(row["week"])
    except ValueError:  # only a forged row: its MAC has failed
        week = Week.of(today)
    if str(week) not in closed:
        return str(week), str(week) != row["week"]
    week = Week.of(today)
    while str(week) in closed:  # the clock went back behind a week that it had closed
        week = week.next()
    return str(week), True


def stripped(row: Mapping[str, Any], *, week: str, late: bool, quarantine: str) -> dict[str, Any]:
    """What an answer keeps: no keyed hash of its iid, no digest, no receipt, no comment."""
    reasons = set(row["reasons"].split()) | ({"late"} if late else set())
    return {name: row[name] for name in _KEPT} | {"week": week, "reasons": " ".join(sorted(reasons)), "quarantine": quarantine}


def comments_of(waiting: Sequence[tuple[Mapping[str, Any], str]]) -> list[dict[str, Any]]:
    """The comments of rows and their weeks, each text once for an iid: a second content often repeats the first one's comment."""
    seen: set[tuple[bytes, str]] = set()
    comments = []
    for row, week in sorted(waiting, key=lambda pair: bool(pair[0]["quarantined"])):
        if not row["comment"] or (row["iid_h"], row["comment"]) in seen:
            continue
        seen.add((row["iid_h"], row["comment"]))
        comments.append(
            {
                "month": Week.parse(week).month,
                "unit_id": row["unit_id"],
                "sector": row["sector"],
                "mood": mood_of(row["answers"]),
                "text": row["comment"],
                "reply_h": row["reply_h"],
            }
        )
    return comments


def mood_of(answers: str) -> str:
    """Whether the overall item was satisfied, neutral, unsatisfied, or not answered."""
    try:
        given = json.loads(answers)
    except ValueError:  # only a forged row
        return "none"
    level = given.get("HL") if isinstance(given, dict) else None
    return _MOODS.get(level, "none") if isinstance(level, int) else "none"
