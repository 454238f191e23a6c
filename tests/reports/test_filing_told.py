"""What a page tells of the filing margin: the released run's notes, of the figure's own strata alone."""

from __future__ import annotations

import filed_rows as make
import pytest
from sealed_rows import WAVE
from sqlalchemy import select

from sipas.reports.facts import compute
from sipas.reports.filing_told import FilingTold, read_filing_told
from sipas.reports.sensitivity import read_sensitivity
from sipas.store.engine import Store
from sipas.store.facts import Fact
from sipas.store.units import get_unit

YEAR = "2026-ytd-03"


def told_of(store: Store, unit: int, sector: str, *, weighted: bool = True) -> FilingTold | None:
    with store.read() as session:
        wanted = select(Fact).where(Fact.unit_id == unit, Fact.sector == sector, Fact.period == YEAR, Fact.side == "receiving")
        wanted = wanted.where(Fact.indicator == "overall", Fact.channels == "headline", Fact.weighted.is_(weighted))
        return read_filing_told(session, make.shelf(), session.scalars(wanted).one(), WAVE, get_unit(session, unit))


@pytest.fixture
def filed(sqlite_store: Store) -> list[int]:
    """Four strata of which the first has an answer that does not tell its filing."""
    rows = make.golden("filing_rows.csv")
    first = next(row for row in rows if row["stratum"] == "1")
    units = make.add_strata(
        sqlite_store, [row | {"filing": "left_blank"} if row is first else row for row in rows], make.golden("filing_frame.csv")
    )
    compute(sqlite_store, make.shelf(), WAVE)
    return units


def test_a_reason_is_told_where_its_stratum_is_and_of_the_whole_above_it(sqlite_store: Store, filed: list[int]) -> None:
    root, own, other = filed[0], filed[1], filed[2]
    assert told_of(sqlite_store, own, make.SECTORS[0]).months_alone == (("not_told", 1),)
    assert told_of(sqlite_store, root, "procedures").months_alone == (("not_told", 2),), "the fourth has such answers anyway"
    assert "not_told" not in dict(told_of(sqlite_store, other, make.SECTORS[1]).months_alone)
    assert told_of(sqlite_store, own, make.SECTORS[0]).with_months


def test_an_unweighted_figure_and_a_recipe_without_filing_say_nothing(sqlite_store: Store, filed: list[int]) -> None:
    assert told_of(sqlite_store, filed[1], make.SECTORS[0], weighted=False) is None
    compute(sqlite_store, make.shelf(("month",)), WAVE, correction=True)
    with sqlite_store.read() as session:
        unit = get_unit(session, filed[0])
        page = read_sensitivity(session, make.shelf(("month",)), wave=WAVE, period=YEAR, unit=unit, sector="procedures")
    assert page.ways
    assert page.filing is None


def test_the_page_that_tries_other_ways_has_it(sqlite_store: Store, filed: list[int]) -> None:
    with sqlite_store.read() as session:
        unit = get_unit(session, filed[0])
        page = read_sensitivity(session, make.shelf(), wave=WAVE, period=YEAR, unit=unit, sector="procedures")
    assert page.filing.months_alone == (("not_told", 2),)
