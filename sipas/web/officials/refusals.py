"""Attempts that were refused are written down: who asked for which page about what, and nothing of what was sent."""

from __future__ import annotations

import json
from functools import wraps
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_security import current_user
from werkzeug.exceptions import Forbidden, NotFound

from sipas.store.audit import add_audit
from sipas.terms import now
from sipas.web.guard import View
from sipas.web.house import current_house
from sipas.web.officials.signin.checks import me

REFUSED = "refused_attempt"


def watched(view: View) -> View:
    """A guarded view whose refusals of somebody signed in go into the audit (INT-13)."""

    @wraps(view)
    def watching(**address: Any) -> ResponseReturnValue:
        try:
            return view(**address)
        except (NotFound, Forbidden):
            if current_user.is_authenticated:
                told = {"page": request.endpoint, "method": request.method, **address}
                with current_house().store.write() as session:
                    add_audit(session, at=now(), official=me().email, action=REFUSED, details=json.dumps(told, sort_keys=True))
            raise

    return watching
