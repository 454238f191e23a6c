"""Each revision, up and down, on tables that hold rows: nothing that stays is lost, and the triggers are back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Boolean, Date, DateTime, Float, Integer, LargeBinary, MetaData, Table, func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from sipas.store import migrate
from sipas.store.engine import Store

# Columns whose values a check allows; everything else is filled by its kind.
ALLOWED = {
    "extent": "whole", "length": "short", "channel": "V", "state": "open", "valid_to": None, "parent_id": None, "value": 0.5, "low": 0.4,
    "high": 0.6, "received": 9, "settled": 8, "late": 1, "overdue": 0, "quarantined": False, "role": "official", "decision": "keep",
    "kind": "card",
}  # fmt: skip
APPEND_ONLY = {"0002_answers": {"response", "comment", "receipt"}, "0003_numbers": {"run", "fact", "audit"}}
ALLOWED |= {"act": "set_aside", "outcome": "approved", "proposer_unit_id": 3, "second": "second", "second_unit_id": 2}
ALLOWED |= {"phase": "first", "source": "frame"}
APPEND_ONLY["0007_screening"] = {"screening", "screening_flag", "screening_share", "disposition"}
APPEND_ONLY["0010_proposals"] = {"proposal", "proposal_row", "proposal_outcome"}
APPEND_ONLY["0011_paper"] = {"paper_round"}
COLUMNS_ONLY = {"0006_words", "0013_reply_index", "0014_screen_word", "0015_proposal_macs"}
REVISIONS = migrate.revisions()


def tables(store: Store) -> list[Table]:
    found = MetaData()
    found.reflect(store.engine)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def value(column: object) -> object:
    """A plausible value of a column."""
    if column.name in ALLOWED:
        return ALLOWED[column.name]
    kinds = ((Boolean, True), (Integer, 1), (Float, 1.0), (DateTime, datetime(2026, 1, 5, tzinfo=UTC)), (Date, date(2026, 1, 5)))
    for kind, given in kinds:
        if isinstance(column.type, kind):
            return given
    if isinstance(column.type, LargeBinary):
        return b"\x07" * 16
    return "2026-W02"[: getattr(column.type, "length", None) or 8]


def fill(store: Store, *, but: set[str] = frozenset()) -> set[str]:
    """One row in every table that has none."""
    filled = set()
    for table in tables(store):
        if table.name not in but:
            with store.write() as session:
                session.execute(table.insert().values({column.name: value(column) for column in table.columns}))
            filled.add(table.name)
    return filled


def counted(store: Store) -> dict[str, int]:
    with store.read() as session:
        return {table.name: session.execute(select(func.count()).select_from(table)).scalar_one() for table in tables(store)}


def refused(store: Store) -> set[str]:
    """Tables whose rows the database refuses to change."""
    triggers = "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger'"
    if not store.is_sqlite:
        triggers = "SELECT DISTINCT event_object_table FROM information_schema.triggers"
    with store.read() as session:
        return set(session.execute(text(triggers)).scalars())


@pytest.mark.parametrize("place", [place for place, name in enumerate(REVISIONS) if name not in COLUMNS_ONLY])
def test_a_revision_goes_up_and_down_with_rows_in_every_table(store: Store, place: int) -> None:
    migrate.downgrade(store, "base")
    before = REVISIONS[place - 1] if place else "base"
    if place:
        migrate.upgrade(store, before)
        old = fill(store)
    else:
        old = set()
    migrate.upgrade(store, REVISIONS[place])
    new = fill(store, but=old)
    assert new, "a revision without a table of its own needs a test of its own"
    assert set(counted(store).values()) == {1}
    expected = set().union(*(names for revision, names in APPEND_ONLY.items() if revision <= REVISIONS[place]))
    assert refused(store) >= expected

    migrate.downgrade(store, before)
    assert counted(store) == dict.fromkeys(old, 1)
    assert not new & set(inspect(store.engine).get_table_names())

    migrate.upgrade(store, REVISIONS[place])
    assert counted(store) == {**dict.fromkeys(old, 1), **dict.fromkeys(new, 0)}
    assert refused(store) >= expected


def test_words_come_to_released_rows_and_leave_them(store: Store) -> None:
    migrate.downgrade(store, "0005_recovery_codes")
    fill(store, but={"released"})
    old = "INSERT INTO released (wave, period, unit_id, side, sector, channels, run_id, n) VALUES ('w', '2026', 1, 'receiving', :s, 'V', 1, :n)"
    with store.write() as session:
        for sector, n in (("land", 9), ("others", 10)):
            session.execute(text(old), {"s": sector, "n": n})
    migrate.upgrade(store, "0006_words")
    with store.read() as session:
        assert session.execute(text("SELECT word, n FROM released ORDER BY n")).all() == [("few", 9), ("told", 10)]
    migrate.downgrade(store, "0005_recovery_codes")
    with store.read() as session:
        assert session.execute(text("SELECT n FROM released ORDER BY n")).scalars().all() == [9, 10]


def test_reply_codes_get_an_index_and_lose_it_with_every_comment_kept(store: Store) -> None:
    migrate.downgrade(store, "0012_canaries")
    fill(store)
    before = counted(store)
    for act, expected in ((migrate.upgrade, {"reply_h"}), (migrate.downgrade, set()), (migrate.upgrade, {"reply_h"})):
        act(store, "0012_canaries" if act is migrate.downgrade else "0013_reply_index")
        for table in ("comment", "open_comment"):
            indexed = {name for index in inspect(store.engine).get_indexes(table) for name in index["column_names"]}
            assert indexed == expected
        assert counted(store) == before
        assert refused(store) >= APPEND_ONLY["0002_answers"]


def test_a_screen_keeps_its_drift_whatever_else_it_learns_to_say(store: Store) -> None:
    migrate.downgrade(store, "0013_reply_index")
    fill(store)
    with store.write() as session:
        session.execute(text("UPDATE screen SET drift = 42, turn = 2"))
    migrate.upgrade(store, "0014_screen_word")
    with store.read() as session:
        assert session.execute(text("SELECT drift, turn, ahead, paired, heard FROM screen")).one() == (42, 2, 42, None, None)
    migrate.downgrade(store, "0013_reply_index")
    with store.read() as session:
        assert session.execute(text("SELECT drift, turn FROM screen")).one() == (42, 2)
    assert not {"ahead", "paired", "heard"} & {column["name"] for column in inspect(store.engine).get_columns("screen")}
    migrate.upgrade(store)
    migrate.check(store)


def test_proposals_get_a_place_for_a_mac_and_lose_it_with_every_row_and_trigger_kept(store: Store) -> None:
    migrate.downgrade(store, "0014_screen_word")
    fill(store)
    before = counted(store)
    migrate.upgrade(store, "0015_proposal_macs")
    with store.read() as session:
        for table in ("proposal", "proposal_outcome"):
            assert session.execute(text(f"SELECT mac FROM {table}")).scalars().all() == [None]
    assert refused(store) >= APPEND_ONLY["0010_proposals"]
    migrate.downgrade(store, "0014_screen_word")
    assert counted(store) == before
    assert refused(store) >= APPEND_ONLY["0010_proposals"]
    migrate.upgrade(store)
    migrate.check(store)


ROLE = "INSERT INTO official (id, account, name, role, unit_id, active, password, must_change, uniquifier, totp_secret, totp_counter, last_seen) VALUES (:id, :id, 'x', :role, 1, true, 'x', false, :id, '', 0, 0)"  # fmt: skip


def test_keyers_come_with_their_role_and_lose_every_right_with_it(store: Store) -> None:
    migrate.downgrade(store, "0010_proposals")
    fill(store)
    migrate.upgrade(store, "0011_paper")
    with store.write() as session:
        session.execute(text(ROLE.replace(":id,", "7,", 1).replace(":id", "'k'")), {"role": "keyer"})
    with pytest.raises(IntegrityError), store.write() as session:
        session.execute(text(ROLE.replace(":id,", "8,", 1).replace(":id", "'j'")), {"role": "owner"})
    migrate.downgrade(store, "0010_proposals")
    with store.read() as session:
        assert session.execute(text("SELECT role, active FROM official WHERE id = 7")).one() == ("official", 0)
    with pytest.raises(IntegrityError), store.write() as session:
        session.execute(text(ROLE.replace(":id,", "9,", 1).replace(":id", "'l'")), {"role": "keyer"})
