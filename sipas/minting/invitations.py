"""An invitation: one finished or newly received dossier, one code, and nothing kept that ties the two together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from sipas.evidence import tokens as codes
from sipas.evidence.keys import Keyring
from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.minting.batches import BatchPlan, Minted, find_or_add, mint_one
from sipas.store import tokens
from sipas.store.frame import count_dossiers
from sipas.store.tokens import TokenBatch, hold_minting
from sipas.terms import SipasError, Week

VALID = timedelta(weeks=8)  # from the end of the week in which a code begins
FIRST_QUOTA = 1_000  # of a unit and sector of which neither a frame nor a reconciliation has told anything yet
OFFICIAL = re.compile(r"(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2}(?:\.\d{1,3}){0,3}-\d{6}-\d{4,6}")  # agency, day of receipt, number of the day


class NothingAskedError(SipasError):
    """No wave asks about that sector on that day."""


class RepeatedDossierError(SipasError):
    """The dossier has its code already, in this wave."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom to invite. The dossier's number becomes a keyed tag and is forgotten with this object."""

    dossier: str
    unit_id: int
    sector: str
    begins: date | None = None  # the day on which the result is due; None: now


def is_official(dossier: str) -> bool:
    """Whether a dossier's number has the pattern of the official code; formats differ, so nothing hangs on it."""
    return OFFICIAL.fullmatch(codes.canonical_dossier(dossier)) is not None


def invite(session: Session, keyring: Keyring, shelf: Shelf, asked: Invitation, *, day: date, demonstration: bool) -> Minted:
    """A fresh code for a dossier.

    NothingAskedError without an open wave for its sector, RepeatedDossierError for one that has a code.
    """
    wave = open_wave(shelf, asked.sector, day, demonstration=demonstration)
    hold_minting(session, [asked.unit_id])
    if not tokens.add_tag(session, codes.issue_tag(keyring, wave.code, asked.dossier), wave.code):
        raise RepeatedDossierError("dossier: it has its one-time code already; nothing that was lost can be given again")
    return mint_one(session, keyring, batch_of(session, wave, asked, day))


def open_wave(shelf: Shelf, sector: str, day: date, *, demonstration: bool) -> Wave:
    """The wave that asks about a sector on a day, or NothingAskedError."""
    if sector not in shelf.sectors:
        raise NothingAskedError(f"sector: there is no sector {sector!r}; choose from {', '.join(shelf.sectors)}")
    if (wave := shelf.wave_for(sector, day, demonstration=demonstration)) is None:
        raise NothingAskedError(f"sector: no wave asks about {sector!r} on {day:%d/%m/%Y}; see: sipas surveys list")
    return wave


def batch_of(session: Session, wave: Wave, asked: Invitation, day: date) -> TokenBatch:
    """The week's batch of a unit and sector, opened at its first invitation.

    A code begins with a Monday, so that a batch is shared by a week's dossiers: who comes early by some days may answer early.
    """
    begins = Week.of(max(asked.begins or day, day))
    if begins.monday > wave.last_day:
        raise NothingAskedError(
            f"not_before: {asked.begins:%d/%m/%Y} is behind the end of the wave {wave.code}, {wave.last_day:%d/%m/%Y}; "
            "leave it out, or invite once the next wave is open"
        )
    plan = BatchPlan(
        kind="invitation",
        wave=wave.code,
        unit_id=asked.unit_id,
        sector=asked.sector,
        length="full",
        not_before=begins.monday,
        not_after=min(begins.sunday + VALID, wave.last_day),
        quota=_quota(session, wave, asked),
    )
    return find_or_add(session, plan)


def _quota(session: Session, wave: Wave, asked: Invitation) -> int:
    """What the unit and sector may have by what is known today: their latest quota, else the frame, else a start."""
    if (known := tokens.find_quota(session, wave.code, asked.unit_id, asked.sector)) is not None:
        return known
    return count_dossiers(session, wave.code, asked.unit_id, asked.sector) or FIRST_QUOTA
