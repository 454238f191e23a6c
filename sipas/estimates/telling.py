"""An answer as a table for readers and as JSON for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict

from sipas.estimates.answer import Answer, Line

MOST_DECIMALS = 10
TINY = 0.0001
HEAD = ("estimate", "se", "low", "high", "n", "n eff", "deff", "df", "p")
VERDICTS = {
    "met": "target met",
    "not_met": "target not met",
    "undecided": "not yet established",
    "too_few": "no verdict under 30 answers",
    "hidden": "no verdict under 10 answers",
}


def as_json(answer: Answer) -> str:
    """Everything, each number to its last bit; null where there is none."""
    told: dict[str, object] = {
        "data": answer.sheet.name,
        "found": answer.sheet.found,
        "design_file": answer.request.name,
        "level": answer.request.level,
        "design": dict(answer.told),
        "estimates": [asdict(line) for line in answer.lines],
    }
    if answer.request.covariance:
        told["covariance"] = {"names": list(answer.names), "matrix": answer.covariance.tolist()}
    told["warnings"] = list(answer.warnings)
    return json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False)


def as_table(answer: Answer) -> str:
    """What a reader needs, in the order of the design file."""
    lines = [*_about(answer), "", *_table(answer)]
    if notes := [_note(line) for line in answer.lines if line.p is not None]:
        lines += ["", "Tests:", *notes]
    if any(line.untrimmed is not None for line in answer.lines):
        lines += ["", "Before trimming:"]
        lines += [f"  {line.name}: {_number(line.untrimmed, line.se)}" for line in answer.lines if line.untrimmed is not None]
    if answer.request.covariance:
        lines += ["", "Covariance, in the order of the table:"]
        lines += ["  " + "  ".join(f"{value:.8g}" for value in row) for row in answer.covariance.tolist()]
    if answer.warnings:
        lines += ["", "Mind:", *(f"  {warning}" for warning in answer.warnings)]
    return "\n".join(lines)


def _note(line: Line) -> str:
    assert line.p is not None
    told = _p(line.p) if line.p < TINY else f"= {_p(line.p)}"
    return f"  {line.name}: {line.p_of}, p {told}" + (f"; {VERDICTS[line.verdict]}." if line.verdict else ".")


def _about(answer: Answer) -> list[str]:
    told, asked = answer.told, answer.request.sampling
    strata = f"{_count(told['strata'], 'stratum', 'strata')} ({' × '.join(asked.strata)})" if asked.strata else "one stratum"
    clusters = (
        f"{_count(told['clusters'], 'cluster', 'clusters')} ({' × '.join(asked.clusters)})"
        if asked.clusters
        else "each row drawn by itself"
    )
    stages = ", two stages" if told["stages"] == 2 else ""
    weights = (
        f"weights of column {asked.weight}" if asked.weight else "weights from population sizes" if asked.population else "equal weights"
    )
    sizes = "" if asked.population is None else ", finite population" if asked.weight is None else ", population sizes given"
    lines = [
        f"{answer.sheet.name}: {_count(told['rows'], 'row', 'rows')}; {answer.sheet.found}.",
        f"Design: {strata}, {clusters}{stages}, {weights}{sizes}; {_count(told['df'], 'degree', 'degrees')} of freedom.",
    ]
    calibration, trimming = told.get("calibration"), told.get("trimming")
    if isinstance(calibration, dict):
        margins = answer.request.calibration.margins if answer.request.calibration else ()
        names = ", ".join(" × ".join(margin.columns) for margin in margins)
        lines.append(f"Weights calibrated ({calibration['method']}) to {names}; they are worth {told['n_kish']:.1f} equal ones.")
    else:
        lines.append(f"The weights are worth {told['n_kish']:.1f} equal ones.")
    if isinstance(trimming, dict):
        before = f"{trimming['n_kish_before']:.1f} before"
        lines.append(
            f"{trimming['cut']} weights trimmed to {trimming['low']:.6g}-{trimming['high']:.6g} in {trimming['rounds']} rounds; {before}."
        )
    return lines


def _count(number: object, one: str, many: str) -> str:
    return f"{number:g} {one if number == 1 else many}"


def _table(answer: Answer) -> list[str]:
    level = f"{100 * answer.request.level:.6g} %"
    head = [f"interval {level}" if name == "low" else name for name in HEAD]
    rows = [_cells(line) for line in answer.lines]
    width = max(len(cell) for row in rows for cell in row[2:4])
    joined = [
        [*row[:2], f"{row[2]:>{width}} to {row[3]:>{width}}", *row[4:], line.interval] for row, line in zip(rows, answer.lines, strict=True)
    ]
    titles = [*head[:3], *head[4:], "method"]
    names = max(len("statistic"), *(len(line.name) for line in answer.lines))
    widths = [max(len(title), *(len(row[k]) for row in joined)) for k, title in enumerate(titles)]
    lines = [f"{'statistic':<{names}}  " + _row(titles, widths)]
    return lines + [f"{line.name:<{names}}  " + _row(row, widths) for line, row in zip(answer.lines, joined, strict=True)]


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    numbers = [f"{cell:>{width}}" for cell, width in zip(cells[:-1], widths[:-1], strict=True)]
    return "  ".join([*numbers, cells[-1]])


def _cells(line: Line) -> list[str]:
    effective = "" if line.n_effective is None else f"{line.n_effective:.1f}"
    deff = "" if line.deff is None else f"{line.deff:.3f}"
    numbers = [_number(value, line.se) for value in (line.estimate, line.se, line.low, line.high)]
    return [*numbers, f"{line.n}", effective, deff, f"{line.df:g}", _p(line.p)]


def _number(value: float | None, se: float | None) -> str:
    """As many decimals as show three digits of the standard error."""
    if value is None:
        return "none"
    if not se:
        return f"{value:.6g}"
    return f"{value:.{min(MOST_DECIMALS, max(0, 2 - math.floor(math.log10(se))))}f}"


def _p(p: float | None) -> str:
    if p is None:
        return ""
    return f"< {TINY:.4f}" if p < TINY else f"{p:.4f}"
