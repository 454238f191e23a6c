"""How a kiosk or a screen gets the code that pairs it, and how it ends: the same for commands and pages, each act in the audit."""

from __future__ import annotations

import hmac
import json
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from sipas.evidence.codes import ALPHABET, encode, normalise
from sipas.evidence.keys import Keyring
from sipas.store.audit import add_audit
from sipas.store.kiosks import Kiosk, add_kiosk, drop_pairing, find_kiosk, replace_pairing
from sipas.store.screens import Screen, add_screen, find_screen
from sipas.store.units import get_counter
from sipas.terms import SipasError

KIOSK_LENGTH = 8  # 40 bits
SCREEN_LENGTH = 10  # 50 bits for ten minutes: nobody guesses, so nobody need be slowed down
MINUTES = 10


class KioskStateError(SipasError):
    """Something that cannot be done with a kiosk as it stands."""


class ScreenStateError(SipasError):
    """Something that cannot be done with a screen as it stands."""


@dataclass(frozen=True, slots=True)
class By:
    """Who does it, when, and why; a reason may be empty on the command line."""

    official: str
    now: datetime
    reason: str = ""


def enrol_kiosk(
    session: Session, keyring: Keyring, *, counter_id: int, length: str, comments: bool, rng: random.Random, now: datetime
) -> tuple[Kiosk, str]:
    """A new kiosk at a counter, and its pairing code, which is kept nowhere."""
    counter = get_counter(session, counter_id)
    code = encode(rng.getrandbits(5 * KIOSK_LENGTH), KIOSK_LENGTH)
    while find_kiosk(session, code) is not None:
        code = encode(rng.getrandbits(5 * KIOSK_LENGTH), KIOSK_LENGTH)
    kiosk = add_kiosk(session, code=code, counter_id=counter.id, length=length, comments=comments)
    return kiosk, new_kiosk_code(session, keyring, kiosk, rng=rng, now=now)


def new_kiosk_code(session: Session, keyring: Keyring, kiosk: Kiosk, *, rng: random.Random, now: datetime) -> str:
    """Another pairing code for a kiosk that has no tablet yet."""
    if kiosk.public_key is not None or kiosk.revoked is not None:
        # A second key would leave the first tablet's queue without one to check it by.
        raise KioskStateError(f"the kiosk {kiosk.code} has had its tablet: revoke it and add a new one for another tablet")
    code = encode(rng.getrandbits(5 * KIOSK_LENGTH), KIOSK_LENGTH)
    replace_pairing(session, kiosk=kiosk.code, code_h=kiosk_code_hash(keyring, code), expires=now + timedelta(minutes=MINUTES))
    return code


def revoke_kiosk(session: Session, kiosk: Kiosk, by: By) -> None:
    """Count nothing more of a kiosk, for ever; KioskStateError where that was said before."""
    if kiosk.revoked is not None:
        raise KioskStateError(f"the kiosk {kiosk.code} was revoked on {kiosk.revoked:%d/%m/%Y}")
    kiosk.revoked = by.now.date()
    drop_pairing(session, kiosk.code)
    write_down(session, by, "kiosk_revoke", kiosk=kiosk.code)


def replace_kiosk(session: Session, keyring: Keyring, kiosk: Kiosk, by: By, *, rng: random.Random) -> tuple[Kiosk, str]:
    """Revoke a kiosk and enrol another at the same counter, which asks the same; the new one and its pairing code."""
    revoke_kiosk(session, kiosk, by)
    counter, length, comments = kiosk.counter_id, kiosk.length, kiosk.comments
    made, code = enrol_kiosk(session, keyring, counter_id=counter, length=length, comments=comments, rng=rng, now=by.now)
    write_down(session, by, "kiosk_add", kiosk=made.code, instead_of=kiosk.code)
    return made, code


def enrol_screen(session: Session, keyring: Keyring, *, counter_id: int, rng: random.Random, now: datetime) -> tuple[Screen, str]:
    """A new screen at a counter, and the code that pairs it, which is kept nowhere."""
    counter = get_counter(session, counter_id)
    name = encode(rng.getrandbits(20), 4)
    while find_screen(session, name) is not None:
        name = encode(rng.getrandbits(20), 4)
    screen = add_screen(session, Screen(screen=name, counter_id=counter.id))
    return screen, new_screen_code(keyring, screen, rng=rng, now=now)


def new_screen_code(keyring: Keyring, screen: Screen, *, rng: random.Random, now: datetime) -> str:
    """Another pairing code: the display that uses it gets a new key, and the one before it shows nothing that counts."""
    if screen.revoked:
        raise ScreenStateError(f"the screen {screen.screen} is revoked; add a new one: sipas screens add")
    code = encode(rng.getrandbits(5 * SCREEN_LENGTH), SCREEN_LENGTH)
    screen.pairing_h, screen.pairing_until = screen_code_hash(keyring, code), int((now + timedelta(minutes=MINUTES)).timestamp())
    return code


def revoke_screen(session: Session, screen: Screen, by: By) -> None:
    """What the screen shows from now on leads to a page that says so; ScreenStateError where that was said before."""
    if screen.revoked:
        raise ScreenStateError(f"the screen {screen.screen} is revoked already")
    screen.revoked, screen.pairing_h = True, None
    write_down(session, by, "screen_revoke", screen=screen.screen)


def write_down(session: Session, by: By, action: str, **named: str) -> None:
    """One row of the audit."""
    told = {**named, **({"reason": by.reason} if by.reason else {})}
    add_audit(session, at=by.now, official=by.official, action=action, details=json.dumps(told, ensure_ascii=False, sort_keys=True))


def kiosk_code_hash(keyring: Keyring, code: str) -> bytes:
    """What is kept of a kiosk's pairing code: forty bits would be guessed from a plain hash, hence the key."""
    plain = "".join(letter for letter in normalise(code) if letter in ALPHABET)
    return hmac.digest(keyring.derive("kiosk/pairing"), plain.encode(), "sha256")


def screen_code_hash(keyring: Keyring, code: str) -> bytes:
    """What is kept of a screen's pairing code."""
    return hmac.digest(keyring.derive("screen/pairing"), code.encode(), "sha256")
