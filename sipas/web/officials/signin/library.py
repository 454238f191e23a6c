"""The sign-in library, set up: only what we use of it, and nothing on citizens' pages."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, cast

from flask import Flask
from flask_security import Security
from flask_wtf.csrf import CSRFProtect  # type: ignore[import-untyped]

from sipas.web.house import House
from sipas.web.officials.signin.account import Accounts
from sipas.web.officials.signin.secrets import ARGON2, ISSUER, Codes, wallet
from sipas.web.officials.signin.sessions import RowSessions

SETTINGS = MappingProxyType(
    {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},  # argon2id salts by itself; the command line hashes without an application
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": dict(ARGON2),
        "SECURITY_PASSWORD_NORMALIZE_FORM": "NFKC",
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TOTP_ISSUER": ISSUER,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "WTF_CSRF_CHECK_DEFAULT": False,  # the officials' room checks for itself; citizens' forms carry a signed ticket
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
        "WTF_CSRF_SSL_STRICT": False,  # it wants a Referer, which we forbid; Sec-Fetch-Site is checked instead
    }
)
CSRF = CSRFProtect()


def set_up(app: Flask, house: House) -> None:
    """Sessions, accounts, passwords and one-time codes on this application."""
    https = house.settings.public_url.startswith("https://")
    app.session_interface = RowSessions(house.store, https=https)
    app.config.update(SETTINGS)
    app.config["SECURITY_PASSWORD_SALT"] = house.keyring.derive("officials/salt").hex()
    app.config["SECURITY_TOTP_SECRETS"] = wallet(house.keyring)
    CSRF.init_app(app)
    security = Security(app, Accounts(house.store), register_blueprint=False, totp_cls=Codes)
    cast("Codes", security._totp_factory).store = house.store  # noqa: SLF001 -- the library makes it and hands it out under this name only
    security.login_manager.session_protection = None  # it would keep a hash of address and browser
    _ask_nobody_unless_needed(app, security)


def _ask_nobody_unless_needed(app: Flask, security: Any) -> None:
    """Take away the library's look at who is there before each request: on a citizen's page nobody asks."""
    hooks = app.before_request_funcs.get(None, [])
    app.before_request_funcs[None] = [hook for hook in hooks if getattr(hook, "__self__", None) is not security.principal]
