"""Codes that are typed: ``/t`` for the 28 characters of a letter or card, ``/k/<code>/card`` for ten digits at their own unit."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from sipas import terms
from sipas.evidence import codes, screen_codes, tokens
from sipas.minting import find_typed
from sipas.web.citizen import entries, gate, pages
from sipas.web.citizen.entries import Entry
from sipas.web.comfort import kept
from sipas.web.errors import UnknownCodeError
from sipas.web.house import current_house

bp = Blueprint("typing", __name__)

CARD_WAIT = 600  # seconds
DOORS = {codes.LENGTH: "k", screen_codes.LENGTH: "s", tokens.LENGTH: "t"}


def ask_code() -> ResponseReturnValue:
    """One field for a code."""
    return render_template("citizen/typed.html", wrong="", typed="")


def take_code() -> ResponseReturnValue:
    """On to the form; or the field again, with what was typed."""
    house, now, typed = current_house(), terms.now(), request.form.get("code", "")
    plain = codes.normalise(typed)
    if len(plain) not in DOORS:
        return _again("citizen/typed.html", "length", typed)
    try:
        gate.find_entry(house, plain, now)
    except UnknownCodeError:
        return _again("citizen/typed.html", "digits" if _is_ten(plain) else "unknown", typed)
    return redirect(f"/{DOORS[len(plain)]}/{plain}{kept()}", 303)


def ask_digits(code: str) -> ResponseReturnValue:
    """One field for the ten digits of a card."""
    entry = _printed(code)
    return render_template("citizen/card.html", wrong="", typed="", **pages.named_unit(entry.door))


def take_digits(code: str) -> ResponseReturnValue:
    """On to the card's form; or the field again. Too many wrong digits shut this page for a while, never the card's own code."""
    house, now, typed = current_house(), terms.now(), request.form.get("code", "")
    door = _printed(code).door
    digits, unit = codes.normalise(typed), pages.named_unit(door)
    if not _is_ten(digits):
        return _again("citizen/card.html", "length", typed, **unit)
    limits, whose = (gate.CARD_HERE, gate.CARD_AT_UNIT), str(door.unit_id)
    if gate.is_busy(house, now, limits, everybody=whose):  # before the digits are looked at: a lucky guess must not get through
        return _wait(unit)
    with house.store.read() as session:
        found = find_typed(session, house.keyring, door.unit_id, digits, day=now.date())
    if found is None:
        gate.note_wrong(house, now, limits, everybody=whose)
        return _again("citizen/card.html", "unknown", typed, **unit)
    return redirect(f"/t/{found}{kept()}", 303)


for letter in "kK":
    bp.add_url_rule(f"/{letter}/<code>/card", f"ask_digits_{letter}", ask_digits, methods=["GET"])
    bp.add_url_rule(f"/{letter}/<code>/card", f"take_digits_{letter}", take_digits, methods=["POST"])
for letter in "tT":
    bp.add_url_rule(f"/{letter}", f"ask_code_{letter}", ask_code, methods=["GET"], strict_slashes=False)
    bp.add_url_rule(f"/{letter}", f"take_code_{letter}", take_code, methods=["POST"], strict_slashes=False)


def _is_ten(text: str) -> bool:
    return len(text) == tokens.DIGITS and text.isascii() and text.isdigit()


def _printed(code: str) -> Entry:
    """The entry of a unit's printed code: a card is typed nowhere else."""
    if not codes.is_code(codes.normalise(code)):
        raise UnknownCodeError("ten digits are typed at the page of a printed code")
    return entries.read_entry(current_house(), code, terms.now())


def _again(template: str, wrong: str, typed: str, **named: str) -> ResponseReturnValue:
    return render_template(template, wrong=wrong, typed=typed[: codes.LONGEST], **named), 422


def _wait(unit: Mapping[str, str]) -> ResponseReturnValue:
    response = make_response(render_template("citizen/card.html", wrong="busy", typed="", **unit), 429)
    response.headers["Retry-After"] = str(CARD_WAIT)
    return response
