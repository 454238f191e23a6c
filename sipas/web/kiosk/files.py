"""The kiosk page's own files: read once, packed once, and served under an address that changes with any of them."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from sipas.web.headers import STATIC

FOLDER = Path(__file__).resolve().parent / "app"
TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".css": "text/css",
        ".png": "image/png",
        ".svg": "image/svg+xml",
        ".txt": "text/plain",
        ".woff2": "font/woff2",
    }
)
PACKED = frozenset({".js", ".mjs", ".css", ".svg"})
SHARED = ("sipas.css", "screen/lean-qr.mjs")  # that other pages have too
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


def read_files(scripts: Iterable[str] = (), folder: Path = FOLDER) -> Files:
    """Every file of the page, with what other pages have too and those of further scripts, with their fonts."""
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.suffix in TYPES}
    shared = [*SHARED, *(name for script in sorted(scripts) for name in _of_script(script))]
    by_name = {name: _file(path) for name, path in {**paths, **{name: STATIC / name for name in shared}}.items()}
    version = hashlib.sha256("".join(f"{name} {file.integrity}\n" for name, file in by_name.items()).encode()).hexdigest()[:12]
    return Files(version, MappingProxyType(by_name))


def _of_script(script: str) -> list[str]:
    """The stylesheet of a script and the fonts that it names."""
    sheet = f"script-{script.lower()}.css"
    return [sheet, *re.findall(r'url\("([^"]+)"\)', (STATIC / sheet).read_text("utf-8"))]


def integrity(content: bytes) -> str:
    """``sha256-…``: what the service worker demands of whatever it keeps, so that no captive portal's page gets in."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}"


def _file(path: Path) -> File:
    plain = path.read_bytes()
    packed = gzip.compress(plain, compresslevel=9, mtime=0) if path.suffix in PACKED else None
    return File(plain, packed, TYPES[path.suffix], integrity(plain))
