"""Scorecards as JSON, schema `sipas-scorecard/1`: docs/exports.md describes every key. Shares are 0-1, means 1-5, differences points."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from sipas.exports.beside_json import drivers_object, trend_object
from sipas.exports.estimate_json import estimate_object
from sipas.exports.scorecards import NOTE, PROTECTED, hidden_reason, not_told
from sipas.reports.lines import ChannelLine, Front, Index, Line, Part, Scorecard, SectorCard
from sipas.reports.whole_card import WholeCard

SCHEMA = "sipas-scorecard/1"


def write_json(page: Front | Scorecard | WholeCard) -> Iterator[bytes]:
    """The page as one JSON object, UTF-8."""
    yield json.dumps(as_object(page), ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"


def as_object(page: Front | Scorecard | WholeCard) -> dict[str, object]:
    """The page as plain values; a whole card tells each sector over time, and what goes with satisfaction in it."""
    if isinstance(page, WholeCard):
        return _whole(page)
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


def _whole(page: WholeCard) -> dict[str, object]:
    trends, drivers = {one.sector: one for one in page.trends}, {one.sector: one for one in page.drivers}
    sectors = [
        {**_card(card), "trend": trend_object(trends.get(card.line.sector)), "drivers": drivers_object(drivers.get(card.line.sector))}
        for card in page.card.cards
    ]
    return {**as_object(page.card), "sectors": sectors}


def _line(line: Line) -> dict[str, object]:
    hidden = line.verdict == "hidden"
    return {
        "indicator": line.indicator,
        "sector": line.sector,
        "name": dict(line.name),
        "statistic": line.statistic,
        "channels": line.channels,
        "hidden": hidden_reason(line) or None,
        "not_told": _not_told(not_told(line)),
        "weighted": None if hidden else estimate_object(line.estimate, line.statistic),
        "unweighted": None if hidden else estimate_object(line.unweighted, line.statistic),
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
        "measures": {} if hidden else {code: estimate_object(one, code) for code, one in card.measures.items()},
        "measures_unweighted": {} if hidden else {code: estimate_object(one, code) for code, one in card.measures_unweighted.items()},
        "factors": [] if hidden else [_part(part, "factor") for part in card.factors],
        "items": [] if hidden else [_part(part, "item") for part in card.items],
        "index": [] if hidden else [_index(one) for one in card.indices],
        "by_channel": [_channel(one) for one in card.channels],
        "deciding": estimate_object(card.deciding, "overall"),
        "silence": None if hidden or card.silence is None else asdict(card.silence),
    }


def _not_told(reason: tuple[str, str, str]) -> dict[str, str] | None:
    code, vi, en = reason
    return {"code": code, "vi": vi, "en": en} if code else None


def _index(index: Index) -> dict[str, object]:
    return {
        "instrument": index.instrument,
        "length": index.length,
        "name": dict(index.title),
        "estimate": estimate_object(index.estimate, f"index:{index.instrument}:{index.length}"),
        "factors": [{"code": one.code, "name": dict(one.name), "weight": one.share, "items": list(one.items)} for one in index.weights],
    }


def _part(part: Part, kind: str) -> dict[str, object]:
    return {
        "code": part.code,
        "name": dict(part.name),
        "instrument": part.instrument,
        "length": part.length,
        "factor": part.factor,
        "side": part.side,
        "hidden": PROTECTED if part.estimate is None else None,
        "estimate": estimate_object(part.estimate, f"{kind}:{part.instrument}"),
        "levels": list(part.levels),
    }


def _channel(one: ChannelLine) -> dict[str, object]:
    return {
        "channel": one.channel,
        "hidden": PROTECTED if one.hidden else None,
        "estimate": None if one.hidden else estimate_object(one.estimate, "overall"),
        "minus_v": None if one.hidden or one.gap is None else asdict(one.gap),
    }


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
