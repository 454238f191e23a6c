"""The chain at load: complete answers a second over HTTP, beside the barest Flask form, in one run.

    python tests/benchmarks/load.py [--seconds 8] [--clients 8] [--rounds 3]

Prints each round as JSON and, at the end, the medians, the ratio to the floor, the server's processor time per answer and
whether every acknowledged answer is stored exactly once.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from walker import Tally, quantile, run

TICK = os.sysconf("SC_CLK_TCK")


def prepare(folder: Path) -> tuple[dict[str, str], str]:
    """A house with one counter whose code leads to the full form; its environment and the code."""
    from sipas.evidence.codes import new_code
    from sipas.evidence.keys import Keyring
    from sipas.store import migrate, units
    from sipas.store.engine import Store

    Keyring.create(folder / "keys")
    store = Store(f"sqlite:///{folder}/load.sqlite")
    migrate.upgrade(store)
    code = new_code(random.Random(7))
    with store.write() as session:
        names = {"name": "Phường Tam Kỳ", "full_name": "Trung tâm Phục vụ hành chính công phường Tam Kỳ"}
        unit = units.add_unit(session, units.Unit(code="TTPVHCC-20341", tier="one_stop", kind="Trung tâm", **names))
        counter = units.Counter(unit_id=unit.id, name="Quầy 1", sectors="civil_status")
        session.add(counter)
        session.flush()
        session.add(units.CounterCode(code=code, counter_id=counter.id, length="full", medium="link"))
    store.close()
    environment = {
        **os.environ,
        "SIPAS_DATABASE": f"sqlite:///{folder}/load.sqlite",
        "SIPAS_KEYS": str(folder / "keys"),
        "SIPAS_DEMO": "1",
        "SIPAS_LOG_LEVEL": "WARNING",
    }
    return environment, code


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=2).read()
        except OSError:
            time.sleep(0.1)
            if server.poll() is not None:
                raise SystemExit("the server stopped at once") from None
        else:
            return
    raise SystemExit("the server never answered")


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def measure(url: str, server: subprocess.Popen[bytes], *, clients: int, seconds: float, comment: str) -> tuple[dict[str, float], Tally]:
    run(url, clients=2, seconds=1, comment=comment)
    before = processor_seconds(server.pid)
    begun = time.perf_counter()
    tally = run(url, clients=clients, seconds=seconds, comment=comment)
    took = time.perf_counter() - begun
    used = processor_seconds(server.pid) - before
    found = {
        "answers_per_s": round(len(tally.walks) / took, 1),
        "request_p95_ms": round(1000 * quantile(tally.requests, 0.95), 1),
        "walk_p95_ms": round(1000 * quantile(tally.walks, 0.95), 1),
        "server_ms_each": round(1000 * used / max(1, len(tally.walks)), 2),
        "failures": sum(tally.failures.values()),
    }
    if tally.failures:
        print(tally.failures)
    return found, tally


def stored(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "load.sqlite") as connection:
        return [row[0] for row in connection.execute("SELECT comment FROM inbox WHERE NOT quarantined")]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="sipas-load-"))
    environment, code = prepare(folder)
    sipas = Path(sys.executable).with_name("sipas")
    ours = subprocess.Popen([sipas, "serve", "--port", "8461"], env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    floor = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("floor.py")],
        env={**os.environ, "FLOOR_DB": str(folder / "floor.sqlite"), "FLOOR_PORT": "8462"},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for("http://127.0.0.1:8461/healthz", ours)
        wait_for("http://127.0.0.1:8462/page", floor)
        report(folder, code, ours, floor, options)
    finally:
        ours.terminate()
        floor.terminate()


def report(folder: Path, code: str, ours: subprocess.Popen[bytes], floor: subprocess.Popen[bytes], options: argparse.Namespace) -> None:
    rows: dict[str, list[dict[str, float]]] = {"sipas": [], "floor": []}
    marks: list[str] = []
    for _ in range(options.rounds):
        for name, url, server, comment in (
            ("sipas", f"http://127.0.0.1:8461/k/{code}", ours, "comment"),
            ("floor", "http://127.0.0.1:8462/page", floor, "note"),
        ):
            found, tally = measure(url, server, clients=options.clients, seconds=options.seconds, comment=comment)
            rows[name].append(found)
            marks += tally.marks if name == "sipas" else []
            print(name, json.dumps(found), flush=True)
    kept = Counter(stored(folder))
    once = sum(kept[mark] == 1 for mark in marks)
    middle = {name: statistics.median(row["answers_per_s"] for row in found) for name, found in rows.items()}
    print(f"median answers a second: {middle['sipas']} beside a floor of {middle['floor']}: {middle['sipas'] / middle['floor']:.0%}")
    print(f"acknowledged {len(marks)}, stored once {once}, stored more than once {sum(count > 1 for count in kept.values())}")


if __name__ == "__main__":
    main()
