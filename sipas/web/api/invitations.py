"""``POST /api/v1/invitations``: a dossier in, a one-time code out. docs/one-time-codes.md describes it for who calls it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, json, request
from sqlalchemy.orm import Session

from sipas import terms
from sipas.exports.printing import in_capitals
from sipas.imports.directory import Directory, Misnamed
from sipas.minting import BadBatchError, Invitation, Minted, NothingAskedError, RepeatedDossierError, invite, is_official
from sipas.store.clients import ApiClient
from sipas.store.units import Unit, get_unit, list_bearers
from sipas.web.api import problems
from sipas.web.api.credentials import get_client
from sipas.web.api.problems import ProblemError
from sipas.web.house import House, current_house

bp = Blueprint("api", __name__, url_prefix="/api/v1")
problems.register(bp)

LONGEST_BODY = 4096
LONGEST_TEXT = 64
REQUIRED = ("dossier", "unit", "sector")
OPTIONAL = ("procedure", "not_before")
STRANGE = (
    "this number does not look like the official ones (000.00.18.H17-261105-0007, H57.132-260804-0583); the code is good all the same, "
    "compare the number if that surprises you"
)


@bp.post("/invitations")
def add_invitation() -> Response:
    """Mint a code for a dossier that has none yet."""
    request.max_content_length = LONGEST_BODY
    house, now = current_house(), terms.now()
    with house.store.read() as session:
        client = get_client(session, house.keyring, request.authorization)
        scope = get_unit(session, client.unit_id).path
    said = read_fields(read_body())
    begins = read_day(said.get("not_before"))
    with house.store.write() as session:
        unit = unit_for(session, client, scope, said["unit"], now.date())
        minted = mint(session, house, Invitation(said["dossier"], unit.id, said["sector"], begins), now.date())
    return answer(house, said["dossier"], minted)


@bp.route("/invitations", methods=["GET", "PUT", "PATCH", "DELETE"])
def refuse_method() -> Response:
    """Nothing can be read here, least of all what was minted."""
    allowed = {"Allow": "POST"}
    raise ProblemError(HTTPStatus.METHOD_NOT_ALLOWED, "only POST is answered here: no invitation can be read or changed", headers=allowed)


def read_body() -> Mapping[str, Any]:
    """The JSON object of the body."""
    if request.mimetype != "application/json":
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send the body as JSON, with Content-Type: application/json")
    try:
        body = json.loads(request.get_data(cache=False).decode())
    except (ValueError, RecursionError):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "the body is no JSON in UTF-8: check its quotes, commas and braces") from None
    if not isinstance(body, dict):
        raise ProblemError(HTTPStatus.BAD_REQUEST, 'the body must be one object, such as {"dossier": …, "unit": …, "sector": …}')
    return body


def read_fields(body: Mapping[str, Any]) -> dict[str, str]:
    """The fields as plain texts; a misspelt one is refused, because leaving it out would be noticed by nobody."""
    if strange := sorted(set(body) - {*REQUIRED, *OPTIONAL}):
        raise _bad(strange[0][:LONGEST_TEXT], f"there is no such field; write {', '.join(REQUIRED)} and, if known, {', '.join(OPTIONAL)}")
    said = {}
    for name in (*REQUIRED, *OPTIONAL):
        value = body.get(name)
        if value is None and name in OPTIONAL:
            continue
        if not isinstance(value, str) or not value.strip():
            raise _bad(name, "missing, empty or no text: write it as a text between quotes, with its leading zeros")
        text = unicodedata.normalize("NFC", value).strip()
        if len(text) > LONGEST_TEXT or not text.isprintable():
            raise _bad(name, f"longer than {LONGEST_TEXT} characters, or with characters that nobody can read: send the plain value")
        said[name] = text
    return said


def read_day(text: str | None) -> date | None:
    """The day on which the result is due."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise _bad("not_before", "no day: write it as 2026-11-24, or leave it out") from None


def unit_for(session: Session, client: ApiClient, scope: str, code: str, day: date) -> Unit:
    """The unit that is named; 404 where there is none, 403 where the client may not speak for it."""
    found = Directory(list_bearers(session, code.partition("@")[0])).find(code, day)
    if isinstance(found, Misnamed):
        raise ProblemError(HTTPStatus.NOT_FOUND, f"unit: {code} {found.fault}; {found.cure}", field="unit")
    unit = get_unit(session, found.id)
    if not unit.path.startswith(scope):
        said = f"unit: {client.name} does not speak for {code}; ask the province's survey office for a client of that branch"
        raise ProblemError(HTTPStatus.FORBIDDEN, said, field="unit")
    return unit


def mint(session: Session, house: House, asked: Invitation, day: date) -> Minted:
    """The code, or the problem that stands against it."""
    try:
        return invite(session, house.keyring, house.shelf, asked, day=day, demonstration=house.settings.demo)
    except RepeatedDossierError as error:
        raise ProblemError(HTTPStatus.CONFLICT, str(error), field="dossier") from None
    except (NothingAskedError, BadBatchError) as error:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), field=str(error).partition(":")[0]) from None


def answer(house: House, dossier: str, minted: Minted) -> Response:
    """201 with all that the citizen needs. Whether the quota is used up is told to the survey office, not here."""
    body = {
        "code": minted.code,
        "address": in_capitals(house.settings.public_url, "t", minted.code),
        "valid_from": minted.first.isoformat(),
        "valid_until": minted.last.isoformat(),
    }
    note = {} if is_official(dossier) else {"note": STRANGE}
    return Response(json.dumps(body | note, ensure_ascii=False) + "\n", status=HTTPStatus.CREATED, mimetype="application/json")


def _bad(field: str, said: str) -> ProblemError:
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{field}: {said}", field=field)
