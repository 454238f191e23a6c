"""Refusals: one table from exception to status to page; each page says what happened and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import structlog
from flask import Flask, Response, make_response, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import (
    BadRequest,
    Forbidden,
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)

from sipas.evidence.tickets import BadTicketError
from sipas.store.engine import StoreError
from sipas.store.units import find_code
from sipas.terms import SipasError
from sipas.web import comfort
from sipas.web.house import current_house

RETRY_SECONDS = 20
log = structlog.get_logger()


class UnknownCodeError(SipasError):
    """No counter ever bore that code."""


class RevokedCodeError(SipasError):
    """The code was printed once and is no longer valid."""


class EarlyCodeError(SipasError):
    """A one-time code that came with a dossier which is still worked on."""


class BusyCodesError(SipasError):
    """Too many wrong codes from one network: whoever types one waits a minute."""


class ClosedWaveError(SipasError):
    """The counter stands, and nothing is being asked there today."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer to one kind of exception."""

    status: int
    template: str
    retry: int | None = None


REFUSALS: Mapping[type[Exception], Refusal] = MappingProxyType(
    {
        UnknownCodeError: Refusal(404, "errors/unknown_code.html"),
        RevokedCodeError: Refusal(410, "errors/revoked_code.html"),
        EarlyCodeError: Refusal(409, "errors/early_code.html"),
        BusyCodesError: Refusal(429, "errors/busy_codes.html", retry=60),
        ClosedWaveError: Refusal(410, "errors/closed_wave.html"),
        BadTicketError: Refusal(400, "errors/bad_ticket.html"),
        BadRequest: Refusal(400, "errors/bad_request.html"),
        Forbidden: Refusal(403, "errors/bad_request.html"),
        NotFound: Refusal(404, "errors/not_found.html"),
        MethodNotAllowed: Refusal(405, "errors/not_found.html"),
        RequestEntityTooLarge: Refusal(413, "errors/too_large.html"),
        StoreError: Refusal(503, "errors/unavailable.html", retry=RETRY_SECONDS),
        Exception: Refusal(500, "errors/broken.html"),
    }
)


def refuse(refusal: Refusal, error: Exception) -> ResponseReturnValue:
    """The page of a refusal; a failure of ours is logged by its kind, never with an address or an answer."""
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return error
    status = error.code if isinstance(error, HTTPException) and error.code and refusal.status >= 500 else refusal.status
    if status >= 500:
        log.error("request_failed", kind=type(error).__name__, status=status)
    response = make_response(render_template(refusal.template, message=str(error) if isinstance(error, SipasError) else ""), status)
    if refusal.retry is not None:
        response.headers["Retry-After"] = str(refusal.retry)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def healthz() -> Response:
    """200 as long as the store can be read; otherwise the refusal of the store."""
    with current_house().store.read() as session:
        find_code(session, "")
    return Response("ok\n", mimetype="text/plain")


def register(app: Flask) -> None:
    """Every refusal has its page, in large letters too; ``/healthz`` answers a balancer."""
    comfort.register(app)
    for kind, refusal in REFUSALS.items():
        app.register_error_handler(kind, partial(refuse, refusal))
    app.add_url_rule("/healthz", "healthz", healthz)
    settings = app.extensions["sipas"].settings
    contact = {"phone": settings.contact_phone, "address": settings.contact_address}
    app.context_processor(lambda: {"contact": contact, "authority": settings.authority})
