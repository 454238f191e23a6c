"""A stranger repeats published figures from the cells file alone, with the recipe of its page."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import filed_rows as filed
import pytest
import sealed_rows as make

from sipas.reports.cells import read_cells
from sipas.reports.facts import compute
from sipas.store.engine import Store

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cells-file.md"


@pytest.fixture
def recipe() -> Callable[..., tuple[float, float, float, float]]:
    code = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert code
    names: dict[str, Any] = {}
    exec(code[1], names)
    return names["repeat"]


@pytest.fixture
def cells(sqlite_store: Store, tmp_path: Path) -> Path:
    rng = random.Random(7)
    province = make.add_province(sqlite_store, communes=5)
    make.add_frame(sqlite_store, province, rng, answers=3000)
    make.add_answers(sqlite_store, province, rng, n=3000)
    compute(sqlite_store, make.shelf(), make.WAVE)
    path = tmp_path / "cells.csv"
    with sqlite_store.read() as session:
        path.write_bytes(b"".join(read_cells(session, make.WAVE)))
    return path


def published(path: Path, indicator: str, *, at_least: int) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["kind"] == "fact" and row["indicator"].startswith(indicator) and row["n"] and int(row["n"]) >= at_least:
                yield row


@pytest.mark.parametrize(
    ("indicator", "at_least"), [("overall", 10), ("overall", 200), ("all", 60), ("pooled", 60), ("factor:", 60), ("item:", 30)]
)
def test_figures_are_repeated_from_the_cells_alone(cells: Path, recipe: Callable[..., Any], indicator: str, at_least: int) -> None:
    facts = list(published(cells, indicator, at_least=at_least))
    for fact in random.Random(at_least).sample(facts, 4):
        keys = ("run", "channels", "side", "weighted", "unit", "sector", "period", "indicator")
        again = recipe(cells, *(fact[key] for key in keys))
        assert again == pytest.approx([float(fact[f"x{k}"]) for k in range(1, 5)], abs=1e-9), fact


@pytest.mark.parametrize("indicator", ["overall", "all", "pooled", "mean", "factor:", "item:", "index:"])
def test_figures_calibrated_on_filing_are_repeated_too(
    sqlite_store: Store, tmp_path: Path, recipe: Callable[..., Any], indicator: str
) -> None:
    filed.add_strata(sqlite_store, filed.golden("filing_rows.csv"), filed.golden("filing_frame.csv"), decided=True)
    compute(sqlite_store, filed.shelf(), make.WAVE)
    path = tmp_path / "cells.csv"
    with sqlite_store.read() as session:
        path.write_bytes(b"".join(read_cells(session, make.WAVE)))
    facts = [fact for fact in published(path, indicator, at_least=10) if fact["weighted"] == "1"]
    assert {fact["side"] for fact in facts} == {"receiving", "deciding"}
    for fact in random.Random(1).sample(facts, min(len(facts), 12)):
        keys = ("run", "channels", "side", "weighted", "unit", "sector", "period", "indicator")
        again = recipe(path, *(fact[key] for key in keys))
        kept = 2 if indicator == "mean" else 4  # of a mean the page tells value and error
        assert again[:kept] == pytest.approx([float(fact[f"x{k}"]) for k in range(1, 5)][:kept], abs=1e-9), fact


def test_hidden_domains_show_no_number(cells: Path) -> None:
    with cells.open(encoding="utf-8", newline="") as file:
        hidden = [row for row in csv.DictReader(file) if row["kind"] == "fact" and not row["x1"]]
    assert hidden
    assert all(row["n"] == "" for row in hidden)
