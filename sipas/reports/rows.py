"""Figures laid out as rows of the facts table: every column but the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sipas.reports.estimation import Behind, Design, Figures
from sipas.reports.indicators import KIND_MEAN, MAIN, kind_of
from sipas.reports.judging import Judged, Promises
from sipas.stats.intervals import Bools, Floats
from sipas.stats.verdict import LEAST_FOR_VERDICT, UNRELIABLE_WIDTH
from sipas.stats.weights import Ints
from sipas.store.facts import FACT_COLUMNS

FLAGS = ("provisional", "over_frame", "no_frame", "partial_frame", "unreliable", "few_effective", "low_df", "lonely", "census")
COLUMNS = FACT_COLUMNS[1:]  # the run is the same for all, and known last
FLAG_WORDS = tuple(" ".join(word for bit, word in enumerate(FLAGS) if number >> bit & 1) for number in range(1 << len(FLAGS)))

Row = tuple[object, ...]
Texts = NDArray[np.object_]  # each word once, however many rows tell it
Columns = dict[str, Sequence[object]]


@dataclass(frozen=True, slots=True)
class Table:
    """All periods and domains of one side of one channel set, period first: what the rows of every indicator share."""

    side: str
    channels: str
    period: Texts
    unit: NDArray[np.int64]
    sector: Texts
    moved: Bools  # domains that this run releases
    passing: Bools  # an earlier year to date, told by its overall share alone
    monthly: Bools  # details of a month want 30 answers
    provisional: Bools  # the period reaches beyond the frame
    everybody: Floats  # respondents with an overall answer, framed or not
    framed: Floats  # those of them in strata with a frame


def fact_rows(table: Table, design: Design, shown: Behind, made: Figures, told: tuple[Judged | None, Promises]) -> list[Row]:
    """The rows of one indicator that are published, of those figures that were wanted."""
    at, main = made.at, made.indicator in MAIN
    keep = np.ones(len(at), np.bool_) if made.indicator == "overall" else ~table.passing[at]
    if not main:
        keep = keep & (~table.monthly[at] | (made.n >= LEAST_FOR_VERDICT))
    kept = np.flatnonzero(keep)
    columns = _domain(table, design, made, kept) | _numbers(made, kept) | _population(shown, made, kept, main=main)
    columns |= _judgement(*told, made, kept) | {"flags": _flags(table, design, made, kept)}
    return list(zip(*(columns[name] for name in COLUMNS), strict=True))


def _domain(table: Table, design: Design, made: Figures, kept: Ints) -> Columns:
    at, count = made.at[kept], len(kept)
    return {
        "period": table.period[at].tolist(),
        "unit_id": table.unit[at].tolist(),
        "side": [table.side] * count,
        "sector": table.sector[at].tolist(),
        "indicator": [made.indicator] * count,
        "channels": [table.channels] * count,
        "weighted": [design.weighted] * count,
    }


def _numbers(made: Figures, kept: Ints) -> Columns:
    fraction = np.where(np.isnan(made.finite), 0.0, made.n / np.where(made.finite > 0, made.finite, 1))
    return {
        "n": _whole(made.n[kept]),
        "n_satisfied": _whole(made.n_satisfied[kept]),
        "n_unsatisfied": _whole(made.n_unsatisfied[kept]),
        "n_effective": _real(made.star[kept]),
        "n_kish": made.n_kish[kept].tolist(),
        "value": made.value[kept].tolist(),
        "se": np.sqrt(made.variance[kept]).tolist(),
        "low": made.low[kept].tolist(),
        "high": made.high[kept].tolist(),
        "df": made.df[kept].tolist(),
        "d_pool": [made.d_pool] * len(kept),
        "fraction": fraction[kept].tolist(),
        "lonely": _whole(made.lonely[kept]),
        "levels": joined(made.levels[kept]),
    }


def _population(shown: Behind, made: Figures, kept: Ints, *, main: bool) -> Columns:
    behind = shown.take(made.at[kept])
    known = behind.population > 0
    nothing: list[object] = [None] * len(kept)
    return {
        "population": _whole(np.where(known, behind.population, np.nan)),
        "covered": _whole(np.where(known & ~(made.over[kept] > 0), behind.covered, np.nan)),
        "late_share": _real(behind.late_share) if main else nothing,
    }


def _judgement(judged: Judged | None, promised: Promises, made: Figures, kept: Ints) -> Columns:
    if judged is None:
        none, empty = [None] * len(kept), [""] * len(kept)
        return {"p_value": none, "target": none, "operator": empty, "target_set": empty, "verdict": empty, "more_needed": none}
    at, said = made.at[kept], judged.verdict[kept] != ""
    return {
        "p_value": _real(judged.p_value[kept]),
        "target": _real(np.where(said, promised.value[at], np.nan)),
        "operator": np.where(said, promised.operator[at], "").tolist(),
        "target_set": np.where(said, promised.set_code[at], "").tolist(),
        "verdict": judged.verdict[kept].tolist(),
        "more_needed": _whole(judged.more[kept]),
    }


def _flags(table: Table, design: Design, made: Figures, kept: Ints) -> list[object]:
    framed, everybody = table.framed[made.at], table.everybody[made.at]
    limit = UNRELIABLE_WIDTH * (4 if kind_of(made.indicator) == KIND_MEAN else 1)
    bits = (
        table.provisional[made.at] & design.weighted,
        made.over > 0,
        framed == 0,
        (framed > 0) & (framed < everybody),
        made.high - made.low >= limit,
        made.star < 30,
        made.df < 8,
        made.lonely > 0,
        made.finite == made.n,
    )
    number = sum((np.asarray(bit, np.int64) << place for place, bit in enumerate(bits)), np.zeros(len(made.n), np.int64))
    return list(map(FLAG_WORDS.__getitem__, number[kept].tolist()))


def joined(numbers: Ints) -> list[str]:
    """Each row of whole numbers with blanks between them; written in one go, because a join for each row takes four times as long."""
    return repr(numbers.tolist())[2:-2].replace(",", "").split("] [") if len(numbers) else []


def _real(values: Floats) -> list[object]:
    """Numbers for the database: what is not a finite number is nothing."""
    return _known(values.tolist(), values)


def _whole(values: Floats) -> list[object]:
    known = np.isfinite(values)
    return _known(np.where(known, values, 0).astype(np.int64).tolist(), values)


def _known(told: list[object], values: Floats) -> list[object]:
    for place in np.flatnonzero(~np.isfinite(values)).tolist():
        told[place] = None
    return told
