"""Who asks: a client's name and secret, in either of the two ways that HTTP knows."""

from __future__ import annotations

from http import HTTPStatus

from sqlalchemy.orm import Session
from werkzeug.datastructures import Authorization

from sipas.evidence.clients import is_secret
from sipas.evidence.keys import Keyring
from sipas.store.clients import ApiClient, find_client
from sipas.web.api.problems import ProblemError

CHALLENGE = 'Basic realm="sipas", charset="UTF-8"'


def get_client(session: Session, keyring: Keyring, given: Authorization | None) -> ApiClient:
    """The client that asks; ProblemError 401, the same for a wrong name, a wrong secret and a revoked client."""
    name, secret = _read(given)
    client = find_client(session, name)
    if not is_secret(keyring, name, secret, client.secret_h if client else None) or client is None or client.revoked:
        raise ProblemError(
            HTTPStatus.UNAUTHORIZED,
            "the client's name or secret is missing or wrong: send HTTP Basic with name and secret, or Bearer NAME.SECRET; "
            "the province's survey office gives them out",
            headers={"WWW-Authenticate": CHALLENGE},
        )
    return client


def _read(given: Authorization | None) -> tuple[str, str]:
    if given is None:
        return "", ""
    if given.type == "bearer":
        name, _, secret = (given.token or "").partition(".")
        return name, secret
    return str(given.parameters.get("username") or ""), str(given.parameters.get("password") or "")
