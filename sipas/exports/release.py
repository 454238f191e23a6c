"""One row in the audit table, or no file (decision 28)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from sipas.store.audit import add_audit
from sipas.store.engine import Store


def with_audit(
    store: Store, official: str, action: str, details: Mapping[str, object], produce: Callable[[], bytes], *, at: datetime
) -> bytes:
    """Make a file, write down who takes it with its SHA-256, and only then hand it out.

    The row is committed in a transaction of its own before a byte leaves; if that fails, the failure is raised and nothing leaves.
    """
    content = produce()
    _write(store, official, action, {**details, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}, at=at)
    return content


def with_audit_streamed(
    store: Store, official: str, action: str, details: Mapping[str, object], produce: Callable[[], Iterator[bytes]], *, at: datetime
) -> Iterator[bytes]:
    """The same for a file too long for memory: the row is committed first, without a hash, then the pieces flow."""
    _write(store, official, action, {**details, "streamed": True}, at=at)
    return produce()


def _write(store: Store, official: str, action: str, details: Mapping[str, object], *, at: datetime) -> None:
    text = json.dumps(details, ensure_ascii=False, sort_keys=True)
    with store.write() as session:
        add_audit(session, at=at, official=official, action=action, details=text)
