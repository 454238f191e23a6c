"""How long all facts of a year take: rows read, everything computed, stored and released, on SQLite.

.venv/bin/python tests/benchmarks/facts.py [answers]
"""

from __future__ import annotations

import cProfile
import os
import random
import sys
import tempfile
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "reports"))
os.environ.setdefault("OMP_NUM_THREADS", "1")

import sealed_rows as make

from sipas.reports.facts import compute
from sipas.store import migrate
from sipas.store.engine import Store


def main() -> None:
    """Fill a database of its own, compute three times, print the best."""
    answers = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    rng = random.Random(20261121)
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/facts.sqlite")
        migrate.upgrade(store)
        province = make.add_province(store, communes=18)
        make.add_frame(store, province, rng, answers=answers)
        make.add_answers(store, province, rng, n=answers)
        books = make.shelf()
        for turn in range(3):
            began = process_time()
            if "--profile" in sys.argv and turn == 2:
                with cProfile.Profile() as profile:
                    report = compute(store, books, make.WAVE, correction=True)
                profile.print_stats("tottime")
            else:
                report = compute(store, books, make.WAVE, correction=True)
            seconds.append(report.seconds)
            print(
                f"run {report.run_id}: {report.facts} facts of {report.answers} answers in {report.seconds:.2f} s, processor {process_time() - began:.2f} s"
            )
        size = store.path.stat().st_size / 1e6
    print(f"best of {len(seconds)}: {min(seconds):.2f} s; database {size:.0f} MB after {len(seconds)} runs")


if __name__ == "__main__":
    main()
