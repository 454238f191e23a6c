"""``/later``: who would rather answer at home. A screen's guest gets a one-time code of their own; a printed or one-time code stays as it is.

The code takes the place of an answer of the screen's step: nobody collects more of them than could have answered there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from sipas import terms
from sipas.evidence import codes, tickets
from sipas.evidence.tickets import Ticket
from sipas.minting import mint_deferrals
from sipas.store.tokens import find_batch, spend
from sipas.store.units import find_printed_code
from sipas.terms import Channel, Week
from sipas.web.citizen import entries, pages
from sipas.web.citizen.entries import Entry
from sipas.web.house import House, current_house

bp = Blueprint("later", __name__)


@dataclass(frozen=True, slots=True)
class Later:
    """Where to go on at home."""

    code: str
    until: date | None  # the last day of a one-time code; None for a printed one
    fresh: bool  # a code of one's own, shown once


@bp.post("/later")
def offer() -> ResponseReturnValue:
    """The way to go on at home, for who holds a form; nothing of what was filled in is kept."""
    house, now = current_house(), terms.now()
    ticket = tickets.read_ticket(house.keyring, request.form.get("ticket", ""))
    with house.store.write() as session:
        entry = entries.open_entry(session, house, ticket.code, datetime.fromtimestamp(ticket.issued, terms.ZONE), sector=ticket.sector)
        later = _later(session, house, ticket, entry, now)
    letter = "k" if codes.is_code(later.code) else "t"
    address = f"{house.settings.public_url}/{letter}/{later.code}"
    return render_template("citizen/later.html", later=later, address=address, shown=groups(later.code), **pages.named_unit(entry.door))


def _later(session: Session, house: House, ticket: Ticket, entry: Entry, now: datetime) -> Later:
    if entry.origin.channel is Channel.ON_SITE and entry.door.counter_id is not None:
        week = str(Week.of(now.date()))
        if any(spend(session, one, week) for one in entry.origin.spends):
            made = mint_deferrals(session, house.keyring, counter_id=entry.door.counter_id, wave=ticket.wave, count=1, now=now)[0]
            return Later(made.code, made.last, fresh=True)
    if len(ticket.code) > codes.LENGTH and (batch := find_batch(session, ticket.code[2:6])) is not None:
        return Later(ticket.code, batch.not_after, fresh=False)
    printed = find_printed_code(session, entry.door.counter_id) if entry.door.counter_id is not None else None
    return Later(printed or ticket.code, None, fresh=False)


def groups(code: str) -> str:
    """A code as it is written: five and five, or seven groups of four."""
    return pages.grouped(code) if codes.is_code(code) else "-".join(code[at : at + 4] for at in range(0, len(code), 4))
