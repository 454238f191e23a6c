"""One row in the audit table, or no file."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from sipas.exports.release import with_audit, with_audit_streamed
from sipas.store.audit import list_audits
from sipas.store.engine import Store

AT = datetime(2026, 11, 21, 3, tzinfo=UTC)


def test_the_row_names_who_what_and_the_hash(store: Store) -> None:
    content = with_audit(store, "analyst@example.vn", "microdata", {"wave": "đợt-1"}, lambda: b"abc", at=AT)
    with store.read() as session:
        (row,) = list_audits(session, action="microdata")
    assert content == b"abc"
    assert (row.official, row.action) == ("analyst@example.vn", "microdata")
    assert json.loads(row.details) == {"wave": "đợt-1", "bytes": 3, "sha256": hashlib.sha256(b"abc").hexdigest()}


def test_no_row_no_file(store: Store) -> None:
    with store.write() as session:
        session.execute(text("DROP TABLE audit"))
    handed_out = []
    with pytest.raises(DBAPIError):
        handed_out.append(with_audit(store, "a", "cells", {}, lambda: b"abc", at=AT))
    with pytest.raises(DBAPIError):
        handed_out.append(with_audit_streamed(store, "a", "cells", {}, lambda: iter([b"abc"]), at=AT))
    assert handed_out == []


def test_a_stream_is_written_down_before_its_first_piece(store: Store) -> None:
    def pieces():
        with store.read() as session:
            yield str(len(list_audits(session))).encode()

    stream = with_audit_streamed(store, "a", "cells", {}, pieces, at=AT)
    with store.read() as session:
        assert len(list_audits(session)) == 1
    assert list(stream) == [b"1"]


def test_a_file_that_cannot_be_made_leaves_no_row(store: Store) -> None:
    def broken() -> bytes:
        raise ValueError("no such wave")

    with pytest.raises(ValueError, match="no such wave"):
        with_audit(store, "a", "cells", {}, broken, at=AT)
    with store.read() as session:
        assert list_audits(session) == []
