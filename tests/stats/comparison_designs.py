"""The designs of golden/comparisons.R, and a covariance of their totals written apart from the product's."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).parent / "golden"
R = json.loads((GOLDEN / "comparisons.json").read_text("utf-8"))


def read(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Sample:
    """Rows in strata and clusters, with weights and the clusters of each stratum's population (inf: no fpc)."""

    def __init__(self, stratum, cluster, weight, population=None):
        self.stratum = np.unique(stratum, return_inverse=True)[1]
        self.cluster = np.unique(cluster, return_inverse=True)[1]
        self.weight = np.asarray(weight, float)
        self.population = np.full(len(self.stratum), np.inf) if population is None else np.asarray(population, float)

    def covariance(self, z):
        """Of the weighted totals of the columns of z, statistics page (1.5)."""
        out = np.zeros((z.shape[1], z.shape[1]))
        for h in np.unique(self.stratum):
            inside = self.stratum == h
            _, place = np.unique(self.cluster[inside], return_inverse=True)
            n = place.max() + 1
            totals = np.array([np.bincount(place, column) for column in (z * self.weight[:, None])[inside].T]).T
            apart = totals - totals.mean(axis=0)
            out += (1 - n / self.population[inside][0]) * n / (n - 1) * apart.T @ apart
        return out

    def means(self, y, domains):
        """Means of y in each column of domains, and their covariance."""
        size = self.weight @ domains
        value = self.weight @ (y[:, None] * domains) / size
        return value, self.covariance(domains * (y[:, None] - value) / size)


def made():
    """The made data: columns by name, and their design."""
    rows = read("comparisons_rows.csv")
    columns = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    n = np.bincount(columns["unit"].astype(int))
    sample = Sample(columns["unit"], columns["cluster"], columns["population"] / n[columns["unit"].astype(int)])
    return columns, sample


def api(name):
    """Item columns, four domains and the design of one sample of the schools."""
    rows = read(f"api_{name}.csv")
    number = {item: np.array([float(row[item]) for row in rows]) for item in ("api00", "growth", "meals", "ell", "mobility", "pw", "fpc")}
    number["award"] = np.array([float(row["awards"] == "Yes") for row in rows])
    if name == "strat":
        sample = Sample([row["stype"] for row in rows], np.arange(len(rows)), number["pw"], number["fpc"])
    else:
        sample = Sample(np.zeros(len(rows)), [row["dnum"] for row in rows], number["pw"], number["fpc"])
    many, new = number["ell"] > 20, number["mobility"] > 15
    domains = np.array([(many == a) & (new == b) for b in (False, True) for a in (False, True)], float).T
    return number, domains, sample


def in_domain(columns, name):
    """Who was asked, in the whole or in one unit."""
    asked = columns["asked"] == 1
    return asked if name == "all" else asked & (columns["unit"] == float(name[4:]))


def near(got, expected, rel=1e-9, floor=1e-13):
    """Agreement with R, element by element; null is NaN."""
    want = np.array(expected, float).reshape(np.shape(got))
    np.testing.assert_allclose(got, want, rtol=rel, atol=floor)
