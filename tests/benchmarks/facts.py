"""How long all facts of a year take: rows read, everything computed, stored and released, on SQLite; warm, as the server's clockwork does it.

.venv/bin/python tests/benchmarks/facts.py [answers]           a province made for it
.venv/bin/python tests/benchmarks/facts.py --of FOLDER         a copy of the demonstration that lies there (sipas.sqlite, extract)

Beside it stands what this machine needs for five million additions, so that two machines, or two hours of one, can be compared.
"""

from __future__ import annotations

import cProfile
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "reports"))
os.environ.setdefault("OMP_NUM_THREADS", "1")

import sealed_rows as make

from sipas.extract import Extract
from sipas.instrument.shelf import Shelf, read_shelf
from sipas.reports.facts import compute
from sipas.store import migrate
from sipas.store.engine import Store

SURVEYS = Path(__file__).resolve().parents[2] / "surveys"
TURNS = 4


def made(folder: Path, answers: int) -> tuple[Store, Shelf, Extract, str]:
    """A database of its own, filled."""
    rng = random.Random(20261121)
    store = Store(f"sqlite:///{folder}/facts.sqlite")
    migrate.upgrade(store)
    province = make.add_province(store, communes=18)
    make.add_frame(store, province, rng, answers=answers)
    make.add_answers(store, province, rng, n=answers)
    return store, make.shelf(), Extract(None), make.WAVE


def copied(folder: Path, of: Path) -> tuple[Store, Shelf, Extract, str]:
    """A copy of a demonstration's database and extract."""
    shutil.copy(of / "sipas.sqlite", folder)
    if (of / "extract").is_dir():
        shutil.copytree(of / "extract", folder / "extract")
    store = Store(f"sqlite:///{folder}/sipas.sqlite")
    migrate.upgrade(store)
    return store, read_shelf(SURVEYS), Extract.of(store, folder / "extract"), "demo-2026"


def additions() -> float:
    """Processor seconds of five million additions."""
    began, total = process_time(), 0
    for number in range(5_000_000):
        total += number
    return process_time() - began


def main() -> None:
    """Compute four times, print the best."""
    seconds = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "--of" in sys.argv:
            store, books, extract, wave = copied(folder, Path(sys.argv[sys.argv.index("--of") + 1]))
        else:
            store, books, extract, wave = made(folder, int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
        for turn in range(TURNS):
            yardstick, began = additions(), process_time()
            if "--profile" in sys.argv and turn == TURNS - 1:
                with cProfile.Profile() as profile:
                    report = compute(store, books, wave, extract=extract, correction=True)
                profile.print_stats("tottime")
            else:
                report = compute(store, books, wave, extract=extract, correction=True)
            seconds.append(report.seconds)
            print(
                f"run {report.run_id}: {report.facts} facts of {report.answers} answers in {report.seconds:.2f} s, key drivers and slopes with it "
                f"{process_time() - began:.2f} s of processor; five million additions {yardstick:.2f} s"
            )
        assert store.path is not None
        size = store.path.stat().st_size / 1e6
    print(f"best of {len(seconds)}: {min(seconds):.2f} s; database {size:.0f} MB after {len(seconds)} runs")


if __name__ == "__main__":
    main()
