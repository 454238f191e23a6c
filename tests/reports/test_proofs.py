"""What programmes showed of a table of details is kept with the run, and holds for that table alone."""

from __future__ import annotations

import json
import random
import zlib

import numpy as np
import pytest
import sealed_rows as make
from sqlalchemy import text

from sipas.reports.auditing import audit
from sipas.reports.facts import compute
from sipas.reports.proofs import PAPER, Proof, Proofs, Title, read_proofs
from sipas.stats.disclosure import Rules, Sums
from sipas.stats.intervals import Bools
from sipas.stats.weights import Ints
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


def known(store: Store) -> dict[Title, Proof]:
    with store.read() as session:
        return dict(read_proofs(session, make.WAVE, print).before)


def test_a_table_is_shown_once_and_told_alike_ever_after(filled: tuple[Store, make.Province, random.Random]) -> None:
    store, _, _ = filled
    assert run(store)
    first, before = stored(store), known(store)
    assert any(proof.away.any() for proof in before.values())  # circles, and what was taken away for them
    assert run(store) == []
    assert stored(store) == first
    after = known(store)
    assert after.keys() == before.keys()
    for title, proof in after.items():
        assert proof.over == before[title].over
        assert all(np.array_equal(one, other) for one, other in zip(proof[1:], before[title][1:], strict=True))


@pytest.mark.parametrize(
    "head", [["over", [0, 0], [], "?"], {"over": "", "block": []}, {"form": 0, "over": "", "shape": [0, 0], "titles": []}]
)
def test_a_paper_of_another_release_is_not_read_and_everything_is_asked_again(
    filled: tuple[Store, make.Province, random.Random], head: object
) -> None:
    store, _, _ = filled
    assert run(store)
    first = stored(store)
    with store.write() as session:
        paper = zlib.compress(json.dumps(head).encode() + b"\n")
        changed = session.execute(text("UPDATE run_paper SET content = :content WHERE name = :name"), {"content": paper, "name": PAPER})
        assert changed.rowcount == 1
    assert known(store) == {}
    assert run(store)
    assert stored(store) == first


def test_new_answers_are_looked_at(filled: tuple[Store, make.Province, random.Random]) -> None:
    store, province, rng = filled
    run(store)
    make.add_more(store, province, rng, n=60)
    assert run(store)
    assert audit(store, BOOKS, make.WAVE).leaks == ()


SUMS = Sums(np.array([0, 3]), np.array([0, 0, 1]), np.array([1, 2, 0]), 4)  # 3 holds 0 and others, 0 holds 1 and 2
RULES = Rules(10, np.zeros(4, np.bool_), np.zeros(4, np.int64))
COUNTS = np.array([[30], [16], [14], [50]])
TOLD = np.ones(COUNTS.shape, np.bool_)
TITLE = ("main", "all", True)


def planted() -> Proofs:
    """As if a circle had been found behind cell 1."""
    first = Proofs()
    assert first.settle([TITLE], COUNTS, TOLD, SUMS, RULES).all()
    away = np.array([False, True, False, False])
    return Proofs({TITLE: first.made[TITLE]._replace(away=away, kept=~away)})


@pytest.mark.parametrize("more", [[0, 0, 0, 0], [1, 0, 1, 1], [0, 0, 0, 3]])
def test_a_proof_holds_for_its_table_and_for_one_that_has_grown_out_of_it(more: list[int]) -> None:
    kept = planted().settle([TITLE], COUNTS + np.array(more)[:, None], TOLD, SUMS, RULES)
    assert kept.tolist() == [[True], [False], [True], [True]]


def test_a_proof_holds_where_less_is_told() -> None:
    told = TOLD & (np.arange(4) != 2)[:, None]
    assert planted().settle([TITLE], COUNTS, told, SUMS, RULES).tolist() == [[True], [False], [False], [True]]


@pytest.mark.parametrize(
    "other",
    [
        ([("main", "pooled", True)], COUNTS, TOLD, SUMS, RULES),
        ([TITLE], COUNTS - np.array([[1], [0], [1], [1]]), TOLD, SUMS, RULES),  # an answer was taken away
        ([TITLE], COUNTS + np.array([[1], [0], [1], [0]]), TOLD, SUMS, RULES),  # and here from what a sum leaves over
        ([TITLE], COUNTS, TOLD, Sums(SUMS.total, SUMS.row, np.array([2, 1, 0]), 4), RULES),
        ([TITLE], COUNTS, TOLD, SUMS, Rules(11, RULES.fixed, RULES.worth)),
    ],
)
def test_a_proof_holds_for_no_other_table(other: tuple[list[Title], Ints, Bools, Sums, Rules]) -> None:
    assert planted().settle(*other)[1].all()


def test_where_more_is_told_the_proof_does_not_hold() -> None:
    proofs = planted()
    proof = proofs.before[TITLE]
    less = Proofs({TITLE: proof._replace(kept=proof.kept & (np.arange(4) != 0))})
    assert less.settle([TITLE], COUNTS, TOLD, SUMS, RULES)[1].all()


def test_a_run_that_tells_no_details_keeps_no_paper(sqlite_store: Store) -> None:
    assert Proofs().paper() is None
    make.add_province(sqlite_store, communes=2)
    assert run(sqlite_store) == []
    assert known(sqlite_store) == {}


def test_a_night_on_which_nothing_moves_keeps_what_was_shown(filled: tuple[Store, make.Province, random.Random]) -> None:
    store, _, _ = filled
    run(store)
    before = known(store)
    assert compute(store, BOOKS, make.WAVE).facts == 0
    assert known(store).keys() == before.keys()
    assert run(store) == []
