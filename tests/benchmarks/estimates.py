"""All facts of a large wave from its sealed files, beside a bare GROUP BY of the same counts by DuckDB, in one run.

.venv/bin/python tests/benchmarks/estimates.py [answers]        1,000,000 where nothing is said

200 units × 5 sectors; each with the overall share, 5 factors, 20 items and the index with its full covariance, KG20 or logit-t
intervals and verdicts, clustered by the opaque label. Each way runs in a process of its own, three times; memory is the peak of it.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
import wave_files as made

SURVEYS = Path(__file__).resolve().parents[2] / "surveys"
TURNS = 3


def facts(folder: Path) -> dict[str, float]:
    """Read, count, weigh, estimate, judge: what `sipas facts compute` does but for storing, for the year alone."""
    import counted_wave

    began = perf_counter()
    whole = counted_wave.count_wave(folder)
    counted = perf_counter()
    figures, verdicts = counted_wave.estimate_wave(whole)
    ended = perf_counter()
    again = counted_wave.refresh(folder)
    return {"seconds": ended - began, "counting": counted - began, "figures": figures, "verdicts": verdicts, "refresh": again}


def items(folder: Path) -> dict[str, float]:
    """The shares of all items alone, without their errors, by the product's own reading and counting."""
    import counted_wave

    began = perf_counter()
    figures = counted_wave.item_shares(folder)
    return {"seconds": perf_counter() - began, "figures": figures}


def group_by(folder: Path) -> dict[str, float]:
    """The counts alone, for each unit, sector and item how many gave each answer: what any engine does at least."""
    import duckdb

    files = f"{folder}/{made.WAVE}/*.parquet"
    began = perf_counter()
    db = duckdb.connect()
    names = [row[0] for row in db.execute(f"DESCRIBE SELECT * FROM '{files}'").fetchall() if row[1] == "TINYINT"]
    each = [f"count(*) FILTER ({name} = {code})" for name in names for code in range(6)]
    rows = db.execute(f"SELECT unit, sector, {', '.join(each)} FROM '{files}' GROUP BY unit, sector").fetchnumpy()
    return {"seconds": perf_counter() - began, "figures": len(rows["unit"]) * len(each)}


WAYS = {"facts": facts, "item shares": items, "group by": group_by}


def main() -> None:
    """Make the files, run every way in turn, print medians."""
    answers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    from sipas.instrument.shelf import read_shelf

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = perf_counter()
        made.write_wave(folder, read_shelf(SURVEYS), answers=answers)
        size = sum(path.stat().st_size for path in folder.rglob("*.parquet")) / 1e6
        print(f"{answers} answers in {len(made.WEEKS)} files, {size:.0f} MB, made in {perf_counter() - began:.0f} s")
        told: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for _ in range(TURNS):
            for way, runs in told.items():
                out = subprocess.run([sys.executable, __file__, "--way", way, name], check=True, capture_output=True, text=True)
                runs.append(json.loads(out.stdout.splitlines()[-1]))
    for way, runs in told.items():
        middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        print(way, ", ".join(f"{key} {value:,.3f}" if value < 1000 else f"{key} {value:,.0f}" for key, value in middle.items()))
    seconds = {way: statistics.median(run["seconds"] for run in runs) for way, runs in told.items()}
    for way, aim in (("facts", 6), ("item shares", 4)):
        print(f"{way} : group by = {seconds[way] / seconds['group by']:.1f}, aim {aim}")
    refresh = statistics.median(run["refresh"] for run in told["facts"])
    print(
        f"all facts after one more day's seal, closed weeks kept: {refresh:.2f} s, {refresh / seconds['facts']:.2f} of counting everything"
    )


def one(way: str, folder: Path) -> None:
    """One way in this process; the libraries are loaded before the clock starts."""
    import duckdb  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    import scipy.special  # noqa: F401

    if way != "group by":
        import counted_wave  # noqa: F401
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    began = process_time()
    told = WAYS[way](folder) | {"processor": process_time() - began}  # of all threads, and for facts of the refresh too
    print(json.dumps(told | {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, "loaded_mb": before}))


if __name__ == "__main__":
    np.seterr(all="ignore")
    if "--way" in sys.argv:
        one(sys.argv[2], Path(sys.argv[3]))
    else:
        main()
