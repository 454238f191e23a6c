"""QR codes as SVG: black on white with their quiet zone, one unit a module."""

from __future__ import annotations

from contextlib import suppress
from html import escape
from typing import Any

import qrcode
from qrcode.exceptions import DataOverflowError

QUIET_ZONE = 4  # modules of white that a reader needs on every side

Modules = list[list[bool]]


def modules_of(text: str) -> Modules:
    """The code's squares, quiet zone included.

    Level Q survives a scratched sign; it is taken where it costs no larger code than level M.
    """
    code = _qr(text, qrcode.constants.ERROR_CORRECT_M, None)
    with suppress(DataOverflowError):
        code = _qr(text, qrcode.constants.ERROR_CORRECT_Q, code.version)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def draw_modules(rows: Modules, title: str) -> str:
    """The squares as an SVG picture with a title."""
    path = "".join(_row_path(y, row) for y, row in enumerate(rows))
    side = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges" role="img">'
        f"<title>{escape(title)}</title>"
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    )


def width_with_zone(rows: Modules, across_mm: float) -> float:
    """How wide a code is drawn, quiet zone included, whose squares alone shall measure ``across_mm`` from edge to edge."""
    return across_mm * len(rows) / (len(rows) - 2 * QUIET_ZONE)


def _qr(text: str, level: int, version: int | None) -> qrcode.QRCode[Any]:
    code: qrcode.QRCode[Any] = qrcode.QRCode(version=version, error_correction=level, border=QUIET_ZONE)
    code.add_data(text)
    code.make(fit=version is None)
    return code


def _row_path(y: int, row: list[bool]) -> str:
    """The dark runs of one row."""
    runs, x = [], 0
    while x < len(row):
        width = 1
        while x + width < len(row) and row[x + width] == row[x]:
            width += 1
        if row[x]:
            runs.append(f"M{x} {y}h{width}v1h-{width}z")
        x += width
    return "".join(runs)
