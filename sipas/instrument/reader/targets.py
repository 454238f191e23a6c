"""`surveys/targets/<code>.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from math import isclose
from types import MappingProxyType

from sipas.instrument.model import EVIDENCE
from sipas.instrument.reader.fielding import LANGUAGES
from sipas.instrument.reader.instruments import CODE
from sipas.instrument.reader.table import NEVER, Table
from sipas.instrument.targets import INDICATORS, OPERATORS, STATISTICS, Target, TargetSet

TIER = re.compile(r"[a-z][a-z_]{0,23}")
UNIT = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}")


def read_targets(top: Table) -> TargetSet:
    """The target set of a file; whether its sectors exist is seen when all files are read."""
    found = TargetSet(
        code=top.code("code", CODE, "quang-nam-2023"),
        name=top.spoken("name", LANGUAGES),
        legal_basis=top.text("legal_basis"),
        evidence=top.one_of("evidence", EVIDENCE),
        valid_from=top.day("valid_from") or NEVER,
        valid_to=top.day("valid_to") or NEVER,
        demonstration=top.flag("demonstration", default=False),
        lines=tuple(_read_line(table) for table in top.tables("lines", lambda _raw, number: f"line {number}")),
    )
    if found.valid_to < found.valid_from:
        top.blame("comes before valid_from", "write the last day on which the set is in force", at="valid_to")
    if not found.demonstration and found.evidence not in {"V", "V2", ""}:
        top.blame("an unverified promise cannot judge anybody", "find the document and write V or V2, or leave the set out", at="evidence")
    top.close()
    return found


def _read_line(table: Table) -> Target:
    unit, until = _read_unit(table)
    statistic = table.one_of("statistic", STATISTICS, default="overall")
    target = Target(
        indicator=table.one_of("indicator", INDICATORS),
        statistic=statistic,
        unit=unit,
        unit_until=until,
        sector=table.text("sector"),
        operator=table.one_of("operator", OPERATORS),
        value=_read_value(table, statistic),
        combine=_read_combine(table),
    )
    table.close()
    return target


def _read_value(table: Table, statistic: str) -> float:
    """A share, or a level from 1 to 5 where the mean is promised: the two are never turned into one another."""
    if statistic == "mean":
        return table.between("value", 1, 5, example="4.2")
    return table.between("value", 0, 1, example="0.90")


def _read_unit(table: Table) -> tuple[tuple[str, str] | None, date | None]:
    if "unit" not in table or (inner := table.table("unit")) is None:
        return None, None
    unit = inner.code("tier", TIER, "province"), inner.code("code", UNIT, "48")
    until = inner.day("until", needed=False)
    inner.close()
    return unit, until


def _read_combine(table: Table) -> Mapping[str, float]:
    if "combine" not in table or (inner := table.table("combine")) is None:
        return {}
    weights = {indicator: inner.between(indicator, 0, 1, example="0.5") for indicator in INDICATORS if indicator in inner}
    if not isclose(sum(weights.values()), 1):
        inner.blame(f"the weights add up to {sum(weights.values()):g}", "make them add up to 1")
    inner.close()
    return MappingProxyType(weights)
