"""What two people set aside is bound to the keys: whatever somebody does to it without them is found and named."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import make_answers as make
import pytest
from sqlalchemy import text

from sipas import sealing
from sipas.evidence.keys import Keyring
from sipas.sealing.proposals import NoProposalError, bind_outcome, bind_proposal, list_faults
from sipas.store.audit import list_audits
from sipas.store.engine import Store
from sipas.store.facts import Run, add_run
from sipas.store.proposals import APPROVED, DECLINED, SET_ASIDE, Proposal, ProposalOutcome, add_proposal, read_standing

AT = datetime(2026, 11, 17, 18, 30, tzinfo=UTC)
TABLES = ("proposal", "proposal_row", "proposal_outcome")
PROPOSAL = "INSERT INTO proposal SELECT 9, screening_id, unit_id, act, instrument, length, sign, rules, rows, reason, proposer, proposer_unit_id, at, {mac} FROM proposal WHERE id = 2"  # fmt: skip
OUTCOME = "INSERT INTO proposal_outcome SELECT 9, 3, unit_id, proposer, proposer_unit_id, 'approved', reason, 'd@z', 4, at, {mac} FROM proposal_outcome WHERE proposal_id = 2"  # fmt: skip
CHANGES = {
    "another reason": ("UPDATE proposal SET reason = 'x' WHERE id = 2", "proposal 2"),
    "another act": ("UPDATE proposal SET act = 'count_again' WHERE id = 2", "proposal 2"),
    "another moment": ("UPDATE proposal SET at = '2026-01-01 00:00:00' WHERE id = 1", "proposal 1"),
    "another answer": ("UPDATE proposal_row SET week = '2026-W45' WHERE proposal_id = 2 AND week = '2026-W46'", "proposal 2"),
    "one answer more": ("INSERT INTO proposal_row SELECT 2, week, response_id FROM proposal_row WHERE proposal_id = 1", "proposal 2"),
    "one answer less": ("DELETE FROM proposal_row WHERE proposal_id = 1 AND week = '2026-W46'", "proposal 1"),
    "no MAC": ("UPDATE proposal SET mac = NULL WHERE id = 1", "proposal 1"),
    "a no made a yes": ("UPDATE proposal_outcome SET outcome = 'approved' WHERE outcome = 'declined'", "outcome of proposal 1"),
    "a yes made a no": ("UPDATE proposal_outcome SET outcome = 'declined' WHERE outcome = 'approved'", "outcome of proposal 2"),
    "another second person": ("UPDATE proposal_outcome SET second = 'c@z' WHERE proposal_id = 2", "outcome of proposal 2"),
    "a first outcome taken out": ("DELETE FROM proposal_outcome WHERE proposal_id = 1", "outcome of proposal 2"),
    "a last outcome taken out": ("DELETE FROM proposal_outcome WHERE proposal_id = 2", "run 1"),
    "a proposal that nobody made": (PROPOSAL.format(mac="NULL"), "proposal 9"),
    "a proposal under another's MAC": (PROPOSAL.format(mac="mac"), "proposal 9"),
    "an approval that nobody gave": (OUTCOME.format(mac="NULL"), "outcome of proposal 3"),
    "an approval under another's MAC": (OUTCOME.format(mac="mac"), "outcome of proposal 3"),
}


def proposal(session, keyring: Keyring, number: int) -> Proposal:
    made = Proposal(
        screening_id=1, unit_id=5, act=SET_ASIDE, instrument="i", length="short", sign="fast", rules="r", rows=2,
        reason=f"lý do thứ {number}", proposer="a@x", proposer_unit_id=3, at=AT,
    )  # fmt: skip
    return bind_proposal(session, keyring, made, [("2026-W47", bytes([number]) * 16), ("2026-W46", bytes([number]) * 16)])


def outcome(number: int, said: str) -> ProposalOutcome:
    return ProposalOutcome(
        proposal_id=number,
        unit_id=5,
        proposer="a@x",
        proposer_unit_id=3,
        outcome=said,
        reason="đồng ý",
        second="b@y",
        second_unit_id=4,
        at=AT,
    )


@pytest.fixture
def decided(ready: Store, keyring: Keyring) -> Store:
    """Three proposals, a no and a yes, and a run that counted with the yes."""
    with ready.write() as session:
        session.execute(text("INSERT INTO screening VALUES (1, 'w', '2026-Q4', '2026-W46', 'r', 'x', 1, 1, 0.1, 0.1, 0.1)"))
    for number in (1, 2, 3):
        with ready.write() as session:
            assert proposal(session, keyring, number).id == number
    for number, said in ((1, DECLINED), (2, APPROVED)):
        with ready.write() as session:
            bind_outcome(session, keyring, outcome(number, said))
    with ready.write() as session:
        told = {"wave": "w", "week": "2026-W46", "roots": "0", "instruments": "{}", "targets": "0", "recipe": "{}", "version": "0", "n": 1}
        add_run(session, Run(**told, disposition=read_standing(session).version))
    return ready


def tamper(store: Store, change: str) -> None:
    """As somebody with the database's password: triggers and references are no hindrance."""
    with store.engine.begin() as connection:
        for table in TABLES:
            if store.is_sqlite:
                connection.exec_driver_sql(f"DROP TRIGGER {table}_no_update")
                connection.exec_driver_sql(f"DROP TRIGGER {table}_no_delete")
            else:
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        connection.exec_driver_sql(change)


def faults(store: Store, keyring: Keyring) -> list[str]:
    with store.read() as session:
        return [place for place, _ in list_faults(session, keyring)]


def test_what_was_written_stands(decided: Store, keyring: Keyring) -> None:
    assert faults(decided, keyring) == []
    assert sealing.verify(decided, keyring).clean


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_is_changed_without_the_keys_is_named(decided: Store, keyring: Keyring, what: str) -> None:
    change, place = CHANGES[what]
    tamper(decided, change)
    assert place in faults(decided, keyring)
    assert place in {finding.place for finding in sealing.verify(decided, keyring).faults}


def test_other_keys_make_no_macs_for_these(decided: Store, keyring: Keyring, tmp_path) -> None:
    other = Keyring.create(tmp_path / "other")
    with decided.write() as session:
        bind_outcome(session, other, outcome(3, APPROVED))
    assert faults(decided, keyring) == ["outcome of proposal 3"]


def test_the_daily_seal_writes_it_down(decided: Store, keyring: Keyring) -> None:
    tamper(decided, CHANGES["an approval that nobody gave"][0])
    report = sealing.seal(decided, keyring, now=make.NOON, rng=random.Random(1))
    assert [complaint.partition(":")[0] for complaint in report.altered] == ["outcome of proposal 3"]
    with decided.read() as session:
        (written,) = list_audits(session, action="altered")
    assert "outcome of proposal 3" in written.details


def test_a_proposal_of_before_has_no_mac_and_is_said_to_have_none(decided: Store, keyring: Keyring) -> None:
    with decided.write() as session:
        made = Proposal(
            screening_id=1, unit_id=5, act=SET_ASIDE, instrument="i", length="short", sign="fast", rules="r", rows=1, reason="r",
            proposer="a@x", proposer_unit_id=3, at=AT,
        )  # fmt: skip
        add_proposal(session, made, [("2026-W46", bytes(16))])
    assert faults(decided, keyring) == ["proposal 4"]


def test_nobody_answers_what_was_not_proposed(decided: Store, keyring: Keyring) -> None:
    with pytest.raises(NoProposalError, match="no proposal 8"), decided.write() as session:
        bind_outcome(session, keyring, outcome(8, APPROVED))
