"""An invented province, sealed rows and frame alike, straight into the tables."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sipas.instrument.shelf import Shelf, read_shelf
from sipas.store.batches import Batch
from sipas.store.engine import Store
from sipas.store.frame import Count, FrameLoad, add_load
from sipas.store.responses import OpenResponse, Response, add_sealed
from sipas.store.units import Unit, add_unit
from sipas.terms import Week, weeks_between

SURVEYS = Path(__file__).resolve().parents[2] / "surveys"
WAVE = "demo-2026"
FIRST, LAST = Week(2025, 48), Week(2026, 47)
PROCEDURES = ("civil_status", "construction", "investment", "land", "others")
LIKING = {"civil_status": 0.95, "construction": 0.86, "investment": 0.88, "land": 0.80, "others": 0.92, "health": 0.84, "education": 0.9}


@dataclass(frozen=True, slots=True)
class Province:
    """The units of the tests by what they are."""

    root: int
    land_office: int
    strata: tuple[tuple[int, str], ...]


def shelf() -> Shelf:
    return read_shelf(SURVEYS)


def add_province(store: Store, *, communes: int, hospitals: int = 2, schools: int = 4) -> Province:
    """A province with one-stop shops in communes, a land office, hospitals and schools."""
    with store.write() as session:

        def unit(code: str, tier: str, parent: int | None) -> int:
            made = Unit(code=code, tier=tier, kind=tier, name=code, full_name=code, parent_id=parent, valid_from=None, valid_to=None)
            return add_unit(session, made).id

        root = unit("48", "province", None)
        office = unit("VPDK", "land_office", root)
        strata = []
        for number in range(communes):
            commune = unit(f"{number:05d}", "commune", root)
            desk = unit(f"{number:05d}.MC", "one_stop", commune)
            strata += [(desk, sector) for sector in PROCEDURES]
        strata += [(unit(f"BV{number}", "hospital", root), "health") for number in range(hospitals)]
        strata += [(unit(f"TH{number}", "school", root), "education") for number in range(schools)]
    return Province(root, office, tuple(strata))


def all_rows(session: Session) -> list[Response | OpenResponse]:
    """Every sealed row of the wave, open weeks included."""
    return [row for table in (Response, OpenResponse) for row in session.scalars(select(table).where(table.wave == WAVE))]


def add_frame(store: Store, province: Province, rng: random.Random, *, answers: int, share: float = 0.1, last: str = "2026-11") -> None:
    """Dossiers by stratum and month, about ``answers``/``share`` in all."""
    months = sorted({week.month for week in weeks_between(FIRST, LAST)})
    each = answers / share / len(province.strata) / len(months)
    counts = []
    for unit, sector in province.strata:
        size = rng.uniform(0.4, 1.8)
        for month in months:
            settled = max(1, round(each * size * rng.uniform(0.7, 1.3)))
            deciding = province.land_office if sector == "land" else None
            late = round(settled * rng.uniform(0, 0.1))
            counts.append(Count(unit, deciding, sector, month, "dossier", "all", settled + 3, settled, late, 2))
    with store.write() as session:
        load = FrameLoad(wave=WAVE, file_name="frame.csv", sha256="0" * 64, found="UTF-8", rows=len(counts))
        add_load(session, load, [count for count in counts if count.month <= last])


def add_answers(
    store: Store,
    province: Province,
    rng: random.Random,
    *,
    n: int,
    per_cluster: int = 4,
    filings: Sequence[str] = (),
    deciders: Mapping[int, Sequence[int | None]] | None = None,
) -> None:
    """Sealed rows: whole clusters, each with its own liking, so that the design effect is above 1.

    ``filings``: what they tell of it; ``deciders``: by who received, one of whom decided about land, instead
    of the land office.
    """
    books = shelf()
    weeks = weeks_between(FIRST, LAST)
    rows: list[dict[str, Any]] = []
    while len(rows) < n:
        unit, sector = rng.choice(province.strata)
        channel = rng.choices("VSO", (0.35, 0.4, 0.25))[0]
        week, label, mood = rng.choice(weeks), rng.randbytes(16), rng.gauss(0, 0.08)
        size = min(rng.randint(1, 2 * per_cluster), n - len(rows))
        rows += [one_row(books, province, rng, (unit, sector, channel, str(week), label, mood)) for _ in range(size)]
    if filings:
        rows = [row | {"filing": rng.choice(filings)} for row in rows]
    if deciders:
        rows = [row | {"deciding_id": rng.choice(deciders[row["unit_id"]])} if row["deciding_id"] else row for row in rows]
    with store.write() as session:
        for week in weeks:
            session.add(Batch(week=str(week), state="closed", n=0, root=bytes(32)))
        session.flush()
        add_sealed(session, [row for row in rows if row["week"] != str(LAST)], closed=True)
        add_sealed(session, [row for row in rows if row["week"] == str(LAST)], closed=False)


def add_more(store: Store, province: Province, rng: random.Random, *, n: int) -> None:
    """Answers that come after a run, in clusters of three."""
    books, rows = shelf(), []
    for _ in range(n // 3):
        unit, sector = rng.choice(province.strata)
        place = (unit, sector, rng.choice("VS"), str(LAST), rng.randbytes(16), 0.0)
        rows += [one_row(books, province, rng, place) for _ in range(3)]
    with store.write() as session:
        add_sealed(session, rows, closed=False)


def one_row(books: Shelf, province: Province, rng: random.Random, place: tuple[int, str, str, str, bytes, float]) -> dict[str, Any]:
    """One sealed row of a stratum and a cluster."""
    unit, sector, channel, week, label, mood = place
    instrument = books.instruments[books.sectors[sector].instruments[0]]
    length = rng.choices(("short", "full"), (0.7, 0.3))[0]
    liking = min(0.995, max(0.05, LIKING[sector] + mood))
    answers = {item.code: level(rng, liking) for item in instrument.form(length) if item.is_scale}
    return {
        "form": 1,
        "key": "k",
        "salt": bytes(16),
        "mac": bytes(32),
        "leaf": bytes(32),
        "week": week,
        "id": rng.randbytes(16),
        "unit_id": unit,
        "deciding_id": province.land_office if sector == "land" else None,
        "counter_id": None,
        "sector": sector,
        "sector_asked": False,
        "procedure": "",
        "wave": WAVE,
        "instrument": instrument.code,
        "measure": instrument.measure,
        "wording": 1,
        "language": "vi",
        "length": length,
        "stage": "on_time",
        "respondent": "citizen",
        "filing": "not_asked",
        "channel": channel,
        "reasons": "",
        "quarantine": "",
        "duration": "60-300",
        "cluster": label,
        "answers": json.dumps(answers, sort_keys=True, separators=(",", ":")),
    }


def level(rng: random.Random, liking: float) -> int | None:
    """An answer: mostly 4 or 5, sometimes none."""
    if (chance := rng.random()) < 0.04:
        return None if chance < 0.02 else 0
    return rng.choice((4, 4, 5)) if rng.random() < liking else rng.choice((1, 2, 3, 3))
