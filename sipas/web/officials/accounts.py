"""Making and mending accounts: what the command line does for officials."""

from __future__ import annotations

import secrets as chance
from dataclasses import dataclass, field
from datetime import datetime
from json import dumps
from random import Random

from sipas.access import SECOND_FACTOR
from sipas.evidence.keys import Keyring
from sipas.store import officials
from sipas.store.audit import add_audit
from sipas.store.engine import Store
from sipas.store.officials import OfficialAccount
from sipas.store.units import get_unit
from sipas.terms import Role, SipasError
from sipas.web.officials.signin.secrets import hash_password, new_password, new_secret, secret_uri


class BadAccountError(SipasError):
    """An account that cannot be made or mended as asked."""


@dataclass(frozen=True, slots=True)
class NewOfficial:
    """What is printed once and kept nowhere: the one-time password, and for a second factor its secret."""

    account: str
    name: str
    role: Role
    password: str = field(repr=False)
    totp_secret: str | None = field(repr=False)
    totp_uri: str | None = field(repr=False)


def add_official(
    store: Store, *, account: str, name: str, role: Role, unit_id: int, keyring: Keyring, rng: Random, now: datetime
) -> NewOfficial:
    """Make an account whose password must be changed at the first sign-in."""
    account = account.strip().lower()
    if not account or any(letter.isspace() for letter in account):
        raise BadAccountError(f"account {account!r}: write a name without blanks, such as canbo@demo.local")
    password, encrypted, secret = _new_secrets(role, keyring, rng)
    row = OfficialAccount(
        account=account,
        name=name,
        role=role.value,
        unit_id=unit_id,
        active=True,
        password=hash_password(password),
        must_change=True,
        uniquifier=chance.token_hex(32),
        totp_secret=encrypted,
        totp_counter=0,
        last_seen=int(now.timestamp()),
    )
    with store.write() as session:
        get_unit(session, unit_id)
        if officials.find_account(session, account):
            raise BadAccountError(f"account {account!r} exists already; `sipas officials reset {account}` prints a new password")
        session.add(row)
        add_audit(session, at=now, official="command line", action="official_added", details=dumps({"account": account}))
    return _printed(account, name, role, password, secret)


def reset_official(store: Store, *, account: str, keyring: Keyring, rng: Random, now: datetime) -> NewOfficial:
    """New password, new one-time-code secret, all sessions and recovery codes ended, and active again."""
    with store.read() as session:
        row = officials.get_account(session, account)
    role = Role(row.role)
    password, encrypted, secret = _new_secrets(role, keyring, rng)
    hashed = hash_password(password)
    with store.write() as session:
        row = officials.get_account(session, account)
        row.password, row.must_change, row.active = hashed, True, True
        row.uniquifier, row.totp_secret, row.totp_counter = chance.token_hex(32), encrypted, 0
        row.last_seen = int(now.timestamp())
        officials.end_sessions(session, row.id)
        officials.replace_recovery_codes(session, row.id, ())
        add_audit(session, at=now, official="command line", action="official_reset", details=dumps({"account": row.account}))
        return _printed(row.account, row.name, role, password, secret)


def disable_official(store: Store, *, account: str, now: datetime) -> None:
    """The account signs in no more, and its sessions end now."""
    with store.write() as session:
        row = officials.get_account(session, account)
        row.active, row.uniquifier = False, chance.token_hex(32)
        officials.end_sessions(session, row.id)
        add_audit(session, at=now, official="command line", action="official_disabled", details=dumps({"account": row.account}))


def _new_secrets(role: Role, keyring: Keyring, rng: Random) -> tuple[str, str, str]:
    encrypted, secret = new_secret(keyring) if role in SECOND_FACTOR else ("", "")
    return new_password(rng), encrypted, secret


def _printed(account: str, name: str, role: Role, password: str, secret: str) -> NewOfficial:
    return NewOfficial(
        account=account,
        name=name,
        role=role,
        password=password,
        totp_secret=secret or None,
        totp_uri=secret_uri(secret, account) if secret else None,
    )
