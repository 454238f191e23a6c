"""Receipts prove presence, not content; a reply code opens the answer to one's own comment."""

from __future__ import annotations

import hmac

from sipas.evidence.codes import encode
from sipas.evidence.keys import Keyring


def receipt_code(keyring: Keyring, iid: str) -> str:
    """The ten characters that the respondent keeps; the same for every repeat of one sending."""
    return _code(keyring, "receipt", iid)


def reply_code(keyring: Keyring, iid: str) -> str:
    """The second code, shown once to whoever wants a reply; nothing connects it with the receipt."""
    return _code(keyring, "reply", iid)


def receipt_hash(keyring: Keyring, code: str) -> bytes:
    """What is stored of a receipt: fifty bits would be guessed from a plain hash, hence the key."""
    return _hash(keyring, "receipt/hash", code)


def reply_hash(keyring: Keyring, code: str) -> bytes:
    """What is stored of a reply code, on the comment alone."""
    return _hash(keyring, "reply/hash", code)


def _code(keyring: Keyring, label: str, iid: str) -> str:
    return encode(int.from_bytes(hmac.digest(keyring.derive(label), iid.encode(), "sha256")[:8], "big"))


def _hash(keyring: Keyring, label: str, code: str) -> bytes:
    return hmac.digest(keyring.derive(label), code.encode(), "sha256")
