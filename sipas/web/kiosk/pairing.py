"""How a tablet becomes a kiosk: an eight-character code, good once and for ten minutes, against a public key."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from sipas.evidence.curves import from_text, read_point, to_text
from sipas.evidence.envelopes import acknowledging_point, is_text_signed
from sipas.evidence.keys import Keyring
from sipas.store.audit import add_audit
from sipas.store.kiosks import get_kiosk, get_ledger, take_pairing
from sipas.terms import SipasError
from sipas.web.enrolment import MINUTES, kiosk_code_hash
from sipas.web.house import House

MOST_WRONG = 100  # wrong codes in ten minutes from everywhere: at 40 bits, nobody guesses; beyond, nobody may try


class PairingRefusedError(SipasError):
    """A tablet that cannot become a kiosk now."""

    def __init__(self, message: str, *, too_often: bool = False) -> None:
        super().__init__(message)
        self.too_often = too_often


class Throttle:
    """The moments of wrong codes, in memory and without addresses; each of several web processes allows its share."""

    def __init__(self, nodes: int = 1) -> None:
        self._lock = threading.Lock()
        self._wrong: deque[datetime] = deque(maxlen=max(MOST_WRONG // nodes, 1))

    def is_full(self, now: datetime) -> bool:
        """Whether too many wrong codes came in the last ten minutes."""
        with self._lock:
            return len(self._wrong) == self._wrong.maxlen and now - self._wrong[0] < timedelta(minutes=MINUTES)

    def note(self, now: datetime) -> None:
        """Remember a wrong code."""
        with self._lock:
            self._wrong.append(now)


def pair(house: House, throttle: Throttle, sent: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """Take a tablet's public key for the kiosk that its code stands for; PairingRefusedError, which tells nothing of why."""
    if throttle.is_full(now):
        raise PairingRefusedError("too many wrong codes; wait ten minutes", too_often=True)
    code, key, signature = (sent.get(name) for name in ("code", "key", "sig"))
    point = _own_key(code, key, signature)
    if point is None:
        raise PairingRefusedError("the tablet's key is not as docs/kiosk.md describes it")
    with house.store.write() as session:
        kiosk = _take(session, house.keyring, str(code), point, now)
    if kiosk is None:  # only once what was looked up is committed: an old code is used up even so
        throttle.note(now)
        raise PairingRefusedError("this pairing code is wrong, used or older than ten minutes; make another: sipas kiosks code")
    return {"k": kiosk, "word": to_text(acknowledging_point(house.keyring))}


def _take(session: Session, keyring: Keyring, code: str, point: bytes, now: datetime) -> str | None:
    found = take_pairing(session, kiosk_code_hash(keyring, code), now=now)
    if found is None:
        return None
    kiosk = get_kiosk(session, found)
    if kiosk.public_key is not None or kiosk.revoked is not None:
        return None
    kiosk.public_key, kiosk.enrolled = point, now.date()
    get_ledger(session, found).clear = now.date()
    add_audit(session, at=now, official=f"kiosk {found}", action="kiosk_pair", details="{}")
    return found


def _own_key(code: Any, key: Any, signature: Any) -> bytes | None:
    """The public key, if whoever sends it holds the private one."""
    if not all(isinstance(one, str) and one.isascii() for one in (code, key, signature)):
        return None
    try:
        point = from_text(key)
        read_point(point)
    except ValueError:
        return None
    return point if is_text_signed(point, f"KS1|pair|{code}|{key}".encode(), signature) else None
