"""How long a screening takes, and how much memory: nobody flagged, one plain case, and every permutation made.

.venv/bin/python tests/benchmarks/forensics.py [answers …]

Each size runs in a process of its own, so that its peak is its own; the peak of making the rows is told beside it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from itertools import islice
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from sipas.stats.forensics import Rows, screen
from sipas.stats.forensics.patterns import patterns
from sipas.stats.forensics.permuting import shuffled
from sipas.stats.forensics.scene import Ground, Scene
from sipas.stats.forensics.signals import SIGNALS
from tests.stats.forensic_sets import WEEKS, cheat, honest

SIZES = ("20000", "1000000")
SINCE = WEEKS // 2


def main() -> None:
    """One line a size."""
    if os.environ.get("ONE_SIZE"):
        measure(int(sys.argv[1]))
        return
    for size in sys.argv[1:] or SIZES:
        subprocess.run([sys.executable, __file__, size], check=True, env=os.environ | {"ONE_SIZE": "1"})


def measure(answers: int) -> None:
    """Screen an honest province, and the same with one unit that cheats."""
    units = 60 if answers < 100_000 else 200
    usual = answers // units
    rows = honest(11, units=units, sizes=(max(20, usual // 5), 2 * usual - usual // 5))
    stuffed = cheat(rows, 20, "straight")
    made = peak()
    clean, of_clean = timed(rows)
    plain, of_plain = timed(stuffed)
    each = permutation(stuffed, units)
    print(
        f"{len(rows.unit)} answers, {units} units: nobody flagged {of_clean:.2f} s ({clean} flagged), "
        f"one case {of_plain:.2f} s ({plain} flagged), "
        f"a permutation {1000 * each:.1f} ms, 999 of them {999 * each:.0f} s; peak {peak():.0f} MB, rows made at {made:.0f} MB"
    )


def timed(rows: Rows) -> tuple[int, float]:
    """Units flagged, and seconds."""
    began = perf_counter()
    result = screen(rows, since=SINCE, deadline=SINCE, rng=np.random.default_rng(1))
    return len({flag.unit for flag in result.flags}), perf_counter() - began


def permutation(rows: Rows, units: int) -> float:
    """Seconds of one, the median of nine."""
    scene = Scene(Ground(rows, patterns(rows), units, SINCE, SINCE), rows.unit)
    deals, seconds = shuffled(scene, np.random.default_rng(1)), []
    for _ in range(10):
        began = perf_counter()
        for made in islice(deals, 1):
            for signal in SIGNALS.values():
                signal(made)
        seconds.append(perf_counter() - began)
    return float(np.median(seconds[1:]))


def peak() -> float:
    """Most memory so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
