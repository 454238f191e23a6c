"""One small office with a few codes, served in five languages with recordings: for journeys that need no year of answers."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from journey_steps import SIPAS

from sipas.evidence.keys import Keyring
from sipas.instrument import recordings
from sipas.instrument.recordings import Recording
from sipas.store import migrate
from sipas.store.engine import Store
from sipas.store.units import Counter, CounterCode, Unit, add_unit

SHORT, FULL, MANY, GONE = "K7M2P9QX4T", "BBBBBBBBBB", "AAAAAAAAAA", "RRRRRRRRRR"
LANGUAGES = ("vi", "en", "km", "cjm", "ktv")
SILENCE = b"\xff\xfb\x90\x00" + bytes(413)  # one frame of MPEG audio, 128 kbit/s at 44.1 kHz, with nothing in it


@dataclass(frozen=True)
class Office:
    """What is served, and where its answers lie."""

    address: str
    database: Path
    environment: dict[str, str]

    def form(self, code: str = SHORT, query: str = "") -> str:
        return f"{self.address}/k/{code}{query}"

    def waiting(self) -> list[tuple[str, bool]]:
        """The answers that were stored, with whether each was set apart."""
        with sqlite3.connect(self.database) as connection:
            return list(connection.execute("SELECT answers, quarantined FROM inbox ORDER BY quarantined"))

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([SIPAS, *words], env=self.environment, capture_output=True, text=True, check=False)


@contextmanager
def opened(folder: Path) -> Iterator[Office]:
    """The office, while it is served."""
    database = folder / "office.sqlite"
    environment = {
        **os.environ,
        "SIPAS_DATABASE": f"sqlite:///{database}",
        "SIPAS_KEYS": f"{folder}/keys",
        "SIPAS_SOUND": f"{folder}/sound",
        "SIPAS_LANGUAGES": "km cjm ktv",
        "SIPAS_DEMO": "1",
        "SIPAS_AUTHORITY": "Sở Nội vụ thành phố Đà Nẵng",
        "SIPAS_CONTACT_PHONE": "0236 1022",
    }
    Keyring.create(folder / "keys")
    furnish(database)
    with served(environment) as address:
        yield Office(address, database, environment)


@contextmanager
def served(environment: dict[str, str]) -> Iterator[str]:
    """The address of a server, while it runs."""
    server = subprocess.Popen(
        [SIPAS, "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        found = re.search(r"http://\S+", server.stdout.readline())
        assert found, "the server did not say where it listens"
        yield found[0]
    finally:
        server.terminate()
        server.wait(20)


def furnish(database: Path) -> None:
    """Tables, one unit and its codes."""
    store = Store(f"sqlite:///{database}")
    migrate.upgrade(store)
    with store.write() as session:
        unit = add_unit(
            session, Unit(code="20335", tier="one_stop", kind="Phường", name="Tam Kỳ", full_name="Trung tâm Phục vụ hành chính công Tam Kỳ")
        )
        for code, name, sectors, length in (
            (SHORT, "Quầy 3", "land", "short"),
            (FULL, "Quầy 4", "land", "full"),
            (MANY, "Quầy 1", "land construction civil_status", "short"),
            (GONE, "Quầy 9", "land", "short"),
        ):
            counter = Counter(unit_id=unit.id, name=name, sectors=sectors)
            session.add(counter)
            session.flush()
            session.add(CounterCode(code=code, counter_id=counter.id, length=length, revoked=code == GONE))
    store.close()


def record(folder: Path, language: str, form: str, *items: str) -> None:
    """A second of silence for each item, as if somebody had read it."""
    for item in items:
        content = SILENCE * 40
        target = folder / "sound" / language / form / f"{item}.mp3"
        one = Recording(language, form, item, target, hashlib.sha256(content).hexdigest(), "nobody", "nobody", date(2026, 11, 22))
        recordings.add(folder / "sound", Path("elsewhere"), content, one)
