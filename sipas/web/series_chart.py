"""A figure over its periods: points with whiskers and a ribbon, targets as ticks, and breaks that no ribbon crosses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sipas.web import charts
from sipas.web.charts import FONT, GRID, INK, NARROW, SOFT, WIDE

LINE, RIBBON = "#1f4e79", "#9db8d2"
LABELS_NARROW, LABELS_WIDE = 5, 18


@dataclass(frozen=True, slots=True)
class Mark:
    """One period; without a value nothing may be told of it, and its place stays empty. On the scale of the axis."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    target: float | None
    piece: int
    breaks: str  # the number of the break that it begins with; empty where it goes on


def series(
    marks: Sequence[Mark], *, language: str, target_word: str, unit: str = "%", drawer: charts.Drawer | None = None
) -> charts.Picture:
    """The picture, wide and narrow; ``unit`` stands behind each number of the axis, and without one the axis runs from 1 to 5."""
    drawn = drawer or charts.draw
    return charts.Picture(*(drawn(json.dumps(series_spec(marks, target_word, unit, narrow=narrow)), language) for narrow in (False, True)))


def series_spec(marks: Sequence[Mark], target_word: str, unit: str, *, narrow: bool) -> dict[str, Any]:
    """The specification of `series`."""
    values = [_value(place, mark) for place, mark in enumerate(marks)]
    told = [value for value in values if value["value"] is not None]
    lows = [value["low"] for value in told] + [value["target"] for value in told if value["target"] is not None]
    scale = [max(0, min(80, int(min(lows, default=0)) // 10 * 10)), 100] if unit else [1, 5]
    x = {"field": "place", "type": "quantitative", "axis": _periods(marks, narrow=narrow), "title": None}
    x["scale"] = {"domain": [-0.6, len(marks) - 0.4], "nice": False}
    y = {"field": "value", "type": "quantitative", "scale": {"domain": scale, "nice": False, "zero": False}, "title": None}
    y["axis"] = {"labelExpr": f"datum.label + '{unit}'", "format": "d", "tickCount": 5, "gridColor": GRID}
    high = {"y": {**y, "field": "low"}, "y2": {"field": "high"}}
    run = {"detail": {"field": "run", "type": "nominal"}}
    shown = [{"filter": "isValid(datum.value)"}]
    layer = [
        {"transform": shown, "mark": {"type": "area", "color": RIBBON, "opacity": 0.45, "aria": False}, "encoding": {"x": x, **high, **run}},
        {"transform": shown, "mark": {"type": "rule", "strokeWidth": 1.5, "color": SOFT, "aria": False}, "encoding": {"x": x, **high}},
        {"transform": shown, "mark": {"type": "line", "color": LINE, "strokeWidth": 2, "aria": False}, "encoding": {"x": x, "y": y, **run}},
        {"transform": shown, "mark": {"type": "point", "color": LINE, "fill": LINE, "opacity": 1, "size": 55, "aria": False}, "encoding": {"x": x, "y": y}},
        *_targets(x, y, target_word),
        *_breaks(x),
    ]  # fmt: skip
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": values},
        "layer": layer,
        "width": (NARROW if narrow else WIDE) - 44,  # the word behind the last target stands beside the axes
        "height": 220 if narrow else 260,
        "padding": 4,
        "background": "#ffffff",
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "axis": {"labelColor": INK, "labelFontSize": 13, "tickColor": GRID, "domainColor": GRID},
        },
    }


def _value(place: int, mark: Mark) -> dict[str, Any]:
    return {
        "place": place,
        "value": mark.value,
        "low": mark.low,
        "high": mark.high,
        "target": mark.target,
        "run": mark.piece,
        "from": place - 0.4,
        "to": place + 0.4,
        "before": place - 0.5,
        "breaks": mark.breaks,
    }


def _periods(marks: Sequence[Mark], *, narrow: bool) -> dict[str, Any]:
    """Labels below the points: where there are many, every second or third, the last always among them; on a wide picture each year once."""
    every = -(-len(marks) // (LABELS_NARROW if narrow else LABELS_WIDE))
    places = [place for place in range(len(marks)) if (len(marks) - 1 - place) % every == 0]
    labels = [marks[place].label for place in places]
    words = json.dumps(dict(zip(places, labels if narrow else _years_once(labels), strict=True)), ensure_ascii=False)
    return {"values": places, "labelExpr": f"split({words}[datum.value], '/')", "grid": False, "labelOverlap": False, "labelPadding": 8}


def _years_once(labels: Sequence[str]) -> list[str]:
    """``11/2025``, ``12``, ``1/2026``, ``2``: a year stands where it begins."""
    years = ["", *(label.rpartition("/")[2] for label in labels)]
    return [label.partition("/")[0] if year == before else label for label, year, before in zip(labels, years[1:], years, strict=False)]


def _targets(x: dict[str, Any], y: dict[str, Any], word: str) -> list[dict[str, Any]]:
    known = [{"filter": "isValid(datum.target)"}]
    there = {"y": {**y, "field": "target"}}
    named = [
        *known,
        {"window": [{"op": "rank", "as": "rank"}], "sort": [{"field": "place", "order": "descending"}]},
        {"filter": "datum.rank == 1"},
    ]
    text = {"type": "text", "align": "left", "dx": 6, "fontSize": 12, "color": INK, "aria": False}
    return [
        {
            "transform": known,
            "mark": {"type": "rule", "strokeWidth": 2, "color": INK, "aria": False},
            "encoding": {"x": {**x, "field": "from"}, "x2": {"field": "to"}, **there},
        },
        {"transform": named, "mark": {**text, "text": word}, "encoding": {"x": {**x, "field": "to"}, **there}},
    ]


def _breaks(x: dict[str, Any]) -> list[dict[str, Any]]:
    here = [{"filter": "datum.breaks != ''"}]
    at = {"x": {**x, "field": "before"}}
    top = {"type": "text", "y": 0, "align": "left", "dx": 4, "dy": 8, "fontSize": 13, "fontWeight": 600, "color": INK, "aria": False}
    return [
        {"transform": here, "mark": {"type": "rule", "strokeDash": [5, 4], "strokeWidth": 2, "color": INK, "aria": False}, "encoding": at},
        {"transform": here, "mark": top, "encoding": {**at, "text": {"field": "breaks"}}},
    ]
