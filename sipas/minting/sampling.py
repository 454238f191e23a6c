"""A random sample of finished dossiers: each has one chance, with a probability that is known and kept for the weights."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from sipas.evidence import tokens as codes
from sipas.evidence.keys import Keyring
from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.minting.batches import BatchPlan, Minted, mint_one, open_batch
from sipas.minting.invitations import VALID, open_wave
from sipas.store import tokens
from sipas.store.tokens import TokenBatch, hold_minting
from sipas.terms import ZONE, SipasError, Week

SOONEST, LATEST = timedelta(hours=2), timedelta(hours=48)
EARLY, LATE = 8, 20  # hours between which a telephone may ring


class BadRateError(SipasError):
    """A share of dossiers that cannot be drawn."""


@dataclass(frozen=True, slots=True)
class Finished:
    """One finished dossier of a list."""

    dossier: str
    unit_id: int
    sector: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A dossier that was drawn, with its code and the moment at which to send it."""

    dossier: str
    minted: Minted
    send_at: datetime


@dataclass(frozen=True, slots=True)
class Sample:
    """What came of a list."""

    drawn: tuple[Drawn, ...]  # in the order of sending, which is random
    listed: int
    known: int  # had their chance, or their code, before


def draw_sample(
    session: Session,
    keyring: Keyring,
    shelf: Shelf,
    finished: Sequence[Finished],
    *,
    rate: float,
    now: datetime,
    demonstration: bool,
    rng: random.Random,
) -> Sample:
    """Draw each dossier with probability ``rate`` and mint a code for it.

    Every dossier of the list is tagged, drawn or not: listed again, or invited otherwise, it gets no second chance, so that
    ``rate`` is what its batch says.
    """
    if not 0 < rate <= 1:
        raise BadRateError(f"rate: {rate} is not above 0 and at most 1; write 0.1 to draw one dossier in ten")
    hold_minting(session, [one.unit_id for one in finished])
    day = now.astimezone(ZONE).date()
    waves = {one.sector: open_wave(shelf, one.sector, day, demonstration=demonstration) for one in finished}
    fresh = [
        one
        for one in finished
        if tokens.add_tag(session, codes.issue_tag(keyring, waves[one.sector].code, one.dossier), waves[one.sector].code)
    ]
    chosen = [one for one in fresh if rng.random() < rate]
    batches = {
        cell: _open(session, shelf, waves[cell[1]], cell, count, rate=rate, day=day)
        for cell, count in Counter((one.unit_id, one.sector) for one in chosen).items()
    }
    drawn = [Drawn(one.dossier, mint_one(session, keyring, batches[one.unit_id, one.sector]), send_time(now, rng)) for one in chosen]
    return Sample(tuple(sorted(drawn, key=lambda one: one.send_at)), len(finished), len(finished) - len(fresh))


def _open(session: Session, shelf: Shelf, wave: Wave, cell: tuple[int, str], count: int, *, rate: float, day: date) -> TokenBatch:
    week = Week.of(day)
    plan = BatchPlan(
        kind="sample",
        wave=wave.code,
        unit_id=cell[0],
        sector=cell[1],
        length="full",
        not_before=week.monday,
        not_after=min(week.sunday + VALID, wave.last_day),
        quota=count,
        probability=rate,
    )
    return open_batch(session, shelf, plan)


def send_time(now: datetime, rng: random.Random) -> datetime:
    """A random moment 2 to 48 hours later, between 08:00 and 20:00, to the minute."""
    while True:
        moment = (now + SOONEST + rng.random() * (LATEST - SOONEST)).astimezone(ZONE)
        if EARLY <= moment.hour < LATE:
            return moment.replace(second=0, microsecond=0)
