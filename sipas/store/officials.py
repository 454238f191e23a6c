"""Officials: their accounts, their sessions, and the delays after wrong passwords.

Moments are whole seconds since 1970: the same number in SQLite and in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, CheckConstraint, CursorResult, ForeignKey, LargeBinary, String, Text, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base
from sipas.store.units import Unit
from sipas.terms import SipasError

FREE_FAILURES = 5
LONGEST_DELAY = 15 * 60
ATTEMPTS_KEPT = 24 * 3600


class UnknownAccountError(SipasError):
    """No official has that account name."""


class OfficialAccount(Base):
    """Anyone who signs in, with a role in a branch of the unit tree."""

    __tablename__ = "official"
    __table_args__ = (CheckConstraint("role IN ('official', 'head', 'analyst', 'administrator', 'keyer')", name="role_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(120), unique=True)  # lower case; a name or an address
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    active: Mapped[bool] = mapped_column(default=True)
    password: Mapped[str] = mapped_column(String(255))  # argon2id
    must_change: Mapped[bool] = mapped_column(default=True)  # the password was printed by a command
    uniquifier: Mapped[str] = mapped_column(String(64), unique=True)  # new with every password: older sessions end
    totp_secret: Mapped[str] = mapped_column(Text, default="")  # encrypted under a key outside the database
    totp_counter: Mapped[int] = mapped_column(BigInteger, default=0)  # the last step that was used: a code works once
    last_seen: Mapped[int] = mapped_column(BigInteger)  # made, or last signed in


class OfficialSession(Base):
    """One sign-in. The cookie holds the id; the row holds only its SHA-256."""

    __tablename__ = "official_session"

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    official_id: Mapped[int] = mapped_column(ForeignKey("official.id"), index=True)
    content: Mapped[str] = mapped_column(Text)
    idle: Mapped[int]  # seconds without a request after which it ends
    started: Mapped[int] = mapped_column(BigInteger)
    seen: Mapped[int] = mapped_column(BigInteger, index=True)


class RecoveryCode(Base):
    """A code that signs in once instead of the authenticator app; the row holds only its keyed hash, and goes with its use."""

    __tablename__ = "recovery_code"

    official_id: Mapped[int] = mapped_column(ForeignKey("official.id"), primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)


class SignInAttempt(Base):
    """Wrong passwords for one account name, known or not, under a keyed hash."""

    __tablename__ = "sign_in_attempt"

    account_h: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int]
    until: Mapped[int] = mapped_column(BigInteger, index=True)


def find_account(session: Session, account: str) -> tuple[OfficialAccount, Unit] | None:
    """The official with this account name and the unit at the top of the branch."""
    return _one(session, OfficialAccount.account == account.strip().lower())


def find_by_uniquifier(session: Session, uniquifier: str) -> tuple[OfficialAccount, Unit] | None:
    """The official to whom a session belongs."""
    return _one(session, OfficialAccount.uniquifier == uniquifier)


def get_account(session: Session, account: str) -> OfficialAccount:
    """The official with this account name, to be changed."""
    if (found := find_account(session, account)) is None:
        raise UnknownAccountError(f"there is no account {account!r}; `sipas officials list` names them all")
    return found[0]


def list_accounts(session: Session) -> Sequence[tuple[OfficialAccount, Unit]]:
    """Everyone who can sign in, by account name."""
    rows = session.execute(select(OfficialAccount, Unit).join(Unit, Unit.id == OfficialAccount.unit_id).order_by(OfficialAccount.account))
    return [(row[0], row[1]) for row in rows]


def use_code(session: Session, official_id: int, counter: int) -> bool:
    """Mark a one-time code's step as used; False when it, or a later one, already was."""
    done = session.execute(
        update(OfficialAccount)
        .where(OfficialAccount.id == official_id, OfficialAccount.totp_counter < counter)
        .values(totp_counter=counter)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(done, CursorResult)
    return done.rowcount == 1


def replace_recovery_codes(session: Session, official_id: int, hashes: Sequence[bytes]) -> None:
    """New recovery codes; the old ones end."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.official_id == official_id))
    session.add_all(RecoveryCode(official_id=official_id, hash=one) for one in hashes)
    session.flush()


def use_recovery_code(session: Session, official_id: int, hashed: bytes) -> bool:
    """Use up a recovery code; False for one that never was, or is used already."""
    done = session.execute(delete(RecoveryCode).where(RecoveryCode.official_id == official_id, RecoveryCode.hash == hashed))
    assert isinstance(done, CursorResult)
    return done.rowcount == 1


def count_recovery_codes(session: Session, official_id: int) -> int:
    """How many of an official's recovery codes are left."""
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(RecoveryCode.official_id == official_id)) or 0


def end_sessions(session: Session, official_id: int) -> None:
    """End every sign-in of an official."""
    session.execute(delete(OfficialSession).where(OfficialSession.official_id == official_id))


def delete_session(session: Session, hashed: bytes) -> None:
    session.execute(delete(OfficialSession).where(OfficialSession.hash == hashed))


def delete_old_sessions(session: Session, *, now: int, absolute: int) -> None:
    """Forget the sign-ins that have ended by themselves."""
    ended = (OfficialSession.seen + OfficialSession.idle < now) | (OfficialSession.started + absolute < now)
    session.execute(delete(OfficialSession).where(ended))


def start_attempt(session: Session, account_h: bytes, *, now: int) -> int:
    """Seconds to wait before the next try; at 0 this try is counted, before its password is looked at.

    Five tries are free, then each doubles the wait up to 15 minutes; an account is never locked for good.
    """
    session.execute(delete(SignInAttempt).where(SignInAttempt.until < now - ATTEMPTS_KEPT))
    row = session.get(SignInAttempt, account_h, with_for_update=True) or _first_attempt(session, account_h, now)
    if row.until > now:
        return row.until - now
    row.failures += 1
    row.until = now + delay(row.failures)
    return 0


def _first_attempt(session: Session, account_h: bytes, now: int) -> SignInAttempt:
    """A new count; or, where another process made it this very moment, that one."""
    try:
        with session.begin_nested():
            session.add(row := SignInAttempt(account_h=account_h, failures=0, until=now))
            session.flush()
    except IntegrityError:
        return session.get_one(SignInAttempt, account_h, with_for_update=True)
    return row


def delay(failures: int) -> int:
    """Seconds to wait after so many failures."""
    beyond = failures - FREE_FAILURES
    return 0 if beyond <= 0 else min(2 ** min(beyond, 20), LONGEST_DELAY)


def forget_attempts(session: Session, account_h: bytes) -> None:
    """The right password was given: the count starts anew."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.account_h == account_h))


def count_accounts(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(OfficialAccount)) or 0


def _one(session: Session, condition: object) -> tuple[OfficialAccount, Unit] | None:
    row = session.execute(select(OfficialAccount, Unit).join(Unit, Unit.id == OfficialAccount.unit_id).where(condition)).one_or_none()  # type: ignore[arg-type]
    return None if row is None else (row[0], row[1])
