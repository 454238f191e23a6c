"""The kiosk's door: an installable page that takes answers without network, and what it speaks with the server when there is one."""

from __future__ import annotations

from flask import Flask

from sipas.web.comfort import SCRIPTS
from sipas.web.kiosk.files import read_files
from sipas.web.kiosk.pairing import Throttle
from sipas.web.kiosk.talk import talk
from sipas.web.kiosk.views import bp
from sipas.web.tongues import offered, tongues


def register(app: Flask) -> None:
    """Hang the page and the three addresses that it speaks to."""
    spoken = offered(app.extensions["sipas"].settings.languages)
    app.extensions["sipas_kiosk_languages"] = spoken
    app.extensions["sipas_kiosk_files"] = read_files({tongues()[code].script for code in spoken} & set(SCRIPTS))
    app.extensions["sipas_kiosk_throttle"] = Throttle(app.extensions["sipas"].settings.nodes)
    app.register_blueprint(bp)
    app.register_blueprint(talk)
