"""The screen's door: a display at a counter that shows a code which changes every thirty seconds, with or without a network."""

from __future__ import annotations

from flask import Flask

from sipas.web.screen.views import bp


def register(app: Flask) -> None:
    """Hang the page and what it speaks to."""
    app.register_blueprint(bp)
