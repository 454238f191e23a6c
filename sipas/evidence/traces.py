"""What an iid leaves behind, and what binds a row of the inbox: made by the door, checked by the seal."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import date
from typing import Any

from sipas.evidence.canonical import canonical
from sipas.evidence.keys import ROW_KEY, Keyring


def waiting_hashes(keyring: Keyring, iid: str, month: str) -> list[bytes]:
    """The iid's hashes in the inbox: under that month's key first, then under every other one that lives."""
    return [hmac.digest(key, iid.encode(), "sha256") for key in keyring.dup_keys(month)]


def seen_hash(keyring: Keyring, iid_h: bytes) -> bytes:
    """What outlives the inbox of an iid: another hash than the inbox's own, so that no key of an inbox row survives its seal."""
    return hmac.digest(keyring.derive("seen"), iid_h, "sha256")


def cluster_label(keyring: Keyring, counter_id: int, day: date) -> bytes:
    """The opaque label that one counter's answers of one day share; DestroyedKeyError once the day's key is destroyed."""
    return hmac.digest(keyring.cluster_key(day), str(counter_id).encode(), "sha256")[:16]


def inbox_mac(keyring: Keyring, row: Mapping[str, Any]) -> bytes:
    """HMAC under the row key over ``inbox/1``, a line end and the row's canonical JSON without its MAC, bytes as hex."""
    plain = {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items() if name != "mac"}
    return hmac.digest(keyring.derive(ROW_KEY), b"inbox/1\n" + canonical(plain), "sha256")
