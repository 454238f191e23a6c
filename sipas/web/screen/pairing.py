"""How a display becomes a counter's screen: a code that works once and for ten minutes, against the screen's own key."""

from __future__ import annotations

import base64
import hmac
import struct
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from sipas.evidence.codes import is_code, normalise
from sipas.evidence.keys import Keyring
from sipas.evidence.screen_codes import FARTHEST, screen_key
from sipas.store.audit import add_audit
from sipas.store.screens import Screen, find_screen
from sipas.store.units import get_counter, get_unit
from sipas.terms import SipasError
from sipas.web.enrolment import screen_code_hash
from sipas.web.house import House

FAR_OUT = 2**31 - 1  # what the column holds; a clock that is set back to 1970 is told as this


class PairingRefusedError(SipasError):
    """A display that cannot become a screen now; tells nothing of why."""


def pair(house: House, name: str, sent: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Give a display the key of its screen, and what to show beside the code."""
    code = normalise(str(sent.get("code", "")))
    with house.store.write() as session:
        screen = find_screen(session, normalise(name))
        good = screen is not None and not screen.revoked and now.timestamp() <= screen.pairing_until and is_code(code)
        if screen is None or not good or not hmac.compare_digest(screen.pairing_h or b"", screen_code_hash(house.keyring, code)):
            raise PairingRefusedError("this pairing code is wrong, used or older than ten minutes; make another: sipas screens code")
        screen.turn, screen.pairing_h, screen.drift, screen.ahead = screen.turn + 1, None, 0, 0
        screen.paired = screen.heard = now.date()
        add_audit(session, at=now, official=f"screen {screen.screen}", action="screen_pair", details="{}")
        key = screen_key(house.keyring, screen.screen, screen.turn)
        return {"key": base64.b64encode(key).decode(), **told(session, house, screen, now)}


def told(session: Session, house: House, screen: Screen, now: datetime) -> dict[str, Any]:
    """What a screen shows beside its code."""
    counter = get_counter(session, screen.counter_id)
    unit = get_unit(session, counter.unit_id)
    address = house.settings.public_url
    return {
        "screen": screen.screen,
        "unit": unit.full_name,
        "unit_en": unit.name_en or unit.full_name,
        "counter": counter.name,
        "address": f"{address.upper()}/S/",
        "domain": address.partition("://")[2],
        "now": int(now.timestamp()),
    }


def check_in(house: House, name: str, sent: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """Learn how far a screen's clock runs ahead; what to show, or None for a screen that is not ours any more."""
    claimed, proof = sent.get("now"), sent.get("proof")
    if not isinstance(claimed, int) or not 0 <= claimed < 2**53 or not isinstance(proof, str):
        return None
    with house.store.write() as session:
        screen = find_screen(session, normalise(name))
        if screen is None or screen.revoked or not hmac.compare_digest(proof.encode(), proof_of(house.keyring, screen, claimed).encode()):
            return None
        ahead = claimed - int(now.timestamp())
        screen.ahead, screen.heard = max(-FAR_OUT, min(ahead, FAR_OUT)), now.date()
        if abs(ahead) <= FARTHEST:
            screen.drift = ahead
        return told(session, house, screen, now)


def proof_of(keyring: Keyring, screen: Screen, claimed: int) -> str:
    """What shows that the holder of a screen's key said what time it is."""
    key = screen_key(keyring, screen.screen, screen.turn)
    return hmac.digest(key, b"KS1|beat|" + struct.pack(">Q", claimed), "sha256").hex()
