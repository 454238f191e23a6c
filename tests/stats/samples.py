"""The golden data sets as designs: one place that reads them, for every test of estimators."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np

from sipas.stats.calibration import calibrate, post_stratify
from sipas.stats.raking import rake
from sipas.stats.sampling import SampleDesign, SecondStage, calibrated, design

GOLDEN = Path(__file__).parent / "golden"
SCHOOLS = np.array([4421.0, 755.0, 1018.0])  # E, H, M


@cache
def table(name: str) -> dict[str, list[str]]:
    with (GOLDEN / f"{name}.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {column: [row[column] for row in rows] for column in rows[0]}


def number(name: str, column: str) -> np.ndarray:
    return np.array([float(text) if text else np.nan for text in table(name)[column]])


def code(name: str, column: str) -> np.ndarray:
    """Labels numbered from 0 in their order; numbers in the order of numbers."""
    labels = table(name)[column]
    if all(label.isdigit() for label in labels):
        return np.unique([int(label) for label in labels], return_inverse=True)[1]
    return np.unique(labels, return_inverse=True)[1]


def per(parent: np.ndarray, values: np.ndarray) -> np.ndarray:
    """One value for each parent from one for each row."""
    out = np.zeros(parent.max() + 1)
    out[parent] = values
    return out


def item(k: int) -> np.ndarray:
    return number("made", f"q{k}")


@cache
def made(kind: str = "plain", lonely: str = "adjust") -> SampleDesign:
    stratum, cluster, weight = code("made", "stratum"), code("made", "cluster"), number("made", "w")
    population = per(stratum, number("made", "N"))
    if kind == "endless":
        return design(stratum, cluster, weight=weight, lonely=lonely)
    if kind == "single":
        return design(stratum, weight=weight, lonely=lonely)
    if kind == "staged":
        inside = SecondStage(np.arange(len(stratum)), per(cluster, number("made", "held")))
        return design(stratum, cluster, weight=weight, population=population, second=inside, lonely=lonely)
    plain = design(stratum, cluster, weight=weight, population=population, lonely=lonely)
    return plain if kind == "plain" else _made_calibrated(plain, kind)


def _made_calibrated(plain: SampleDesign, kind: str) -> SampleDesign:
    total, age = plain.weight.sum(), code("made", "age")
    ages, channels = total * np.array([0.2, 0.35, 0.25, 0.2]), total * np.array([0.17, 0.28, 0.55])
    if kind == "post":
        return calibrated(plain, post_stratify(plain.weight, age, ages))
    if kind == "raked":
        return calibrated(plain, rake(plain.weight, [age, code("made", "channel")], [ages, channels]))
    x = np.column_stack((np.eye(4)[age], number("made", "trips")))
    return calibrated(plain, calibrate(plain.weight, x, np.append(ages, 1.65 * total), method="linear"))


@cache
def api(kind: str) -> SampleDesign:
    if kind.startswith("strat"):
        stratum = code("api_strat", "stype")
        population = per(stratum, number("api_strat", "fpc")) if kind == "strat" else None
        return design(stratum, weight=number("api_strat", "pw"), population=population)
    if kind == "clus2":
        cluster = code("api_clus2", "dnum")
        inside = SecondStage(np.arange(len(cluster)), per(cluster, number("api_clus2", "fpc2")))
        return design(np.zeros(len(cluster), int), cluster, population=[757], second=inside)
    cluster = code("api_clus1", "dnum")
    plain = design(np.zeros(len(cluster), int), cluster, weight=number("api_clus1", "pw"), population=[757])
    stype, wide = code("api_clus1", "stype"), code("api_clus1", "sch.wide")
    if kind == "clus1":
        return plain
    if kind == "clus1post":
        return calibrated(plain, post_stratify(plain.weight, stype, SCHOOLS))
    if kind == "clus1raked":
        return calibrated(plain, rake(plain.weight, [stype, wide], [SCHOOLS, np.array([6194.0 - 5122, 5122])]))
    x = np.column_stack((np.eye(3)[stype], number("api_clus1", "api99")))
    return calibrated(plain, calibrate(plain.weight, x, np.append(SCHOOLS, 3914069.0), method="linear"))
