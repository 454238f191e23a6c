"""Filing as a second margin: through the platform's own road, R's figures on made strata, and what is listed where it cannot be had."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import filed_rows as make
import pytest
from sealed_rows import WAVE
from sqlalchemy import select

from sipas.extract import Extract
from sipas.reports.facts import compute
from sipas.reports.filing import NoFilingInFrameError
from sipas.store.engine import Store
from sipas.store.facts import Fact, Run

R = json.loads((make.GOLDEN / "filing.json").read_text("utf-8"))
INDICATORS = {"factor": "factor:sipas-service-2023:full:TC"}
PLACES = {"whole": (0, "procedures", "2026-Q1"), "month2": (0, "procedures", "2026-02")}
PLACES |= {f"s{h}": (h, make.SECTORS[h - 1], "2026-Q1") for h in range(1, 5)}
PLACES |= {"s2m2": (2, "construction", "2026-02"), "s4m3": (4, "civil_status", "2026-03")}


@pytest.fixture
def store_of(tmp_path: Path, blank_sqlite: Path) -> Iterator[Callable[[], Store]]:
    """As many empty stores as are asked for."""
    stores: list[Store] = []

    def made() -> Store:
        path = tmp_path / f"store-{len(stores)}.sqlite"
        shutil.copy(blank_sqlite, path)
        stores.append(Store(f"sqlite:///{path}"))
        return stores[-1]

    yield made
    for store in stores:
        store.close()


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
    told: list[str] = []
    compute(sqlite_store, make.shelf(recipe.split()), WAVE, progress=told.append)
    assert "headline: 3 strata brought to their filings, 1 not (not_told 1)" in told
    for name, (value, se, _, n_kish) in R[recipe].items():
        fact = fact_of(sqlite_store, units, *name.split())
        assert (fact.value, fact.se, fact.n_kish) == pytest.approx((value, se, n_kish), rel=1e-8), name
    assert notes_of(sqlite_store)["headline"] == {
        "months_alone": [[units[3], "investment", "not_told"]],
        "merged": [[units[2], "construction", "counter+assisted"], [units[2], "construction", "online+post"]],
        "rescaled": [[units[4], "civil_status", pytest.approx(1.3651315789473684)]],
    }


def facts_of(store: Store) -> Sequence[Fact]:
    with store.read() as session:
        return session.scalars(select(Fact)).all()


def all_facts(store: Store) -> list[tuple[object, ...]]:
    """Every number of every fact but its run, in key order."""
    names = [column.name for column in Fact.__table__.columns if column.name != "run_id"]
    with store.read() as session:
        return sorted(map(tuple, session.execute(select(*(getattr(Fact, name) for name in names)))), key=str)


def test_the_order_of_rows_and_what_is_kept_change_no_bit(store_of: Callable[[], Store], tmp_path: Path) -> None:
    rows, frame = make.golden("filing_rows.csv"), make.golden("filing_frame.csv")
    found = []
    for seed, extract in ((0, Extract(None)), (1, Extract(tmp_path / "a")), (2, Extract(tmp_path / "a"))):
        store = store_of()
        make.add_strata(store, random.Random(seed).sample(rows, len(rows)), frame, decided=True)
        compute(store, make.shelf(), WAVE, extract=extract)
        found.append(all_facts(store))
    assert found[0]
    assert found[0] == found[1] == found[2]
    assert len(list((tmp_path / "a").glob("*/*.filing.counts"))) == 3


def test_kept_counts_are_read_only_if_they_are_of_these_weeks(sqlite_store: Store, tmp_path: Path) -> None:
    make.add_strata(sqlite_store, make.golden("filing_rows.csv"), make.golden("filing_frame.csv"))
    extract = Extract(tmp_path)
    compute(sqlite_store, make.shelf(), WAVE, extract=extract)
    files = sorted(tmp_path.glob("*/*.filing.counts"))
    kept = [file.read_bytes() for file in files]
    files[0].write_bytes(kept[0][:-7])  # cut off
    files[1].write_bytes(kept[2])  # another month's
    before = all_facts(sqlite_store)
    compute(sqlite_store, make.shelf(), WAVE, extract=extract, correction=True)
    assert [file.read_bytes() for file in files] == kept
    assert all_facts(sqlite_store) == sorted(before * 2, key=str)


def test_a_frame_that_counts_all_filings_together_is_refused(sqlite_store: Store) -> None:
    frame = [row | {"filing": "all"} for row in make.golden("filing_frame.csv") if row["filing"] in {"all", "counter"}]
    make.add_strata(sqlite_store, make.golden("filing_rows.csv"), frame)
    with pytest.raises(
        NoFilingInFrameError, match=r"wave 'demo-2026' .* its frame 'frame.csv' .* take \"filing\" out of calibrate in waves/demo"
    ):
        compute(sqlite_store, make.shelf(), WAVE)
    compute(sqlite_store, make.shelf(["month"]), WAVE)
    assert notes_of(sqlite_store) == {}


def test_without_a_frame_there_is_no_margin_to_meet(sqlite_store: Store) -> None:
    make.add_strata(sqlite_store, make.golden("filing_rows.csv"), None)
    assert compute(sqlite_store, make.shelf(), WAVE).facts > 0
    assert notes_of(sqlite_store) == {}


@pytest.mark.parametrize(("beyond", "reason"), [(0, None), (1, "not_in_frame")])
def test_a_frame_must_tell_the_filing_of_half_the_dossiers(sqlite_store: Store, beyond: int, reason: str | None) -> None:
    rows, frame = ([row for row in make.golden(name) if row["stratum"] == "1"] for name in ("filing_rows.csv", "filing_frame.csv"))
    told = [row for row in frame if row["month"] != "1"]
    half = sum(int(row["settled"]) for row in told)
    units = make.add_strata(sqlite_store, rows, [*told, told[0] | {"month": "1", "filing": "all", "settled": str(half + beyond)}])
    compute(sqlite_store, make.shelf(), WAVE)
    notes = notes_of(sqlite_store)["headline"]
    assert notes == ({"months_alone": [[units[1], "land", reason]]} if reason else {"rescaled": [[units[1], "land", 2.0]]})


def test_answers_that_do_not_tell_their_filing_change_nothing_but_their_own_stratum(
    sqlite_store: Store, store_of: Callable[[], Store]
) -> None:
    """In a stratum that keeps its months alone figures are, to the last bit, those of a recipe without filing."""
    rows, frame = make.golden("filing_rows.csv"), make.golden("filing_frame.csv")
    plain = store_of()
    units = make.add_strata(sqlite_store, rows, frame)
    make.add_strata(plain, rows, frame)
    compute(sqlite_store, make.shelf(), WAVE)
    compute(plain, make.shelf(["month"]), WAVE)
    mine, theirs = (
        {(f.unit_id, f.period, f.indicator, f.channels, f.weighted): f.value for f in facts_of(s)} for s in (sqlite_store, plain)
    )
    assert mine.keys() == theirs.keys()
    apart = {key for key in mine if mine[key] != theirs[key]}
    assert {key[0] for key in apart} == {units[0], units[1], units[2], units[4]}
    assert all(key[4] for key in apart)  # what is not weighted is the same
