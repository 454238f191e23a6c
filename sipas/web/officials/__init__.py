"""The officials' room: sign in, read, take away, print."""

from __future__ import annotations

from flask import Blueprint, Flask, g, request, session

from sipas.access import Action
from sipas.web import guard
from sipas.web.house import current_house
from sipas.web.language import languages, prefer
from sipas.web.officials import downloads, front, signs, units
from sipas.web.officials.signin import library, pages


def register(app: Flask) -> None:
    """The room with all its doors; each says who may pass."""
    library.set_up(app, app.extensions["sipas"])
    room = Blueprint("officials", __name__, url_prefix="/officials")
    room.before_request(guard.refuse_undeclared)
    room.before_request(keep_language)
    room.context_processor(lambda: {"allowed": guard.allowed, "Action": Action, "demonstration": current_house().settings.demo})
    for part in (pages, front, units, downloads, signs):
        part.add_pages(room)
    app.register_blueprint(room)


def keep_language() -> None:
    """An official's language lasts as long as the session."""
    asked = request.args.get("lang", "")
    if asked in languages() and session.get("language") != asked and request.method == "GET":
        session["language"] = asked
    prefer(session.get("language", ""))
    g.in_room = True
