"""A wave of sealed answers as the extract's own files, made directly: what the benchmarks of counting read."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import numpy as np

from sipas.extract.files import write_week
from sipas.extract.table import WORDS, WeekTable
from sipas.instrument.shelf import Shelf
from sipas.terms import Week, weeks_between

SECTORS = ("civil_status", "construction", "investment", "land", "others")
INSTRUMENT = "sipas-service-2023"
UNITS = 200
WAVE = "demo-2026"
WEEKS = tuple(map(str, weeks_between(Week(2026, 2), Week(2026, 48))))


def write_wave(folder: Path, shelf: Shelf, *, answers: int, seed: int = 20261122) -> None:
    """Full forms of 200 units and five sectors, in clusters of about four, each cluster with a liking of its own."""
    rng = np.random.default_rng(seed)
    items = [item.code for item in shelf.instruments[INSTRUMENT].items if item.is_scale]
    liking = rng.normal(1.2, 0.25, (UNITS * len(SECTORS), 1))
    for week, n in zip(WEEKS, np.diff(np.linspace(0, answers, len(WEEKS) + 1).astype(int)), strict=True):
        write_week(folder / WAVE / f"{week}.parquet", one_week(rng, week, int(n), items, liking), root=f"{week:0>64}")


def one_week(rng: np.random.Generator, week: str, n: int, items: list[str], liking: np.ndarray) -> WeekTable:
    """A table sorted as the extract's are: by unit, sector and cluster."""
    stratum = np.sort(rng.integers(0, UNITS * len(SECTORS), n))
    size = np.bincount(stratum, minlength=UNITS * len(SECTORS))
    desk = rng.random(n) * np.maximum(1, size[stratum] / 4)  # about four answers a desk and day
    key = stratum * 1000 + desk.astype(int)
    order = np.argsort(key, kind="stable")
    _, cluster = np.unique(key[order], return_inverse=True)
    mood = rng.normal(0, 0.35, cluster.max() + 1)[cluster] + rng.normal(0, 0.7, n)
    score = liking[stratum] + mood[:, None] + rng.normal(0, 0.8, (n, len(items)))
    codes = np.clip(np.digitize(score, (-1.4, -0.7, 0.0, 1.3)) + 1, 1, 5).astype(np.int8)
    codes[rng.random(codes.shape) < 0.03] = 0
    words = dict.fromkeys(WORDS, ("",))
    words |= {"sector": SECTORS, "channel": ("S",), "instrument": (INSTRUMENT,), "length": ("full",)}
    places = {name: np.zeros(n, np.int32) for name in WORDS} | {"sector": (stratum % len(SECTORS)).astype(np.int32)}
    none = np.zeros(n, np.int32)
    numbers = {
        "unit": (stratum // len(SECTORS) + 1).astype(np.int32),
        "deciding": none,
        "counter": none,
        "cluster": cluster.astype(np.int32),
    }
    columns = {item: np.ascontiguousarray(codes[:, place]) for place, item in enumerate(items)}
    return WeekTable(WAVE, week, *(MappingProxyType(part) for part in (words, places, numbers, columns)))
