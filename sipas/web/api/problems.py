"""Refusals for programs: ``application/problem+json`` (RFC 9457), each naming the field and the cure."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from flask import Blueprint, Response, json
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed, RequestEntityTooLarge

from sipas.store.engine import StoreError
from sipas.terms import SipasError

RETRY_SECONDS = 20
PROBLEM = "application/problem+json"
log = structlog.get_logger()


class ProblemError(SipasError):
    """A request that is refused: its status, what is wrong with which field, and headers that belong to the answer."""

    def __init__(self, status: HTTPStatus, detail: str, *, field: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.field = field
        self.headers = headers or {}


def problem(error: ProblemError) -> Response:
    """The refusal as JSON."""
    body: dict[str, Any] = {"type": "about:blank", "title": error.status.phrase, "status": error.status.value, "detail": str(error)}
    if error.field:
        body["field"] = error.field
    answer = Response(json.dumps(body, ensure_ascii=False) + "\n", status=error.status.value, mimetype=PROBLEM)
    answer.headers.extend(error.headers)
    return answer


def register(bp: Blueprint) -> None:
    """Every exception under a blueprint ends in a problem; a failure of ours is logged by its kind alone."""
    bp.register_error_handler(ProblemError, problem)
    for kind in (HTTPException, BadRequest, MethodNotAllowed, RequestEntityTooLarge):  # the application's own pages would win otherwise
        bp.register_error_handler(kind, _of_http)
    bp.register_error_handler(StoreError, _of_store)
    bp.register_error_handler(Exception, _of_ours)


def _of_http(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or 500)
    if isinstance(error, RequestEntityTooLarge):
        return problem(ProblemError(status, "the body is longer than an invitation can be: send one object of at most 4,096 bytes"))
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(error.valid_methods or ())
        return problem(ProblemError(status, f"only {allowed} is answered here", headers={"Allow": allowed}))
    return problem(ProblemError(status, error.description or status.phrase))


def _of_store(error: StoreError) -> Response:
    log.error("request_failed", kind=type(error).__name__, status=503)
    said = "the database does not answer, and nothing was minted: send the same again"
    return problem(ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, said, headers={"Retry-After": str(RETRY_SECONDS)}))


def _of_ours(error: Exception) -> Response:
    log.error("request_failed", kind=type(error).__name__, status=500)
    return problem(ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "a fault of ours; nothing was minted"))
