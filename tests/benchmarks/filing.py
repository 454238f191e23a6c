"""All facts of a wave calibrated on months, and on months and filing: processor seconds of the first run and of one that finds its counts kept.

.venv/bin/python tests/benchmarks/filing.py [answers] [communes]        20,000 in 20 communes where nothing is said

Every answer tells its filing and every frame row its own: the most work that the second margin can be. Each way is a process of its own.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "reports"))

import sealed_rows as make

from sipas.extract import Extract
from sipas.reports.facts import compute
from sipas.store import migrate
from sipas.store.engine import Store
from sipas.store.frame import FrameLoad, add_load, get_frame, list_counts

FILINGS = {"counter": 0.45, "assisted": 0.15, "online": 0.3, "post": 0.1}


def prepare(path: Path, answers: int, communes: int) -> None:
    """A province whose answers and frame tell how dossiers were filed."""
    store, rng = Store(f"sqlite:///{path}"), random.Random(3)
    migrate.upgrade(store)
    province = make.add_province(store, communes=communes)
    make.add_frame(store, province, rng, answers=answers)
    make.add_answers(store, province, rng, n=answers, filings=rng.choices(list(FILINGS), list(FILINGS.values()), k=1000))
    with store.write() as session:
        counts = list_counts(session, get_frame(session, make.WAVE).id)
        parts = [
            count._replace(filing=filing, settled=round(count.settled * share), late=0)
            for count in counts
            for filing, share in FILINGS.items()
        ]
        load = FrameLoad(wave=make.WAVE, file_name="filed.csv", sha256="1" * 64, found="", rows=len(parts))
        add_load(session, load, parts)
    store.close()


def run(path: Path, calibrate: str) -> None:
    """Compute twice and print: the second run finds kept counts."""
    store, books = Store(f"sqlite:///{path}"), make.shelf()
    books = replace(books, waves={make.WAVE: replace(books.waves[make.WAVE], calibrate=tuple(calibrate.split(",")))})
    extract = Extract(path.with_name(calibrate))
    for turn in ("first", "again"):
        began = process_time()
        report = compute(store, books, make.WAVE, extract=extract, correction=True)
        print(f"{calibrate:14} {turn}: {process_time() - began:6.2f} s, {report.facts} facts")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{calibrate:14} peak {peak:.0f} MB, files {sum(file.stat().st_size for file in extract.files()) / 1e6:.1f} MB")


def main() -> None:
    """Prepare a database, run both recipes."""
    if "--run" in sys.argv:
        run(Path(sys.argv[2]), sys.argv[3])
        return
    answers, communes = (int(sys.argv[k]) if len(sys.argv) > k else default for k, default in ((1, 20_000), (2, 20)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "filing.sqlite"
        prepare(path, answers, communes)
        for calibrate in ("month", "month,filing", "filing"):
            subprocess.run([sys.executable, __file__, "--run", str(path), calibrate], check=True)


if __name__ == "__main__":
    main()
