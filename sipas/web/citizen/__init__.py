"""The citizen's door: from a printed code to a receipt, without script, without cookie."""

from __future__ import annotations

from functools import partial

from flask import Flask, Response

from sipas.web import sound
from sipas.web.citizen import later, lookups, typing
from sipas.web.citizen.pages import Plates
from sipas.web.citizen.views import bp
from sipas.web.headers import FORM_POLICY
from sipas.web.house import sound_folder
from sipas.web.language import offer
from sipas.web.tongues import offered

KEPT = frozenset({200, 413, 422})


def register(app: Flask) -> None:
    """Hang the door; its drawn pages are kept by the application, and it speaks the languages that the province switches on."""
    app.extensions["sipas_plates"] = Plates()
    settings = app.extensions["sipas"].settings
    sound.register(app, sound_folder(settings))
    app.after_request_funcs.setdefault(bp.name, []).append(allow)
    for part in (typing.bp, later.bp):  # not the look-ups: whoever comes next must not find somebody's receipt by going back
        app.after_request_funcs.setdefault(part.name, []).append(keep)
    for part in (bp, typing.bp, lookups.bp, later.bp):
        app.before_request_funcs.setdefault(part.name, []).append(partial(offer, offered(settings.languages)))
        app.register_blueprint(part)


def allow(response: Response) -> Response:
    """What the form may do beyond other pages: load its own script and recordings, and be there again when somebody goes back.

    A page that is not kept at all comes back empty and with another ticket: what was answered would be lost in a tunnel, and what was
    sent could be sent a second time as a new sheet.
    """
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = FORM_POLICY
    return keep(response)


def keep(response: Response) -> Response:
    """Let the browser show it again to whoever goes back: a code is typed once, and one to answer later is made once."""
    if response.mimetype == "text/html" and response.status_code in KEPT:
        response.headers["Cache-Control"] = "private, no-cache"
    return response
