"""Codes with which somebody at a kiosk answers at home: a small stock, drawn beforehand, since a kiosk without network cannot mint."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from sipas.exports.qr_codes import modules_of
from sipas.minting import mint_deferrals
from sipas.store.kiosks import Standing
from sipas.web.house import House

STOCK = 10


def fill_stock(
    session: Session, house: House, standing: Standing, bundle: Mapping[str, Any], *, have: int, now: datetime
) -> list[dict[str, Any]]:
    """What a kiosk lacks of its stock, each code with its address and its picture; none for a revoked one or where nothing is open."""
    count = STOCK - have
    if count < 1 or standing.kiosk.revoked is not None or not bundle["offers"]:
        return []
    wave = bundle["offers"][0]["wave"]
    made = mint_deferrals(session, house.keyring, counter_id=standing.counter.id, wave=wave, count=count, now=now)
    return [_shown(house.settings.public_url, minted.code, minted.first.isoformat(), minted.last.isoformat()) for minted in made]


def _shown(public_url: str, code: str, first: str, last: str) -> dict[str, Any]:
    """A code as the tablet keeps it; capitals make a QR code smaller, and the address means the same."""
    address = f"{public_url}/t/{code}".upper()
    rows = ["".join("1" if dark else "0" for dark in row) for row in modules_of(address)]
    return {"code": code, "first": first, "until": last, "address": address, "rows": rows}
