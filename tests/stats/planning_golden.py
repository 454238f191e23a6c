"""What golden/planning.R computed, by family, and the rows it made (R 4.2.2, survey 4.1-1)."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

GOLDEN = Path(__file__).parent / "golden"
_RECORDS = json.loads((GOLDEN / "planning.json").read_text())


def number(value: Any) -> Any:
    return np.inf if value == "inf" else value


def figures(family: str, figure: str | None = None) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Figure, inputs, value."""
    for record in _RECORDS:
        if record["family"] == family and figure in {None, record["figure"]}:
            yield record["figure"], {name: number(value) for name, value in record["inputs"].items()}, record["value"]


def columns(name: str) -> dict[str, np.ndarray]:
    with (GOLDEN / f"planning_{name}.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {column: np.array([float(row[column]) for row in rows]) for column in rows[0]}
