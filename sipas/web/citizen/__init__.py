"""The citizen's door: from a printed code to a receipt, without script, without cookie."""

from __future__ import annotations

from flask import Flask

from sipas.web.citizen.pages import Plates
from sipas.web.citizen.views import bp


def register(app: Flask) -> None:
    """Hang the door; its drawn pages are kept by the application."""
    app.extensions["sipas_plates"] = Plates()
    app.register_blueprint(bp)
