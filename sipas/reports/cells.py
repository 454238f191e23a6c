"""The cells file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sipas.instrument.shelf import Shelf
from sipas.reports.releasing import Published
from sipas.reports.sample import Sample
from sipas.reports.weighting import Strata


@dataclass(frozen=True, slots=True)
class Told:
    sample: Sample
    strata: Strata
    shelf: Shelf
    paths: Mapping[int, str]


def cells_file(told: Told, published: Sequence[Published]) -> str:
    return ""
