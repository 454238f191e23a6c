"""The heartbeat: how a kiosk stands, and what the server tells it, signed and for this one question only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sipas.evidence import envelopes
from sipas.evidence.canonical import canonical
from sipas.evidence.curves import to_text
from sipas.instrument.recordings import Recording
from sipas.store.kiosks import KioskLedger, find_kiosk, gaps_of, get_ledger, get_standing
from sipas.web.house import House
from sipas.web.kiosk.bundle import draw_bundle, hash_of
from sipas.web.kiosk.deferrals import fill_stock

_NONCE = re.compile(r"[0-9a-f]{32}")
_FIELDS = {"v", "k", "n", "pending", "held", "durable", "version", "have", "codes", "sig"}
DURABLE = ("yes", "unknown")


def answer(
    house: House, sent: Mapping[str, Any], version: str, now: datetime, recordings: Sequence[Recording] = ()
) -> dict[str, str] | None:
    """What the server says to a beat, as a text with its signature; None for whoever is no kiosk of ours."""
    if not _is_beat(sent):
        return None
    with house.store.write() as session:
        kiosk = find_kiosk(session, sent["k"])
        body = canonical({name: value for name, value in sent.items() if name != "sig"})
        if kiosk is None or kiosk.public_key is None or not envelopes.is_text_signed(kiosk.public_key, body, sent["sig"]):
            return None
        ledger = get_ledger(session, kiosk.code)
        note(ledger, sent, now)
        standing = get_standing(session, kiosk.code)
        bundle = draw_bundle(house, standing, now.date(), recordings)
        said = {
            "k": kiosk.code,
            "n": sent["n"],
            "now": int(now.timestamp()),
            "state": "revoked" if kiosk.revoked else "paired",
            "version": version,
            "highest": ledger.highest,
            "gaps": [[first, last] for first, last, _ in gaps_of(ledger)],
            "seal": {str(now.year): to_text(envelopes.sealing_point(house.keyring, now.year))},
            "bundle": None if hash_of(bundle) == sent["have"] else bundle,
            "hash": hash_of(bundle),
            "codes": fill_stock(session, house, standing, bundle, have=sent["codes"], now=now),
        }
    text = json.dumps(said, ensure_ascii=False)
    return {"said": text, "sig": envelopes.say(house.keyring, "beat", text)}


def note(ledger: KioskLedger, sent: Mapping[str, Any], now: datetime) -> None:
    """Keep the kiosk's own word; with nothing waiting, no answer that comes later was given before today."""
    ledger.pending, ledger.held = sent["pending"], sent["held"]
    ledger.durable, ledger.version = sent["durable"], sent["version"]
    ledger.seen = now.date()
    if sent["pending"] == sent["held"] == 0:
        ledger.clear = now.date()


def _is_beat(sent: Mapping[str, Any]) -> bool:
    """Whether the object has the shape of a beat."""
    if set(sent) != _FIELDS or type(sent["v"]) is not int or sent["v"] != 1:
        return False
    texts = all(
        isinstance(sent[name], str) and len(sent[name]) <= 128 and sent[name].isascii() for name in ("k", "n", "version", "have", "sig")
    )
    counts = all(type(sent[name]) is int and 0 <= sent[name] < 2**31 for name in ("pending", "held", "codes"))
    return texts and counts and bool(_NONCE.fullmatch(sent["n"])) and sent["durable"] in DURABLE and len(sent["version"]) <= 16
