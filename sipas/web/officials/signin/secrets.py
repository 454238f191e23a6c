"""Passwords and one-time codes."""

from __future__ import annotations

import hashlib
import hmac
import threading
import unicodedata
from datetime import datetime
from random import Random
from typing import Any

from flask_security import Totp
from passlib.context import CryptContext  # type: ignore[import-untyped]
from passlib.exc import UsedTokenError  # type: ignore[import-untyped]
from passlib.totp import TOTP  # type: ignore[import-untyped]

from sipas.evidence.keys import Keyring
from sipas.store import officials
from sipas.store.engine import Store

ISSUER = "SIPAS"
ARGON2 = {"argon2__time_cost": 1, "argon2__memory_cost": 47104, "argon2__parallelism": 1}
PASSWORDS = CryptContext(schemes=["argon2"], **ARGON2)
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that reads like something else
NOBODY = "$argon2id$v=19$m=47104,t=1,p=1$0ZoTgnAOQShlzPkfI4RQ6g$Dp1dxeQSDKSRM7UCW557/qFqM5buLGt0iuUKkIi506Q"
HASHING = threading.BoundedSemaphore(2)  # each takes 46 MB: an attack on sign-in must not starve citizens


def normal(password: str) -> str:
    """One form for one password, whatever keyboard wrote it."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    with HASHING:
        hashed: str = PASSWORDS.hash(normal(password))
    return hashed


def new_password(rng: Random) -> str:
    """Four groups of four: 79 bits when ``rng`` is the system's."""
    return "-".join("".join(rng.choice(LETTERS) for _ in range(4)) for _ in range(4))


class Codes(Totp):
    """One-time codes whose secrets are encrypted in the database, and which work once."""

    store: Store

    def get_last_counter(self, user: Any) -> int | None:  # noqa: ARG002 -- set_last_counter decides, in one statement
        """Nothing: the database refuses a used step."""
        return None

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Use up this step; the library reads the exception as a wrong code."""
        with self.store.write() as session:
            if not officials.use_code(session, user.id, tmatch.counter):
                raise UsedTokenError


def wallet(keyring: Keyring) -> dict[str, str]:
    """The key that encrypts one-time-code secrets, as the library takes it."""
    return {"1": keyring.derive("officials/totp").hex()}


def new_secret(keyring: Keyring) -> tuple[str, str]:
    """A new one-time-code secret: encrypted for the database, and in base 32 for the authenticator app."""
    made = TOTP.using(issuer=ISSUER, secrets=wallet(keyring)).new()
    return made.to_json(encrypt=True), made.base32_key


def secret_uri(secret: str, account: str) -> str:
    """What an authenticator app reads from a QR code."""
    uri: str = TOTP(key=secret, issuer=ISSUER).to_uri(account)
    return uri


def current_code(secret: str, now: datetime) -> str:
    """The code that the app shows at this moment: for the demonstration and for tests."""
    token: str = TOTP(key=secret).generate(time=int(now.timestamp())).token
    return token


def recovery_hash(keyring: Keyring, official_id: int, code: str) -> bytes:
    """What is kept of a recovery code: a keyed hash, the same however its letters were grouped."""
    plain = "".join(letter for letter in normal(code).lower() if letter.isalnum())
    return hmac.digest(keyring.derive("officials/recovery"), f"{official_id}:{plain}".encode(), hashlib.sha256)
