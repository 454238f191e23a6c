"""Is this the official? Passwords and one-time codes, with a delay that grows and an answer that tells nothing."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from json import dumps
from typing import cast

from flask_security import current_user

from sipas.access import SECOND_FACTOR
from sipas.store import officials
from sipas.store.audit import add_audit
from sipas.terms import Role
from sipas.web.house import House
from sipas.web.officials.signin.account import Account, Accounts
from sipas.web.officials.signin.secrets import HASHING, NOBODY, PASSWORDS, normal, recovery_hash

IDLE_DAYS = 45
IDLE = 15 * 60
ADMINISTRATOR_IDLE = 5 * 60


@dataclass(frozen=True, slots=True)
class Wait:
    """Too many wrong tries: how many seconds until the next one is looked at."""

    seconds: int


def me() -> Account:
    """The account that is signed in."""
    return cast("Account", current_user)


def check_password(house: House, name: str, password: str, *, now: datetime) -> Account | Wait | None:
    """The account, a delay, or nothing; what a stranger sees and how long it takes is the same for unknown names."""
    moment = int(now.timestamp())
    key = attempt_key(house, f"password:{name.strip().lower()}")
    with house.store.write() as session:
        wait = officials.start_attempt(session, key, now=moment)
    if wait:
        return Wait(wait)
    account = Accounts(house.store).find_user(email=name)
    with HASHING:
        right = PASSWORDS.verify(normal(password), account.password if account else NOBODY)
    if account is None or not right or not _may_enter(house, account, moment):
        return None
    with house.store.write() as session:
        officials.forget_attempts(session, key)
    return account


def check_code(house: House, account: Account, code: str, *, now: datetime, verify: object) -> bool | Wait:
    """True for the code of this moment, once; ``verify`` is the library's own check."""
    key = attempt_key(house, f"code:{account.email}")
    with house.store.write() as session:
        wait = officials.start_attempt(session, key, now=int(now.timestamp()))
    if wait:
        return Wait(wait)
    digits = "".join(letter for letter in code if letter.isdigit())
    if len(digits) != 6 or not verify(digits, account.totp_secret, account, 5):  # type: ignore[operator]
        return False
    with house.store.write() as session:
        officials.forget_attempts(session, key)
    return True


def check_recovery(house: House, account: Account, code: str, *, now: datetime) -> bool | Wait:
    """True for one of the account's recovery codes, which is used up by it; tries count together with those of the app's codes."""
    key = attempt_key(house, f"code:{account.email}")
    with house.store.write() as session:
        wait = officials.start_attempt(session, key, now=int(now.timestamp()))
    if wait:
        return Wait(wait)
    hashed = recovery_hash(house.keyring, account.id, code)
    with house.store.write() as session:
        if not officials.use_recovery_code(session, account.id, hashed):
            return False
        officials.forget_attempts(session, key)
        left = officials.count_recovery_codes(session, account.id)
        add_audit(session, at=now, official=account.email, action="recovery_used", details=dumps({"left": left}))
    return True


def remember_entry(house: House, account: Account, *, now: datetime) -> None:
    """Write down that the official came in."""
    with house.store.write() as session:
        officials.get_account(session, account.email).last_seen = int(now.timestamp())
        add_audit(session, at=now, official=account.email, action="signed_in", details="{}")


def idle_seconds(role: Role) -> int:
    return ADMINISTRATOR_IDLE if role is Role.ADMINISTRATOR else IDLE


def attempt_key(house: House, text: str) -> bytes:
    """A keyed hash: the table of wrong tries names nobody."""
    return hmac.digest(house.keyring.derive("officials/attempts"), text.encode(), hashlib.sha256)


def _may_enter(house: House, account: Account, moment: int) -> bool:
    """Active, seen within 45 days, and with a second factor where the role needs one."""
    if account.active and moment - account.last_seen > IDLE_DAYS * 86400:
        with house.store.write() as session:
            officials.get_account(session, account.email).active = False
        return False
    return account.active and (account.role not in SECOND_FACTOR or bool(account.totp_secret))
