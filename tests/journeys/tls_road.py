"""A road that speaks TLS, with a certificate that the browser trusts or with one that it must not trust."""

from __future__ import annotations

import base64
import hashlib
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kiosk_steps import Road

OURS = "localhost"


class Certificate:
    """A certificate that signed itself, with a key of its own."""

    def __init__(self, folder: Path, name: str = OURS, *, days: int = 30) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        end = datetime.now(UTC) + timedelta(days=days)
        built = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(), end - timedelta(days=60), end)
        made = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False).sign(key, hashes.SHA256())
        spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.pin = base64.b64encode(hashlib.sha256(spki).digest()).decode()
        file = folder / f"{made.serial_number}.pem"
        plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(key.private_bytes(*plain) + made.public_bytes(serialization.Encoding.PEM))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(file)


class TlsRoad(Road):
    """A road behind a certificate, which can be exchanged while it is open; ``refused`` counts who turned away from one."""

    def __init__(self, address: str, certificate: Certificate) -> None:
        self.certificate = certificate
        self.refused = 0
        super().__init__(address)
        self.address = f"https://{OURS}:{self.server_port}"

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands, and serve whoever takes the hand."""
        opened: socket = request
        try:
            wrapped = self.certificate.context.wrap_socket(opened, server_side=True)
        except (OSError, ssl.SSLError):
            self.refused += 1
            return
        super().finish_request(wrapped, client_address)
        wrapped.close()
