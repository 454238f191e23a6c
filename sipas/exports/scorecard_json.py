"""Scorecards as JSON, schema `sipas-scorecard/1`: docs/exports.md describes every key. Shares are 0-1, means 1-5, differences points."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from sipas.exports.scorecards import NOTE, PROTECTED, hidden_reason
from sipas.reports.lines import Estimate, Front, Line, Part, Scorecard, SectorCard

SCHEMA = "sipas-scorecard/1"


def write_json(page: Front | Scorecard) -> Iterator[bytes]:
    """The page as one JSON object, UTF-8."""
    yield json.dumps(as_object(page), ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"


def as_object(page: Front | Scorecard) -> dict[str, object]:
    """The page as plain values."""
    head: dict[str, object] = {
        "schema": SCHEMA,
        "kind": "front" if isinstance(page, Front) else "unit",
        "note": NOTE,
        "demonstration": page.demonstration,
        "wave": page.wave,
        "period": page.period,
        "week": page.week,
        "run": page.run_id,
        "unit": {name: getattr(page.unit, name) for name in ("code", "tier", "kind", "name", "full_name", "name_en")},
    }
    if isinstance(page, Front):
        return {**head, "lines": [_line(line) for line in page.lines]}
    return {**head, "sectors": [_card(card) for card in page.cards]}


def _line(line: Line) -> dict[str, object]:
    hidden = line.verdict == "hidden"
    return {
        "indicator": line.indicator,
        "sector": line.sector,
        "name": dict(line.name),
        "statistic": line.statistic,
        "channels": line.channels,
        "hidden": hidden_reason(line) or None,
        "weighted": None if hidden else _estimate(line.estimate),
        "unweighted": None if hidden else _estimate(line.unweighted),
        "target": _target(line),
        "verdict": line.verdict,
        "difference_points": None if hidden else line.difference,
        "more_needed": None if hidden else line.more_needed,
        "change": None if hidden or line.change is None else asdict(line.change),
        "indicative": line.indicative,
        "provisional": line.provisional,
        "flags": list(line.flags),
    }


def _card(card: SectorCard) -> dict[str, object]:
    hidden = card.line.verdict == "hidden"
    return {
        **_line(card.line),
        "measures": {} if hidden else {code: _estimate(one) for code, one in card.measures.items()},
        "measures_unweighted": {} if hidden else {code: _estimate(one) for code, one in card.measures_unweighted.items()},
        "factors": [] if hidden else [_part(part) for part in card.factors],
        "items": [] if hidden else [_part(part) for part in card.items],
        "by_channel": [_channel(one.channel, one.estimate, hidden=one.hidden) for one in card.channels],
        "deciding": _estimate(card.deciding),
    }


def _estimate(estimate: Estimate | None) -> dict[str, object] | None:
    return None if estimate is None else {**asdict(estimate), "flags": list(estimate.flags)}


def _part(part: Part) -> dict[str, object]:
    return {
        "code": part.code,
        "name": dict(part.name),
        "instrument": part.instrument,
        "length": part.length,
        "factor": part.factor,
        "side": part.side,
        "hidden": PROTECTED if part.estimate is None else None,
        "estimate": _estimate(part.estimate),
        "levels": list(part.levels),
    }


def _channel(channel: str, estimate: Estimate | None, *, hidden: bool) -> dict[str, object]:
    return {"channel": channel, "hidden": PROTECTED if hidden else None, "estimate": None if hidden else _estimate(estimate)}


def _target(line: Line) -> dict[str, object] | None:
    if (target := line.target) is None:
        return None
    return {
        "value": target.value,
        "operator": target.operator,
        "statistic": target.statistic,
        "set": target.set_code,
        "name": dict(target.set_name),
        "legal_basis": dict(target.legal_basis) if isinstance(target.legal_basis, Mapping) else target.legal_basis,
        "expired": target.expired,
        "demonstration": target.demonstration,
    }
