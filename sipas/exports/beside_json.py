"""Trends and key drivers as JSON: docs/exports.md describes every key. Slopes are points a month; shares of R² are 0-1."""

from __future__ import annotations

from dataclasses import asdict
from types import MappingProxyType

from sipas.exports.estimate_json import estimate_object
from sipas.exports.scorecards import HIDDEN, PROTECTED
from sipas.reports.driving import Driving, FormPart
from sipas.reports.fixed_mix import FixedMix
from sipas.reports.trends import Point, Series
from sipas.stats.trend import Trend
from sipas.store.facts import FEW, PROTECTS

SILENT = MappingProxyType({FEW: HIDDEN, PROTECTS: PROTECTED})


def trend_object(series: Series | None) -> dict[str, object] | None:
    """A series with its breaks, the slope of each piece, and the slope at one mix; None where fewer than two periods are told."""
    if series is None or len(series.told) < 2:
        return None
    return {
        "statistic": series.statistic,
        "step": series.step,
        "steps": list(series.steps),
        "run": series.run_id,
        "indicative": series.indicative,
        "points": [_point(point, series.statistic) for point in series.points],
        "breaks": [{"period": one.period, "reasons": list(one.reasons), "names": list(one.names)} for one in series.breaks],
        "slopes": [_piece(series, place, piece) for place, piece in series.placed],
        "fixed_mix": _mix(series.mix),
        "shared_months": [list(months) for months in series.shared],
    }


def _point(point: Point, statistic: str) -> dict[str, object]:
    return {
        "period": point.period,
        "estimate": estimate_object(point.estimate, statistic),
        "hidden": SILENT.get(point.hidden),
        "partial": point.partial,
        "target": point.target,
        "piece": point.piece,
    }


def _piece(series: Series, place: int, piece: Trend) -> dict[str, object]:
    mine = [point.period for point in series.told if point.piece == place]
    return {"piece": place, "since": mine[0], "until": mine[-1], **_slope(piece)}


def _slope(piece: Trend) -> dict[str, object]:
    """The numbers of a slope; ``first`` and ``last`` are told as periods instead."""
    told = {name: getattr(piece, name) for name in ("periods", "slope", "se", "low", "high", "t", "p", "df", "direction")}
    return {**told, "reason": piece.reason or None, "any_change": asdict(piece.change) if piece.change else None}


def _mix(mix: FixedMix | None) -> dict[str, object] | None:
    return None if mix is None else {"mix": dict(mix.mix), "weighted": mix.weighted, **_slope(mix.told)}


def drivers_object(driving: Driving | None) -> list[dict[str, object]]:
    """The factors of each form; nothing where too few answered one in full."""
    return [_form(part) for part in driving.forms] if driving else []


def _form(part: FormPart) -> dict[str, object]:
    told = part.told
    plain = ("period", "instrument", "length", "weighted", "n", "clusters", "r_squared", "r_low", "r_high")
    return {
        **{name: getattr(told, name) for name in plain},
        "name": dict(part.title),
        "even_share": part.even,
        "unreliable": part.shaky,
        "factors": [
            {
                **asdict(line.told),
                "name": dict(line.name),
                "stands": line.stands,
                "estimate": estimate_object(line.estimate, f"factor:{told.instrument}"),
            }
            for line in part.lines
        ],
    }
