"""What programmes showed of a table of details is kept with the run, and holds for that table alone."""

from __future__ import annotations

import random

import numpy as np
import pytest
import sealed_rows as make

from sipas.reports.facts import compute
from sipas.reports.proofs import Proofs, read_proofs
from sipas.stats.disclosure import Rules, Sums
from sipas.store.engine import Store
from sipas.store.facts import list_facts, list_released

BOOKS = make.shelf()


@pytest.fixture
def filled(sqlite_store: Store) -> tuple[Store, make.Province, random.Random]:
    """A province of which the closed form lets circles stand."""
    rng = random.Random(1)
    province = make.add_province(sqlite_store, communes=3, hospitals=1, schools=2)
    make.add_answers(sqlite_store, province, rng, n=750)
    return sqlite_store, province, rng


def run(store: Store) -> list[str]:
    """What a run told of the programmes."""
    said: list[str] = []
    compute(store, BOOKS, make.WAVE, correction=True, progress=said.append)
    return [line for line in said if "by programmes" in line]


def stored(store: Store) -> list[tuple[object, ...]]:
    with store.read() as session:
        facts = list_facts(session, make.WAVE, {domain.period for domain in list_released(session, make.WAVE)})
        return sorted((one.indicator, one.period, one.unit_id, one.side, one.sector, one.channels, one.weighted, one.n) for one in facts)


def known(store: Store) -> dict[str, tuple[int, ...]]:
    with store.read() as session:
        return dict(read_proofs(session, make.WAVE, print).before)


def test_a_table_is_shown_once_and_told_alike_ever_after(filled: tuple[Store, make.Province, random.Random]) -> None:
    store, _, _ = filled
    assert run(store)
    first, before = stored(store), known(store)
    assert any(before.values())  # circles, and what was taken away for them
    assert run(store) == []
    assert stored(store) == first
    assert known(store) == before


def test_new_answers_make_new_tables(filled: tuple[Store, make.Province, random.Random]) -> None:
    store, province, rng = filled
    run(store)
    before = known(store)
    make.add_more(store, province, rng, n=30)
    assert run(store)
    assert len(known(store).keys() - before.keys()) > len(before) / 4


def test_a_proof_holds_for_its_own_table_alone() -> None:
    sums = Sums(np.array([0, 3]), np.array([0, 0, 1]), np.array([1, 2, 0]), 4)
    counts = np.array([[30], [16], [14], [50]])
    told = np.ones(counts.shape, np.bool_)
    rules = Rules(10, np.zeros(4, np.bool_), np.zeros(4, np.int64))
    first = Proofs()
    assert first.settle(counts, told, sums, rules).all()
    (digest,) = first.made
    planted = Proofs({digest: (1,)})
    assert planted.settle(counts, told, sums, rules).tolist() == [[True], [False], [True], [True]]
    for other in (
        (counts + 1, told, sums, rules),
        (counts, told & (np.arange(4) != 2)[:, None], sums, rules),
        (counts, told, Sums(sums.total, sums.row, np.array([2, 1, 0]), 4), rules),
        (counts, told, sums, Rules(11, rules.fixed, rules.worth)),
        (counts, told, sums, Rules(10, rules.fixed, rules.worth + 1)),
    ):
        assert planted.settle(*other)[1].all()
