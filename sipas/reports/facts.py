"""Facts: every published figure of a wave computed at once, stored with its run, and released."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from sipas import __version__
from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.areas import ancestors, list_periods, passes
from sipas.reports.cells import CELLS, Told, pack
from sipas.reports.design import HEADLINE, channel_sets, designs_of, sides_of
from sipas.reports.indicators import detail_blocks, main_block
from sipas.reports.releasing import Frozen, Published, publish
from sipas.reports.sample import Sample, read_sample
from sipas.reports.weighting import Layout, Strata, lay_out
from sipas.store.engine import Store
from sipas.store.facts import Run, add_facts, add_paper, add_run, list_released, move_released
from sipas.store.frame import get_frame
from sipas.store.reading import Session, list_answered, list_populations, list_roots, list_units
from sipas.terms import SipasError

Progress = Callable[[str], None]


class UnknownWaveError(SipasError):
    """No such wave on the shelf."""


@dataclass(frozen=True, slots=True)
class FactsReport:
    """What a run did."""

    run_id: int
    answers: int
    facts: int
    released: int  # domains that now point to this run
    seconds: float


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a run is made from, read in one transaction."""

    sample: Sample
    strata: Strata
    layout: Layout
    frozen: Frozen
    frame_id: int | None
    roots: str


def compute(store: Store, shelf: Shelf, wave: str, *, progress: Progress | None = None, correction: bool = False) -> FactsReport:
    """Compute all figures of a wave and release those that may move.

    A released domain moves when it has at least ten more answers than when it was released, or when a correction is declared;
    a domain that stays keeps its figures, and this run does not store others for it.
    """
    tell = progress or (lambda _: None)
    began = perf_counter()
    chosen = get_wave(shelf, wave)
    with store.read() as session:
        material = read_material(session, shelf, chosen, correction=correction)
    tell(f"{material.sample.n} answers in {len(material.strata.keys)} strata")
    published = publish_all(material, shelf, chosen, tell)
    rows = sorted(row for part in published for row in part.rows)  # in key order, so that the database only appends
    moved = {domain: n for part in published for domain, n in part.moved.items()}
    told = Told(material.sample, material.strata, shelf, material.frozen.paths)
    tell(f"{len(rows)} facts computed")
    with store.write() as session:
        run = add_run(session, describe(material, shelf, chosen, published))
        add_facts(session, run.id, rows)
        move_released(session, wave, run.id, moved)
        add_paper(session, run.id, CELLS, pack(told, published, run.id))
        run_id = run.id
    return FactsReport(run_id, material.sample.n, len(rows), len(moved), perf_counter() - began)


def get_wave(shelf: Shelf, code: str) -> Wave:
    """A wave of the shelf."""
    if code not in shelf.waves:
        raise UnknownWaveError(f"there is no wave {code!r}: choose from {', '.join(shelf.waves)}")
    return shelf.waves[code]


def read_material(session: Session, shelf: Shelf, wave: Wave, *, correction: bool) -> Material:
    """Rows, frame, units and what is released already."""
    sample = read_sample(list_answered(session, wave.code), shelf, wave)
    load = get_frame(session, wave.code)
    strata, layout = lay_out(sample, list_populations(session, load.id) if load else [])
    own = {unit for unit, _ in strata.keys} | {unit for _, unit in strata.deciding}
    below = {unit.id: unit.path for unit in list_units(session, own)}
    tree = {number for path in below.values() for number in ancestors(path)}
    units = {unit.id: unit for unit in list_units(session, tree)}
    chains = {
        number: [(units[above].tier, units[above].code) for above in reversed(ancestors(unit.path)) if above in units]
        for number, unit in units.items()
    }
    paths = {number: unit.path for number, unit in units.items()}
    released = {} if correction else list_released(session, wave.code)
    roots = b"".join(root for _, _, root in list_roots(session))
    frozen = Frozen(released, chains, paths, {})
    return Material(sample, strata, layout, frozen, load.id if load else None, hashlib.sha256(roots).hexdigest())


def publish_all(material: Material, shelf: Shelf, wave: Wave, tell: Progress) -> list[Published]:
    """Every channel set, one after the other."""
    sample, strata = material.sample, material.strata
    periods = list_periods(sample.months)
    sides = sides_of(strata, material.layout, shelf, material.frozen.paths)
    main, details = main_block(sample), detail_blocks(sample, shelf)
    lasting = {period: months for period, months in periods.items() if not passes(period, periods)}
    context = (shelf, wave, strata, material.frozen)
    published = []
    for name, chosen in channel_sets(sample, wave).items():
        tell(f"{name}: {int(chosen.sum())} answers")
        designs = designs_of(sample, wave, strata, material.layout, name, chosen)
        if name != HEADLINE:
            published.append(publish(designs, sides["receiving"], (main.only(1),), sample, lasting, context))
            continue
        present = [side for side in sides.values() if np.any(chosen & (side.part >= 0))]
        published += [publish(designs, side, (main, *details), sample, periods, context) for side in present]
    return published


def describe(material: Material, shelf: Shelf, wave: Wave, published: list[Published]) -> Run:
    """The run's own row: versions of everything it was made from."""
    sample = material.sample
    recipe = {"headline": list(wave.headline), "calibrate": list(wave.calibrate), "interval": "KG20", "least_per_cell": 5}
    targets = json.dumps({code: repr(promised) for code, promised in sorted(shelf.targets.items())}, sort_keys=True)
    return Run(
        wave=wave.code,
        week=sample.week,
        roots=material.roots,
        frame_id=material.frame_id,
        instruments=json.dumps({code: shelf.instruments[code].measure for code in sample.asked}, sort_keys=True),
        targets=hashlib.sha256(targets.encode()).hexdigest(),
        recipe=json.dumps(recipe, sort_keys=True),
        version=__version__,
        n=sample.n,
        notes=json.dumps(notes_of(material, published), sort_keys=True),
    )


def notes_of(material: Material, published: list[Published]) -> Mapping[str, object]:
    """What a reader of the figures must know about their making."""
    sample, strata = material.sample, material.strata
    n = np.bincount(material.layout.stratum, minlength=len(strata.keys))
    unframed = [[*strata.keys[h], int(n[h])] for h in np.flatnonzero(~strata.framed & (n > 0)).tolist()]
    return {
        "quarantined": sample.quarantined,
        "no_frame": unframed,
        "provisional_months": [
            month for month, late in zip(sample.months, strata.provisional.tolist(), strict=True) if late and strata.framed.any()
        ],
        "merged_months": {part.channels: part.merged for part in published if part.side == "receiving" and part.merged},
        "over_frame": {part.channels: part.over for part in published if part.side == "receiving" and part.over},
        "lonely": {part.channels: part.lonely for part in published if part.side == "receiving"},
        "d_pool": {part.channels: part.d_pool for part in published if part.side == "receiving"},
    }
