"""What every answer carries: a strict policy, no cache for pages, a long one for files, and gzip."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import tempfile
from collections import deque
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any
from wsgiref.headers import Headers

from flask import Flask, Response, request
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

STATIC = Path(__file__).resolve().parent / "static"
A_YEAR = 365 * 24 * 3600
LEAST_TO_COMPRESS = 600  # below one packet gzip saves nothing
COMPRESSED_TYPES = frozenset({"text/html", "text/css", "text/csv", "text/plain", "application/json", "image/svg+xml"})

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FORM_POLICY = POLICY + "; script-src 'self'; media-src 'self'"  # of the citizen's form: its one small script and recordings
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    }
)
TRANSPORT = "max-age=31536000; includeSubDomains"


def register(app: Flask) -> None:
    """Headers and gzip on every page; files from WhiteNoise under addresses that change with their content."""
    secure = app.extensions["sipas"].settings.public_url.startswith("https://")
    promised = {**HEADERS, **({"Strict-Transport-Security": TRANSPORT} if secure else {})}
    app.after_request(partial(finish, {**promised, "Cache-Control": "no-store"}))
    app.jinja_env.globals["asset"] = partial(asset, fingerprints(STATIC))
    serve_files(app, promised)


def serve_files(app: Flask, promised: Mapping[str, str]) -> None:
    """Files from WhiteNoise; their compressed copies lie in a folder of the process's own, so that nothing built is kept in the tree."""
    folder = tempfile.TemporaryDirectory(prefix="sipas-static-")
    app.extensions["sipas_static"] = folder  # it goes when the application goes
    shutil.copytree(STATIC, folder.name, dirs_exist_ok=True)
    compressor = Compressor(quiet=True, use_brotli=False)
    for path in sorted(Path(folder.name).rglob("*")):
        if path.is_file() and compressor.should_compress(path.name):
            deque(compressor.compress(str(path)), maxlen=0)
    served: Any = WhiteNoise(
        app.wsgi_app,
        root=folder.name,
        prefix="static/",
        max_age=A_YEAR,
        allow_all_origins=False,
        add_headers_function=partial(add_headers, promised),
    )
    app.wsgi_app = served  # type: ignore[method-assign]  # Flask's own way to put a wrapper around itself


def add_headers(promised: Mapping[str, str], headers: Headers, _path: str, _url: str) -> None:
    """The headers of a file."""
    for name, value in promised.items():
        headers[name] = value


def finish(always: Mapping[str, str], response: Response) -> Response:
    """The headers that a view has not set itself, and gzip where the reader takes it."""
    own = {name.lower() for name, _ in response.headers}
    response.headers.extend([(name, value) for name, value in always.items() if name.lower() not in own])
    if response.mimetype in COMPRESSED_TYPES:
        if "vary" in own:
            response.vary.add("Accept-Encoding")
        else:
            response.headers.add("Vary", "Accept-Encoding")
        if worth_compressing(response):
            response.set_data(gzip.compress(response.get_data(), compresslevel=5, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
    return response


def worth_compressing(response: Response) -> bool:
    """A whole page of some size, not packed yet, for a reader that unpacks."""
    return (
        "gzip" in request.headers.get("Accept-Encoding", "")
        and "Content-Encoding" not in response.headers
        and not response.is_streamed
        and not response.direct_passthrough
        and (response.content_length or 0) >= LEAST_TO_COMPRESS
    )


def fingerprints(folder: Path) -> Mapping[str, str]:
    """File name → the first letters of its content's hash."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def asset(known: Mapping[str, str], name: str) -> str:
    """The address of a file of ours; KeyError, in development, for one that is not there."""
    return f"/static/{name}?v={known[name]}"
