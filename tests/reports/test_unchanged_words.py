"""What is said again needs no writing: a domain that stays too fine keeps its row, every other one moves with a correction."""

from __future__ import annotations

import random

import sealed_rows as make
from sqlalchemy import text

from sipas.reports.facts import compute
from sipas.store.engine import Store
from sipas.store.facts import FINER, list_shown_runs


def test_a_domain_that_stays_too_fine_is_not_written_again(store: Store) -> None:
    rng = random.Random(3)
    province = make.add_province(store, communes=2, hospitals=1, schools=1)
    make.add_answers(store, province, rng, n=300)
    first = compute(store, make.shelf(), make.WAVE).run_id
    with store.write() as session:
        session.execute(text("UPDATE released SET n = n + 1 WHERE word = 'finer' AND period LIKE '%-Q%'"))
    second = compute(store, make.shelf(), make.WAVE, correction=True).run_id
    with store.read() as session:
        rows = session.execute(text("SELECT run_id, word, period FROM released")).all()
        shown = [run.id for run in list_shown_runs(session, make.WAVE)]
    finer = {(run, "-Q" in period) for run, word, period in rows if word == FINER}
    assert finer == {(first, False), (second, True)}  # where the number is another one, it is written
    assert {run for run, word, _ in rows if word != FINER} == {second}
    assert shown == [second]
