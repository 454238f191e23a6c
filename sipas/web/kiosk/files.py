"""The kiosk page's own files: read once, packed once, and served under an address that changes with any of them."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from sipas.web.headers import STATIC

FOLDER = Path(__file__).resolve().parent / "app"
TYPES: Mapping[str, str] = MappingProxyType(
    {".js": "text/javascript", ".css": "text/css", ".png": "image/png", ".svg": "image/svg+xml", ".txt": "text/plain"}
)
PACKED = frozenset({".js", ".css", ".svg"})
WORKER = "sw.js"  # served at an address of its own, which never changes


@dataclass(frozen=True, slots=True)
class File:
    """One file as it goes over the wire."""

    plain: bytes
    packed: bytes | None  # gzip
    mimetype: str
    integrity: str  # as Subresource Integrity writes it


@dataclass(frozen=True, slots=True)
class Files:
    """All files, and the version that stands for exactly these."""

    version: str
    by_name: Mapping[str, File]

    def address(self, name: str) -> str:
        """Where a file is served: modules that import one another stay in one version."""
        return f"/kiosk/app/{self.version}/{name}"


def read_files(folder: Path = FOLDER) -> Files:
    """Every file of the page, with the stylesheet that all pages share."""
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.suffix in TYPES}
    by_name = {name: _file(path) for name, path in {**paths, "sipas.css": STATIC / "sipas.css"}.items()}
    version = hashlib.sha256("".join(f"{name} {file.integrity}\n" for name, file in by_name.items()).encode()).hexdigest()[:12]
    return Files(version, MappingProxyType(by_name))


def integrity(content: bytes) -> str:
    """``sha256-…``: what the service worker demands of whatever it keeps, so that no captive portal's page gets in."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}"


def _file(path: Path) -> File:
    plain = path.read_bytes()
    packed = gzip.compress(plain, compresslevel=9, mtime=0) if path.suffix in PACKED else None
    return File(plain, packed, TYPES[path.suffix], integrity(plain))
