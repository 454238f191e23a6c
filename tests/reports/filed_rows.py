"""The invented strata of golden/filing.R as sealed rows and a frame, and a shelf whose wave is calibrated on filing."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import sealed_rows as make

from sipas.instrument.shelf import Shelf
from sipas.store.batches import Batch
from sipas.store.engine import Store
from sipas.store.frame import Count, FrameLoad, add_load
from sipas.store.responses import add_sealed
from sipas.store.units import Unit, add_unit

GOLDEN = Path(__file__).resolve().parents[1] / "stats" / "golden"
SECTORS = ("land", "construction", "investment", "civil_status")  # of strata 1 to 4
WEEKS = {"1": ("2026-W02", "2026-W03"), "2": ("2026-W06", "2026-W07"), "3": ("2026-W10", "2026-W11")}
Row = dict[str, str]
NUMBERS = count(1)


def shelf(calibrate: Sequence[str] = ("month", "filing")) -> Shelf:
    """The shelf, its wave of three months from January."""
    books = make.shelf()
    wave = replace(books.waves[make.WAVE], first_day=date(2026, 1, 5), calibrate=tuple(calibrate))
    return replace(books, waves={make.WAVE: wave})


def golden(name: str) -> list[Row]:
    with (GOLDEN / name).open(newline="") as file:
        return list(csv.DictReader(file))


def add_strata(store: Store, rows: Iterable[Row], frame: Iterable[Row] | None, *, decided: bool = False) -> list[int]:
    """A province and four one-stop shops with a sector each; their numbers, the province first. ``decided``: some by the province."""
    units = [_unit(store, "48", "province", None)]
    units += [_unit(store, f"{h}.MC", "one_stop", units[0]) for h in range(1, 5)]
    instrument = make.shelf().instruments["sipas-service-2023"]
    sealed = [_sealed(row, units, instrument.measure, decided=decided) for row in rows]
    with store.write() as session:
        for week in sorted({week for weeks in WEEKS.values() for week in weeks}):
            session.add(Batch(week=week, state="closed", n=0, root=bytes(32)))
        session.flush()
        add_sealed(session, sealed, closed=True)
    if frame is not None:
        add_frame(store, units, frame)
    return units


def add_frame(store: Store, units: Sequence[int], frame: Iterable[Row]) -> None:
    """A load of some rows."""
    counts = [
        Count(
            units[int(row["stratum"])],
            None,
            SECTORS[int(row["stratum"]) - 1],
            f"2026-0{row['month']}",
            "dossier",
            row["filing"],
            n,
            n,
            0,
            0,
        )
        for row in frame
        for n in [int(row["settled"])]
    ]
    with store.write() as session:
        add_load(session, FrameLoad(wave=make.WAVE, file_name="frame.csv", sha256="0" * 64, found="UTF-8", rows=len(counts)), counts)


def _unit(store: Store, code: str, tier: str, parent: int | None) -> int:
    with store.write() as session:
        made = Unit(code=code, tier=tier, kind=tier, name=code, full_name=code, parent_id=parent, valid_from=None, valid_to=None)
        return add_unit(session, made).id


def _sealed(row: Row, units: Sequence[int], measure: str, *, decided: bool) -> dict[str, Any]:
    stratum, cluster = int(row["stratum"]), int(row["cluster"])
    answers = {item: int(row[item]) for item in ("HL", "TC1", "TC2")}

    return {
        "form": 1, "key": "k", "salt": bytes(16), "mac": bytes(32), "leaf": bytes(32), "week": WEEKS[row["month"]][cluster % 2],
        "id": next(NUMBERS).to_bytes(16, "big"), "unit_id": units[stratum], "deciding_id": units[0] if decided and cluster % 3 else None, "counter_id": None,
        "sector": SECTORS[stratum - 1], "sector_asked": False, "procedure": "", "wave": make.WAVE, "instrument": "sipas-service-2023",
        "measure": measure, "wording": 1, "language": "vi", "length": "full", "stage": "on_time", "respondent": "citizen",
        "filing": row["filing"], "channel": "S", "reasons": "", "quarantine": "", "duration": "60-300",
        "cluster": cluster.to_bytes(16, "big"), "answers": json.dumps(answers, sort_keys=True, separators=(",", ":")),
    }  # fmt: skip
