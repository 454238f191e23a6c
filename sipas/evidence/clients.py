"""Secrets of other systems' programs: shown once, kept as keyed hashes, compared in constant time."""

from __future__ import annotations

import hmac
import re
import secrets

from sipas.evidence.keys import Keyring

NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,59}")
NOBODY = b"\0" * 32  # no secret has this hash: an unknown name costs what a wrong secret does


def new_secret() -> str:
    """192 random bits that a configuration file can hold."""
    return secrets.token_urlsafe(24)


def secret_hash(keyring: Keyring, name: str, secret: str) -> bytes:
    """What is kept of a client's secret."""
    return hmac.digest(keyring.derive("client/secret"), f"{name}\0{secret}".encode(), "sha256")


def is_secret(keyring: Keyring, name: str, secret: str, kept: bytes | None) -> bool:
    """Whether a secret is the client's; None where there is no such client."""
    return hmac.compare_digest(secret_hash(keyring, name, secret), kept or NOBODY) and kept is not None
