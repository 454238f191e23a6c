"""What a scanned or typed code opens, and how strong the evidence is that an answer behind it comes from somebody who was served.

Three kinds are told apart by their length: a printed sign (10), a screen's changing code (18), a one-time code (28). Opening one
changes nothing: a code is spent when its sheet is sent.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from sipas.evidence import codes, screen_codes, tokens
from sipas.evidence.keys import DestroyedKeyError
from sipas.evidence.screen_codes import BadScreenCodeError
from sipas.evidence.tokens import BadTokenError, Token
from sipas.intake import Origin
from sipas.store.doors import Door, find_counter_door, find_door, find_unit_door
from sipas.store.screens import find_screen
from sipas.store.tokens import TokenBatch, find_batch, has_cards
from sipas.terms import ZONE, Channel
from sipas.web.errors import EarlyCodeError, RevokedCodeError, UnknownCodeError
from sipas.web.house import House


@dataclass(frozen=True, slots=True)
class Entry:
    """A door, and what passing through it proves."""

    door: Door
    origin: Origin
    cards: bool = False  # whether cards of this unit can be typed here


def open_entry(session: Session, house: House, text: str, opened: datetime, *, sector: str = "") -> Entry:
    """What a code opens, even a revoked one; UnknownCodeError for one that never was. ``opened`` is when its form was first shown."""
    plain = codes.normalise(text)
    if len(plain) == tokens.LENGTH:
        return _one_time(session, house, plain, opened.astimezone(ZONE).date(), sector)
    if len(plain) == screen_codes.LENGTH:
        return _on_screen(session, house, plain, opened, sector)
    door = find_door(session, plain, sector=sector) if codes.is_code(plain) else None
    if door is None:
        raise UnknownCodeError("this code belongs to no counter: compare it with the sign")
    return Entry(door, Origin(Channel.OPEN))


def read_entry(house: House, text: str, now: datetime) -> Entry:
    """The entry to be shown; RevokedCodeError for a sign that was replaced, EarlyCodeError for a dossier that is still worked on."""
    day = now.astimezone(ZONE).date()
    with house.store.read() as session:
        entry = open_entry(session, house, text, now)
        if codes.is_code(entry.door.code):
            entry = replace(entry, cards=has_cards(session, entry.door.unit_id, day))
        batch = find_batch(session, entry.door.code[2 : 2 + tokens.BATCH]) if len(entry.door.code) == tokens.LENGTH else None
    if entry.door.revoked:
        raise RevokedCodeError("this code was revoked: scan the new sign at the counter")
    if batch is not None and day < batch.not_before:
        raise EarlyCodeError("this one-time code is taken once the dossier is finished: come back after the day on the receipt")
    return entry


def _one_time(session: Session, house: House, text: str, day: date, sector: str) -> Entry:
    try:
        token = tokens.read_token(house.keyring, text)
    except BadTokenError as error:
        raise UnknownCodeError(str(error)) from None
    batch = find_batch(session, token.batch)
    if batch is None or batch.kid != token.kid:
        raise UnknownCodeError("this one-time code belongs to no batch of this province")
    door = find_unit_door(session, batch.unit_id, batch.counter_id, text, _asked(batch), sector=sector)
    return Entry(door, _origin_of(house, batch, token, day))


def _asked(batch: TokenBatch) -> tuple[str, str, str]:
    return batch.sector, batch.instrument, batch.length


def _origin_of(house: House, batch: TokenBatch, token: Token, day: date) -> Origin:
    reasons = [
        *(["over_quota"] if batch.overflow_of else []),
        *(["expired"] if day > batch.not_after else []),
        *(["revoked_code"] if batch.revoked else []),
    ]
    try:
        spends: tuple[bytes, ...] = (tokens.nullifier(house.keyring, batch.year, f"tok|{token.signed}"),)
    except DestroyedKeyError:  # years later: what it says counts as open anyhow
        spends = ()
    return Origin(
        Channel.OPEN if reasons else Channel(batch.channel),
        tuple(reasons),
        spends=spends,
        cluster=_slip_label(house, batch) if batch.kind == "slip" else b"",
    )


def _slip_label(house: House, batch: TokenBatch) -> bytes:
    """One opaque label for the slips of a class or a ward; nothing leads back to it once the wave's key is destroyed."""
    try:
        return hmac.digest(house.keyring.term_key("issue", batch.wave), f"slips|{batch.overflow_of or batch.batch}".encode(), "sha256")[:16]
    except DestroyedKeyError:
        return b""


def _on_screen(session: Session, house: House, text: str, opened: datetime, sector: str) -> Entry:
    screen = find_screen(session, screen_codes.screen_of(text) or "")
    if screen is None:
        raise UnknownCodeError("no screen of ours shows this code: scan the screen again")
    try:
        code = screen_codes.read_screen_code(screen_codes.screen_key(house.keyring, screen.screen, screen.turn), text)
    except BadScreenCodeError as error:
        raise UnknownCodeError(str(error)) from None
    door = find_counter_door(session, screen.counter_id, text, sector=sector, revoked=screen.revoked)
    if not code.is_fresh(opened.timestamp(), screen.drift):
        return Entry(door, Origin(Channel.OPEN, ("stale_code",)))
    places = (f"ctr|{screen.screen}|{screen.turn}|{code.step}|{place}" for place in range(screen_codes.ANSWERS_A_STEP))
    spends = tuple(tokens.nullifier(house.keyring, opened.year, place) for place in places)
    return Entry(door, Origin(Channel.ON_SITE, spends=spends, spent_is="over_step"))
