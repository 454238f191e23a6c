"""Sessions on the server: the cookie holds a random id, the row its SHA-256.

Only addresses of the officials' room have a session at all: a citizen's page neither reads nor sets a cookie. Before signing in
there is no row either; the form's token travels in a signed cookie of its own, so that looking at the sign-in page writes nothing.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import NullSession, SecureCookieSessionInterface, SessionInterface, SessionMixin
from itsdangerous import BadSignature
from werkzeug.datastructures import CallbackDict

from sipas.store import officials
from sipas.store.engine import Store
from sipas.store.officials import OfficialSession
from sipas.terms import now

ROOM = "/officials"
ABSOLUTE = 8 * 3600
TOUCH = 60  # seconds: a request writes at most this often
PENDING_IDLE = 300  # between the password and the one-time code
FORM_AGE = 12 * 3600


class SignedIn(CallbackDict[str, Any], SessionMixin):
    """A session of the officials' room; ``official_id`` is set once a password was right."""

    def __init__(self, content: dict[str, Any], row: OfficialSession | None) -> None:
        def changed(_: object) -> None:
            self.modified = True

        super().__init__(content, changed)
        self.row = row
        self.official_id: int | None = row.official_id if row else None
        self.idle = row.idle if row else PENDING_IDLE
        self.rotate = False
        self.modified = False

    def begin(self, official_id: int, *, idle: int) -> None:
        """Forget all, and take a new id with the answer: what was known before signing in is worth nothing after."""
        self.clear()
        self.official_id, self.idle, self.rotate = official_id, idle, True

    def end(self) -> None:
        """Sign out: the row goes with the answer."""
        self.clear()
        self.official_id = None


class RowSessions(SessionInterface):
    """Flask's sessions in our own table, written through Store.write()."""

    def __init__(self, store: Store, *, https: bool) -> None:
        self.store = store
        self.https = https
        self.cookie = "__Host-sipas" if https else "sipas-session"
        self.form_cookie = "__Host-sipas-form" if https else "sipas-form"

    def open_session(self, app: Flask, request: Request) -> SessionMixin:
        if not in_room(request.path):
            return NullSession()
        if (row := self._find(request.cookies.get(self.cookie, ""))) is not None:
            return SignedIn(json.loads(row.content), row)
        return SignedIn(self._read_form(app, request), None)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, SignedIn):
            return
        if session.official_id is None:
            self._save_anonymous(app, session, response)
        elif session.row is None or session.rotate:
            self._save_new(session, response)
        else:
            self._save_known(session)

    def _save_anonymous(self, app: Flask, session: SignedIn, response: Response) -> None:
        if session.row is not None:
            with self.store.write() as database:
                officials.delete_session(database, session.row.hash)
            response.delete_cookie(self.cookie, path="/", secure=self.https, httponly=True, samesite="Lax")
        if session.modified and session:
            signed = signer(app).dumps(dict(session))
            response.set_cookie(self.form_cookie, signed, path="/", secure=self.https, httponly=True, samesite="Lax")

    def _save_new(self, session: SignedIn, response: Response) -> None:
        moment = int(now().timestamp())
        plain = secrets.token_urlsafe(32)
        assert session.official_id is not None
        row = OfficialSession(
            hash=hashed(plain), official_id=session.official_id, content=json.dumps(dict(session)),
            idle=session.idle, started=moment, seen=moment,
        )  # fmt: skip
        with self.store.write() as database:
            officials.delete_old_sessions(database, now=moment, absolute=ABSOLUTE)
            if session.row is not None:
                officials.delete_session(database, session.row.hash)
            database.add(row)
        response.set_cookie(self.cookie, plain, path="/", secure=self.https, httponly=True, samesite="Lax")
        response.delete_cookie(self.form_cookie, path="/", secure=self.https, httponly=True, samesite="Lax")

    def _save_known(self, session: SignedIn) -> None:
        moment = int(now().timestamp())
        assert session.row is not None
        if session.modified or moment - session.row.seen >= TOUCH:
            with self.store.write() as database:
                if (row := database.get(OfficialSession, session.row.hash)) is not None:
                    row.content, row.seen = json.dumps(dict(session)), moment

    def _find(self, plain: str) -> OfficialSession | None:
        if not plain:
            return None
        with self.store.read() as database:
            row = database.get(OfficialSession, hashed(plain))
        moment = int(now().timestamp())
        if row is None or moment > row.seen + row.idle or moment > row.started + ABSOLUTE:
            return None
        return row

    def _read_form(self, app: Flask, request: Request) -> dict[str, Any]:
        try:
            content = signer(app).loads(request.cookies.get(self.form_cookie, ""), max_age=FORM_AGE)
        except BadSignature:
            return {}
        return {"csrf_token": content["csrf_token"]} if isinstance(content, dict) and "csrf_token" in content else {}


def in_room(path: str) -> bool:
    """True for addresses of the officials' room."""
    return path == ROOM or path.startswith(f"{ROOM}/")


def hashed(plain: str) -> bytes:
    """What is kept of a session's id."""
    return hashlib.sha256(plain.encode()).digest()


def signer(app: Flask) -> Any:
    """Flask's own signer: the form's token cannot be forged."""
    return SecureCookieSessionInterface().get_signing_serializer(app)
