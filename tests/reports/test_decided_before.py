"""What was decided about domains holds for the same cells and rules alone; anything else is decided upon anew."""

from __future__ import annotations

import json
import random
import zlib
from dataclasses import replace

import numpy as np
import pytest
import sealed_rows as make
from sqlalchemy import text

from sipas.reports import protection
from sipas.reports.auditing import audit
from sipas.reports.decided_before import PAPER, Decided, digest_of, read_decided
from sipas.reports.facts import compute
from sipas.stats.disclosure import Margin, Protection, Told, protect
from sipas.store.engine import Store
from sipas.store.facts import Said, list_released

BOOKS = make.shelf()


@pytest.fixture
def filled(sqlite_store: Store) -> tuple[Store, make.Province, random.Random]:
    rng = random.Random(5)
    province = make.add_province(sqlite_store, communes=4, hospitals=1, schools=2)
    make.add_answers(sqlite_store, province, rng, n=900)
    return sqlite_store, province, rng


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time that somebody looked for what to hide."""
    found: list[int] = []

    def looked(*given: object, **named: object) -> Protection:
        found.append(1)
        return protect(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(protection, "protect", looked)
    return found


def words(store: Store) -> dict[object, Said]:
    with store.read() as session:
        return dict(list_released(session, make.WAVE))


def test_the_same_cells_are_decided_upon_once_and_told_alike(filled: tuple[Store, make.Province, random.Random], asked: list[int]) -> None:
    store, _, _ = filled
    first = compute(store, BOOKS, make.WAVE, correction=True)
    assert asked
    assert first.hidden > 0
    before = words(store)
    asked.clear()
    again = compute(store, BOOKS, make.WAVE, correction=True)
    assert asked == []
    assert (again.hidden, again.facts, words(store)) == (first.hidden, first.facts, before)
    compute(store, BOOKS, make.WAVE, correction=True)  # and what was known is handed on
    assert asked == []


def test_new_answers_are_decided_upon_and_nothing_leaks(filled: tuple[Store, make.Province, random.Random], asked: list[int]) -> None:
    store, province, rng = filled
    compute(store, BOOKS, make.WAVE, correction=True)
    make.add_more(store, province, rng, n=40)
    asked.clear()
    compute(store, BOOKS, make.WAVE)
    assert asked
    assert audit(store, BOOKS, make.WAVE).leaks == ()


def test_a_run_that_tells_nothing_anew_hands_on_what_was_known(
    filled: tuple[Store, make.Province, random.Random], asked: list[int]
) -> None:
    store, _, _ = filled
    compute(store, BOOKS, make.WAVE, correction=True)
    before = words(store)
    asked.clear()
    compute(store, BOOKS, make.WAVE)
    compute(store, BOOKS, make.WAVE, correction=True)
    assert asked == []
    assert words(store) == before


@pytest.mark.parametrize("head", [{}, {"form": 0, "key": "k", "groups": 0}])
def test_a_paper_of_another_release_is_not_read(filled: tuple[Store, make.Province, random.Random], asked: list[int], head: object) -> None:
    store, _, _ = filled
    compute(store, BOOKS, make.WAVE, correction=True)
    before = words(store)
    with store.write() as session:
        paper = zlib.compress(json.dumps(head).encode() + b"\n")
        changed = session.execute(text("UPDATE run_paper SET content = :content WHERE name = :name"), {"content": paper, "name": PAPER})
        assert changed.rowcount == 1
    with store.read() as session:
        assert read_decided(session, make.WAVE).key == ""
    asked.clear()
    compute(store, BOOKS, make.WAVE, correction=True)
    assert asked
    assert words(store) == before


COUNTS = np.array([30, 12, 18, 9])
RULES = Told(np.ones(4), np.full(4, np.inf), np.full(4, 10.0), np.zeros(4, bool), np.zeros(4))
SUMS = (Margin(0, (1, 2)),)
CHOSEN = np.array([False, False, False, True])


@pytest.mark.parametrize(
    "other",
    [
        (COUNTS + np.array([0, 1, -1, 0]), SUMS, RULES, CHOSEN),
        (COUNTS, (Margin(0, (1, 3)),), RULES, CHOSEN),
        (COUNTS, (Margin(0, (1,)), Margin(2, (2,))), RULES, CHOSEN),
        (COUNTS, SUMS, RULES, ~CHOSEN),
        *((COUNTS, SUMS, replace(RULES, **{name: getattr(RULES, name) + 1}), CHOSEN) for name in ("low", "needed", "worth")),
        (COUNTS, SUMS, replace(RULES, high=np.full(4, 50.0)), CHOSEN),
        (COUNTS, SUMS, replace(RULES, fixed=~RULES.fixed), CHOSEN),
    ],
)  # fmt: skip
def test_each_thing_that_goes_into_a_decision_is_in_its_digest(other: tuple[np.ndarray, tuple[Margin, ...], Told, np.ndarray]) -> None:
    known = Decided(digest_of(COUNTS, SUMS, RULES, CHOSEN), CHOSEN)
    assert known.find(digest_of(COUNTS.copy(), SUMS, RULES, CHOSEN.copy())) is CHOSEN
    assert known.find(digest_of(*other)) is None
