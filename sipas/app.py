"""The whole composition on one page."""

from __future__ import annotations

from flask import Flask

from sipas.web import api, citizen, errors, filters, headers, kiosk, language, officials, public, screen
from sipas.web.house import House


def create_app(house: House) -> Flask:
    """A Flask application on an open house."""
    app = Flask("sipas.web", static_url_path="/static")
    app.extensions["sipas"] = house
    app.config.update(
        SECRET_KEY=house.keyring.derive("web/session").hex(),
        MAX_CONTENT_LENGTH=64 * 1024,
        MAX_FORM_MEMORY_SIZE=64 * 1024,
        DEMO=house.settings.demo,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for part in (language, filters, headers, errors, citizen, public, kiosk, screen, api, officials):
        part.register(app)
    return app
