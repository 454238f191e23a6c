"""Keys on the curve P-256, which every browser since 2014 can use: for sealing to the server, and for what the server signs."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sipas.evidence.keys import Keyring

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_ES256 = ec.ECDSA(SHA256())
POINT = 65  # bytes of an uncompressed point
SIGNATURE = 64  # bytes: r and s, as browsers write them


@lru_cache(maxsize=64)
def derived_key(keyring: Keyring, label: str) -> ec.EllipticCurvePrivateKey:
    """The private key of that label: 512 derived bits reduced into 1 … n-1, so that no value is likelier by more than 2⁻²⁵⁶."""
    wide = int.from_bytes(keyring.derive(f"{label}/high") + keyring.derive(f"{label}/low"), "big")
    return ec.derive_private_key(wide % (ORDER - 1) + 1, CURVE)


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half as an uncompressed point."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def read_point(point: bytes) -> ec.EllipticCurvePublicKey:
    """A public key from its uncompressed point; ValueError for what lies on no curve of ours."""
    if len(point) != POINT or point[0] != 4:
        raise ValueError("a public key is an uncompressed point of P-256: 65 bytes that begin with 04")
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)


def sign(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """ES256 as r and s, 64 bytes."""
    r, s = decode_dss_signature(key.sign(message, _ES256))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def is_signed(point: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (64 bytes) was made over ``message`` by the key whose public half is ``point``."""
    if len(signature) != SIGNATURE:
        return False
    coded = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    try:
        read_point(point).verify(coded, message, _ES256)
    except (InvalidSignature, ValueError):
        return False
    return True


def to_text(value: bytes) -> str:
    """Base 64 for addresses, without padding."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def from_text(text: str) -> bytes:
    """The bytes of ``to_text``; ValueError for anything else, a second spelling of the same bytes included."""
    try:
        value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base 64 for addresses") from error
    if to_text(value) != text:
        raise ValueError("not the shortest spelling")
    return value
