"""What two people set aside, bound to the keys: each proposal and each outcome has a MAC over all that it says and over the one before it.

Who can write the database but holds no key can write no proposal, change none, move none to other answers and take none out without the
next seal, `sipas seal --verify` or `sipas doctor` saying so. `docs/integrity.md` gives the forms.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from sipas.evidence.canonical import canonical
from sipas.evidence.keys import Keyring
from sipas.store.facts import list_dispositions_of_runs
from sipas.store.proposals import (
    APPROVED,
    AT_ACCEPTANCE,
    Key,
    Proposal,
    ProposalOutcome,
    Standing,
    add_outcome,
    add_proposal,
    find_last_mac,
    find_proposal,
    list_in_order,
    take_alone,
)
from sipas.terms import ZONE, SipasError

KEY = "proposal/1"
PROPOSAL_1 = (
    *("screening_id", "unit_id", "act", "instrument", "length", "sign", "rules", "rows", "reason"),
    *("proposer", "proposer_unit_id"),
)
OUTCOME_1 = ("unit_id", "proposer", "proposer_unit_id", "outcome", "reason", "second", "second_unit_id")


class NoProposalError(SipasError):
    """An outcome of a proposal that is not there."""


def bind_proposal(session: Session, keyring: Keyring, proposal: Proposal, rows: Sequence[Key]) -> Proposal:
    """Append a proposal with the answers that it names, under its MAC."""
    take_alone(session)
    proposal.at = proposal.at.astimezone(ZONE)  # SQLite keeps the hour and drops its zone
    proposal.mac = proposal_mac(keyring, proposal, rows, find_last_mac(session, Proposal))
    return add_proposal(session, proposal, rows)


def bind_outcome(session: Session, keyring: Keyring, outcome: ProposalOutcome) -> None:
    """Append the second person's answer, under its MAC."""
    take_alone(session)
    if (known := find_proposal(session, outcome.proposal_id)) is None:
        raise NoProposalError(f"there is no proposal {outcome.proposal_id}: reload the list of proposals")
    outcome.at = outcome.at.astimezone(ZONE)
    outcome.mac = outcome_mac(keyring, outcome, known[0].mac or b"", find_last_mac(session, ProposalOutcome))
    add_outcome(session, outcome)


def proposal_mac(keyring: Keyring, proposal: Proposal, rows: Sequence[Key], before: bytes) -> bytes:
    """HMAC-SHA-256 over ``proposal/1``, a line end and the canonical JSON of its fields, its answers and the MAC before it."""
    told = {name: getattr(proposal, name) for name in PROPOSAL_1}
    named = [[week, bytes(response).hex()] for week, response in sorted(rows)]
    return _mac(keyring, b"proposal/1\n", told | {"at": _moment(proposal), "named": named, "before": before.hex()})


def outcome_mac(keyring: Keyring, outcome: ProposalOutcome, proposal: bytes, before: bytes) -> bytes:
    """The same over ``outcome/1``, with the MAC of the proposal that it answers."""
    told = {name: getattr(outcome, name) for name in OUTCOME_1}
    return _mac(keyring, b"outcome/1\n", told | {"at": _moment(outcome), "proposal": proposal.hex(), "before": before.hex()})


def list_faults(session: Session, keyring: Keyring) -> tuple[tuple[str, str], ...]:
    """What is wrong with proposals and outcomes: the place, and the fault. Nothing for what stands as it was written."""
    proposals, named, outcomes = list_in_order(session)
    faults: list[tuple[str, str]] = []
    before, macs = b"", {}
    for one in proposals:
        macs[one.id] = one.mac or b""
        faults += _fault(f"proposal {one.id}", one.mac, proposal_mac(keyring, one, named.get(one.id, ()), before))
        before = macs[one.id]
    before = b""
    for answer in outcomes:
        place = f"outcome of proposal {answer.proposal_id}"
        faults += _fault(place, answer.mac, outcome_mac(keyring, answer, macs.get(answer.proposal_id, b""), before))
        before = answer.mac or b""
    return (*faults, *_missing(session, proposals, named, outcomes))


def _missing(
    session: Session, proposals: Sequence[Proposal], named: Mapping[int, Sequence[Key]], outcomes: Sequence[ProposalOutcome]
) -> list[tuple[str, str]]:
    """Runs that counted with outcomes that are not there any more: what was cut off at the end has no successor to miss it."""
    acts: dict[Key, str] = {}
    known, act_of = {AT_ACCEPTANCE}, {one.id: one.act for one in proposals}
    for answer in outcomes:
        if answer.outcome == APPROVED:
            acts |= dict.fromkeys(named.get(answer.proposal_id, ()), act_of.get(answer.proposal_id, ""))
            known.add(Standing(acts).version)
    return [
        (f"run {number}", "it counted with an outcome that is not there any more")
        for number, version in list_dispositions_of_runs(session)
        if version not in known
    ]


def _fault(place: str, mac: bytes | None, wanted: bytes) -> list[tuple[str, str]]:
    if mac is None:
        return [(place, "it has no MAC: written before there was one, or by another hand")]
    return [] if hmac.compare_digest(bytes(mac), wanted) else [(place, "it was changed, or something before it was taken out or put in")]


def _moment(row: Proposal | ProposalOutcome) -> str:
    """The moment in Viet Nam without its zone, as every database hands it back."""
    at = row.at.astimezone(ZONE) if row.at.tzinfo else row.at
    return at.replace(tzinfo=None).isoformat()


def _mac(keyring: Keyring, form: bytes, told: dict[str, object]) -> bytes:
    return hmac.digest(keyring.derive(KEY), form + canonical(told), "sha256")
