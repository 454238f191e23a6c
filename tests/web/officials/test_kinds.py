"""Outpatients and inpatients, each by itself on a hospital's page; and neither where one would tell the other."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from sipas.instrument.model import OVERALL
from sipas.reports.scorecard import Estimate
from sipas.store.units import Unit
from sipas.web.officials.units import kinds_of
from tests.reports import sealed_rows
from tests.web.officials.conftest import Room

SHELF = sealed_rows.shelf()
OUT, IN = "health-outpatient-2024", "health-inpatient-2024"
FIGURE = Estimate(0.8, 0.7, 0.9, 100, 90.0, 0.05, 20.0, None, None, None, True, 80, 20, ())


def card(n: int, *parts: tuple[str, int | None], sector: str = "health") -> Any:
    items = [SimpleNamespace(code=OVERALL, instrument=code, estimate=figure(n) if n else None) for code, n in parts]
    measures = {"overall": figure(n)}
    return SimpleNamespace(line=SimpleNamespace(sector=sector), measures=measures, measures_unweighted={}, items=items)


def figure(n: int) -> Estimate:
    return replace(FIGURE, n=n)


def counts(one: Any) -> list[int | None]:
    return [kind.estimate.n if kind.estimate else None for kind in kinds_of(one, SHELF)]


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (card(100, (OUT, 70), (IN, 30)), [70, 30]),
        (card(26, (OUT, 26)), [26, None]),
        (card(35, (OUT, 26), (IN, None)), [None, None]),  # nine inpatients would follow
        (card(49, (OUT, 30), (IN, None)), [30, None]),  # a month tells details from 30 on: nineteen are no secret
        (card(100, (OUT, 70), (IN, 25)), [None, None]),
        (card(100, ("education-parents-2019", 100), sector="education"), []),
        (card(100, sector="procedures"), []),
    ],
)
def test_kinds_are_told_unless_one_gives_the_other_away(one: Any, told: list[int | None]) -> None:
    assert counts(one) == told


def test_the_hospitals_page_has_them_and_the_schools_page_not(told: Room) -> None:
    head = told.inside("head@48")
    with told.house.store.read() as session:
        units = {unit.tier: unit.id for unit in session.scalars(select(Unit))}
    hospital, school = (head.get(f"/officials/units/{units[tier]}?lang=vi").text for tier in ("hospital", "school"))
    assert ("Lượt khám ngoại trú" in hospital, "Lượt khám ngoại trú" in school) == (True, False)
