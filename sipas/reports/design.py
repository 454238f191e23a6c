"""The designs of a run: every channel set with its rows, weights and constants, and the two sides of its domains."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.areas import deciding_areas, receiving_areas
from sipas.reports.estimation import Design, Side
from sipas.reports.sample import CHANNELS, Sample
from sipas.reports.weighting import Layout, Strata, weighting_of
from sipas.stats.design import Rows, constants
from sipas.stats.intervals import Bools
from sipas.stats.weights import Ints

HEADLINE = "headline"


def channel_sets(sample: Sample, wave: Wave) -> dict[str, Bools]:
    """The headline and each channel that has answers, with their rows."""
    headline = [CHANNELS.index(channel) for channel in wave.headline]
    sets = {HEADLINE: np.isin(sample.channel, headline)}
    sets |= {channel: sample.channel == place for place, channel in enumerate(CHANNELS)}
    return {name: chosen for name, chosen in sets.items() if chosen.any()}


def designs_of(sample: Sample, wave: Wave, strata: Strata, layout: Layout, name: str, chosen: Bools) -> tuple[Design, ...]:
    """A channel set as a design of its own: weighted, where there is a frame, and unweighted."""
    stratum, month = layout.stratum[chosen], sample.month[chosen]
    cluster = _nested(sample.cluster[chosen], stratum, month)
    rows = Rows(stratum, month, cluster, stratum)
    sizes = np.bincount(cluster).astype(np.float64)
    made = []
    for weighted in (True, False):
        usable = strata.framed if weighted else np.ones(len(strata.keys), np.bool_)
        if not usable[stratum].any():
            continue
        weighting = weighting_of(sample, strata, rows, chosen, wave.calibrate, weighted=weighted)
        made.append(Design(name, weighted, chosen, rows, sizes, weighting, constants(rows, weighting), usable))
    return tuple(made)


def sides_of(strata: Strata, layout: Layout, shelf: Shelf, paths: Mapping[int, str]) -> dict[str, Side]:
    """Receiving units with their branches, and deciding units."""
    numbers = np.arange(len(strata.keys), dtype=np.int64)
    sides = {
        "receiving": Side(receiving_areas(strata, shelf, paths), layout.stratum, numbers, strata.population, strata.late, strata.settled)
    }
    if strata.deciding:
        nothing = np.zeros_like(strata.deciding_population)
        of_part = np.array([stratum for stratum, _ in strata.deciding], np.int64)
        sides["deciding"] = Side(deciding_areas(strata, shelf), layout.deciding_part, of_part, strata.deciding_population, nothing, nothing)
    return sides


def _nested(label: Ints, stratum: Ints, month: Ints) -> Ints:
    """Cluster numbers: a label within a stratum and a month."""
    if not len(label):
        return label
    key = (stratum * (int(np.max(month)) + 1) + month) * (int(np.max(label)) + 1) + label
    _, number = np.unique(key, return_inverse=True)
    return np.asarray(number, np.int64)
