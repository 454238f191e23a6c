"""Pictures: what a table says, drawn by Vega-Lite into an SVG that is shown as an image.

As an image it needs no style attribute and no script, so the strict policy holds; its words stand beside it as a table and as its
``alt``. `sipas.web.pictures` keeps each with the run whose figures it shows.
"""

from __future__ import annotations

import base64
import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

VEGA_LITE = "6.4"  # pinned: the same picture on every page and in every year
FONT = "system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, sans-serif"
INK, SOFT, GRID = "#1c2530", "#4c5663", "#d6d3c9"
WIDE, NARROW = 680, 270
Drawer = Callable[[str, str], str]  # a specification and a language → the picture's address
VIETNAMESE = MappingProxyType({"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]})
ENGLISH = MappingProxyType({"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", " ₫"]})

# verdict → shape, colour, filled: the same signs as in words (components/verdict.html)
SIGNS: Mapping[str, tuple[str, str, bool]] = MappingProxyType(
    {
        "met": ("triangle-up", "#17663a", True),
        "not_met": ("triangle-down", "#a8321f", True),
        "undecided": ("diamond", "#7d5200", False),
        "too_few": ("circle", "#545d68", False),
        "no_target": ("circle", "#545d68", True),
    }
)
LEVELS = ("#8f3a26", "#d79a84", "#cfcabd", "#8fbfb2", "#1f6b5b")  # 1 to 5: dark ends, so that grey paper keeps the order


@dataclass(frozen=True, slots=True)
class Dot:
    """One share on the common axis, with its interval and its target (0-1)."""

    label: str
    value: float
    low: float
    high: float
    target: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Bar:
    """How many chose each of the five levels, and what is printed at the end of the bar."""

    label: str
    levels: tuple[int, ...]
    satisfied: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The same picture for a wide and for a narrow page, as addresses that an ``img`` understands."""

    wide: str
    narrow: str


def dots(rows: Sequence[Dot], *, language: str, target_word: str, most: int = 100, drawer: Drawer | None = None) -> Picture:
    """Dots and whiskers on one shared axis that ends at ``most`` percent, targets as ticks, rows in the order given.

    ``drawer`` may know the picture already.
    """
    drawn = drawer or draw
    return Picture(*(drawn(json.dumps(dot_spec(rows, target_word, most=most, narrow=narrow)), language) for narrow in (False, True)))


def bars(rows: Sequence[Bar], *, language: str, words: Sequence[str], drawer: Drawer | None = None) -> Picture:
    """Five levels stacked, diverging at the middle of the third; ``words`` name the levels."""
    drawn = drawer or draw
    return Picture(*(drawn(json.dumps(bar_spec(rows, words, narrow=narrow)), language) for narrow in (False, True)))


def draw(spec: str, language: str) -> str:
    """A specification as a ``data:`` address of its SVG."""
    import vl_convert  # noqa: PLC0415 -- 90 MB that only a page with a picture needs

    locale = ENGLISH if language == "en" else VIETNAMESE
    svg: str = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, format_locale=dict(locale))
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


def dot_spec(rows: Sequence[Dot], target_word: str, *, narrow: bool, most: int = 100) -> dict[str, Any]:
    """The specification of `dots`."""
    lowest = min([row.low for row in rows] + [row.target for row in rows if row.target is not None])
    start = max(0, min(80, int(100 * lowest) // 10 * 10))
    before = [None, *(row.target for row in rows)]
    lines = max(_wrapped(row.label, narrow=True).count("\n") for row in rows) + 1 if narrow else 1
    values = [
        _dot_value(row, word=target_word if row.target != old else "", narrow=narrow, lines=lines)
        for row, old in zip(rows, before, strict=False)
    ]
    y = {"field": "row", "type": "ordinal", "sort": None, "axis": _names(narrow=narrow, lift=15 + 7 * lines), "title": None}
    x = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [start, most], "nice": False},
        "axis": {"format": "d", "labelExpr": "datum.label + '%'", "tickCount": 5, "title": None, "gridColor": GRID},
    }
    marks: list[dict[str, Any]] = [
        {
            "mark": {"type": "rule", "strokeWidth": 2, "color": SOFT, "aria": False},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}},
        },
        {
            "transform": [{"filter": "isValid(datum.target)"}],
            "mark": {"type": "tick", "thickness": 2, "size": 24, "color": INK, "aria": False},
            "encoding": {"x": {**x, "field": "target"}},
        },
        {
            "transform": [{"filter": "isValid(datum.target) && datum.word != ''"}],
            "mark": {"type": "text", "dy": 19 if narrow else -18, "align": "center", "fontSize": 12, "color": INK, "aria": False},
            "encoding": {"x": {**x, "field": "target"}, "text": {"field": "word"}},
        },
    ]
    marks += [_signs(verdict, x) for verdict in SIGNS]
    return _whole({"data": {"values": values}, "encoding": {"y": y}, "layer": marks}, narrow=narrow, step=32 + 20 * lines if narrow else 40)


def bar_spec(rows: Sequence[Bar], words: Sequence[str], *, narrow: bool) -> dict[str, Any]:
    """The specification of `bars`."""
    values = [piece for row in rows for piece in _bar_values(row, words, narrow=narrow)]
    left, right = min(piece["start"] for piece in values), max(piece["end"] for piece in values)
    y = {"field": "row", "type": "ordinal", "sort": None, "axis": _names(narrow=narrow, lift=48), "title": None}
    legend = {"orient": "top", "title": None, "columns": 2 if narrow else 5, "symbolType": "square", "labelLimit": 400}
    bar = {
        "mark": {"type": "bar", "height": 18, "stroke": "#ffffff", "strokeWidth": 1, "aria": False},
        "encoding": {
            "x": {
                "field": "start",
                "type": "quantitative",
                "scale": {"domain": [left - 2, right + (24 if narrow else 14)], "nice": False},
                "axis": None,
            },
            "x2": {"field": "end"},
            "color": {"field": "level", "type": "nominal", "scale": {"domain": list(words), "range": list(LEVELS)}, "legend": legend},
        },
    }
    printed = {
        "transform": [{"filter": "datum.last"}],
        "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 13, "fontWeight": 600, "color": INK, "aria": False},
        "encoding": {"x": {"field": "end", "type": "quantitative"}, "text": {"field": "satisfied"}},
    }
    return _whole({"data": {"values": values}, "encoding": {"y": y}, "layer": [bar, printed]}, narrow=narrow, step=100 if narrow else 46)


def _dot_value(row: Dot, *, word: str, narrow: bool, lines: int) -> dict[str, Any]:
    shares = {"value": 100 * row.value, "low": 100 * row.low, "high": 100 * row.high}
    return {
        "row": _wrapped(row.label, narrow=narrow, lines=lines),
        **shares,
        "target": None if row.target is None else 100 * row.target,
        "verdict": row.verdict,
        "word": word,
    }


def _signs(verdict: str, x: Mapping[str, Any]) -> dict[str, Any]:
    shape, colour, filled = SIGNS[verdict]
    fill = colour if filled else "#ffffff"
    return {
        "transform": [{"filter": f"datum.verdict == '{verdict}'"}],
        "mark": {
            "type": "point",
            "shape": shape,
            "size": 130,
            "filled": False,
            "stroke": colour,
            "fill": fill,
            "strokeWidth": 2,
            "opacity": 1,
            "aria": False,
        },
        "encoding": {"x": dict(x)},
    }


def _bar_values(row: Bar, words: Sequence[str], *, narrow: bool) -> list[dict[str, Any]]:
    total = sum(row.levels)
    shares = [100 * level / total for level in row.levels]
    edge = -(shares[0] + shares[1] + shares[2] / 2)
    pieces = []
    for number, (word, share) in enumerate(zip(words, shares, strict=True)):
        pieces.append(
            {
                "row": _wrapped(row.label, narrow=narrow, lines=3 if narrow else 1),
                "level": word,
                "start": edge,
                "end": edge + share,
                "last": number == len(words) - 1,
                "satisfied": row.satisfied,
            }
        )
        edge += share
    return pieces


def _names(*, narrow: bool, lift: int) -> dict[str, Any]:
    """Row names: at the left of a wide picture, ``lift`` pixels above each row of a narrow one."""
    axis: dict[str, Any] = {"labelExpr": "split(datum.value, '\\n')", "labelLimit": 600, "domain": False, "ticks": False, "grid": False}
    if narrow:
        return axis | {"labelAlign": "left", "labelPadding": 0, "labelOffset": -lift, "labelFontSize": 13, "zindex": 1}
    return axis | {"labelPadding": 10, "labelFontSize": 13}


def _wrapped(label: str, *, narrow: bool, lines: int = 1) -> str:
    """A label on at least so many lines, the empty ones above, so that it ends where its row begins."""
    text = textwrap.wrap(label, 40 if narrow else 44) or [label]
    return "\n".join([" "] * (lines - len(text)) + text[:4])


def _whole(spec: dict[str, Any], *, narrow: bool, step: int) -> dict[str, Any]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        **spec,
        "width": NARROW if narrow else WIDE,
        "height": {"step": step},
        "padding": 4,
        "background": "#ffffff",
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "axis": {"labelColor": INK, "labelFontSize": 13, "tickColor": GRID, "domainColor": GRID},
            "legend": {"labelFontSize": 13, "labelColor": INK},
        },
    }
