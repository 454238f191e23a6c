"""A kiosk's side of the protocol in Python: what `docs/kiosk.md` says, written a second time to try the server with."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sipas.evidence.canonical import canonical
from sipas.evidence.curves import CURVE, from_text, is_signed, point_of, read_point, sign, to_text
from sipas.evidence.envelopes import concat_kdf

FORM = "sipas-service-2023@" + "a" * 64


class Tablet:
    """One tablet with its key, its counter and the hash of its last envelope."""

    def __init__(self, code: str, server: bytes, word: bytes, *, year: int = 2026) -> None:
        self.code, self.server, self.word, self.year = code, server, word, year
        self.key = ec.generate_private_key(CURVE)
        self.point = point_of(self.key)
        self.seq, self.prev = 0, "0" * 64

    def seal(self, content: dict[str, Any]) -> str:
        """A JWE of the content, padded with blanks to 512 bytes."""
        own = ec.generate_private_key(CURVE)
        point = point_of(own)
        header = {
            "alg": "ECDH-ES",
            "enc": "A256GCM",
            "kid": str(self.year),
            "epk": {"kty": "EC", "crv": "P-256", "x": to_text(point[1:33]), "y": to_text(point[33:])},
        }
        head = to_text(json.dumps(header).encode())
        text = json.dumps(content, ensure_ascii=False).encode()
        text += b" " * (-len(text) % 512)
        nonce = secrets.token_bytes(12)
        key = concat_kdf(own.exchange(ec.ECDH(), read_point(self.server)))
        sealed = AESGCM(key).encrypt(nonce, text, head.encode())
        return ".".join([head, "", to_text(nonce), to_text(sealed[:-16]), to_text(sealed[-16:])])

    def envelope(self, content: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """The next envelope of the chain."""
        self.seq += 1
        signed = {
            "v": 1,
            "k": self.code,
            "seq": self.seq,
            "prev": self.prev,
            "iid": str(uuid4()),
            "form": FORM,
            "day": "2026-11-18",
            "clk": "ok",
            "dur": "60-300",
            "ct": self.seal(content),
        } | changed
        made = self.signed(signed)
        self.prev = hashlib.sha256(canonical(made)).hexdigest()
        return made

    def signed(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body with the tablet's signature over its canonical JSON."""
        return body | {"sig": to_text(sign(self.key, canonical(body)))}

    def believes(self, said: dict[str, str]) -> bool:
        """Whether an acknowledgement bears the server's signature."""
        return self.hears("ack", f"{said['iid']}|{said['status']}|{said['receipt']}", said["sig"])

    def hears(self, purpose: str, text: str, signature: str) -> bool:
        """Whether the server said this."""
        return is_signed(self.word, f"KS1|{purpose}|{text}".encode(), from_text(signature))
