"""The door of other systems: programs that ask for invitations, and nothing else."""

from __future__ import annotations

from flask import Flask

from sipas.web.api.invitations import bp


def register(app: Flask) -> None:
    """Hang ``/api/v1/``."""
    app.register_blueprint(bp)
