"""Passwords and one-time codes."""

from __future__ import annotations

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
LEAST, MOST = 12, 128
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that reads like something else
COMMON = ("123456", "abcdef", "qwerty", "password", "matkhau", "sipas", "vietnam")
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


def weakness(password: str, account: str) -> str:
    """Why a password is refused: ``short``, ``long``, ``common`` or ``account``; empty where it is not."""
    plain = normal(password).lower()
    if len(plain) < LEAST:
        return "short"
    if len(plain) > MOST:
        return "long"
    if len(set(plain)) < 5 or any(word in plain for word in COMMON):
        return "common"
    return "account" if account.partition("@")[0].lower() in plain else ""


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
