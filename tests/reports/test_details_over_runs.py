"""Whoever kept every run's figures and subtracts them learns nothing of fewer than ten people's answers to an item."""

from __future__ import annotations

import random

import pytest
import sealed_rows as make

from sipas.reports.auditing_details import told_in
from sipas.reports.facts import compute
from sipas.store.engine import Store
from sipas.store.facts import Domain, list_facts, list_released

BOOKS = make.shelf()
Details = dict[tuple[str, Domain, bool], int]


def shown(store: Store) -> Details:
    with store.read() as session:
        return dict(told_in(list_facts(session, make.WAVE, {domain.period for domain in list_released(session, make.WAVE)})))


@pytest.fixture
def growing(sqlite_store: Store) -> tuple[Store, make.Province, random.Random]:
    rng = random.Random(11)
    store = sqlite_store
    province = make.add_province(store, communes=3, hospitals=1, schools=1)
    make.add_frame(store, province, rng, answers=2000)
    make.add_answers(store, province, rng, n=900)
    return store, province, rng


def test_no_detail_grows_by_fewer_than_ten_between_two_runs_that_tell_it(growing: tuple[Store, make.Province, random.Random]) -> None:
    store, province, rng = growing
    compute(store, BOOKS, make.WAVE)
    last, grown, came_back = shown(store), 0, 0
    for _ in range(3):
        make.add_more(store, province, rng, n=90)
        before = shown(store)
        compute(store, BOOKS, make.WAVE)
        now = shown(store)
        for detail, n in now.items():
            more = n - last.get(detail, 0)
            assert more == 0 or more >= 10, f"{detail}: {last.get(detail)} then {n}"
            grown += more >= 10 and detail in last
            came_back += more >= 10 and detail in last and detail not in before
        last |= now
    assert grown > 50
    assert came_back > 0, "what was left out is remembered, and told again once it has grown by ten"


def test_a_correction_tells_every_detail_anew(growing: tuple[Store, make.Province, random.Random]) -> None:
    store, province, rng = growing
    compute(store, BOOKS, make.WAVE)
    make.add_more(store, province, rng, n=90)
    compute(store, BOOKS, make.WAVE)
    some = shown(store)
    compute(store, BOOKS, make.WAVE, correction=True)
    assert len(shown(store)) > len(some)
