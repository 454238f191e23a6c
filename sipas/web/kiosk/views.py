"""``/kiosk/``: the page itself, its service worker, its manifest and its files. None of them holds anything of anybody."""

from __future__ import annotations

import hashlib
import json
from typing import cast

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from sipas.web.kiosk.files import WORKER, File, Files, integrity
from sipas.web.kiosk.words import all_words

bp = Blueprint("kiosk", __name__)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; media-src blob:; manifest-src 'self'; "
    "worker-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
A_YEAR = 365 * 24 * 3600
NOT_KEPT = frozenset({WORKER, "icon-192.png", "icon-512.png"})  # files that the page itself never asks for


def files() -> Files:
    return cast("Files", current_app.extensions["sipas_kiosk_files"])


@bp.get("/kiosk/")
def page() -> ResponseReturnValue:
    """The page, the same for every kiosk; it fills itself from the tablet's own store."""
    return Response(shell(), mimetype="text/html", headers={"Content-Security-Policy": POLICY})


@bp.get(f"/kiosk/{WORKER}")
def worker() -> ResponseReturnValue:
    """The service worker, headed by what it is to keep: each file with the hash that it must have."""
    found = files()
    kept = {found.address(name): file.integrity for name, file in found.by_name.items() if name not in NOT_KEPT}
    listed = {"version": page_version(), "files": {"/kiosk/": integrity(shell().encode()), **kept}}
    head = json.dumps(listed, sort_keys=True)
    body = f"self.KIOSK = {head};\n".encode() + found.by_name[WORKER].plain
    return Response(body, mimetype="text/javascript", headers={"Content-Security-Policy": POLICY})


@bp.get("/kiosk/manifest.webmanifest")
def manifest() -> ResponseReturnValue:
    """What makes the page installable."""
    found = files()
    icons = [
        {"src": found.address(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    told = {
        "id": "/kiosk/",
        "name": "SIPAS: phiếu ý kiến tại quầy",
        "short_name": "SIPAS",
        "lang": "vi",
        "start_url": "/kiosk/",
        "scope": "/kiosk/",
        "display": "fullscreen",
        "background_color": "#f6f4ee",
        "theme_color": "#0b4a5e",
        "icons": icons,
    }
    return Response(json.dumps(told, ensure_ascii=False), mimetype="application/manifest+json")


@bp.get("/kiosk/app/<version>/<path:name>")
def file(version: str, name: str) -> ResponseReturnValue:
    """One file of the present version; of another one there is none, and the service worker keeps its own."""
    found = files().by_name.get(name)
    if found is None or version != files().version or name == WORKER:
        abort(404)
    return send(found)


def send(found: File) -> Response:
    """The file, packed for a reader that unpacks, to be kept for a year."""
    headers = {"Cache-Control": f"public, max-age={A_YEAR}, immutable"}
    if found.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(found.packed, mimetype=found.mimetype, headers=headers)
    return Response(found.plain, mimetype=found.mimetype, headers=headers)


def shell() -> str:
    """The page's text: the same bytes at every request, so that its hash can be promised."""
    return _drawn()[1]


def page_version() -> str:
    """What stands for exactly this page: its files, its words and its settings."""
    return _drawn()[0]


def _drawn() -> tuple[str, str]:
    kept = current_app.extensions.setdefault("sipas_kiosk_shell", [])
    if not kept:
        words = all_words(current_app.extensions["sipas_kiosk_languages"])
        blank = render_template("kiosk/shell.html", files=files(), words=words, version="")
        version = hashlib.sha256(blank.encode()).hexdigest()[:12]
        kept.append((version, render_template("kiosk/shell.html", files=files(), words=words, version=version)))
    return cast("tuple[str, str]", kept[0])
