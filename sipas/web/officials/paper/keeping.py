"""What happens to a typed sheet: it waits, a tenth is typed again by somebody else, and the batch is released whole or begun anew.

A sealed row cannot be mended. So nothing of a batch reaches the inbox before its two keyings agree, and then all of it does, in one
transaction, in random order, under one label.
"""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from sipas.evidence import tokens
from sipas.evidence.keys import DestroyedKeyError
from sipas.evidence.tickets import new_iid
from sipas.evidence.tokens import BadTokenError
from sipas.instrument.keying import count_differing, paper_fields
from sipas.instrument.model import Instrument
from sipas.instrument.sheet import Sheet, read_sheet
from sipas.intake import Origin, Place, accept
from sipas.store import paper
from sipas.store.paper import PaperBatch, PaperRound, PaperSheet
from sipas.store.tokens import find_batch
from sipas.terms import Channel, SipasError
from sipas.web.house import House

CHECKED = 0.1  # of the sheets are typed by a second person
MOST_DIFFERING = 0.01  # of the compared fields; more, and the whole batch is typed again
GRACE = timedelta(days=30)  # for a one-time code on paper: a sheet lies as long before it is typed at most
ON_PAPER = "paper"  # the reason that every typed sheet carries, whatever its channel
ASSISTED = "assisted"
CODE = "code"


class MovedOnError(SipasError):
    """Somebody else changed the batch or the sheet meanwhile."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the one-time code on a sheet is worth."""

    nullifier: bytes | None = None
    reasons: tuple[str, ...] = ()  # why a code that is ours proves nothing here


@dataclass(frozen=True, slots=True)
class TypedSheet:
    """One sheet as one person typed it."""

    sheet: int
    raw: Mapping[str, str]
    assisted: bool
    comment: str
    proof: Proof


def read_code(session: Session, house: House, batch: PaperBatch, text: str, day: date) -> Proof:
    """What a code on the paper proves; BadTokenError for one that is not ours. Nothing is spent yet."""
    if not text.strip():
        return Proof()
    token = tokens.read_token(house.keyring, text)
    minted = find_batch(session, token.batch)
    if minted is None or minted.kid != token.kid:
        raise BadTokenError("this one-time code belongs to no batch of this province")
    faults = {
        "other_place": minted.unit_id != batch.unit_id or minted.wave != batch.wave or minted.sector not in {"", batch.sector},
        "no_card": minted.channel != Channel.VERIFIED.value,
        "over_quota": bool(minted.overflow_of),
        "revoked_code": minted.revoked,
        "expired": day > minted.not_after + GRACE,
    }
    if reasons := tuple(name for name, wrong in faults.items() if wrong):
        return Proof(None, reasons)
    try:
        return Proof(tokens.nullifier(house.keyring, minted.year, f"tok|{token.signed}"))
    except DestroyedKeyError:
        return Proof(None, ("expired",))


def keep_sheet(session: Session, batch: PaperBatch, typed: TypedSheet, *, entry: int, official_id: int, version: int) -> None:
    """Store what was typed; ``version`` is what its writer saw of this sheet before. MovedOnError if that is no longer the last."""
    before = paper.find_paper_sheet(session, batch, typed.sheet, entry)
    fields = json.dumps({"raw": dict(typed.raw), ASSISTED: typed.assisted}, ensure_ascii=False, sort_keys=True)
    if before is not None and (before.fields, before.comment, before.nullifier) == (fields, typed.comment, typed.proof.nullifier):
        return  # the same sent twice
    if (before.version if before else 0) != version:
        raise MovedOnError(f"sheet {typed.sheet} of batch {batch.id} was typed meanwhile: open it again")
    paper.add_paper_sheet(
        session,
        PaperSheet(
            batch_id=batch.id,
            round=batch.round,
            sheet=typed.sheet,
            entry=entry,
            version=version + 1,
            official_id=official_id,
            iid=before.iid if before else new_iid(),
            fields=fields,
            comment=typed.comment,
            nullifier=typed.proof.nullifier,
            reasons=" ".join(typed.proof.reasons),
        ),
    )


def end_first(session: Session, batch: PaperBatch, rng: Random) -> Sequence[int]:
    """The sheets that chance chooses for a second keying: a tenth, rounded up. MovedOnError where there is nothing to choose from."""
    typed = paper.read_progress(session, batch).typed
    if batch.phase != paper.FIRST or not typed:
        raise MovedOnError(f"batch {batch.id} has nothing to be checked now: open it again")
    picked = sorted(rng.sample(typed, math.ceil(CHECKED * len(typed))))
    paper.add_picks(session, batch, picked)
    return picked


def settle(session: Session, house: House, batch: PaperBatch, instrument: Instrument, *, now: datetime, rng: Random) -> PaperRound | None:
    """Once every chosen sheet was typed twice: release the batch, or begin it again. None while some are missing."""
    progress = paper.read_progress(session, batch)
    if batch.phase != paper.SECOND or set(progress.picked) - set(progress.checked):
        return None
    first = {row.sheet: row for row in paper.list_paper_sheets(session, batch, 1)}
    second = {row.sheet: row for row in paper.list_paper_sheets(session, batch, 2)}
    codes = (*compared(instrument, batch.length), ASSISTED, CODE)
    differing = sum(count_differing(codes, _values(first[sheet]), _values(second[sheet])) for sheet in progress.picked)
    fields = len(codes) * len(progress.picked)
    ended = PaperRound(
        batch_id=batch.id,
        round=batch.round,
        declared=batch.declared or 0,
        sheets=len(first),
        checked=len(progress.picked),
        fields=fields,
        differing=differing,
        agreed=differing <= MOST_DIFFERING * fields,
        typed_by=" ".join(paper.list_keyers(session, batch, 1).values()),
        checked_by=" ".join(paper.list_keyers(session, batch, 2).values()),
    )
    paper.add_round(session, ended)
    if ended.agreed:
        release(session, house, batch, instrument, list(first.values()), now=now, rng=rng)
    else:
        paper.begin_again(session, batch)
    return ended


def compared(instrument: Instrument, length: str) -> tuple[str, ...]:
    """The fields whose two readings are compared; what was written in words is not among them."""
    return tuple(field.code for field in paper_fields(instrument, length))


def release(
    session: Session, house: House, batch: PaperBatch, instrument: Instrument, rows: list[PaperSheet], *, now: datetime, rng: Random
) -> None:
    """Put every sheet through the one door, in random order, under one label, and keep nothing of them here."""
    label = secrets.token_bytes(16)
    rng.shuffle(rows)
    for row in rows:
        accept(session, house.keyring, _sheet(instrument, batch, row), place_of(batch), _origin(row, label), iid=row.iid, now=now)
    paper.let_go(session, batch)


def place_of(batch: PaperBatch) -> Place:
    """Where and under what the sheets of a batch were filled in."""
    return Place(
        unit_id=batch.unit_id,
        deciding_id=batch.deciding_id,
        counter_id=batch.counter_id,
        sector=batch.sector,
        sector_asked=False,
        procedure="",
        wave=batch.wave,
        instrument=batch.instrument,
        measure=batch.measure,
        wording=batch.wording,
        length=batch.length,
        language="vi" if batch.language == "vi" else "other",
    )


def _sheet(instrument: Instrument, batch: PaperBatch, row: PaperSheet) -> Sheet:
    read = read_sheet(instrument, batch.length, {**json.loads(row.fields)["raw"], "comment": row.comment}, reminded=True)
    assert isinstance(read, Sheet), read  # it was read once when it was typed
    return read


def _origin(row: PaperSheet, label: bytes) -> Origin:
    """V where a one-time code stands on the sheet; a code that is spent already makes the answer O, as at every door."""
    assisted = (ASSISTED,) if json.loads(row.fields)[ASSISTED] else ()
    reasons = (ON_PAPER, *assisted, *row.reasons.split())
    if row.nullifier is None:
        return Origin(Channel.PAPER, reasons, cluster=label)
    return Origin(Channel.VERIFIED, reasons, cluster=label, spends=(row.nullifier,))


def _values(row: PaperSheet) -> Mapping[str, str]:
    read = json.loads(row.fields)
    return {**read["raw"], ASSISTED: "1" if read[ASSISTED] else "", CODE: (row.nullifier or b"").hex()}
