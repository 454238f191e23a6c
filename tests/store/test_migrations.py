"""Migrations run both ways on both databases, and make what the code describes."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DatabaseError

from sipas.store import migrate
from sipas.store.engine import Store


def test_code_and_migrations_agree(store: Store) -> None:
    migrate.check(store)


def test_down_to_nothing_and_up_again(store: Store) -> None:
    migrate.downgrade(store, "base")
    assert inspect(store.engine).get_table_names() == ["alembic_version"]
    migrate.upgrade(store)
    migrate.check(store)


def test_the_files_of_revisions_are_named_after_them_in_their_order() -> None:
    assert list(migrate.revisions()) == sorted(path.stem for path in (migrate.FOLDER / "versions").glob("[0-9]*.py"))


def test_a_database_of_the_newest_tables_is_known_without_alembic(store: Store) -> None:
    assert migrate.current(store) == migrate.revisions()[-1]
    migrate.downgrade(store, "base")
    assert migrate.current(store) is None


@pytest.mark.parametrize("act", ["UPDATE receipt SET week = week", "DELETE FROM receipt"])
def test_closed_rows_refuse_change(store: Store, act: str) -> None:
    with store.write() as session:
        session.execute(text("INSERT INTO receipt (week, hash) VALUES ('2026-W01', :h)"), {"h": b"x" * 32})
    with pytest.raises(DatabaseError, match="never changed"), store.write() as session:
        session.execute(text(act))
