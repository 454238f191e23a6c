"""Several simulated kiosks behind a bad network and a server that is killed: what is lost, doubled or missing afterwards.

The words are those of a set checker: *lost* was acknowledged and is not there, *unexpected* is there and was never sent.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

from kiosk_client import Tablet

from sipas.evidence import envelopes
from sipas.evidence.keys import Keyring
from sipas.evidence.traces import waiting_hashes
from sipas.instrument.shelf import read_shelf
from sipas.store import migrate
from sipas.store.engine import Store
from sipas.store.kiosks import get_kiosk, get_ledger
from sipas.store.units import Counter, Unit, add_unit
from sipas.terms import now
from sipas.web.enrolment import enrol_kiosk
from sipas.web.house import SURVEYS

BATCH = 50
WAVE = "demo-2026"
PORTAL = b"<!doctype html><h1>Wi-Fi</h1>"
Post = Callable[[bytes], tuple[int, bytes]]


@dataclass
class Member:
    """One kiosk of the fleet: its queue, what it was told, and what it has let go."""

    tablet: Tablet
    queue: list[dict[str, Any]] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)  # iids of everything that it ever wanted to send
    dropped: list[int] = field(default_factory=list)  # numbers that were taken out of its store
    let_go: dict[str, str] = field(default_factory=dict)  # iid → the word on which it was let go
    held: list[str] = field(default_factory=list)
    trusting: bool = False  # the broken client: believes any 200, and any body

    def settle(self, batch: list[dict[str, Any]], status: int, body: bytes) -> None:
        """Let go of what the server has acknowledged in its own hand; hold what it refuses."""
        if self.trusting and status < 300:
            for one in batch:
                self._drop(one, "believed")
            return
        try:
            acks = json.loads(body)["acks"] if status in {201, 202, 400, 409} else []
        except (ValueError, KeyError, TypeError):
            return
        for one, ack in zip(batch, acks, strict=False):  # by place: here one iid may stand for two contents
            if ack["iid"] != one["iid"] or not self.tablet.believes(ack):
                continue
            if ack["status"] in {"stored", "duplicate"} and status in {201, 202}:
                self._drop(one, ack["status"])
            elif ack["status"] in {"conflict", "rejected"}:
                self.queue.remove(one)
                self.held.append(one["iid"])

    def _drop(self, one: dict[str, Any], word: str) -> None:
        self.queue.remove(one)
        self.let_go[one["iid"]] = word


def furnish(folder: Path, kiosks: int) -> list[Member]:
    """A database with one counter and so many paired kiosks."""
    keyring, store = Keyring.create(folder / "keys"), Store(f"sqlite:///{folder}/fleet.sqlite")
    migrate.upgrade(store)
    members = []
    with store.write() as session:
        unit = add_unit(session, Unit(code="20335", tier="one_stop", kind="Phường", name="Tam Kỳ", full_name="Trung tâm Tam Kỳ"))
        counter = Counter(unit_id=unit.id, name="Máy ở sảnh", sectors="land")
        session.add(counter)
        session.flush()
        for _ in range(kiosks):
            moment = now()
            given = {"counter_id": counter.id, "length": "short", "comments": False}
            kiosk, _ = enrol_kiosk(session, keyring, **given, rng=Random(os.urandom(8)), now=moment)
            year = moment.year
            tablet = Tablet(kiosk.code, envelopes.sealing_point(keyring, year), envelopes.acknowledging_point(keyring), year=year)
            get_kiosk(session, kiosk.code).public_key = tablet.point
            get_ledger(session, kiosk.code).clear = moment.date()
            members.append(Member(tablet))
    store.close()
    return members


def load(members: list[Member], answers: int, rng: Random, *, gaps: int = 3) -> None:
    """Fill each queue: answers in disorder, every tenth twice, one iid with other content, and some numbers taken out."""
    shelf = read_shelf(SURVEYS)
    instrument = shelf.instrument_for(shelf.waves[WAVE], "land")
    day = now().date().isoformat()

    def made(tablet: Tablet, **changed: Any) -> dict[str, Any]:
        given = {item.code: str(rng.randint(1, 5)) for item in instrument.form("short")}
        content = {"sector": "land", "asked": False, "length": "short", "lang": "vi", "wave": WAVE, "stage": "late", "answers": given}
        return tablet.envelope(content, **{"form": f"{instrument.code}@{instrument.measure}", "day": day, **changed})

    for member in members:
        chain = [made(member.tablet) for _ in range(answers + gaps)]
        out = sorted(rng.sample(range(len(chain) - 1), gaps))
        member.dropped = [chain[place]["seq"] for place in out]
        kept = [one for place, one in enumerate(chain) if place not in out]
        conflict = made(member.tablet, iid=rng.choice(kept)["iid"], dur=">300")
        member.queue = [*kept, *rng.sample(kept, len(kept) // 10), conflict]
        rng.shuffle(member.queue)
        member.sent = {one["iid"] for one in member.queue}


def drain(member: Member, post: Post, rng: Random, deadline: float) -> None:
    """Send until nothing waits, with back-off and full jitter (shortened: the network here mends in tenths of seconds)."""
    failures = 0
    while member.queue and time.monotonic() < deadline:
        before, batch = len(member.queue), member.queue[:BATCH]
        with suppress(OSError, HTTPException):  # what urllib raises of a server that dies before, or within, its reply
            member.settle(batch, *post(json.dumps({"envelopes": batch}).encode()))
        failures = 0 if len(member.queue) < before else failures + 1
        if failures:
            time.sleep(rng.random() * min(2.0, 0.05 * 2**failures))


def rough(post: Post, rng: Random, portal: float = 0.1) -> Post:
    """A road on which one request in ten is answered by a captive portal (or more), and one reply in ten is lost."""

    def posted(body: bytes) -> tuple[int, bytes]:
        chance = rng.random()
        if chance < portal:
            return 200, PORTAL
        reply = post(body)
        if chance < portal + 0.1:
            raise ConnectionResetError("the reply was lost in a tunnel")
        return reply

    return posted


def http_post(address: str) -> Post:
    """Post to the real server."""

    def posted(body: bytes) -> tuple[int, bytes]:
        request = urllib.request.Request(f"{address}/api/v1/kiosk/envelopes", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    return posted


class Mortal:
    """A server that is killed and comes again at the same port."""

    def __init__(self, folder: Path) -> None:
        self.environment = {**os.environ, "SIPAS_DATABASE": f"sqlite:///{folder}/fleet.sqlite", "SIPAS_KEYS": f"{folder}/keys"}
        self.environment |= {"SIPAS_DEMO": "1", "SIPAS_EXTRACT": f"{folder}/extract", "SIPAS_LOG_LEVEL": "ERROR"}
        self.kills = 0
        self.port = "0"
        self.live()

    def live(self) -> None:
        command = [str(Path(sys.executable).with_name("sipas")), "serve", "--port", self.port]
        self.process = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = re.search(r"http://\S+", self.process.stdout.readline())[0]
        self.port = self.address.rsplit(":", 1)[1]

    def die(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.kills += 1


@contextmanager
def killed(server: Mortal, times: int, rng: Random, is_busy: Callable[[], bool]) -> Iterator[None]:
    """Kill the server so many times while the fleet is sending."""
    over = Event()

    def work() -> None:
        while server.kills < times and not over.is_set():
            time.sleep(0.1 + 0.4 * rng.random())
            if is_busy():
                server.die()
                server.live()

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        server.process.terminate()
        server.process.wait(20)


@dataclass(frozen=True)
class Outcome:
    """What the database holds against what the fleet believes."""

    counted: int
    quarantined: int
    lost: int
    unexpected: int
    unsigned: int  # let go without the server's word
    gaps: dict[str, list[int]]  # kiosk → numbers that the ledger misses


def check(folder: Path, members: list[Member]) -> Outcome:
    """Compare."""
    keyring = Keyring.open(folder / "keys")
    month = f"{now():%Y-%m}"

    def hash_of(iid: str) -> bytes:
        return waiting_hashes(keyring, iid.replace("-", ""), month)[0]

    with sqlite3.connect(folder / "fleet.sqlite") as base:
        rows = [(bytes(iid_h), quarantined) for iid_h, quarantined in base.execute("SELECT iid_h, quarantined FROM inbox")]
        ledgers = dict(base.execute("SELECT kiosk, gaps FROM kiosk_ledger").fetchall())
    counted = [iid_h for iid_h, quarantined in rows if not quarantined]
    sent = {hash_of(iid) for member in members for iid in member.sent}
    let_go = {hash_of(iid) for member in members for iid in member.let_go}
    missing = {kiosk: [n for first, last, _ in json.loads(gaps) for n in range(first, last + 1)] for kiosk, gaps in ledgers.items()}
    return Outcome(
        counted=len(counted),
        quarantined=len(rows) - len(counted),
        lost=len(let_go - set(counted)),
        unexpected=len(set(counted) - sent),
        unsigned=sum(word == "believed" for member in members for word in member.let_go.values()),
        gaps=missing,
    )


def drain_all(members: list[Member], post: Post, seed: int, *, portal: float = 0.1, patience: float = 900) -> float:
    """Let every kiosk send until nothing waits, all at once; how many seconds it took."""
    began = time.monotonic()
    threads = [
        Thread(target=drain, args=(member, rough(post, Random(seed + 10 + at), portal), Random(seed + 100 + at), began + patience))
        for at, member in enumerate(members)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - began


def run(folder: Path, *, kiosks: int, answers: int, kills: int, seed: int) -> tuple[list[Member], Outcome, dict[str, float]]:
    """The whole story on a real server; the members, the outcome, and how many seconds and kills it took."""
    members = furnish(folder, kiosks)
    load(members, answers, Random(seed))
    server = Mortal(folder)
    with killed(server, kills, Random(seed + 1), lambda: any(member.queue for member in members)):
        seconds = drain_all(members, http_post(server.address), seed)
    return members, check(folder, members), {"seconds": seconds, "kills": server.kills}
