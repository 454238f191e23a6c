"""An invented province whose counters differ as honest ones do, and a unit into which answers are stuffed."""

from __future__ import annotations

import json
import random
from typing import Any

from sipas.store.engine import Store
from sipas.store.responses import add_sealed
from tests.reports import sealed_rows as make

ROUNDS = 99  # permutations: enough for twenty units
STUFFED_WEEKS = ("2026-W44", "2026-W45", "2026-W46")


def honest(store: Store, *, n: int = 2600, communes: int = 20) -> make.Province:
    """A frame, and answers of which some are fast wherever they were given."""
    rng = random.Random(12)
    province = make.add_province(store, communes=communes, hospitals=1, schools=1)
    make.add_frame(store, province, rng, answers=n)
    make.add_answers(store, province, rng, n=n)
    with store.write() as session:
        session.connection().exec_driver_sql(f"UPDATE batch SET state = 'open' WHERE week = '{make.LAST}'")
    return province


def stuff(store: Store, province: make.Province, *, unit: int, n: int = 60, weeks: tuple[str, ...] = STUFFED_WEEKS, **marks: Any) -> None:
    """Fast answers, all of one pattern, under one unit; the open week is refilled too where it is named."""
    rng = random.Random(3)
    books, rows = make.shelf(), []
    for number in range(n):
        week = weeks[number % len(weeks)]
        row = make.one_row(books, province, rng, (unit, "civil_status", "S", week, rng.randbytes(16), 0.0))
        while row["length"] != "short":
            row = make.one_row(books, province, rng, (unit, "civil_status", "S", week, rng.randbytes(16), 0.0))
        levels = {code: (5, 5, 4)[place % 3] for place, code in enumerate(sorted(json.loads(row["answers"])))}
        row["answers"] = json.dumps(levels, sort_keys=True, separators=(",", ":"))
        rows.append(row | {"reasons": "fast"} | marks)
    with store.write() as session:
        add_sealed(session, [row for row in rows if row["week"] != str(make.LAST)], closed=True)
        add_sealed(session, [row for row in rows if row["week"] == str(make.LAST)], closed=False)


def bytes_of(store: Store, *tables: str) -> dict[str, list[tuple[object, ...]]]:
    """Everything that some tables hold, in the order in which it lies there."""
    with store.read() as session:
        connection = session.connection()
        return {table: [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}")] for table in tables}
