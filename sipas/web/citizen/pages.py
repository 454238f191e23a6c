"""The pages of the citizen's door: drawn once for everybody, printed for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock

from flask import Response, render_template, request
from werkzeug.datastructures import MultiDict

from sipas.evidence import codes, tickets
from sipas.evidence.tickets import Ticket
from sipas.instrument.model import Instrument
from sipas.instrument.recordings import EVERY_FORM
from sipas.instrument.sheet import Problems
from sipas.intake import Receipt
from sipas.store.doors import Door
from sipas.web.citizen import forms
from sipas.web.citizen.doors import Offer
from sipas.web.citizen.entries import Entry
from sipas.web.citizen.press import Plate, slot
from sipas.web.comfort import current_comfort
from sipas.web.house import House
from sipas.web.language import current_language
from sipas.web.sound import current_sounds

MOST_PLATES = 200  # questionnaires × lengths × languages × sectors; a page with its packed copy takes about 60 KB

SLOTS = {"unit": slot("unit"), "unit_lang": slot("unit_lang"), "counter": slot("counter"), "code": slot("code")}

Key = tuple[object, ...]

REMINDERS = frozenset({"overall_missing", "stage_missing", "respondent_missing"})  # asked for once, never twice


class Plates:
    """The drawn pages of one process."""

    def __init__(self) -> None:
        self._plates: dict[Key, Plate] = {}
        self._lock = Lock()

    def get(self, key: Key, draw: Callable[[], str]) -> Plate:
        """The plate of ``key``, drawn at its first use."""
        if (plate := self._plates.get(key)) is None:
            plate = Plate(draw())
            with self._lock:
                while len(self._plates) >= MOST_PLATES:
                    self._plates.pop(next(iter(self._plates)))  # the oldest
                self._plates[key] = plate
        return plate


def showing() -> Key:
    """What two drawn pages with the same words may still differ in."""
    language = current_language()
    return language, current_comfort(), current_sounds().state(language)


def named_unit(door: Door) -> dict[str, str]:
    """``unit``: as the page's language calls it, or in Vietnamese; ``unit_lang``: in which of the two, for whoever hears it."""
    if current_language() == "en" and door.unit_en:
        return {"unit": door.unit_en, "unit_lang": "en"}
    return {"unit": door.unit, "unit_lang": "vi"}


def print_plate(plate: Plate, values: Mapping[str, str]) -> Response:
    """A finished page for this reader, packed if the reader unpacks."""
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return Response(plate.plain(values), mimetype="text/html")
    return Response(plate.packed(values), mimetype="text/html", headers={"Content-Encoding": "gzip"})


def form_page(house: House, plates: Plates, entry: Entry, offer: Offer, ticket: Ticket) -> Response:
    """A blank form."""
    door, instrument = entry.door, offer.instrument
    key = (
        "form",
        instrument.code,
        instrument.measure,
        instrument.wording_number,
        door.length,
        offer.sector.code,
        ticket.sector_asked,
        ticket.work,
        entry.cards,
        *showing(),
    )
    named = {**SLOTS, "cards": entry.cards}
    plate = plates.get(key, lambda: _draw_form(offer, ticket, MultiDict({"ticket": slot("ticket")}), named))
    values = {**named_unit(door), "counter": door.counter, "code": door.code}
    return print_plate(plate, {"ticket": tickets.issue(house.keyring, ticket), **values})


def form_again(
    house: House, door: Door, offer: Offer, ticket: Ticket, raw: Mapping[str, str], *, problems: Problems | None = None
) -> Response:
    """The same form with everything kept: with each problem beside its field, or renewed because its ticket had run out."""
    kept = MultiDict({**raw, "ticket": tickets.issue(house.keyring, ticket)})
    # The one reminder of decision 7: once it has been shown, what is still left open is accepted so.
    if problems and any(problem.kind in REMINDERS for problem in problems.items):
        kept["reminded"] = "1"
    named = {**named_unit(door), "counter": door.counter}  # no slots here: what a person typed could look like one
    return Response(_draw_form(offer, ticket, kept, named, problems=problems, renewed=problems is None), mimetype="text/html")


def _draw_form(
    offer: Offer,
    ticket: Ticket,
    filled: MultiDict[str, str],
    named: Mapping[str, object],
    *,
    problems: Problems | None = None,
    renewed: bool = False,
) -> str:
    instrument, language = offer.instrument, current_language()
    form = forms.draw_form(instrument, ticket.length, language)(filled)
    page = forms.sections(instrument, ticket.length, language)
    numbers = {question.name: question.number for section in page for question in section.questions}
    if problems:
        forms.pin(form, problems, numbers)
    return render_template(
        "citizen/form.html",
        form=form,
        sections=page,
        headed=ticket.length == "full",
        total=len(numbers),
        minutes=_minutes(instrument, ticket.length),
        offer=offer,
        sounds=current_sounds().addresses(language, instrument.code),
        sector_asked=ticket.sector_asked,
        cost=ticket.work,
        renewed=renewed,
        sent="2" if (renewed or problems) and request.args.get("sent") == "1" else "1",
        problems=problems.items if problems else (),
        **named,
    )


def _minutes(instrument: Instrument, length: str) -> int:
    """How long a slow reader takes: about eight seconds an item, in whole minutes."""
    return max(1, round(len(instrument.form(length)) * 8 / 60))


def sector_page(plates: Plates, entry: Entry, found: tuple[Offer, ...]) -> Response:
    """Which sector the visit was about, where a counter serves several: a page of its own, one tap."""
    door = entry.door
    key = ("sectors", tuple(offer.sector.code for offer in found), entry.cards, *showing())
    plate = plates.get(
        key,
        lambda: render_template("citizen/sectors.html", offers=found, cards=entry.cards, **SLOTS),
    )
    return print_plate(plate, {**named_unit(door), "counter": door.counter, "code": door.code})


def thanks_page(plates: Plates, door: Door, receipt: Receipt) -> Response:
    """The receipt. A repeat gets the same page as the first sending."""
    again = codes.is_code(door.code)  # a one-time code opens nothing a second time
    key = ("thanks", receipt.status == "conflict", receipt.reply is not None, again, *showing())
    plate = plates.get(
        key,
        lambda: render_template(
            "citizen/thanks.html",
            receipt=slot("receipt"),
            reply=slot("reply") if receipt.reply else "",
            conflict=receipt.status == "conflict",
            again=again,
            code=slot("code"),
            unit=slot("unit"),
            unit_lang=slot("unit_lang"),
            sounds=current_sounds().addresses(current_language(), EVERY_FORM),
        ),
    )
    return print_plate(
        plate,
        {"receipt": grouped(receipt.code), "reply": grouped(receipt.reply or ""), "code": door.code, **named_unit(door)},
    )


def grouped(code: str) -> str:
    """``XXXXX-XXXXX``, as people read and write it."""
    return f"{code[:5]}-{code[5:]}"
