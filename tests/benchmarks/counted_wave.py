"""The product's own counting and estimating of a wave of files, without a database: what `estimates.py` measures."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from time import perf_counter

import numpy as np
import pyarrow.parquet as pq
import wave_files as made

from sipas.extract import Known
from sipas.extract.files import read_week
from sipas.instrument.shelf import read_shelf
from sipas.reports.adding import fold
from sipas.reports.areas import Areas
from sipas.reports.counting import HEADLINE, RECEIVING, Counts, blocks_of, count
from sipas.reports.counts_files import ANSWERS_AT_ONCE, WORKERS, at_once, in_batches, parts_of, read_counts, write_counts
from sipas.reports.design import Whole, designs_of, join
from sipas.reports.estimation import Side, Told, behind, figures, sums
from sipas.reports.judging import Promises, judge_figures
from sipas.reports.sample import month_of, read_sample
from sipas.reports.weighting import Strata, lay_out
from sipas.stats.counts import count_levels
from sipas.stats.design import LEVELS, Rows
from sipas.store.reading import Population

SHELF = read_shelf(Path(__file__).resolve().parents[2] / "surveys")
WAVE = SHELF.waves[made.WAVE]
PER_ANSWER = 10  # dossiers
Batch = tuple[str, Sequence[Path], range | None]  # month, files, rows


@dataclass(frozen=True)
class Counted:
    strata: Strata
    whole: Whole


def batches(folder: Path, weeks: Sequence[str] = made.WEEKS) -> list[Batch]:
    """The files that are counted together, as the product takes them; a large week in parts."""
    made_here = []
    for month, of_month in groupby(weeks, key=lambda week: month_of(week, WAVE)):
        known = [Known(week, True, "", pq.read_metadata(folder / made.WAVE / f"{week}.parquet").num_rows) for week in of_month]
        for some in in_batches(known, ANSWERS_AT_ONCE):
            paths = [folder / made.WAVE / f"{one.week}.parquet" for one in some]
            made_here += [(month, paths, part) for part in parts_of(some, ANSWERS_AT_ONCE)]
    return made_here


def count_wave(folder: Path) -> Counted:
    """Every week counted from its file, month by month."""
    return joined(_counted(batches(folder)))


def _counted(some: Sequence[Batch]) -> list[tuple[str, Counts]]:
    return fold(zip([month for month, *_ in some], at_once([lambda one=one: _count(one) for one in some]), strict=True))


def _count(which: Batch) -> Counts:
    _, paths, part = which
    return count([read_week(path, part) for path in paths], SHELF, WAVE)


def item_shares(folder: Path) -> int:
    """The share of every item in every unit and sector, without its error; how many shares."""
    with ThreadPoolExecutor(WORKERS) as pool:
        counts = list(pool.map(_levels, batches(folder)))
    keys = sorted({key for of_batch, _ in counts for key in of_batch})
    place = {key: number for number, key in enumerate(keys)}
    levels = np.zeros((len(keys), *counts[0][1].shape[1:]), np.int64)
    for of_batch, some in counts:
        levels[[place[key] for key in of_batch]] += some
    shares = levels[:, :, 3:].sum(axis=2) / levels.sum(axis=2)
    return int(np.isfinite(shares).sum())


def _levels(which: Batch) -> tuple[tuple[tuple[int, str], ...], np.ndarray]:
    _, paths, part = which
    sample = read_sample([read_week(path, part) for path in paths], SHELF)
    rows = Rows(sample.stratum, np.zeros_like(sample.stratum), sample.cluster, sample.stratum)
    codes = list(sample.asked[made.INSTRUMENT].codes.values())
    return sample.keys, count_levels(rows, codes).reshape(len(sample.keys), len(codes), LEVELS)


def joined(counts: Sequence[tuple[str, Counts]]) -> Counted:
    keys = sorted({key for _, one in counts for key in one.keys})
    names = tuple(dict.fromkeys(month_of(week, WAVE) for week in made.WEEKS))
    each = max(1, sum(one.n for _, one in counts) * PER_ANSWER // len(keys) // len(names))
    frame = [Population(unit, None, sector, month, each, 0) for month in names for unit, sector in keys]
    strata = lay_out(names, keys, [(key, 0) for key in keys], frame)
    return Counted(strata, join(strata, counts))


def estimate_wave(counted: Counted) -> tuple[int, int]:
    """Every indicator of every unit and sector over the whole year; how many figures and verdicts."""
    strata, whole = counted.strata, counted.whole
    design = designs_of(strata, whole, WAVE, HEADLINE)[0]
    parts = np.arange(len(strata.keys))
    areas = Areas(RECEIVING, strata.keys, parts, parts, np.ones(len(parts), bool))
    side = Side(areas, parts, strata.population, strata.late, strata.settled)
    year = {"2026": np.ones(len(strata.months), bool)}
    words = np.full(len(parts), "overall")
    promised = Promises(words, np.full(len(parts), 0.9), np.zeros(len(parts), bool), np.full(len(parts), ">="), np.full(len(parts), "x"))
    told, made_here, verdicts, d_pool = None, 0, 0, None
    for block in blocks_of(SHELF, HEADLINE, (made.INSTRUMENT,)):
        if (groups := whole.groups.get((HEADLINE, RECEIVING, block.name))) is None:
            continue
        told = told or Told(behind(groups, design, side, year), np.ones(len(parts), bool), np.ones(len(parts), bool))
        for one in figures(sums(groups, block, design, side, year), block, told, parts, d_pool):
            d_pool = d_pool or one.d_pool
            judged = judge_figures(one, promised, np.ones(len(parts), bool))
            made_here, verdicts = made_here + len(one.at), verdicts + int((judged.verdict != "").sum())
    return made_here, verdicts


def refresh(folder: Path) -> float:
    """Seconds from one more day's seal to all facts: the closed weeks' counts are kept, the open week is counted anew."""
    closed = batches(folder, made.WEEKS[:-1])
    works = [
        lambda place=place, one=one: write_counts(folder / f"{place}.counts", str(place), _count(one)) for place, one in enumerate(closed)
    ]
    list(at_once(works))
    began = perf_counter()
    kept = ((month, found) for place, (month, *_) in enumerate(closed) if (found := read_counts(folder / f"{place}.counts", str(place))))
    estimate_wave(joined(fold(kept) + _counted(batches(folder, made.WEEKS[-1:]))))
    return perf_counter() - began
