"""``/r/<receipt>`` and ``/y/<reply code>``: that a sheet, or a comment, is here. Never what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from sipas import terms
from sipas.evidence import codes, receipts
from sipas.evidence.keys import Keyring
from sipas.store.batches import find_receipt_week
from sipas.store.comments import find_reply_month
from sipas.store.inbox import is_waiting
from sipas.web.citizen import gate
from sipas.web.citizen.pages import grouped
from sipas.web.comfort import kept
from sipas.web.house import House, current_house

bp = Blueprint("lookups", __name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of code that is looked up."""

    template: str
    column: str  # of the inbox
    hash_of: Callable[[Keyring, str], bytes]
    find: Callable[[Session, bytes], str | None]


KINDS = MappingProxyType(
    {
        "r": Kind("citizen/receipt.html", "receipt_h", receipts.receipt_hash, find_receipt_week),
        "y": Kind("citizen/reply.html", "reply_h", receipts.reply_hash, find_reply_month),
    }
)


def ask(kind: str) -> ResponseReturnValue:
    """One field for the code."""
    return render_template(KINDS[kind].template, state="ask", wrong=False, typed="")


def go(kind: str) -> ResponseReturnValue:
    """On to the page of the code."""
    typed = request.form.get("code", "")
    plain = codes.normalise(typed)
    if not codes.is_code(plain):
        return render_template(KINDS[kind].template, state="ask", wrong=True, typed=typed[: codes.LONGEST]), 422
    return redirect(f"/{kind}/{plain}{kept()}", 303)


def look(kind: str, code: str) -> ResponseReturnValue:
    """Whether it is here, and since which week or month; whoever guesses is slowed down."""
    house, now, plain = current_house(), terms.now(), codes.normalise(code)
    state, since = find(house, KINDS[kind], plain) if codes.is_code(plain) else ("absent", "")
    if state == "absent":
        gate.note_wrong(house, now, (gate.LOOK_HERE, gate.LOOK_ANYWHERE))
    named = {"week": since} if kind == "r" else {"month": f"{since[5:]}/{since[:4]}"}
    shown = {"state": state, "code": grouped(plain), "typed": plain if state == "absent" else "", "wrong": False}
    return render_template(KINDS[kind].template, **shown, **named), 404 if state == "absent" else 200


def find(house: House, kind: Kind, code: str) -> tuple[str, str]:
    """``counted`` with its week or month, ``waiting`` for tonight's seal, or ``absent``."""
    hashed = kind.hash_of(house.keyring, code)
    with house.store.read() as session:
        if (since := kind.find(session, hashed)) is not None:
            return "counted", since
        return ("waiting", "") if is_waiting(session, kind.column, hashed) else ("absent", "")


for name in KINDS:
    for letter in (name, name.upper()):
        given: dict[str, Any] = {"defaults": {"kind": name}, "strict_slashes": False}
        bp.add_url_rule(f"/{letter}", f"ask_{letter}", ask, methods=["GET"], **given)
        bp.add_url_rule(f"/{letter}", f"go_{letter}", go, methods=["POST"], **given)
        bp.add_url_rule(f"/{letter}/<code>", f"look_{letter}", look, methods=["GET"], **given)
