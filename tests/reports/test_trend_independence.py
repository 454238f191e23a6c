"""Periods taken as independent: the full covariance of the months, written out from the rows, gives nearly the same error of a slope."""

from __future__ import annotations

import random

import numpy as np
import sealed_rows as make

from sipas.extract import Extract
from sipas.instrument.model import OVERALL
from sipas.reports.design import designs_of
from sipas.reports.facts import compute, read_material
from sipas.reports.sample import CHANNELS, items_of, month_of, read_sample
from sipas.stats.intervals import Floats
from sipas.stats.trend import slope_coefficients
from sipas.store.engine import Store


def linearised(store: Store) -> tuple[Floats, Floats, Floats]:
    """Of every headline procedure: the weighted residual by month (n, M), centred within calibration cells; cluster; stratum."""
    shelf, extract = make.shelf(), Extract(None)
    wave = shelf.waves[make.WAVE]
    with store.read() as session:
        material = read_material(session, extract, shelf, wave, correction=True)
        weeks = extract.list_known(session, wave.code)
        samples = [(read_sample(list(extract.tables(session, wave.code, [week], items_of(shelf))), shelf), week.week) for week in weeks]
    design, *_ = designs_of(material.strata, material.whole, wave, "headline")
    number, months = {key: h for h, key in enumerate(material.strata.keys)}, material.strata.months
    table = []
    for place, (sample, week) in enumerate(samples):
        asked = sample.asked["sipas-service-2023"]
        for row, level in zip(asked.rows.tolist(), asked.codes[OVERALL].tolist(), strict=True):
            if CHANNELS[sample.channel[row]] in "VS":
                key = number[sample.keys[sample.stratum[row]]]
                table.append((key, months.index(month_of(week, wave)), place * 10_000 + sample.cluster[row], level))
    stratum, month, cluster, level = np.array(table).T
    cell = design.weighting.cell[stratum, month]
    weight, z = design.weighting.weight[cell], np.zeros((len(level), len(months)))
    for a in range(len(months)):
        x = weight * ((month == a) & (level > 0))
        z[:, a] = x / weight * ((level >= 4) - (x * (level >= 4)).sum() / x.sum()) / x.sum()
        z[:, a] -= (np.bincount(cell, z[:, a]) / np.maximum(np.bincount(cell), 1))[cell]
    return weight[:, None] * z, cluster, stratum


def test_the_error_of_a_slope_is_that_of_the_full_covariance_within_a_few_percent(sqlite_store: Store) -> None:
    rng = random.Random(5)
    province = make.add_province(sqlite_store, communes=4, hospitals=1, schools=1)
    make.add_frame(sqlite_store, province, rng, answers=4000)
    make.add_answers(sqlite_store, province, rng, n=4000)
    compute(sqlite_store, make.shelf(), make.WAVE)
    z, cluster, stratum = linearised(sqlite_store)
    labels, of_row = np.unique(cluster, return_inverse=True)
    totals, of_cluster = np.zeros((len(labels), z.shape[1])), np.zeros(len(labels), np.int64)
    np.add.at(totals, of_row, z)
    of_cluster[of_row] = stratum
    covariance = np.zeros((z.shape[1], z.shape[1]))
    for h in np.unique(of_cluster):
        apart = totals[of_cluster == h] - totals[of_cluster == h].mean(axis=0)
        covariance += len(apart) / (len(apart) - 1) * apart.T @ apart
    c = slope_coefficients(np.arange(z.shape[1], dtype=float))
    whole, alone = c @ covariance @ c, c**2 @ np.diag(covariance)
    assert 0.94 < np.sqrt(whole / alone) < 1.06
