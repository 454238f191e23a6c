"""However many blocks the sums are worked on in, and by however many at once, every figure has the same bits."""

from __future__ import annotations

import random

import pytest
import sealed_rows as make

from sipas.extract import Extract
from sipas.reports.facts import publish_all, read_material
from sipas.reports.rows import Row
from sipas.stats import domains
from sipas.store.engine import Store


def figures(store: Store) -> list[Row]:
    books = make.shelf()
    wave = books.waves[make.WAVE]
    with store.read() as session:
        material = read_material(session, Extract(None), books, wave, correction=True)
    return [row for part in publish_all(material, books, wave, lambda _: None) for row in part.rows]


def test_blocks_change_no_bit(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(20261122)
    province = make.add_province(sqlite_store, communes=4, hospitals=1, schools=2)
    make.add_frame(sqlite_store, province, rng, answers=900)
    make.add_answers(sqlite_store, province, rng, n=900)
    whole = figures(sqlite_store)
    monkeypatch.setattr(domains, "BLOCK", 60)
    assert repr(figures(sqlite_store)) == repr(whole)
    assert len(whole) > 1000
