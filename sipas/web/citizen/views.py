"""``/k/<code>``, ``/t/<one-time code>``, ``/s/<screen's code>``: read a form, send a form. A GET never changes anything.

The letter is for people; what a code opens is told by the code itself (``entries``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from sipas import intake, terms
from sipas.evidence import codes, tickets
from sipas.evidence.tickets import BadTicketError, Ticket
from sipas.instrument.sheet import Problems, Sheet, read_sheet
from sipas.intake import Place, Receipt
from sipas.store.doors import Door
from sipas.terms import Channel
from sipas.web.citizen import doors, entries, gate, marks, pages
from sipas.web.citizen.doors import Offer
from sipas.web.citizen.pages import Plates
from sipas.web.errors import ClosedWaveError
from sipas.web.house import House, current_house
from sipas.web.language import current_language

bp = Blueprint("citizen", __name__)

USUAL_BODY = 64 * 1024  # a longer one is answered 413 …
READ_BODY = 512 * 1024  # … but read up to here, so that the page that says so has kept everything


def plates() -> Plates:
    return cast("Plates", current_app.extensions["sipas_plates"])


def show(code: str) -> ResponseReturnValue:
    """The form behind a code; first its sector, where the counter serves several."""
    house, now = current_house(), terms.now()
    entry = gate.find_entry(house, code, now)
    door = entry.door
    found = doors.offers(house, door, now.date())
    chosen = found[0] if not doors.asks_sector(door) else next((o for o in found if o.sector.code == request.args.get("sector")), None)
    if chosen is None:
        return pages.sector_page(plates(), entry, found)
    ticket = doors.new_ticket(door, chosen, current_language(), now, cost=marks.cost_of(house, entry.origin, now))
    return pages.form_page(house, plates(), entry, chosen, ticket)


def send(code: str) -> ResponseReturnValue:
    """Take a sheet. The answer to the POST is the receipt itself: sent again, the same page comes back."""
    request.max_content_length = request.max_form_memory_size = READ_BODY
    house, now, raw = current_house(), terms.now(), request.form.to_dict()
    ticket = tickets.read_ticket(house.keyring, raw.get("ticket", ""))
    if ticket.code != codes.normalise(code):
        raise BadTicketError("this ticket belongs to another code: open the form again")
    if (offer := ticketed_offer(house, ticket)) is None:
        return issue_again(house, ticket, raw, now)
    sheet = read_sheet(offer.instrument, ticket.length, raw, reminded=raw.get("reminded") == "1")
    if isinstance(sheet, Problems):
        return ask_again(house, offer, ticket, raw, sheet)
    taken = take(house, offer, ticket, sheet, now, marked=marks.marks_of(house, ticket, raw, now))
    if taken is None:
        return issue_again(house, ticket, raw, now)
    return marks.remember(house, pages.thanks_page(plates(), *taken), ticket, now)


for letter in "kKtTsS":
    bp.add_url_rule(f"/{letter}/<code>", f"show_{ord(letter)}", show, methods=["GET"], strict_slashes=False)
    bp.add_url_rule(f"/{letter}/<code>", f"send_{ord(letter)}", send, methods=["POST"], strict_slashes=False)


def opened_at(ticket: Ticket) -> datetime:
    """When the ticket's form was first shown: what its code was worth then counts."""
    return datetime.fromtimestamp(ticket.issued, terms.ZONE)


def ticketed_offer(house: House, ticket: Ticket) -> Offer | None:
    """What the ticket was minted for; None if the questionnaire has changed since."""
    wave, sector = house.shelf.waves.get(ticket.wave), house.shelf.sectors.get(ticket.sector)
    instrument = house.shelf.instruments.get(ticket.instrument)
    if wave is None or sector is None or instrument is None or instrument.measure != ticket.measure:
        return None
    return Offer(wave, sector, instrument)


def take(
    house: House, offer: Offer, ticket: Ticket, sheet: Sheet, now: datetime, *, marked: tuple[str, ...]
) -> tuple[Door, Receipt] | None:
    """Store the sheet; None for a ticket that has run out and whose iid never came before.

    Who holds a ticket came through a valid code: revoking the code afterwards does not lose the answer.
    """
    with house.store.write() as session:
        entry = entries.open_entry(session, house, ticket.code, opened_at(ticket), sector=ticket.sector)
        door, marked = entry.door, () if entry.origin.channel is Channel.VERIFIED else marked
        origin = replace(entry.origin, seconds=now.timestamp() - ticket.issued, reasons=(*entry.origin.reasons, *marked))
        if now.timestamp() > ticket.expires and not intake.is_known(session, house.keyring, iid=ticket.iid, now=now):
            return None
        place = place_of(door, offer, ticket)
        return door, intake.accept(session, house.keyring, sheet, place, origin, iid=ticket.iid, now=now)


def place_of(door: Door, offer: Offer, ticket: Ticket) -> Place:
    """Where and under what the sheet was filled in."""
    return Place(
        unit_id=door.unit_id,
        deciding_id=door.deciding_id,
        counter_id=door.counter_id,
        sector=ticket.sector,
        sector_asked=ticket.sector_asked,
        procedure="",
        wave=ticket.wave,
        instrument=ticket.instrument,
        measure=ticket.measure,
        wording=offer.instrument.wording_number,
        length=ticket.length,
        language="vi" if ticket.language == "vi" else "other",
    )


def issue_again(house: House, ticket: Ticket, raw: Mapping[str, str], now: datetime) -> Response:
    """An outdated page comes back with a new ticket of the same iid and every answer kept; ClosedWaveError once nothing is open."""
    entry = entries.read_entry(house, ticket.code, now)
    door = entry.door
    offer = doors.find_offer(house, door, ticket.sector, now.date())
    if offer is None:
        raise ClosedWaveError("the wave of this form has closed")
    renewed = doors.new_ticket(door, offer, ticket.language, now, renewed=ticket, cost=marks.cost_of(house, entry.origin, now))
    return pages.form_again(house, door, offer, renewed, raw)


def ask_again(house: House, offer: Offer, ticket: Ticket, raw: Mapping[str, str], problems: Problems) -> Response:
    """The form with its problems; 413 where the body was longer than any honest sheet."""
    with house.store.read() as session:
        door = entries.open_entry(session, house, ticket.code, opened_at(ticket)).door
    response = pages.form_again(house, door, offer, ticket, raw, problems=problems)
    response.status_code = 413 if (request.content_length or 0) > USUAL_BODY else 422
    return response
