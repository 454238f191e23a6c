"""Who may open which page. A route of the officials' room says so in one line, or it does not open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from flask import abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from sipas.access import SECOND_FACTOR, Action, Official, in_branch, may
from sipas.store.units import Unit, UnknownUnitError, get_unit
from sipas.terms import Role, now
from sipas.web.house import current_house

FRESH = 10 * 60  # seconds for which a one-time code opens downloads of data
HOME = "/officials/"
FIRST = {Role.KEYER: "/officials/paper", Role.ADMINISTRATOR: "/officials/signs"}  # where the room's first page is not theirs to read

View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a route asks of whoever calls it; ``action`` None: open to all, as the sign-in page must be."""

    action: Action | None
    fresh_code: bool = False


def anyone(view: View) -> View:
    """Declare a route that needs no sign-in."""
    view.policy = Policy(None)  # type: ignore[attr-defined]  # a declaration, read by the tests and by `refuse_undeclared`
    return view


def require(action: Action, *, fresh_code: bool = False) -> Callable[[View], View]:
    """Declare what a route needs; a ``unit_id`` in its address must lie in the official's branch, or it is not found."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(**address: Any) -> ResponseReturnValue:
            if (away := _elsewhere(action)) is not None:
                return away
            if not may(official(), action, _path(address)):
                abort(404)
            if fresh_code and not has_fresh_code():
                return redirect(url_for("officials.confirm", next=request.full_path), 303)
            return view(**address)

        guarded.policy = Policy(action, fresh_code)  # type: ignore[attr-defined]
        return guarded

    return declare


def refuse_undeclared() -> None:
    """Before each request to the room: a route without a policy is not found; a form without its token is refused."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "policy", None) is None:
        abort(404)
    if request.method not in {"GET", "HEAD"}:
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            abort(400)
        current_app.extensions["csrf"].protect()


def official() -> Official:
    """Whoever is signed in."""
    return cast("Official", current_user)


def allowed(action: Action) -> bool:
    """True when the one signed in may do this at the top of the branch: for templates that offer it."""
    return bool(current_user.is_authenticated) and may(official(), action, official().branch)


def unit_in_scope(unit_id: int) -> Unit:
    """A unit of the official's branch, or the page is not found: out of scope and out of existence look the same."""
    with current_house().store.read() as database:
        try:
            unit = get_unit(database, unit_id)
        except UnknownUnitError:
            abort(404)
    if not in_branch(official(), unit.path):
        abort(404)
    return unit


def has_fresh_code() -> bool:
    """True for ten minutes after a one-time code."""
    return now().timestamp() - int(session.get("second_factor", 0)) <= FRESH


def own_address(text: str) -> str:
    """``text`` where it is an address of the officials' room, else its first page: never somebody else's server."""
    plain = unquote(unquote(text))
    parts = urlsplit(plain)
    safe = (
        plain.startswith(HOME)
        and not parts.scheme
        and not parts.netloc
        and "//" not in plain
        and ".." not in plain
        and not any(letter == "\\" or letter < " " or ord(letter) > 126 for letter in plain)
    )
    return text if safe else HOME


def first_page(role: Role) -> str:
    """Where an official begins who asked for no page."""
    return FIRST.get(role, HOME)


def _elsewhere(action: Action) -> ResponseReturnValue | None:
    """Where somebody must go first: to sign in, or to choose a password."""
    if not current_user.is_authenticated:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else HOME
        return redirect(url_for("officials.sign_in", next=own_address(wanted)), 303)
    if official().role in SECOND_FACTOR and "second_factor" not in session:
        return redirect(url_for("officials.sign_in"), 303)
    if current_user.must_change and action is not Action.ACCOUNT:
        return redirect(url_for("officials.change_password"), 303)
    return None


def _path(address: dict[str, Any]) -> str:
    return unit_in_scope(address["unit_id"]).path if "unit_id" in address else official().branch
