"""The answers and R's figures that the tests of composites, reliability and drivers share."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

from sipas.stats.sampling import calibrated, design

GOLDEN = Path(__file__).with_name("golden")
FIGURES: dict[str, float] = json.loads((GOLDEN / "composites.json").read_text("utf-8"))  # composites.R, survey 4.1-1
with (GOLDEN / "composites_rows.csv").open(encoding="utf-8") as _file:
    _rows = list(csv.DictReader(_file))
ROWS = {name: np.array([float(row[name] or "nan") for row in _rows]) for name in _rows[0]}
ITEMS = np.column_stack([ROWS[f"item{k}"] for k in range(1, 7)])
STRATUM, CLUSTER = ROWS["stratum"].astype(np.int64) - 1, ROWS["cluster"].astype(np.int64) - 1
IN_POPULATION = np.array([60.0, 25.0, 30.0, 9.0])
WEIGHT = (IN_POPULATION / np.array([14.0, 10.0, 12.0, 1.0]))[STRATUM]
DOMAINS = {"all": np.ones(len(_rows), np.bool_)} | {name: ROWS["domain"] == k for k, name in enumerate(("one", "two", "three"), 1)}


class PostStrata:
    """Group totals met exactly; residuals around weighted group means."""

    def __init__(self, base: np.ndarray, group: np.ndarray, totals: np.ndarray) -> None:
        self.base, self.member = base, (group[:, None] == np.arange(len(totals))).astype(float)
        self.sums = base @ self.member
        self.weight = base * (totals / self.sums)[group]

    def residual(self, z: np.ndarray) -> np.ndarray:
        return z - self.member @ ((self.member * self.base[:, None]).T @ z / self.sums[:, None])


def designs():
    """The four designs of composites.R."""
    clustered = design(STRATUM, CLUSTER, weight=WEIGHT)
    post = PostStrata(WEIGHT, ROWS["group"].astype(np.int64) - 1, np.array([400.0, 350.0, 300.0]))
    return {
        "simple": design(STRATUM, population=np.array([900.0, 400.0, 500.0, 40.0])),
        "clustered": clustered,
        "finite": design(STRATUM, CLUSTER, population=IN_POPULATION),
        "post": calibrated(clustered, post),
    }


def of(*families: str) -> list[tuple[str, float]]:
    """R's figures of some families, by key."""
    return [(key, value) for key, value in FIGURES.items() if key.split("/")[0] in families]
