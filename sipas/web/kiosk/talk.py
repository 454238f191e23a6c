"""``/api/v1/kiosk/…``: what a kiosk says to the server. No answer here is 200, which is what captive portals say."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from sipas import terms
from sipas.evidence.envelopes import STATUSES
from sipas.web.house import current_house
from sipas.web.kiosk import beats, pairing, taking
from sipas.web.kiosk.pairing import PairingRefusedError, Throttle
from sipas.web.kiosk.views import page_version
from sipas.web.sound import current_sounds

talk = Blueprint("kiosk_talk", __name__, url_prefix="/api/v1/kiosk")

MOST_ENVELOPES = 50
LONGEST_BODY = 1024 * 1024


@talk.post("/pair")
def pair() -> ResponseReturnValue:
    """A tablet shows its one-time code and its public key, and becomes the kiosk that the code stands for."""
    throttle = cast("Throttle", current_app.extensions["sipas_kiosk_throttle"])
    try:
        return _said(201, pairing.pair(current_house(), throttle, _object(), terms.now()))
    except PairingRefusedError as refused:
        return _said(429 if refused.too_often else 403, {"error": str(refused)})


@talk.post("/beat")
def beat() -> ResponseReturnValue:
    """A kiosk tells how it stands and hears, signed, what it needs: the time, what has come, the questions, codes for home."""
    recordings = current_sounds().all_of(current_app.extensions["sipas_kiosk_languages"])
    said = beats.answer(current_house(), _object(), page_version(), terms.now(), recordings)
    return _said(403, {"error": "no kiosk of ours"}) if said is None else _said(202, said)


@talk.post("/envelopes")
def envelopes() -> ResponseReturnValue:
    """At most fifty envelopes; each is answered by itself, and signed."""
    raw = _object().get("envelopes")
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_ENVELOPES:
        raise BadRequest(f"send between 1 and {MOST_ENVELOPES} envelopes")
    acks = taking.take(current_house(), raw, terms.now())
    return _said(min((STATUSES[ack["status"]] for ack in acks), default=400), {"acks": acks})


def _object() -> dict[str, Any]:
    """The JSON object that was sent; 400 for anything else."""
    request.max_content_length = LONGEST_BODY
    try:
        sent = request.get_json(force=True)
    except RecursionError:
        sent = None
    if not isinstance(sent, dict):
        raise BadRequest("send one JSON object")
    return sent


def _said(status: int, body: Any) -> Response:
    response = jsonify(body)
    response.status_code = status
    return response
