"""Tickets: what a form was opened for, signed and carried in a hidden field, so that no cookie is needed."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
import secrets
from dataclasses import dataclass, fields

from sipas.evidence.keys import Keyring
from sipas.terms import SipasError

VERSION = "1"
LONGEST = 2_000
_IID = re.compile(r"[0-9a-f]{32}")


class BadTicketError(SipasError):
    """A ticket that we did not sign, or that was changed on its way."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One opened form. The server mints the iid: it makes one answer of any number of sendings."""

    iid: str  # 32 hex digits
    code: str
    wave: str
    instrument: str
    measure: str
    length: str
    sector: str
    sector_asked: bool
    language: str
    issued: int  # Unix seconds
    expires: int
    work: int = 0  # rounds of the puzzle that the phone is asked to solve meanwhile; 0 where a code proves more


_NAMES = tuple(field.name for field in fields(Ticket))  # dataclasses.astuple would copy each value deeply
_TYPES = tuple({"str": str, "bool": bool, "int": int}[str(field.type)] for field in fields(Ticket))


def new_iid() -> str:
    """A fresh id for one answer: 128 random bits as 32 hex digits."""
    return secrets.token_hex(16)


def issue(keyring: Keyring, ticket: Ticket) -> str:
    """The ticket as text for a hidden field."""
    body = json.dumps([getattr(ticket, name) for name in _NAMES], separators=(",", ":"), ensure_ascii=False).encode()
    signed = body + _mac(keyring, body)
    return f"{VERSION}.{base64.urlsafe_b64encode(signed).decode().rstrip('=')}"


def read_ticket(keyring: Keyring, text: str) -> Ticket:
    """The ticket that ``text`` carries, even an expired one; BadTicketError for a forgery."""
    version, _, coded = text.partition(".")
    if version != VERSION or len(text) > LONGEST:
        raise BadTicketError("this ticket is not ours: open the form again from its code")
    try:
        signed = base64.b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadTicketError("this ticket is damaged: open the form again from its code") from None
    body, mac = signed[:-16], signed[-16:]
    if not hmac.compare_digest(mac, _mac(keyring, body)):
        raise BadTicketError("this ticket was changed: open the form again from its code")
    values = json.loads(body)
    values += [0] if len(values) == len(_TYPES) - 1 else []  # a form that was opened before there was work to do
    if [type(value) for value in values] != list(_TYPES) or not _IID.fullmatch(values[0]):
        raise BadTicketError("this ticket is of another version: open the form again from its code")
    return Ticket(*values)


def _mac(keyring: Keyring, body: bytes) -> bytes:
    return hmac.digest(keyring.derive(f"ticket/{VERSION}"), body, "sha256")[:16]
