"""The whole demonstration, from an empty database to released facts."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from sipas.demo.instruments import choose_instruments
from sipas.demo.inventing import Invented, invent
from sipas.demo.loading import SEALED_AT, BadDemoError, Doors, Planted, hand_in, plant, write_frame
from sipas.demo.people import draw_drafts
from sipas.demo.population import FrameRow
from sipas.demo.province import PROVINCE
from sipas.evidence.keys import Keyring
from sipas.extract import Extract
from sipas.imports.fielding import field_instruments
from sipas.imports.frame import import_frame
from sipas.imports.units import FOLDER, import_units
from sipas.instrument.shelf import Shelf
from sipas.reports import facts
from sipas.store import batches, health
from sipas.store.engine import Store
from sipas.terms import ZONE

WAVE = "demo-2026"
SHEETS = 20_000
SEED = 1
BEGUN, COMPLETE = "demo-begun", "demo-complete"  # marks in the clockwork
FACTS = "facts"  # the clockwork's own mark: these figures need not be computed again
ALWAYS_THERE = frozenset({"clockwork", "fielded"})  # may hold rows before anything is stored

Progress = Callable[[str, int, int], None]  # what is being done, how far, of how much (in thousandths of the whole)
STAGES: Mapping[str, tuple[int, int]] = {"units": (0, 30), "people": (30, 60), "frame": (60, 80), "sheets": (80, 930), "facts": (930, 1000)}


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What was built."""

    units: int
    counters: int
    weeks: int
    dossiers: int
    late: int
    sheets: int
    seals: int
    seconds: float


def state_of(store: Store) -> str:
    """``empty``, ``complete``, ``partial`` (a demonstration that stopped half-way) or ``foreign``."""
    with store.read() as session:
        begun, complete = batches.find_day(session, BEGUN), batches.find_day(session, COMPLETE)
    if begun is not None:
        return "complete" if complete is not None else "partial"
    return "foreign" if set(health.list_filled(store)) - ALWAYS_THERE else "empty"


def build(
    store: Store,
    keyring: Keyring,
    shelf: Shelf,
    *,
    today: date,
    seed: int = SEED,
    sheets: int = SHEETS,
    progress: Progress | None = None,
    extract: str = "",
) -> DemoReport:
    """Fill an empty database with the invented province. Refuses one that holds anything else (decision 30)."""
    began = perf_counter()
    _refuse_filled(store)
    wave = shelf.waves[WAVE]
    tell = _teller(progress)
    numbers = np.random.default_rng([seed, today.toordinal()])
    letters = random.Random(f"{seed}/{today}")  # noqa: S311 -- a demonstration is meant to be repeatable
    with store.write() as session:
        batches.put_day(session, BEGUN, today)
        field_instruments(session, shelf, day=today, demonstration=True)
    tell("units", "Đang nạp các đơn vị hành chính", 0.0)
    import_units(store, FOLDER, province=PROVINCE)
    invented = invent(today=today, first_day=wave.first_day, sheets=sheets, rng=numbers)
    with store.write() as session:
        planted = plant(session, invented.plans, shelf, day=today, rng=letters)
    tell("frame", "Đang nạp dàn mẫu", 0.0)
    _import(store, shelf, invented.frame)
    doors = Doors(store, keyring, wave, planted, choose_instruments(invented.plans, shelf, wave))
    drafts = draw_drafts(invented.clusters, invented.crowd, doors.instruments, numbers)
    until = datetime.combine(today, SEALED_AT, tzinfo=ZONE)
    seals = hand_in(doors, drafts, until=until, rng=letters, told=lambda done: tell("sheets", _sheets(done, sheets), done / sheets))
    tell("facts", "Đang tính các chỉ số", 0.0)
    facts.compute(store, shelf, WAVE, extract=Extract.of(store, extract))
    with store.write() as session:
        batches.put_day(session, FACTS, today)
        batches.put_day(session, COMPLETE, today)
    store.checkpoint()
    tell("facts", "Đã nạp xong dữ liệu minh họa", 1.0)
    return _report(invented, planted, seals, sheets, perf_counter() - began)


def _refuse_filled(store: Store) -> None:
    state = state_of(store)
    if state == "complete":
        raise BadDemoError(
            "this database holds the demonstration already; start it with `sipas run`, or name a fresh file in SIPAS_DATABASE"
        )
    if state == "partial":
        raise BadDemoError("a demonstration stopped half-way in this database: remove it and its key folder, and build again")
    if state == "foreign":
        filled = ", ".join(sorted(set(health.list_filled(store)) - ALWAYS_THERE))
        raise BadDemoError(
            f"this database holds something else ({filled}); invented answers are never mixed with it. Name a fresh file in SIPAS_DATABASE"
        )


def _import(store: Store, shelf: Shelf, rows: tuple[FrameRow, ...]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "dan-mau-minh-hoa.csv"
        write_frame(path, rows)
        import_frame(store, shelf, path, wave=WAVE)


def _sheets(done: int, total: int) -> str:
    return f"Đang nạp và chốt phiếu trả lời: {done:,} / {total:,}".replace(",", ".")


def _teller(progress: Progress | None) -> Callable[[str, str, float], None]:
    def tell(stage: str, text: str, share: float) -> None:
        if progress is not None:
            first, last = STAGES[stage]
            progress(text, round(first + (last - first) * share), 1000)

    return tell


def _report(invented: Invented, planted: Planted, seals: int, sheets: int, seconds: float) -> DemoReport:
    return DemoReport(
        units=len({desk.unit_id for desk in planted.desks.values()}),
        counters=len(planted.desks),
        weeks=invented.weeks,
        dossiers=sum(row.settled for row in invented.frame if row.kind == "dossier"),
        late=sum(row.late for row in invented.frame),
        sheets=sheets,
        seals=seals,
        seconds=seconds,
    )
