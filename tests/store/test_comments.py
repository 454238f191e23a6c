"""A reply code finds its comment among many without reading them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, text

from sipas.store.comments import add_comments, find_reply_month
from sipas.store.engine import Store


def comment(month: str, number: int, reply_h: bytes | None = None) -> dict[str, Any]:
    """A comment as the seal writes it."""
    proof = {"form": 1, "key": "2026", "salt": b"s" * 16, "mac": b"m" * 32, "leaf": b"l" * 32}
    told = {"unit_id": 1, "sector": "land", "mood": "none", "text": "Cần thêm ghế"}
    return {**proof, **told, "month": month, "id": number.to_bytes(16, "big"), "reply_h": reply_h}


def plan_of_looking(store: Store) -> str:
    """How the database would look for a reply code."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    with store.read() as session:
        event.listen(session.connection(), "before_cursor_execute", note)
        find_reply_month(session, b"r" * 32)
        event.remove(session.connection(), "before_cursor_execute", note)
        if not store.is_sqlite:  # a table of one page is read whole, whatever else there is
            session.execute(text("SET LOCAL enable_seqscan = off"))
        statement, parameters = next(one for one in asked if "comment" in one[0])
        explained = f"EXPLAIN {'QUERY PLAN ' if store.is_sqlite else ''}{statement}"
        return str(session.connection().exec_driver_sql(explained, parameters).all())


def test_a_reply_code_is_found_in_an_open_and_in_a_closed_month(store: Store) -> None:
    with store.write() as session:
        add_comments(session, [comment("2026-11", number) for number in range(50)] + [comment("2026-11", 50, b"a" * 32)], closed=False)
        add_comments(session, [comment("2026-09", 51, b"b" * 32)], closed=True)
    with store.read() as session:
        assert [find_reply_month(session, letter * 32) for letter in (b"a", b"b", b"c")] == ["2026-11", "2026-09", None]


def test_a_reply_code_is_looked_up_by_its_index(store: Store) -> None:
    plan = plan_of_looking(store)
    assert "ix_open_comment_reply_h" in plan
    assert "ix_comment_reply_h" in plan
