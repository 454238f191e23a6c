"""The citizen's door: from a printed code to a receipt, without script, without cookie."""

from __future__ import annotations

from functools import partial

from flask import Flask

from sipas.web.citizen.pages import Plates
from sipas.web.citizen.views import bp
from sipas.web.language import offer
from sipas.web.tongues import offered


def register(app: Flask) -> None:
    """Hang the door; its drawn pages are kept by the application, and it speaks the languages that the province switches on."""
    app.extensions["sipas_plates"] = Plates()
    further = partial(offer, offered(app.extensions["sipas"].settings.languages))
    app.before_request_funcs.setdefault(bp.name, []).append(further)
    app.register_blueprint(bp)
