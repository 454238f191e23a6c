"""An official as the sign-in library wants to see one, and the datastore that finds and keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_security import RoleMixin, UserDatastore, UserMixin

from sipas.store import officials
from sipas.store.engine import Store
from sipas.store.officials import OfficialAccount
from sipas.store.units import Unit
from sipas.terms import Role


@dataclass(slots=True, eq=False)
class Account(UserMixin):
    """A copy of an account's row. Only its password is ever written back, through the datastore."""

    id: int
    email: str  # the library's word for the account name
    name: str
    role: Role
    branch: str
    unit_id: int
    active: bool
    password: str
    must_change: bool
    fs_uniquifier: str
    totp_secret: str
    last_seen: int
    roles: list[RoleMixin] = field(default_factory=list)  # the library's own are not used: `sipas.access` decides


class Accounts(UserDatastore):
    """The library's datastore over our store: every write passes Store.write()."""

    def __init__(self, store: Store) -> None:
        super().__init__(Account, RoleMixin)
        self.store = store

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Account | None:  # noqa: FBT001, FBT002, ARG002 -- the library's signature
        """An account by ``fs_uniquifier`` or by ``email``."""
        with self.store.read() as session:
            if "fs_uniquifier" in kwargs:
                found = officials.find_by_uniquifier(session, str(kwargs["fs_uniquifier"]))
            else:
                found = officials.find_account(session, str(kwargs["email"]))
        return as_account(*found) if found else None

    def find_role(self, role: str) -> None:
        """No role of the library's exists."""

    def put(self, model: Account) -> Account:
        """Keep a password that was hashed anew with newer parameters."""
        with self.store.write() as session:
            officials.get_account(session, model.email).password = model.password
        return model

    def commit(self) -> None:
        """Nothing waits: Store.write() commits."""


def as_account(row: OfficialAccount, unit: Unit) -> Account:
    """A row and the unit at the top of its branch, copied."""
    return Account(
        id=row.id,
        email=row.account,
        name=row.name,
        role=Role(row.role),
        branch=unit.path,
        unit_id=unit.id,
        active=row.active,
        password=row.password,
        must_change=row.must_change,
        fs_uniquifier=row.uniquifier,
        totp_secret=row.totp_secret,
        last_seen=row.last_seen,
    )
