"""Facts: every published figure of a wave computed at once, stored with its run, and released."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from time import perf_counter

import numpy as np

from sipas import __version__
from sipas.extract import Extract
from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.areas import ancestors, list_periods, passes
from sipas.reports.cells_paper import CELLS, pack
from sipas.reports.collecting import collecting_seldom
from sipas.reports.counting import HEADLINE, RECEIVING, WITH_ASIDE, Counts, blocks_of
from sipas.reports.counts_files import count_all
from sipas.reports.decided_before import PAPER as DECIDED
from sipas.reports.decided_before import Decided, read_decided
from sipas.reports.design import Whole, designs_of, join, pieces_of, sides_of
from sipas.reports.detailing import hide_details
from sipas.reports.drivers import add_drivers, driver_papers
from sipas.reports.filing import FILING, read_filing
from sipas.reports.fixed_mix import add_mixes, mix_papers
from sipas.reports.lattice import lay_lattice
from sipas.reports.proofs import PAPER as PROVED
from sipas.reports.proofs import Proofs, read_proofs
from sipas.reports.protection import Decision, decide
from sipas.reports.releasing import Frozen, Published, publish
from sipas.reports.rows import Row
from sipas.reports.sample import CHANNELS, months_between
from sipas.reports.together import read_together
from sipas.reports.told_before import PAPER as OWED
from sipas.reports.told_before import Before, owed_paper, read_before
from sipas.reports.weighting import Strata, lay_out
from sipas.store.engine import Store
from sipas.store.facts import TOLD, Run, add_facts, add_paper, add_run, list_released, move_released
from sipas.store.frame import get_frame
from sipas.store.locks import only_one
from sipas.store.proposals import read_standing
from sipas.store.reading import Session, list_populations, list_roots, list_units
from sipas.store.units import Unit
from sipas.terms import SipasError, Week

Progress = Callable[[str], None]


class UnknownWaveError(SipasError):
    """No such wave on the shelf."""


class RunUnderWayError(SipasError):
    """Another run of this wave is at work."""


@dataclass(frozen=True, slots=True)
class FactsReport:
    """What a run did."""

    run_id: int
    answers: int
    facts: int
    released: int  # domains of which this run has the last word
    hidden: int  # domains with ten answers that are hidden for another's sake
    frozen: int  # that keep their old figure, because their growth would tell another's
    seconds: float  # in all, until the facts are released; key drivers follow
    hiding: float  # seconds of it that the decision took


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a run is made from, read in one transaction."""

    strata: Strata
    whole: Whole
    instruments: tuple[str, ...]
    n: int
    quarantined: int
    week: str  # the last week with an answer
    frozen: Frozen
    frame_id: int | None
    roots: str
    disposition: str  # the version of what people had set aside
    before: Before  # what was told of details
    proofs: Proofs  # and which tables of them were shown to leave nobody alone
    decided: Decided  # what was hidden among domains, and of which cells


def compute(
    store: Store,
    shelf: Shelf,
    wave: str,
    *,
    extract: Extract | None = None,
    progress: Progress | None = None,
    correction: bool = False,
) -> FactsReport:
    """Compute all figures of a wave and release those that may move.

    A released domain moves when it has at least ten more answers than when it was released, or when a correction is declared;
    a domain that stays keeps its figures, and this run does not store others for it. Without an ``extract`` every row is read.

    One run of a wave at a time, whoever starts it: two would each decide by what was released before both, and what they told
    together nobody would have looked at. RunUnderWayError while another one is at work.
    """
    with only_one(store, f"facts-{wave}") as alone, collecting_seldom():
        if not alone:
            raise RunUnderWayError(
                f"the facts of {wave} are being computed already: nothing was done. Wait for that run's end, then start again"
            )
        return _compute(store, shelf, wave, (extract or Extract(None), progress or (lambda _: None)), correction=correction)


def _compute(store: Store, shelf: Shelf, wave: str, ways: tuple[Extract, Progress], *, correction: bool) -> FactsReport:
    extract, tell = ways
    began = perf_counter()
    chosen = get_wave(shelf, wave)
    with store.read() as session:
        known = read_proofs(session, wave, tell), read_decided(session, wave)
        material = read_material(session, extract, shelf, chosen, correction=correction, known=known)
        beside = perf_counter()
        together = read_together(session, extract, shelf, chosen, material.strata.keys, material.strata.months)
        began += perf_counter() - beside
    tell(f"{material.n} answers in {len(material.strata.keys)} strata")
    decision = material.frozen.decision
    tell(f"{sum(one.word == TOLD for one in decision.moved.values())} domains told, {decision.hidden} hidden for another's sake")
    published = publish_all(material, shelf, chosen, tell)
    rows = sorted(_standing(chain.from_iterable(part.rows for part in published), decision))  # in key order: the database appends
    tell(f"{len(rows)} facts computed")
    paper, owed = pack(material.strata, shelf, material.frozen.paths, published), owed_paper(material.before, decision.moved, rows)
    with store.write() as session:
        run = add_run(session, describe(material, shelf, chosen, published))
        add_facts(session, run.id, rows)
        move_released(session, wave, run.id, decision.moved)
        add_paper(session, run.id, CELLS, paper)
        for name, own in ((OWED, owed), (PROVED, material.proofs.paper()), (DECIDED, material.decided.paper())):
            if own:
                add_paper(session, run.id, name, own)
        run_id = run.id
    told = (decision.hidden, decision.frozen, perf_counter() - began, decision.seconds)
    drivers = driver_papers(together, shelf, material.strata, material.frozen.paths, published, rows)
    with store.read() as session:
        said = list_released(session, wave)
    mixes = mix_papers(material.strata, shelf, chosen, material.frozen.paths, published, (rows, said))
    with store.write() as session:
        add_drivers(session, run_id, drivers)
        add_mixes(session, run_id, mixes)
    return FactsReport(run_id, material.n, len(rows), len(decision.moved), *told)


def _standing(rows: Iterable[Row], decision: Decision) -> Iterable[Row]:
    """The rows of told domains that are told: not a weighted figure that would tell who has no frame."""
    if not decision.silent:
        return rows
    silent = {(*domain, weighted) for domain, weighted in decision.silent}
    return (row for row in rows if (*row[:4], *row[5:7]) not in silent)  # all of the key but the indicator


def get_wave(shelf: Shelf, code: str) -> Wave:
    """A wave of the shelf."""
    if code not in shelf.waves:
        raise UnknownWaveError(f"there is no wave {code!r}: choose from {', '.join(shelf.waves)}")
    return shelf.waves[code]


@dataclass(frozen=True, slots=True)
class Counted:
    """The answers of a wave, counted and laid out."""

    strata: Strata
    whole: Whole
    counts: list[tuple[str, Counts]]
    units: Mapping[int, Unit]
    week: str
    frame_id: int | None

    @property
    def paths(self) -> dict[int, str]:
        """Where each unit stands."""
        return {number: unit.path for number, unit in self.units.items()}


def read_counts(session: Session, extract: Extract, shelf: Shelf, wave: Wave) -> Counted:
    """Counts and frame of a wave, on one numbering."""
    weeks = extract.list_known(session, wave.code)
    counts = count_all(session, extract, shelf, wave, weeks)
    months = months_between(Week.of(wave.first_day).month, max((month for month, _ in counts), default=Week.of(wave.first_day).month))
    load = get_frame(session, wave.code)
    answered = {key for _, one in counts for key in one.keys}
    decided = {(one.keys[h], decides) for _, one in counts for h, decides in one.deciding} | {(key, 0) for key in answered}
    strata = lay_out(months, answered, decided, list_populations(session, load.id) if load else [])
    own = {unit for unit, _ in strata.keys} | {unit for _, unit in strata.deciding}
    below = {unit.id: unit.path for unit in list_units(session, own)}
    units = {unit.id: unit for unit in list_units(session, {number for path in below.values() for number in ancestors(path)})}
    whole = join(strata, counts)
    if FILING in wave.calibrate:
        whole = replace(whole, filing=read_filing(session, extract, (shelf, wave), weeks, strata, load))
    return Counted(strata, whole, counts, units, weeks[-1].week if weeks else "", load.id if load else None)


def read_material(
    session: Session, extract: Extract, shelf: Shelf, wave: Wave, *, correction: bool, known: tuple[Proofs, Decided] | None = None
) -> Material:
    """Counts, frame, units, and what may be told; details as far as single sums show it, which is not enough to release, where nothing is ``known``."""
    proofs, decided = known or (None, Decided())
    counted = read_counts(session, extract, shelf, wave)
    strata, whole, units, paths = counted.strata, counted.whole, counted.units, counted.paths
    chains = {
        number: tuple((units[above].tier, units[above].code) for above in reversed(ancestors(unit.path)) if above in units)
        for number, unit in units.items()
    }
    released = {} if correction else list_released(session, wave.code)
    lattice = lay_lattice(strata, whole, shelf, wave, (paths, released))
    decision = decide(lattice, released, decided)
    instruments = tuple(sorted({code for _, one in counted.counts for code in one.instruments}))
    places = sides_of(strata, shelf, paths) | pieces_of(strata, shelf), blocks_of(shelf, HEADLINE, instruments)
    before = Before() if correction else read_before(session, wave.code)
    details = hide_details(strata, whole, places, lattice, (decision, released, before), proofs)
    roots = b"".join(root for _, _, root in list_roots(session))
    return Material(
        strata=strata,
        whole=whole,
        instruments=instruments,
        n=sum(one.n for _, one in counted.counts),
        quarantined=sum(one.quarantined for _, one in counted.counts),
        week=counted.week,
        frozen=Frozen(decision, chains, paths, {}, details),
        frame_id=counted.frame_id,
        roots=hashlib.sha256(roots).hexdigest(),
        disposition=read_standing(session).version,
        before=before,
        proofs=proofs or Proofs(),
        decided=decided,
    )


def publish_all(material: Material, shelf: Shelf, wave: Wave, tell: Progress) -> list[Published]:
    """Every channel set, one after the other."""
    strata, whole = material.strata, material.whole
    periods = list_periods(strata.months)
    sides = sides_of(strata, shelf, material.frozen.paths)
    lasting = {period: months for period, months in periods.items() if not passes(period, periods)}
    context = (shelf, wave, strata, material.frozen)
    published: list[Published] = []
    for name in whole.channel_sets():
        tell(f"{name}: {int(whole.sizes[name].answers.sum())} answers")
        designs, blocks = designs_of(strata, whole, wave, name), blocks_of(shelf, name, material.instruments)
        for filing in filter(None, (design.filing for design in designs)):
            tell(f"{name}: {filing.said}")
        for kind, side in sides.items():
            groups = [(block, whole.groups[name, kind, block.name]) for block in blocks if (name, kind, block.name) in whole.groups]
            if groups and len(groups[0][1].part):
                spoken = periods if name in {HEADLINE, WITH_ASIDE} else lasting
                apart = published[0].everybody if name == WITH_ASIDE and published[0].channels == HEADLINE else None
                published.append(publish(designs, side, groups, spoken, context, apart=apart))
    return published


def describe(material: Material, shelf: Shelf, wave: Wave, published: list[Published]) -> Run:
    """The run's own row: versions of everything it was made from."""
    recipe = {"headline": list(wave.headline), "calibrate": list(wave.calibrate), "interval": "KG20", "least_per_cell": 5}
    targets = json.dumps({code: repr(promised) for code, promised in sorted(shelf.targets.items())}, sort_keys=True)
    return Run(
        wave=wave.code,
        week=material.week,
        roots=material.roots,
        frame_id=material.frame_id,
        instruments=json.dumps({code: shelf.instruments[code].measure for code in material.instruments}, sort_keys=True),
        targets=hashlib.sha256(targets.encode()).hexdigest(),
        recipe=json.dumps(recipe, sort_keys=True),
        disposition=material.disposition,
        version=__version__,
        n=material.n,
        notes=json.dumps(notes_of(material, published), sort_keys=True),
    )


def notes_of(material: Material, published: list[Published]) -> Mapping[str, object]:
    """What a reader of the figures must know about their making."""
    strata, sizes = material.strata, material.whole.sizes
    n = sum((sizes[channel].answers.sum(axis=1) for channel in CHANNELS if channel in sizes), np.zeros(len(strata.keys), np.int64))
    filing = {part.channels: part.designs[0].filing.notes.told() for part in published if part.side == RECEIVING and part.designs[0].filing}
    unframed = [[*strata.keys[h], int(n[h])] for h in np.flatnonzero(~strata.framed & (n > 0)).tolist()]
    return {
        "quarantined": material.quarantined,
        "no_frame": unframed,
        "provisional_months": [
            month for month, late in zip(strata.months, strata.provisional.tolist(), strict=True) if late and strata.framed.any()
        ],
        "merged_months": {part.channels: part.merged for part in published if part.side == RECEIVING and part.merged},
        "over_frame": {part.channels: part.over for part in published if part.side == RECEIVING and part.over},
        "lonely": {part.channels: part.lonely for part in published if part.side == RECEIVING},
        "d_pool": {part.channels: part.d_pool for part in published if part.side == RECEIVING},
    } | ({"filing": filing} if filing else {})
