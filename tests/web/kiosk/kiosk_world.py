"""One unit, one counter, a kiosk at it, and a tablet that speaks to the whole application."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from kiosk_client import Tablet

from sipas.evidence import envelopes
from sipas.evidence.curves import from_text, sign, to_text
from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import Shelf
from sipas.store.engine import Store
from sipas.store.kiosks import KioskLedger
from sipas.store.units import Counter, Unit, add_unit
from sipas.terms import ZONE
from sipas.web.enrolment import enrol_kiosk

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=ZONE)  # a Wednesday of 2026-W47
SETTINGS = {"SIPAS_DEMO": "1", "SIPAS_CONTACT_PHONE": "0236 1022"}
PAIR, BEAT, ENVELOPES = (f"/api/v1/kiosk/{name}" for name in ("pair", "beat", "envelopes"))


@dataclass
class World:
    """The application, its store, and what tests ask of them."""

    app: Flask
    store: Store
    keyring: Keyring
    shelf: Shelf
    counter: int

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def enrol(self, *, now: datetime = NOON, seed: int | None = None) -> tuple[str, str]:
        """A new kiosk and its pairing code."""
        rng = Random(secrets.randbits(64) if seed is None else seed)
        with self.store.write() as session:
            kiosk, code = enrol_kiosk(session, self.keyring, counter_id=self.counter, length="short", comments=False, rng=rng, now=now)
            return kiosk.code, code

    def tablet(self) -> Tablet:
        """A paired tablet that knows the server's keys and what to ask."""
        kiosk, code = self.enrol()
        tablet = Tablet(kiosk, b"", b"")
        paired = self.client.post(PAIR, json=pair_request(tablet, code))
        assert paired.status_code == 201, paired.json
        tablet.word = from_text(paired.json["word"])
        said = self.beat(tablet)
        tablet.server = from_text(said["seal"]["2026"])
        tablet.offers = {offer["sector"]: offer for offer in said["bundle"]["offers"]}
        return tablet

    def beat(self, tablet: Tablet, **changed: Any) -> dict[str, Any]:
        """What the server says to a beat, once its signature and its nonce hold."""
        sent = beat_request(tablet, **changed)
        reply = self.client.post(BEAT, json=sent)
        assert reply.status_code == 202, reply.json
        assert tablet.hears("beat", reply.json["said"], reply.json["sig"])
        said: dict[str, Any] = json.loads(reply.json["said"])
        assert (said["n"], said["k"]) == (sent["n"], tablet.code)
        return said

    def send(self, tablet: Tablet, *made: dict[str, Any]) -> list[str]:
        """What becomes of each envelope, in the server's own signed word."""
        reply = self.client.post(ENVELOPES, json={"envelopes": made})
        acks = reply.json["acks"]
        assert all(tablet.believes(ack) for ack in acks)
        assert [ack["iid"] for ack in acks] == [one["iid"] for one in made]
        assert reply.status_code == min(envelopes.STATUSES[ack["status"]] for ack in acks)
        return [ack["status"] for ack in acks]

    def ledger(self, tablet: Tablet) -> Any:
        with self.store.read() as session:
            return session.get_one(KioskLedger, tablet.code)


def furnish(store: Store) -> int:
    """One unit with one counter, which has a number."""
    with store.write() as session:
        unit = add_unit(session, Unit(code="20335", tier="one_stop", kind="Phường", name="Tam Kỳ", full_name="Trung tâm Tam Kỳ"))
        counter = Counter(unit_id=unit.id, name="Máy ở sảnh", sectors="land construction")
        session.add(counter)
        session.flush()
        return counter.id


def pair_request(tablet: Tablet, code: str) -> dict[str, str]:
    key = to_text(tablet.point)
    return {"code": code, "key": key, "sig": to_text(sign(tablet.key, f"KS1|pair|{code}|{key}".encode()))}


def beat_request(tablet: Tablet, **changed: Any) -> dict[str, Any]:
    body = {"v": 1, "k": tablet.code, "n": secrets.token_hex(16), "pending": 0, "held": 0, "durable": "yes", "version": "test", "have": ""}
    return tablet.signed(body | {"codes": 99} | changed)


def filled(tablet: Tablet, *, sector: str = "land", level: str = "4", **changed: Any) -> dict[str, Any]:
    """Believable answers to the kiosk's questionnaire."""
    offer = tablet.offers[sector]
    answers = {question["name"]: level for question in offer["questions"] if question["kind"] == "scale"}
    content = {"sector": sector, "asked": True, "length": "short", "lang": "vi", "wave": offer["wave"]}
    return content | {"stage": "on_time", "respondent": "citizen", "comment": "", "answers": answers} | changed


def answer(tablet: Tablet, *, level: str = "4", content: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    """The tablet's next envelope, with a true questionnaire in it."""
    return tablet.envelope(content or filled(tablet, level=level), **{"form": tablet.offers["land"]["form"], **changed})
