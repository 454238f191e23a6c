"""What a kiosk sends: one sealed answer in a signed, chained envelope; and the signed word that it has arrived.

The answers are sealed as a JWE (RFC 7516: ECDH-ES on P-256, A256GCM) the moment they are sent, so that the tablet cannot read its own
queue. The envelope around them is canonical JSON, signed with the kiosk's own key, and names the hash of the one before it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sipas.evidence.canonical import canonical
from sipas.evidence.curves import derived_key, from_text, is_signed, point_of, read_point, sign, to_text
from sipas.evidence.keys import Keyring
from sipas.terms import SipasError

VERSION = 1
FIRST_PREVIOUS = "0" * 64  # what the first envelope of a kiosk names as the one before it
HIGHEST = 2**31 - 1
LONGEST_SEALED = 24_000  # a comment of 2,000 characters of three bytes, padded, sealed and in base 64
CLOCKS = ("ok", "adj", "unknown")
BANDS = ("<20", "20-60", "60-300", ">300")
STATUSES: Mapping[str, int] = MappingProxyType({"stored": 201, "duplicate": 202, "conflict": 409, "rejected": 400})

_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_HEX64 = re.compile(r"[0-9a-f]{64}")
_KIOSK = re.compile(r"[0-9A-HJKMNP-TV-Z]{8}")
_FORM = re.compile(r"[a-z0-9][a-z0-9-]{0,47}@[0-9a-f]{64}")


class BadEnvelopeError(SipasError):
    """An envelope that no kiosk of ours wrote like this, or whose answers do not open."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One sealed answer of a kiosk. ``day``, ``clk`` and ``dur`` are the kiosk's own word and are judged by who accepts it."""

    v: int
    k: str  # the kiosk
    seq: int
    prev: str  # hash of the envelope before it
    iid: str  # a UUID of version 4
    form: str  # instrument@measure
    day: str
    clk: str
    dur: str  # a band
    ct: str  # the answers, sealed
    sig: str

    @property
    def signed(self) -> dict[str, Any]:
        """All fields but the signature."""
        return {name: getattr(self, name) for name in _FIELDS if name != "sig"}

    @property
    def hash(self) -> str:
        """What the next envelope names: SHA-256 over the canonical JSON, signature included."""
        return hashlib.sha256(canonical(self.signed | {"sig": self.sig})).hexdigest()

    @property
    def plain_iid(self) -> str:
        """The iid as the other doors write it: 32 hex digits."""
        return self.iid.replace("-", "")


def _text(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _one_of(known: tuple[str, ...]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in known


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


_FIELDS: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "v": lambda value: type(value) is int and value == VERSION,
        "k": _text(_KIOSK),
        "seq": lambda value: type(value) is int and 1 <= value <= HIGHEST,
        "prev": _text(_HEX64),
        "iid": _text(_UUID4),
        "form": _text(_FORM),
        "day": _is_day,
        "clk": _one_of(CLOCKS),
        "dur": _one_of(BANDS),
        "ct": lambda value: isinstance(value, str) and 0 < len(value) <= LONGEST_SEALED and value.isascii(),
        "sig": lambda value: isinstance(value, str) and len(value) == 86 and value.isascii(),
    }
)


def read_envelope(raw: Any) -> Envelope:
    """The envelope that parsed JSON holds; BadEnvelopeError names the field that is wrong. Its signature is not looked at."""
    if not isinstance(raw, dict) or set(raw) != set(_FIELDS):
        raise BadEnvelopeError(f"an envelope is an object of exactly these fields: {', '.join(_FIELDS)}")
    for name, fits in _FIELDS.items():
        if not fits(raw[name]):
            raise BadEnvelopeError(f"envelope: the field {name!r} is not as docs/kiosk.md describes it")
    return Envelope(**raw)


def is_iid(value: Any) -> bool:
    """Whether a value is an iid as envelopes carry it: nothing else is ever signed back."""
    return _FIELDS["iid"](value)


def is_from(envelope: Envelope, point: bytes) -> bool:
    """Whether the kiosk whose public key is ``point`` signed the envelope."""
    return is_text_signed(point, canonical(envelope.signed), envelope.sig)


def is_text_signed(point: bytes, message: bytes, signature: str) -> bool:
    """Whether a signature in base 64 was made over a message."""
    try:
        return is_signed(point, message, from_text(signature))
    except ValueError:
        return False


def sealing_point(keyring: Keyring, year: int) -> bytes:
    """The public key to which kiosks seal the answers of that year."""
    return point_of(derived_key(keyring, f"kiosk/seal/{year}"))


def acknowledging_point(keyring: Keyring) -> bytes:
    """The public key by which kiosks know the server's word."""
    return point_of(derived_key(keyring, "kiosk/acknowledge"))


def say(keyring: Keyring, purpose: str, text: str) -> str:
    """The server's signature over a text for a purpose, in base 64."""
    return to_text(sign(derived_key(keyring, "kiosk/acknowledge"), f"KS1|{purpose}|{text}".encode()))


def acknowledge(keyring: Keyring, iid: str, status: str, receipt: str) -> dict[str, str]:
    """The signed word that lets a kiosk forget an envelope (``stored``, ``duplicate``), or tells it to hold it."""
    assert status in STATUSES, "a kiosk knows four words"
    return {"iid": iid, "status": status, "receipt": receipt, "sig": say(keyring, "ack", f"{iid}|{status}|{receipt}")}


def open_sealed(keyring: Keyring, sealed: str) -> dict[str, Any]:
    """The answers of an envelope: JSON of an object, behind ECDH-ES and A256GCM; BadEnvelopeError if they do not open."""
    try:
        head, wrapped, *coded = sealed.split(".")
        year, point = _read_head(json.loads(from_text(head)), wrapped)
        nonce, text, tag = (from_text(part) for part in coded)
        shared = derived_key(keyring, f"kiosk/seal/{year}").exchange(ec.ECDH(), read_point(point))
        opened = json.loads(AESGCM(concat_kdf(shared)).decrypt(nonce, text + tag, head.encode()))
    except (ValueError, KeyError, TypeError, RecursionError, InvalidTag) as error:
        raise BadEnvelopeError("the sealed answers do not open: sealed to another key, or changed on their way") from error
    if not isinstance(opened, dict):
        raise BadEnvelopeError("the sealed answers are no JSON object")
    return opened


def _read_head(header: Any, wrapped: str) -> tuple[int, bytes]:
    """The year of the key to which was sealed, and the sender's passing public key."""
    if wrapped or (header["alg"], header["enc"]) != ("ECDH-ES", "A256GCM") or not 2020 <= int(header["kid"]) <= 2199:
        raise ValueError("another kind of seal")
    return int(header["kid"]), b"\x04" + from_text(header["epk"]["x"]) + from_text(header["epk"]["y"])


def concat_kdf(shared: bytes, *, algorithm: bytes = b"A256GCM", parties: tuple[bytes, bytes] = (b"", b""), bits: int = 256) -> bytes:
    """The content key of RFC 7518, 4.6.2, for at most 256 bits: one round of SHA-256."""
    named = b"".join(len(part).to_bytes(4, "big") + part for part in (algorithm, *parties))
    return hashlib.sha256(b"\0\0\0\1" + shared + named + bits.to_bytes(4, "big")).digest()[: bits // 8]
