"""The forms of sealed rows: which fields are bound, and how (`docs/integrity.md` says it for others to repeat)."""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sipas.evidence.canonical import canonical
from sipas.evidence.keys import ROW_KEY, Keyring

FORM = 1  # what a seal writes today; older forms stay readable

RESPONSE_1 = (
    *("form", "key", "week", "id", "unit_id", "deciding_id", "counter_id", "sector", "sector_asked", "procedure"),
    *("wave", "instrument", "measure", "wording", "language", "length", "stage", "respondent", "filing"),
    *("channel", "reasons", "quarantine", "duration", "cluster", "answers"),
)
COMMENT_1 = ("form", "key", "month", "id", "unit_id", "sector", "mood", "text", "reply_h")
# a migration adds a form; a form once used never gains a field
FORMS: Mapping[tuple[str, int], tuple[str, ...]] = MappingProxyType({("response", 1): RESPONSE_1, ("comment", 1): COMMENT_1})
_BINARY = frozenset({"id", "cluster", "reply_h"})


def leaf_of(kind: str, row: Mapping[str, Any]) -> bytes:
    """SHA-256(0x00 ‖ salt ‖ canonical JSON of the form's fields, bytes as hex)."""
    fields = FORMS[kind, row["form"]]
    plain = {name: bytes(row[name]).hex() if name in _BINARY and row[name] is not None else row[name] for name in fields}
    return hashlib.sha256(b"\0" + row["salt"] + canonical(plain)).digest()


def mac_of(keyring: Keyring, kind: str, row: Mapping[str, Any], leaf: bytes) -> bytes:
    """HMAC under the row's key over ``kind/form``, a line end and the leaf."""
    return hmac.digest(keyring.derive(row["key"]), f"{kind}/{row['form']}\n".encode() + leaf, "sha256")


def sealed(keyring: Keyring, kind: str, row: Mapping[str, Any], rng: random.Random) -> dict[str, Any]:
    """The row under a new random id, with a new salt, its leaf and its MAC."""
    fresh = {**row, "id": rng.randbytes(16), "salt": rng.randbytes(16), "form": FORM, "key": ROW_KEY}
    leaf = leaf_of(kind, fresh)
    return fresh | {"leaf": leaf, "mac": mac_of(keyring, kind, fresh, leaf)}


def fault_of(keyring: Keyring, kind: str, row: Mapping[str, Any]) -> str | None:
    """What is wrong with a sealed row: unknown_form, leaf or mac; None for nothing."""
    if (kind, row["form"]) not in FORMS or row["key"] != ROW_KEY:
        return "unknown_form"
    leaf = leaf_of(kind, row)
    if leaf != row["leaf"]:
        return "leaf"
    return None if hmac.compare_digest(mac_of(keyring, kind, row, leaf), row["mac"]) else "mac"


def batch_mac(keyring: Keyring, batch: Mapping[str, Any]) -> bytes:
    """HMAC under the batch key over week, state, n and root: a row taken out of a batch is missed."""
    plain = {"week": batch["week"], "state": batch["state"], "n": batch["n"], "root": bytes(batch["root"]).hex()}
    return hmac.digest(keyring.derive("batch/1"), b"batch/1\n" + canonical(plain), "sha256")
