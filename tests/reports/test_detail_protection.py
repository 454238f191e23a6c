"""Items, factors and indices of told domains leave nobody with fewer than ten people's answers, whatever is subtracted."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
import sealed_rows as make

from sipas.extract import Extract
from sipas.reports.auditing import audit
from sipas.reports.auditing_details import Told, list_detail_leaks, told_in
from sipas.reports.facts import compute, publish_all, read_counts, read_material
from sipas.reports.lattice import lay_lattice
from sipas.reports.rows import Row
from sipas.store.engine import Store
from sipas.store.facts import FACT_COLUMNS, Domain, add_facts, list_facts, list_released

BOOKS = make.shelf()
WAVE = BOOKS.waves[make.WAVE]


@pytest.fixture
def filled(sqlite_store: Store) -> Store:
    return fill(sqlite_store, n=1500, seed=4)


def fill(store: Store, *, n: int, seed: int, communes: int = 5, framed: bool = True) -> Store:
    rng = random.Random(seed)
    province = make.add_province(store, communes=communes, hospitals=1, schools=2)
    if framed:
        make.add_frame(store, province, rng, answers=n)
    make.add_answers(store, province, rng, n=n)
    return store


def rows_without_the_rule(store: Store) -> list[Row]:
    """What would be told if every detail were looked at by itself."""
    with store.read() as session:
        material = read_material(session, Extract(None), BOOKS, WAVE, correction=True)
    bare = replace(material, frozen=replace(material.frozen, details={}))
    return [row for part in publish_all(bare, BOOKS, WAVE, lambda _: None) for row in part.rows]


def told_by(rows: list[Row]) -> Told:
    named = (dict(zip(FACT_COLUMNS[1:], row, strict=True)) for row in rows)
    headline = (row for row in named if row["channels"] == "headline" and row["indicator"] != "overall")
    return {
        (str(row["indicator"]), Domain(*(row[name] for name in Domain._fields)), bool(row["weighted"])): int(str(row["n"]))
        for row in headline
    }


def leaks(store: Store, told: Told) -> list[tuple[str, int]]:
    """Indicator and the most that a reader must think possible."""
    with store.read() as session:
        counted = read_counts(session, Extract(None), BOOKS, WAVE)
        lattice = lay_lattice(counted.strata, counted.whole, BOOKS, WAVE, (counted.paths, list_released(session, make.WAVE)))
    instruments = sorted({code for _, one in counted.counts for code in one.instruments})
    found = list_detail_leaks(counted.strata, counted.whole, BOOKS, (counted.paths, instruments), (lattice, told))
    return [(name, round(leak.high)) for name, _, leak in found]


def stored(store: Store) -> Told:
    with store.read() as session:
        return told_in(list_facts(session, make.WAVE, {domain.period for domain in list_released(session, make.WAVE)}))


def test_by_itself_each_detail_would_leak_and_what_is_told_does_not(filled: Store) -> None:
    compute(filled, BOOKS, make.WAVE)
    without, told = told_by(rows_without_the_rule(filled)), stored(filled)
    found = leaks(filled, without)
    assert {name.partition(":")[0] for name, _ in found} >= {"item", "factor"}
    assert all(most < 10 for _, most in found)
    assert leaks(filled, told) == []
    assert told.items() < without.items()
    assert len(told) > 0.8 * len(without)


@pytest.mark.parametrize("seed", range(4))
def test_no_detail_leaks_in_small_provinces(sqlite_store: Store, seed: int) -> None:
    store = fill(sqlite_store, n=400 + 350 * seed, seed=seed, communes=2 + seed, framed=seed % 2 == 0)
    compute(store, BOOKS, make.WAVE)
    assert stored(store)
    assert audit(store, BOOKS, make.WAVE).leaks == ()


def test_a_leak_is_told_with_its_indicator_and_place(filled: Store) -> None:
    """Every detail is told after all, as if each were looked at by itself."""
    run = compute(filled, BOOKS, make.WAVE).run_id
    told = stored(filled)
    away = [row for row in rows_without_the_rule(filled) if told_by([row]).keys() - told.keys()]
    with filled.write() as session:
        add_facts(session, run, sorted(away))
    found = audit(filled, BOOKS, make.WAVE).leaks
    assert found
    for line in found:
        assert re.fullmatch(
            r"leak: (item|factor|index):\S+, \w+ \S+, (receiving|deciding|decided by \w+ \S+), \w+, \S+, headline.*: between \d and \d answers",
            line,
        ), line
