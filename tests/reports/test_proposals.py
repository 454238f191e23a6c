"""What two people set aside leaves the headline and stays beside it, comes back when they say so, and no answer is touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from sipas.extract import Extract
from sipas.reports.facts import compute
from sipas.reports.forensics import screen_and_store, screen_wave
from sipas.reports.proposing import Person, StaleScreeningError, find_rows, list_set_aside, may_answer
from sipas.reports.sample import items_of
from sipas.store.engine import Store
from sipas.store.facts import find_last_run
from sipas.store.forensics import find_last_screening, list_flags
from sipas.store.microdata import list_answers
from sipas.store.proposals import (
    APPROVED,
    AT_ACCEPTANCE,
    BY_PEOPLE,
    COUNT_AGAIN,
    DECLINED,
    SET_ASIDE,
    Key,
    Proposal,
    ProposalOutcome,
    add_outcome,
    add_proposal,
    list_standing_rows,
    read_standing,
)
from sipas.store.reading import list_sealed
from tests.reports import sealed_rows as make
from tests.reports.stuffed_rows import ROUNDS, STUFFED_WEEKS, bytes_of, honest, stuff

SHELF, AT = make.shelf(), datetime(2026, 11, 17, 8, tzinfo=UTC)
RELEASED = (
    "SELECT n FROM released WHERE period = '2026-Q4' AND unit_id = ? AND sector = 'procedures' AND channels = ? AND side = 'receiving'"
)


@dataclass(frozen=True)
class Stuffed:
    store: Store
    unit: int
    root: int


@pytest.fixture(scope="module")
def screened(tmp_path_factory: pytest.TempPathFactory, blank_sqlite: Path) -> Path:
    """A stuffed province that was screened once."""
    path = tmp_path_factory.mktemp("proposed") / "screened.sqlite"
    copy(blank_sqlite, path)
    store = Store(f"sqlite:///{path}")
    province = honest(store)
    stuff(store, province, unit=province.strata[25][0])
    screen_and_store(store, SHELF, make.WAVE, permutations=ROUNDS)
    store.close()
    return path


@pytest.fixture
def stuffed(screened: Path, tmp_path: Path) -> Iterator[Stuffed]:
    copy(screened, tmp_path / "own.sqlite")
    store = Store(f"sqlite:///{tmp_path / 'own.sqlite'}")
    with store.read() as session:
        flag = list_flags(session, find_last_screening(session, make.WAVE, "2026-Q4").id)[0]
        root = session.execute(text("SELECT id FROM unit WHERE parent_id IS NULL")).scalar_one()
    yield Stuffed(store, flag.unit_id, root)
    store.close()


def flagged(stuffed: Stuffed, reason: str, extract: Extract | None = None) -> tuple[Key, ...]:
    with stuffed.store.read() as session:
        screening = find_last_screening(session, make.WAVE, "2026-Q4")
        flag = next(one for one in list_flags(session, screening.id) if one.reason == reason)
        return find_rows(session, extract or Extract(None), SHELF, screening, flag)


def decide(stuffed: Stuffed, rows: tuple[Key, ...], *, act: str = SET_ASIDE, outcome: str = APPROVED) -> Proposal:
    with stuffed.store.write() as session:
        made = Proposal(
            screening_id=1, unit_id=stuffed.unit, act=act, instrument="sipas-service-2023", length="short", sign="fast", rules="r",
            rows=len(rows), reason="đã kiểm tra hồ sơ", proposer="a@x", proposer_unit_id=stuffed.root, at=AT,
        )  # fmt: skip
        add_proposal(session, made, rows)
        answer = ProposalOutcome(
            proposal_id=made.id, unit_id=made.unit_id, proposer="a@x", proposer_unit_id=stuffed.root, outcome=outcome,
            reason="đồng ý", second="b@y", second_unit_id=9999, at=AT,
        )  # fmt: skip
        add_outcome(session, answer)
        return made


def n_of(stuffed: Stuffed, channels: str) -> int:
    with stuffed.store.read() as session:
        return session.connection().exec_driver_sql(RELEASED, (stuffed.root, channels)).scalar_one()


@pytest.mark.parametrize("reason", ["fast", "pattern"])
def test_the_answers_that_a_flag_is_about_are_found_again_by_their_ids(stuffed: Stuffed, reason: str, tmp_path: Path) -> None:
    rows = flagged(stuffed, reason)
    wanted = "SELECT week, id, reasons FROM response WHERE unit_id = :unit AND length = 'short' AND week LIKE '2026-W4%'"
    with stuffed.store.read() as session:
        known = {(week, response): reasons for week, response, reasons in session.execute(text(wanted), {"unit": stuffed.unit})}
    fast = {key for key, reasons in known.items() if reasons == "fast"}
    assert len(fast) == 60
    assert {week for week, _ in rows} >= set(STUFFED_WEEKS)
    assert set(rows) <= known.keys()
    assert set(rows) == fast if reason == "fast" else set(rows) >= fast
    assert flagged(stuffed, reason, Extract(tmp_path / "extract")) == rows


def test_what_two_people_set_aside_leaves_the_headline_stays_beside_it_and_comes_back(stuffed: Stuffed, tmp_path: Path) -> None:
    extract = Extract(tmp_path / "extract")
    kept = ("response", "open_response", "batch")
    before, first = bytes_of(stuffed.store, *kept), compute(stuffed.store, SHELF, make.WAVE, extract=extract).run_id
    rows, n = flagged(stuffed, "fast"), n_of(stuffed, "headline")
    decide(stuffed, rows)
    compute(stuffed.store, SHELF, make.WAVE, extract=extract)
    assert n_of(stuffed, "headline") == n, "nothing that is published moves without a declared correction"
    compute(stuffed.store, SHELF, make.WAVE, extract=extract, correction=True)
    assert (n_of(stuffed, "headline"), n_of(stuffed, "aside")) == (n - 60, n)
    decide(stuffed, rows, act=COUNT_AGAIN)
    third = compute(stuffed.store, SHELF, make.WAVE, extract=extract, correction=True).run_id
    facts = f"SELECT * FROM fact WHERE run_id = {first}", f"SELECT * FROM fact WHERE run_id = {third}"
    with stuffed.store.read() as session:
        one, two = ([tuple(row)[1:] for row in session.connection().exec_driver_sql(query)] for query in facts)
        versions = [row[0] for row in session.connection().exec_driver_sql("SELECT disposition FROM run ORDER BY id")]
    assert one == two
    assert versions[0] == "acceptance"
    assert len(set(versions)) == 3, versions
    assert bytes_of(stuffed.store, *kept) == before


def test_a_run_names_what_stood_when_its_answers_were_read_not_when_it_was_written(stuffed: Stuffed) -> None:
    compute(stuffed.store, SHELF, make.WAVE)
    rows, carried_out, n = flagged(stuffed, "fast"), [], n_of(stuffed, "headline")

    def between(_: str) -> None:
        if not carried_out:
            carried_out.append(decide(stuffed, rows))

    compute(stuffed.store, SHELF, make.WAVE, progress=between, correction=True)
    with stuffed.store.read() as session:
        made = find_last_run(session, make.WAVE)
        assert read_standing(session).version != AT_ACCEPTANCE
    assert carried_out
    assert (made.disposition, n_of(stuffed, "headline")) == (AT_ACCEPTANCE, n)


def test_files_follow_what_is_set_aside_and_are_verified_with_it(stuffed: Stuffed, tmp_path: Path) -> None:
    extract, items = Extract(tmp_path / "extract"), items_of(SHELF)
    with stuffed.store.read() as session:
        extract.follow(session, [make.WAVE], items)
    decide(stuffed, flagged(stuffed, "fast"))
    with stuffed.store.read() as session:
        assert {fault.partition(":")[0] for fault in extract.verify(session, [make.WAVE], items).faults} == {
            f"{make.WAVE}/{week}.parquet" for week in STUFFED_WEEKS
        }
        extract.follow(session, [make.WAVE], items)
        assert extract.verify(session, [make.WAVE], items).faults == ()
        assert (
            sum(row.quarantine == BY_PEOPLE for week in STUFFED_WEEKS for row in list_sealed(session, make.WAVE, week, closed=True)) == 60
        )
        assert sum(answer.quarantined for answer in list_answers(session, make.WAVE)) >= 60


def test_a_proposal_that_waits_or_was_declined_changes_nothing(stuffed: Stuffed) -> None:
    rows = flagged(stuffed, "fast")
    decide(stuffed, rows, outcome=DECLINED)
    with stuffed.store.read() as session:
        assert read_standing(session).acts == {}
        assert read_standing(session).version == "acceptance"
        assert list_set_aside(session, stuffed.unit) == ()


def test_what_is_set_aside_is_not_screened_and_an_old_screening_names_no_answer(stuffed: Stuffed) -> None:
    made = decide(stuffed, flagged(stuffed, "fast"))
    with pytest.raises(StaleScreeningError, match="next screening"):
        flagged(stuffed, "fast")
    assert screen_wave(stuffed.store, SHELF, make.WAVE, permutations=ROUNDS).flags == ()
    with stuffed.store.read() as session:
        assert [one.id for one in list_set_aside(session, stuffed.unit)] == [made.id]
        assert len(list_standing_rows(session, made)) == 60


@pytest.mark.parametrize(
    ("account", "unit", "right"),
    [("b@y", 8, True), ("a@x", 8, False), ("b@y", 7, False), ("b@y", 5, False), ("b@y", 51, False)],
)
def test_the_second_person_is_another_of_another_unit_and_not_of_the_unit_in_question(account: str, unit: int, *, right: bool) -> None:
    proposal = Proposal(unit_id=5, proposer="a@x", proposer_unit_id=7)
    branch = {7: "/1/7/", 8: "/1/8/", 5: "/1/5/", 51: "/1/5/51/"}[unit]
    assert may_answer(Person(account, unit, branch), proposal, "/1/5/") is right


@pytest.mark.parametrize(
    "wrong", [{"second": "a@x"}, {"second_unit_id": 3}, {"second_unit_id": 5}, {"proposer": "z@z"}, {"outcome": "maybe"}]
)
def test_the_database_refuses_one_person_one_unit_or_the_unit_in_question(store: Store, wrong: dict[str, object]) -> None:
    add = "INSERT INTO screening VALUES (1, 'w', '2026-Q4', '2026-W46', 'r', 'x', 1, 1, 0.1, 0.1, 0.1)"
    told = {"unit_id": 5, "proposer": "a@x", "proposer_unit_id": 3}
    with store.write() as session:
        session.execute(text(add))
        made = Proposal(
            screening_id=1, act=SET_ASIDE, instrument="i", length="short", sign="fast", rules="r", rows=1, reason="r", at=AT, **told
        )  # fmt: skip
        add_proposal(session, made, [("2026-W46", bytes(16))])
        number = made.id
    given = {"proposal_id": number, **told, "outcome": APPROVED, "reason": "r", "second": "b@y", "second_unit_id": 4, "at": AT} | wrong
    with pytest.raises(IntegrityError), store.write() as session:
        add_outcome(session, ProposalOutcome(**given))
    for table in ("proposal", "proposal_row"):
        with pytest.raises(DatabaseError, match="never changed"), store.write() as session:
            session.execute(text(f"DELETE FROM {table}"))


def test_nobody_proposes_about_their_own_unit_even_in_the_database(sqlite_store: Store) -> None:
    with pytest.raises(IntegrityError, match="ones_own_unit"), sqlite_store.write() as session:
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        made = Proposal(
            screening_id=1, unit_id=5, act=SET_ASIDE, instrument="i", length="short", sign="fast", rules="r", rows=1, reason="r",
            proposer="a@x", proposer_unit_id=5, at=AT,
        )  # fmt: skip
        add_proposal(session, made, [])
