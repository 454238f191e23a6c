"""The three samples and R's figures of golden/calibration.R, and plain formulas to compare with."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

from sipas.stats.raking import margin_columns
from sipas.stats.sampling import calibrated, design
from sipas.stats.variance import covariance

GOLDEN = Path(__file__).parent / "golden"
R = json.loads((GOLDEN / "calibration.json").read_text("utf-8"))
SAMPLES = tuple(R["known"])
EVERY = 7  # R's script keeps each seventh weight


class Sample:
    """One sample: columns as arrays, margins as codes from 0, and what is known of its population."""

    def __init__(self, name: str) -> None:
        with (GOLDEN / "calibration_rows.csv").open(encoding="utf-8") as text:
            rows = [row for row in csv.DictReader(text) if row["sample"] == name]
        column = {key: np.array([float(row[key]) for row in rows]) for key in rows[0] if key != "sample"}
        self.known = {key: np.array(value, float) for key, value in R["known"][name].items()}
        self.stratum, self.cluster = column["stratum"].astype(int), column["cluster"].astype(int)
        self.base, self.v, self.d = column["weight"], column["v"], column["d"]
        self.a, self.b = column["a"].astype(int) - 1, column["b"].astype(int) - 1
        self.y = np.column_stack([column["y1"], column["y2"], column["y3"]])
        self.population = column["population"]
        self.bounds = tuple(self.known["bounds"])
        self.margins = (self.a, self.b)
        self.totals = (self.known["a"], self.known["b"])

    def columns(self):
        """Both margins and v, as R's ~ a + b + v spans them."""
        x, totals = margin_columns(self.margins, self.totals)
        return np.column_stack([x, self.v]), np.append(totals, self.known["v"])

    def design(self):
        strata, codes = np.unique(self.stratum, return_inverse=True)
        first = [int(np.argmax(codes == h)) for h in range(strata.size)]
        known = np.where(self.population[first] > 0, self.population[first], np.inf)
        return design(codes, np.unique(self.cluster, return_inverse=True)[1], weight=self.base, population=known)


def estimates(sample, calibration):
    """What ``figures`` in golden/calibration.R computes, from weights and residuals."""
    w, y = calibration.weight, sample.y
    total, population = w @ y, w.sum()
    inside = sample.d[:, None]
    share = (w @ (y * inside)) / (w @ inside)
    after = calibrated(sample.design(), calibration)
    return {
        "weight": w[::EVERY],
        "weight_squares": np.array([w @ w]),
        "total": total,
        "total_covariance": covariance(after, y).ravel(),
        "mean": total / population,
        "mean_covariance": covariance(after, (y - total / population) / population).ravel(),
        "ratio": share,
        "ratio_covariance": covariance(after, inside * (y - share) / (w @ inside)).ravel(),
    }


def plain_covariance(sample, spread):
    """(1.4) of the statistics page written out; ``spread`` is w e by row."""
    out = np.zeros((spread.shape[1], spread.shape[1]))
    for h in np.unique(sample.stratum):
        here = sample.stratum == h
        totals = np.array([spread[here & (sample.cluster == j)].sum(axis=0) for j in np.unique(sample.cluster[here])])
        n, known = len(totals), sample.population[here][0]
        centred = totals - totals.mean(axis=0)
        out += (1 - n / known if known else 1) * n / (n - 1) * centred.T @ centred
    return out


def agreement(sample_name, family, calibration):
    """Largest relative difference from R over a family's figures, and how many they are. Covariances near 0 go by their variances."""
    mine, worst, count = estimates(Sample(sample_name), calibration), 0.0, 0
    for key, theirs in R["figures"][sample_name][family].items():
        expected = np.array(theirs)
        scale = np.abs(expected)
        if key.endswith("covariance"):
            spread = np.sqrt(np.diag(expected.reshape(3, 3)))
            scale = np.maximum(scale, 1e-3 * np.outer(spread, spread).ravel())
        worst = max(worst, float(np.max(np.abs(mine[key] - expected) / scale)))
        count += expected.size
    return worst, count
