"""The officials' room: sign in, read, take away, print."""

from __future__ import annotations

from flask import Blueprint, Flask, g, request, session

from sipas.access import Action
from sipas.web import guard
from sipas.web.house import current_house
from sipas.web.language import languages, prefer
from sipas.web.officials.comparison import add_pages as add_comparison
from sipas.web.officials.counters import add_pages as add_counters
from sipas.web.officials.devices import add_pages as add_devices
from sipas.web.officials.devices import tends
from sipas.web.officials.downloads import add_pages as add_downloads
from sipas.web.officials.drivers import add_pages as add_drivers
from sipas.web.officials.forensics import add_pages as add_forensics
from sipas.web.officials.front import add_pages as add_front
from sipas.web.officials.paper.pages import add_pages as add_paper
from sipas.web.officials.planner import add_pages as add_planner
from sipas.web.officials.sensitivity import add_pages as add_sensitivity
from sipas.web.officials.signin.library import set_up
from sipas.web.officials.signin.pages import add_pages as add_sign_in
from sipas.web.officials.signin.recovery import add_pages as add_recovery
from sipas.web.officials.signs import add_pages as add_signs
from sipas.web.officials.trend import add_pages as add_trend
from sipas.web.officials.units import add_pages as add_units


def register(app: Flask) -> None:
    """The room with all its doors; each says who may pass."""
    set_up(app, app.extensions["sipas"])
    room = Blueprint("officials", __name__, url_prefix="/officials")
    room.before_request(guard.refuse_undeclared)
    room.before_request(keep_language)
    room.context_processor(surroundings)
    for add_pages in (
        add_sign_in,
        add_recovery,
        add_front,
        add_units,
        add_counters,
        add_comparison,
        add_sensitivity,
        add_trend,
        add_drivers,
        add_forensics,
        add_planner,
        add_downloads,
        add_signs,
        add_devices,
        add_paper,
    ):
        add_pages(room)
    app.register_blueprint(room)


def surroundings() -> dict[str, object]:
    """What every template of the room knows."""
    return {"allowed": guard.allowed, "tends": tends, "Action": Action, "demonstration": current_house().settings.demo}


def keep_language() -> None:
    """An official's language lasts as long as the session."""
    asked = request.args.get("lang", "")
    if asked in languages() and session.get("language") != asked and request.method == "GET":
        session["language"] = asked
    prefer(session.get("language", ""))
    g.in_room = True
