"""What is told of a run gives nothing away that is hidden, whatever is added up or subtracted."""

from __future__ import annotations

import random

import numpy as np
import pytest
import sealed_rows as make
from sqlalchemy import text

from sipas.reports.auditing import audit
from sipas.reports.facts import compute
from sipas.store.engine import Store
from sipas.store.facts import FEW, FINER, PROTECTS, TOLD, list_facts, list_released


def filled(store: Store, *, n: int, seed: int, communes: int = 4, framed: bool = True) -> make.Province:
    rng = random.Random(seed)
    province = make.add_province(store, communes=communes, hospitals=1, schools=3)
    if framed:
        make.add_frame(store, province, rng, answers=n)
    make.add_answers(store, province, rng, n=n)
    return province


def test_a_run_tells_nothing_that_an_audit_can_work_out(store: Store) -> None:
    filled(store, n=1200, seed=1)
    report = compute(store, make.shelf(), make.WAVE)
    found = audit(store, make.shelf(), make.WAVE, details=False)
    assert report.hidden > 0
    assert found.told > 0
    assert found.leaks == ()


@pytest.mark.parametrize("seed", range(6))
def test_no_leak_remains_in_small_provinces(sqlite_store: Store, seed: int) -> None:
    rng = np.random.default_rng(seed)
    filled(sqlite_store, n=int(rng.integers(200, 1500)), seed=seed, communes=int(rng.integers(1, 6)), framed=bool(rng.integers(2)))
    compute(sqlite_store, make.shelf(), make.WAVE)
    assert audit(sqlite_store, make.shelf(), make.WAVE, details=False).leaks == ()


def test_a_broken_protection_is_caught_with_its_place(store: Store) -> None:
    """Whatever was hidden for another's sake is told after all, as if only small domains were hidden."""
    filled(store, n=1200, seed=1)
    compute(store, make.shelf(), make.WAVE)
    with store.write() as session:
        session.execute(text("UPDATE released SET word = 'told' WHERE word = 'protects' AND n >= 10"))
    found = audit(store, make.shelf(), make.WAVE, details=False)
    assert found.leaks
    assert all(line.startswith("leak: ") and "between" in line for line in found.leaks)


def test_every_reader_goes_by_the_stored_word(store: Store) -> None:
    filled(store, n=1200, seed=1)
    compute(store, make.shelf(), make.WAVE)
    with store.read() as session:
        released = list_released(session, make.WAVE)
        periods = {domain.period for domain in released}
        facts = list_facts(session, make.WAVE, periods)
    said = {(fact.period, fact.unit_id, fact.side, fact.sector, fact.channels): (fact.verdict == "hidden", fact.flags) for fact in facts}
    assert {one.word for one in released.values()} <= {TOLD, FEW, PROTECTS, FINER}
    assert all(one.n >= 10 for one in released.values() if one.word == TOLD)
    for domain, one in released.items():
        if one.word == PROTECTS:
            assert said[domain] == (True, PROTECTS)
        if one.word == FINER:
            assert domain not in said


def test_what_was_told_stays_told_until_a_correction_and_a_small_growth_is_not_told(store: Store) -> None:
    province = filled(store, n=1200, seed=1)
    compute(store, make.shelf(), make.WAVE)
    with store.read() as session:
        before = list_released(session, make.WAVE)
    rng = random.Random(9)
    unit = province.strata[0][0]
    with store.write() as session:
        place = (unit, "civil_status", "S", str(make.LAST), rng.randbytes(16), 0.0)
        rows = [make.one_row(make.shelf(), province, rng, place) for _ in range(4)]
        make.add_sealed(session, rows, closed=False)
    compute(store, make.shelf(), make.WAVE)
    with store.read() as session:
        after = list_released(session, make.WAVE)
    assert all(after[domain] == one for domain, one in before.items() if one.word == TOLD)
    assert audit(store, make.shelf(), make.WAVE, details=False).leaks == ()
