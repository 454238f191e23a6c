"""``/screen/<name>``: the page of a counter's screen, and the two addresses that it speaks to when there is a network."""

from __future__ import annotations

import json
from functools import partial

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from sipas import terms
from sipas.evidence.codes import normalise
from sipas.store.screens import find_screen
from sipas.web.errors import UnknownCodeError
from sipas.web.house import current_house
from sipas.web.screen.pairing import PairingRefusedError, check_in, pair

bp = Blueprint("screen", __name__, url_prefix="/screen")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
KEPT = ("sipas.css", "screen/screen.css", "screen/screen.mjs", "screen/lean-qr.mjs")


@bp.get("/<name>", strict_slashes=False)
def show(name: str) -> ResponseReturnValue:
    """The page, the same bytes for every screen; it fills itself from the display's own store."""
    house = current_house()
    with house.store.read() as session:
        if find_screen(session, normalise(name)) is None:
            raise UnknownCodeError("no screen bears this name: see `sipas screens list`")
    return shell()


@bp.get("/", strict_slashes=True)
def shell() -> Response:
    """What the service worker keeps."""
    return allow(make_response(render_template("screen/page.html")))


@bp.get("/worker.js")
def worker() -> ResponseReturnValue:
    """The service worker, headed by what it keeps: it changes whenever one of these does."""
    asset = current_app.jinja_env.globals["asset"]
    assert isinstance(asset, partial)
    head = f"self.KEPT = {json.dumps(['/screen/', *(asset(name) for name in KEPT)])};\n"
    return allow(Response(head + render_template("screen/worker.js"), mimetype="text/javascript"))


@bp.post("/<name>/pair")
def take(name: str) -> ResponseReturnValue:
    """A pairing code for a key."""
    try:
        return jsonify(pair(current_house(), name, sent(), terms.now()))
    except PairingRefusedError as refused:
        return jsonify(title=str(refused)), 403


@bp.post("/<name>/beat")
def beat(name: str) -> ResponseReturnValue:
    """The screen's clock, and what it should show now."""
    answer = check_in(current_house(), name, sent(), terms.now())
    return jsonify(answer) if answer is not None else (jsonify(title="this screen is not paired any more"), 403)


def sent() -> dict[str, object]:
    """The JSON object that was sent; nothing for anything else."""
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def allow(response: Response) -> Response:
    """What this page may do beyond others: its own script, its own worker, and speaking to its own server."""
    response.headers["Content-Security-Policy"] = POLICY
    return response
