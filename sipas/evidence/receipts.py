"""Receipts prove presence, not content; a reply code opens the answer to one's own comment."""

from __future__ import annotations

import hashlib
import hmac
import re

from sipas.evidence.codes import ALPHABET, LENGTH, encode
from sipas.evidence.keys import Keyring

_STUB = re.compile(r"[0-9a-f]{32}")


def receipt_code(keyring: Keyring, iid: str) -> str:
    """The ten characters that the respondent keeps; the same for every repeat of one sending."""
    return _code(keyring, "receipt", iid)


def drawn_receipt(iid: str, stub: str) -> str:
    """The receipt of an answer that was sealed without network: whoever sealed it made the same ten characters from the same two texts.

    ``stub`` is 128 random bits as hex, which stand in the sealed answer alone: an iid by itself leads to no receipt.
    Empty for a stub of another form.
    """
    if not _STUB.fullmatch(stub):
        return ""
    digest = hashlib.sha256(f"KS1|receipt|{iid}|{stub}".encode()).digest()
    return "".join(ALPHABET[byte & 31] for byte in digest[:LENGTH])


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
