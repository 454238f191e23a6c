"""A small province with sealed answers of every kind, for tests of what leaves the house."""

from __future__ import annotations

import json
import random
from datetime import date
from pathlib import Path

from sipas.instrument.flow import RESPONDENTS, STAGES, shown
from sipas.instrument.shelf import read_shelf
from sipas.store.batches import Batch
from sipas.store.engine import Store
from sipas.store.frame import Count, FrameLoad, add_load
from sipas.store.responses import add_sealed
from sipas.store.units import Unit, add_unit

SHELF = read_shelf(Path(__file__).resolve().parents[2] / "surveys")
WAVE = "demo-2026"
WEEKS = [f"2026-W{number:02d}" for number in range(2, 30)]
SECTORS = {"land": "sipas-service-2023", "civil_status": "sipas-service-2023", "health": "health-outpatient-2024"}


def row(rng: random.Random, unit: int, sector: str, *, week: str = "", **given) -> dict[str, object]:
    """One sealed row; ``given`` overrides any column."""
    instrument = SHELF.instruments[SECTORS[sector]]
    stage = rng.choices(STAGES, [60, 10, 12, 5, 4, 9])[0] if "stage" in instrument.asks else "not_asked"
    length = rng.choice(["short", "short", "full"])
    answers: dict[str, int | str | None] = {
        item.code: rng.choice([1, 2, 3, 4, 4, 4, 5, 5, 0, None]) if item.is_scale else "declined"
        for item in shown(instrument, length, stage)
    }
    columns: dict[str, object] = {
        "week": week or rng.choice(WEEKS),
        "id": rng.randbytes(16),
        "unit_id": unit,
        "deciding_id": None,
        "counter_id": 77,
        "sector": sector,
        "sector_asked": True,
        "procedure": "",
        "wave": WAVE,
        "instrument": instrument.code,
        "measure": instrument.measure,
        "wording": 1,
        "language": "vi",
        "length": length,
        "stage": stage,
        "respondent": rng.choice(RESPONDENTS),
        "filing": "not_asked",
        "channel": rng.choices("VSOP", [50, 30, 15, 5])[0],
        "reasons": "burst",
        "quarantine": "",
        "duration": "20-60",
        "cluster": rng.randbytes(16),
        "form": 1,
        "key": "1",
        "salt": rng.randbytes(16),
        "mac": rng.randbytes(32),
        "leaf": rng.randbytes(32),
    }
    return {**columns, "answers": json.dumps(answers, sort_keys=True), **given}


def rows(rng: random.Random, n: int, units: int = 6) -> list[dict[str, object]]:
    """Answers in counter-days of very different size; the later a unit, the fewer it has."""
    made: list[dict[str, object]] = []
    while len(made) < n:
        unit = 2 + min(rng.randrange(units), rng.randrange(units))
        week, cluster, sector = rng.choice(WEEKS), rng.randbytes(16), rng.choice(list(SECTORS))
        channel = rng.choices("VSOP", [50, 30, 15, 5])[0]
        size = rng.choice([1, 1, 2, 4, 6, 9])
        made += [row(rng, unit, sector, week=week, cluster=cluster, channel=channel) for _ in range(size)]
    return made


def plant(store: Store, made: list[dict[str, object]], *, units: int = 6, frame: bool = True) -> None:
    """A province (1), its units (2 …), a frame for every unit and sector, and the answers: half behind a closed week, half open."""
    with store.write() as session:
        add_unit(session, unit(1, None))
        for number in range(2, units + 2):
            add_unit(session, unit(number, 1))
        if frame:
            counts = [
                Count(number, None, sector, f"2026-{month:02d}", "dossier", "all", 150, 100 + 7 * number + month, 9, 2)
                for number in range(2, units + 3 - 1)
                for sector in SECTORS
                for month in range(1, 7)
            ]
            load = FrameLoad(wave=WAVE, file_name="frame.csv", sha256="0" * 64, found="UTF-8", rows=len(counts))
            add_load(session, load, counts)
        for week in WEEKS:
            closed = week < "2026-W16"
            mine = [one for one in made if one["week"] == week]
            session.add(Batch(week=week, state="closed" if closed else "open", n=len(mine), root=week.encode().ljust(32, b"r")))
            add_sealed(session, mine, closed=closed)


def unit(number: int, parent: int | None) -> Unit:
    return Unit(
        id=number,
        code=f"{number:05d}",
        tier="commune" if parent else "province",
        kind="Phường",
        parent_id=parent,
        name=f"Bàn Thạch {number}",
        full_name=f"Phường Bàn Thạch {number}",
        valid_from=date(2025, 7, 1),
        valid_to=None,
    )
