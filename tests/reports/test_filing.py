"""Filing as a second margin: through the platform's own road, R's figures on made strata, and what is listed where it cannot be had."""

from __future__ import annotations

import json

import filed_rows as make
import pytest
from sealed_rows import WAVE
from sqlalchemy import select

from sipas.reports.facts import compute
from sipas.store.engine import Store
from sipas.store.facts import Fact, Run

R = json.loads((make.GOLDEN / "filing.json").read_text("utf-8"))
INDICATORS = {"factor": "factor:sipas-service-2023:full:TC"}
PLACES = {"whole": (0, "procedures", "2026-Q1"), "month2": (0, "procedures", "2026-02")}
PLACES |= {f"s{h}": (h, make.SECTORS[h - 1], "2026-Q1") for h in range(1, 5)}
PLACES |= {"s2m2": (2, "construction", "2026-02"), "s4m3": (4, "civil_status", "2026-03")}


def fact_of(store: Store, units: list[int], place: str, indicator: str) -> Fact:
    unit, sector, period = PLACES[place]
    with store.read() as session:
        return session.scalars(
            select(Fact)
            .where(Fact.unit_id == units[unit], Fact.sector == sector, Fact.period == period, Fact.side == "receiving")
            .where(Fact.indicator == INDICATORS.get(indicator, indicator), Fact.channels == "headline", Fact.weighted.is_(True))
        ).one()


def notes_of(store: Store) -> dict[str, dict[str, list[list[object]]]]:
    with store.read() as session:
        return json.loads(session.scalars(select(Run.notes)).one()).get("filing", {})


@pytest.mark.parametrize("recipe", R)
def test_figures_agree_with_r(sqlite_store: Store, recipe: str) -> None:  # golden/filing.R, survey 4.1-1
    units = make.add_strata(sqlite_store, make.golden("filing_rows.csv"), make.golden("filing_frame.csv"))
    compute(sqlite_store, make.shelf(recipe.split()), WAVE)
    for name, (value, se, _, n_kish) in R[recipe].items():
        fact = fact_of(sqlite_store, units, *name.split())
        assert (fact.value, fact.se, fact.n_kish) == pytest.approx((value, se, n_kish), rel=1e-8), name
    assert notes_of(sqlite_store)["headline"] == {
        "months_alone": [[units[3], "investment", "not_told"]],
        "merged": [[units[2], "construction", "counter+assisted"], [units[2], "construction", "online+post"]],
        "rescaled": [[units[4], "civil_status", pytest.approx(1.3651315789473684)]],
    }
