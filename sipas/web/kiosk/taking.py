"""Envelopes in, signed words out: each answer enters by ``intake.accept``, and which kiosk brought it is then forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from sipas import intake
from sipas.evidence import envelopes
from sipas.evidence.envelopes import FIRST_PREVIOUS, BadEnvelopeError, Envelope
from sipas.evidence.receipts import drawn_receipt
from sipas.evidence.runs import Gap, Run
from sipas.instrument.model import LENGTHS, Instrument, Wave
from sipas.instrument.sheet import Problems, Sheet, read_sheet
from sipas.intake import Origin, Place
from sipas.store.kiosks import Kiosk, KioskLedger, Standing, find_kiosk, gaps_of, get_ledger, get_standing, put_gaps
from sipas.store.units import find_deciding
from sipas.terms import Channel
from sipas.web.house import House

LATE_DAYS = 3  # 72 hours, in the only measure that an envelope has
MOST_DAYS = 30
_ASKED = ("stage", "respondent", "filing", "comment")


@dataclass(frozen=True, slots=True)
class Opened:
    """An envelope that its kiosk signed and that we could read."""

    envelope: Envelope
    sheet: Sheet
    wave: Wave
    instrument: Instrument
    sector: str
    sector_asked: bool
    length: str
    language: str
    receipt: str  # that its respondent has seen; empty from a page that drew none


def take(house: House, raw: Sequence[Any], now: datetime) -> list[dict[str, str]]:
    """Store what can be stored, all in one transaction, and answer each envelope that has an iid; safe once this returns."""
    with house.store.read() as session:
        found = (find_kiosk(session, one["k"]) for one in raw if isinstance(one, dict) and isinstance(one.get("k"), str))
        kiosks = {kiosk.code: kiosk for kiosk in found if kiosk is not None}
    read = [_open(house, kiosks, one) for one in raw]
    with house.store.write() as session, session.no_autoflush:  # the ledgers are written once, at the end
        books = {code: _open_book(session, code) for code in sorted({one.envelope.k for one in read if isinstance(one, Opened)})}
        settled = [one if isinstance(one, str) else _settle(session, house, books[one.envelope.k], one, now) for one in read]
        for book in books.values():
            _close_book(book)
    return [_say(house, one) for one in settled if one]


def _say(house: House, settled: str | tuple[str, str]) -> dict[str, str]:
    """The signed word; its place for a receipt stays empty, since the tablet is not to know whose answer it carried."""
    iid, status = (settled, "rejected") if isinstance(settled, str) else settled
    return envelopes.acknowledge(house.keyring, iid, status, "")


def _open(house: House, kiosks: Mapping[str, Kiosk], raw: Any) -> Opened | str:
    """The envelope opened and its sheet read; else its iid, to be answered *rejected*, or empty where there is none to answer to."""
    try:
        envelope = envelopes.read_envelope(raw)
    except BadEnvelopeError:
        return str(raw["iid"]) if isinstance(raw, dict) and envelopes.is_iid(raw.get("iid")) else ""
    kiosk = kiosks.get(envelope.k)
    if kiosk is None or kiosk.public_key is None or not envelopes.is_from(envelope, kiosk.public_key):
        return envelope.iid
    try:
        content = envelopes.open_sealed(house.keyring, envelope.ct)
    except BadEnvelopeError:
        return envelope.iid
    return _read(house, envelope, content) or envelope.iid


def _read(house: House, envelope: Envelope, content: Mapping[str, Any]) -> Opened | None:
    """The sheet of an envelope's content; None where the shelf knows nothing of its questionnaire, wave or options."""
    code, _, measure = envelope.form.partition("@")
    texts = {name: str(content.get(name, "")) for name in ("sector", "wave", "length", "lang", "stub", *_ASKED)}
    instrument, wave = house.shelf.instruments.get(code), house.shelf.waves.get(texts["wave"])
    answers = content.get("answers")
    if instrument is None or instrument.measure != measure or wave is None or not isinstance(answers, dict):
        return None
    if texts["sector"] not in wave.sectors or code not in house.shelf.sectors[texts["sector"]].instruments:
        return None
    if wave.demonstration != house.settings.demo or texts["length"] not in LENGTHS:
        return None
    raw = {
        **{str(name): str(value) for name, value in answers.items()},
        **{name: texts[name] for name in _ASKED},
    }
    sheet = read_sheet(instrument, texts["length"], raw, reminded=True)
    if isinstance(sheet, Problems):
        return None
    asked = content.get("asked") is True
    receipt = drawn_receipt(envelope.iid, texts["stub"])
    return Opened(envelope, sheet, wave, instrument, texts["sector"], asked, texts["length"], texts["lang"], receipt)


@dataclass(slots=True)
class Book:
    """What a batch needs of one kiosk: read once, written once."""

    standing: Standing
    ledger: KioskLedger
    run: Run
    deciding: dict[str, int | None]  # sector → unit


def _open_book(session: Session, code: str) -> Book:
    ledger = get_ledger(session, code)
    return Book(get_standing(session, code), ledger, Run(ledger.highest, tuple(Gap(*gap) for gap in gaps_of(ledger))), {})


def _close_book(book: Book) -> None:
    book.ledger.highest = book.run.highest
    put_gaps(book.ledger, [(gap.first, gap.last, gap.since) for gap in book.run.gaps])


def _settle(session: Session, house: House, book: Book, opened: Opened, now: datetime) -> tuple[str, str]:
    """Accept one answer and write its number down; its iid, and what became of it."""
    envelope, unit_id = opened.envelope, book.standing.unit.id
    origin = origin_of(envelope, opened.wave, book.ledger.clear, now.date(), revoked=book.standing.kiosk.revoked is not None)
    if opened.sector not in book.deciding:
        book.deciding[opened.sector] = find_deciding(session, unit_id, opened.sector)
    place = Place(
        unit_id=unit_id,
        deciding_id=book.deciding[opened.sector],
        counter_id=book.standing.counter.id,
        sector=opened.sector,
        sector_asked=opened.sector_asked,
        procedure="",
        wave=opened.wave.code,
        instrument=opened.instrument.code,
        measure=opened.instrument.measure,
        wording=opened.instrument.wording_number,
        length=opened.length,
        language="vi" if opened.language == "vi" else "other",
    )
    found = intake.accept(session, house.keyring, opened.sheet, place, origin, iid=envelope.plain_iid, now=now, drawn=opened.receipt)
    note(book, envelope, now.date(), fresh=found.status == "stored")
    return envelope.iid, "duplicate" if found.status == "sealed_before" else found.status


def origin_of(envelope: Envelope, wave: Wave, clear: date | None, today: date, *, revoked: bool) -> Origin:
    """Channel S, with what keeps an answer out of the count or marks it; the claimed day where it can be true, else today.

    No answer can be older than the last day on which the kiosk had nothing waiting, nor younger than today.
    """
    claimed = date.fromisoformat(envelope.day)
    believed = (clear or today) <= claimed <= today
    day = claimed if believed else today
    reasons = [] if believed else ["clock"]
    if revoked:
        reasons.append("kiosk_revoked")
    age = (today - min(day, wave.last_day)).days
    if age > MOST_DAYS:
        reasons.append("kiosk_too_late")
    if age > LATE_DAYS:
        reasons.append("late")
    return Origin(Channel.ON_SITE, tuple(reasons), day=day, band=envelope.dur)


def note(book: Book, envelope: Envelope, today: date, *, fresh: bool) -> None:
    """Write a number down: what is missing below it, and whether it follows from the one before it."""
    run, ledger = book.run, book.ledger
    follows = envelope.seq != run.highest + 1 or envelope.prev == (ledger.head or FIRST_PREVIOUS)
    if not follows or (fresh and run.has(envelope.seq)):
        ledger.breaks += 1
    if envelope.seq > run.highest:
        ledger.head = envelope.hash
    book.run = run.with_number(envelope.seq, today)
    ledger.seen = today
