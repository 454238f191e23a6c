"""The one door that every answer enters by."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from sipas.evidence import receipts, traces
from sipas.evidence.canonical import canonical, canonical_text
from sipas.evidence.keys import DestroyedKeyError, Keyring
from sipas.instrument.sheet import Sheet
from sipas.store import inbox, screens, tokens
from sipas.store.batches import find_day
from sipas.terms import ZONE, Channel, SipasError, Week

LONGEST_COMMENT = 2_000
OPENS, CLOSES = 7, 18  # hours in which counters are open, Monday to Friday
BURST = 5  # answers at one counter within BURST_SECONDS that are nothing unusual
BURST_SECONDS = 300
LEAST_SECONDS, LEAST_SECONDS_AN_ITEM = 20, 1.2
BANDS = ((20, "<20"), (60, "20-60"), (300, "60-300"))
LONGEST_BAND = ">300"


class BadSheetError(SipasError):
    """A sheet that cannot be kept as it is; reading it properly would have said so to its writer."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and under what an answer was given."""

    unit_id: int
    deciding_id: int | None
    counter_id: int | None
    sector: str
    sector_asked: bool
    procedure: str
    wave: str
    instrument: str
    measure: str
    wording: int
    length: str
    language: str  # 'vi' or 'other', never more


@dataclass(frozen=True, slots=True)
class Origin:
    """How strong the evidence is, and why; the seconds become a band and are forgotten."""

    channel: Channel
    reasons: tuple[str, ...] = ()
    seconds: float | None = None
    day: date | None = None  # claimed by a kiosk that answered without network; the caller has judged whether it is believed
    band: str = ""  # where a kiosk measured it
    spends: tuple[bytes, ...] = ()  # nullifiers of which one must still be free; the first that is gets spent
    spent_is: str = "contested"  # the reason of an answer that found none free
    cluster: bytes = b""  # of slips and sheets that were handed out together


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the respondent gets: the same codes for every sending of the same iid."""

    code: str
    status: str  # stored, duplicate, conflict or sealed_before
    reply: str | None = None


def accept(
    session: Session, keyring: Keyring, sheet: Sheet, place: Place, origin: Origin, *, iid: str, now: datetime, drawn: str = ""
) -> Receipt:
    """Put a sheet into the inbox, exactly once for each iid; it is safe once the caller's transaction is committed.

    Nothing is refused for what it says or where it comes from, and nothing is overwritten: the same iid with other content is kept
    beside the first, in quarantine. What was sealed before is answered as a repeat. ``drawn`` is a receipt that the respondent has already.
    """
    if len(sheet.comment) > LONGEST_COMMENT or "\0" in sheet.comment:
        raise BadSheetError(
            f"comment: more than {LONGEST_COMMENT} characters, or one that cannot be kept; read the sheet with read_sheet()"
        )
    local = now.astimezone(ZONE)
    receipt = _receipt(keyring, sheet, iid, drawn)
    digest = hashlib.sha256(canonical({"place": _named(place), "sheet": _plain(sheet)})).digest()
    waiting = traces.waiting_hashes(keyring, iid, f"{local:%Y-%m}")
    inbox.enter(session)
    known = _known(session, keyring, waiting, digest)
    if known is not None and known != "conflict":
        return replace(receipt, status=known)
    week, late = _week(session, origin.day, local)
    origin = replace(origin, reasons=(*origin.reasons, *late))
    if known is None:
        origin = _weigh(session, keyring, place, origin, week, local)
    row = _row(keyring, sheet, place, origin, local) | {"week": week}
    row |= {"digest": digest, "receipt_h": receipts.receipt_hash(keyring, receipt.code)}
    row["reply_h"] = receipts.reply_hash(keyring, receipt.reply) if receipt.reply else None
    if known is None:
        if inbox.add_waiting(session, _signed(keyring, row | {"iid_h": waiting[0], "quarantined": False})):
            return receipt
        known = _known(session, keyring, waiting, digest)  # a sending beside this one was faster
    if known == "conflict":
        inbox.add_waiting(session, _signed(keyring, row | {"iid_h": waiting[0], "quarantined": True}))
    return replace(receipt, status=known or "duplicate")


def _weigh(session: Session, keyring: Keyring, place: Place, origin: Origin, week: str, local: datetime) -> Origin:
    """The origin as it counts: a code is spent once, and a counter has no more answers on site than it can serve people.

    What is beyond is taken all the same, as O and with its reason (steps 2 and 3 of the submission transaction).
    """
    if origin.spends and not any(tokens.spend(session, one, week) for one in origin.spends):
        origin = _opened(origin, origin.spent_is)
    if origin.channel is Channel.ON_SITE and place.counter_id is not None:
        cap = screens.find_cap(session, place.counter_id)
        label = _cluster(keyring, place.counter_id, local, origin.day or local.date()) if cap is not None else b""
        if cap is not None and screens.count_on_site(session, label) > cap:
            origin = _opened(origin, "over_cap")
    return origin


def _opened(origin: Origin, reason: str) -> Origin:
    return replace(origin, channel=Channel.OPEN, reasons=(*origin.reasons, reason))


def is_known(session: Session, keyring: Keyring, *, iid: str, now: datetime) -> bool:
    """Whether an answer with this iid came before: asked of a ticket that has run out, before its expiry is judged (decision 14)."""
    local = now.astimezone(ZONE)
    waiting = traces.waiting_hashes(keyring, iid, f"{local:%Y-%m}")
    twins = inbox.find_twins(session, waiting, [traces.seen_hash(keyring, iid_h) for iid_h in waiting])
    return twins.first is not None or twins.sealed


def _signed(keyring: Keyring, row: dict[str, Any]) -> dict[str, Any]:
    """The row with its MAC, which the seal checks before it believes the row."""
    return row | {"mac": traces.inbox_mac(keyring, row)}


def _known(session: Session, keyring: Keyring, waiting: list[bytes], digest: bytes) -> str | None:
    twins = inbox.find_twins(session, waiting, [traces.seen_hash(keyring, iid_h) for iid_h in waiting])
    if twins.first is not None:
        return "duplicate" if twins.first == digest else "conflict"
    return "sealed_before" if twins.sealed else None


def _row(keyring: Keyring, sheet: Sheet, place: Place, origin: Origin, local: datetime) -> dict[str, Any]:
    cluster = origin.cluster or _cluster(keyring, place.counter_id, local, origin.day or local.date())
    return {
        **_named(place),
        "stage": sheet.stage,
        "respondent": sheet.respondent,
        "filing": sheet.filing,
        "channel": origin.channel.value,
        "reasons": " ".join(sorted({*origin.reasons, *_flags(sheet, place, origin, local, cluster)})),
        "duration": origin.band if origin.seconds is None else band(origin.seconds),
        "cluster": cluster,
        "answers": canonical_text(dict(sheet.answers)),
        "comment": sheet.comment,
    }


_PLACE = tuple(field.name for field in fields(Place))


def _named(place: Place) -> dict[str, Any]:
    return {name: getattr(place, name) for name in _PLACE}  # dataclasses.asdict would copy each value deeply


def _plain(sheet: Sheet) -> dict[str, Any]:
    return {
        "stage": sheet.stage,
        "respondent": sheet.respondent,
        "filing": sheet.filing,
        "answers": dict(sheet.answers),
        "comment": sheet.comment,
        "wants_reply": sheet.wants_reply,
    }


def _receipt(keyring: Keyring, sheet: Sheet, iid: str, drawn: str) -> Receipt:
    reply = receipts.reply_code(keyring, iid) if sheet.wants_reply and sheet.comment else None
    return Receipt(drawn or receipts.receipt_code(keyring, iid), "stored", reply)


def _week(session: Session, claimed: date | None, local: datetime) -> tuple[str, tuple[str, ...]]:
    """The week of the claimed day while no seal has closed it; else this week, and that it is late (decision 18)."""
    week, now = Week.of(claimed or local.date()), Week.of(local.date())
    if week < now:
        sealed = find_day(session, "seal")
        if sealed is not None and sealed > week.sunday:
            return str(now), ("late",)
    return str(week), ()


def _cluster(keyring: Keyring, counter_id: int | None, local: datetime, day: date) -> bytes:
    """The opaque label that one counter's answers of one day share; a label of its own where there is no counter.

    A claimed day whose key is gone gets a label under the key of its arrival (decision 20).
    """
    if counter_id is None:
        return secrets.token_bytes(16)
    try:
        if day != local.date() and not keyring.has_cluster_key(day):
            return hmac.digest(keyring.cluster_key(local.date()), f"{counter_id}/{day.isoformat()}".encode(), "sha256")[:16]
        return traces.cluster_label(keyring, counter_id, day)
    except DestroyedKeyError:  # the clock went back: the answer is taken all the same, by itself, and no log line marks its moment
        return secrets.token_bytes(16)


def band(seconds: float) -> str:
    """The duration band that is kept in the place of the seconds."""
    return next((name for limit, name in BANDS if seconds < limit), LONGEST_BAND if seconds > BANDS[-1][0] else BANDS[-1][1])


def _flags(sheet: Sheet, place: Place, origin: Origin, local: datetime, cluster: bytes) -> set[str]:
    """Flags that never look at what was answered (decision 15)."""
    flags = set()
    if origin.seconds is not None and origin.seconds < max(LEAST_SECONDS, LEAST_SECONDS_AN_ITEM * len(sheet.answers)):
        flags.add("fast")
    # The moment of a kiosk's arrival, or of typing a sheet of paper in, says nothing of the moment of the answers.
    if origin.day is not None or "paper" in origin.reasons:
        return flags | ({"fast"} if origin.band == BANDS[0][1] else set())
    if local.weekday() > 4 or not OPENS <= local.hour < CLOSES:
        flags.add("off_hours")
    if place.counter_id is not None and _RECENT.is_burst(cluster, local.timestamp()):
        flags.add("burst")
    return flags


class Recent:
    """The last moments at each counter, in memory only and under the day's opaque label."""

    def __init__(self, *, most: int = 5_000) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._moments: OrderedDict[bytes, deque[float]] = OrderedDict()

    def is_burst(self, label: bytes, moment: float) -> bool:
        """Note a moment; True when more than five fell within five minutes."""
        with self._lock:
            moments = self._moments.setdefault(label, deque(maxlen=BURST + 1))
            self._moments.move_to_end(label)
            moments.append(moment)
            while len(self._moments) > self._most:
                self._moments.popitem(last=False)
            return len(moments) > BURST and 0 <= moment - moments[0] <= BURST_SECONDS


_RECENT = Recent()
