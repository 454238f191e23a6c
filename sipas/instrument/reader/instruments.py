"""`surveys/instruments/<code>.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sipas.instrument.kinds import KINDS, LEVELS
from sipas.instrument.model import (
    ASKED,
    EVIDENCE,
    FAMILIES,
    FRAME_KINDS,
    LENGTHS,
    SIDES,
    Factor,
    Instrument,
    Item,
    Scale,
    Wording,
)
from sipas.instrument.reader import fingerprints, formchecks
from sipas.instrument.reader.table import NEVER, Table
from sipas.instrument.speech import LEADING

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")  # short enough to stand inside an indicator's name
ITEM = re.compile(r"[A-Z][A-Z0-9_]{0,15}")
OPTION = re.compile(r"[a-z0-9][a-z0-9_]{0,31}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # BCP 47, as far as it is needed
MOST_LANGUAGES = 20  # their hashes are kept in one column


def read_instrument(top: Table) -> Instrument:
    """The instrument of a file, whose faults stand in ``top``'s list."""
    languages = _read_languages(top)
    parts: dict[str, Any] = {
        "code": top.code("code", CODE, "sipas-service-2023"),
        "address_word": top.text("address_word"),
        "family": top.one_of("family", tuple(FAMILIES)),
        "kind": top.one_of("kind", FRAME_KINDS),
        "asks": top.some_of("asks", ASKED),
        "title": top.spoken("title", languages),
        "based_on": top.spoken("based_on", languages),
        "stem": top.spoken("stem", languages),
        "scales": _read_scales(top, languages),
        "factors": _read_factors(top, languages),
        "languages": languages,
        "wording_number": top.whole("wording"),
        "wording_day": top.day("wording_day") or NEVER,
    }
    parts["items"] = _read_items(top, languages, parts["scales"], top.spoken("not_met", languages))
    top.close()
    formchecks.check(top, parts["asks"], parts["factors"], parts["items"])
    return Instrument(**parts, measure=fingerprints.measure(parts), wording_hashes=fingerprints.wordings(parts))


def _read_languages(top: Table) -> tuple[str, ...]:
    languages = top.texts("languages")
    for strange in (language for language in languages if not LANGUAGE.fullmatch(language)):
        top.blame(f"{strange!r} is not a language tag", "write BCP 47 tags such as vi, en or km", at="languages")
    if len(languages) > MOST_LANGUAGES:
        top.blame(f"names {len(languages)} languages", f"keep {MOST_LANGUAGES} at most", at="languages")
    if LEADING not in languages:
        top.blame("Vietnamese is missing", 'write languages = ["vi", …]', at="languages")
    known = tuple(language for language in languages if LANGUAGE.fullmatch(language))
    return known if LEADING in known else (LEADING, *known)


def _read_scales(top: Table, languages: Sequence[str]) -> Mapping[str, Scale]:
    scales = {}
    if (inner := top.table("scales")) is not None:
        for code in inner.keys():  # noqa: SIM118 -- a Table, not a dictionary
            if (levels := inner.table(code)) is not None:
                scales[code] = Scale(code, MappingProxyType({language: _read_levels(levels, language) for language in languages}))
                levels.close()
    return MappingProxyType(scales)


def _read_levels(levels: Table, language: str) -> tuple[str, ...]:
    words = levels.texts(language)
    if words and len(words) != LEVELS:
        levels.blame(f"has {len(words)} levels", f"write {LEVELS}, the lowest first", at=language)
    return words


def _read_factors(top: Table, languages: Sequence[str]) -> tuple[Factor, ...]:
    factors = []
    for table in top.tables("factors", lambda raw, number: f"factor {raw.get('code', number)}"):
        factors.append(
            Factor(
                code=table.code("code", ITEM, "TC"),
                name=table.spoken("name", languages),
                side=table.one_of("side", SIDES),
                needs_result=table.flag("needs_result", default=False),
            )
        )
        table.close()
    return tuple(factors)


def _read_items(top: Table, languages: Sequence[str], scales: Mapping[str, Scale], not_met: Wording) -> tuple[Item, ...]:
    return tuple(
        item
        for table in top.tables("items", lambda raw, number: f"item {raw.get('code', number)}")
        if (item := _read_item(table, languages, scales, not_met)) is not None
    )


def _read_item(table: Table, languages: Sequence[str], scales: Mapping[str, Scale], not_met: Wording) -> Item | None:
    kind = table.one_of("kind", tuple(KINDS), default="likert5")
    parts: dict[str, Any] = {
        "code": table.code("code", ITEM, "TC1"),
        "factor": table.text("factor", default="") or None,
        "kind": kind,
        "lengths": table.some_of("lengths", LENGTHS, default=("full",)),
        "evidence": table.one_of("evidence", EVIDENCE),
        "text": table.wording(languages),
    }
    if kind == "likert5":
        parts["scale"] = _read_scale_name(table, scales)
        parts["not_met"] = not_met
    elif kind == "choice":
        parts["options"] = _read_options(table, languages)
    table.close()
    return Item(**parts) if kind else None


def _read_scale_name(table: Table, scales: Mapping[str, Scale]) -> str:
    scale = table.text("scale", default="satisfaction")
    if scale not in scales:
        table.blame(f"uses scale {scale!r}, which is not defined", f"add [scales.{scale}] or choose from {', '.join(scales) or 'none yet'}")
    return scale


def _read_options(table: Table, languages: Sequence[str]) -> Mapping[str, Wording]:
    options: dict[str, Wording] = {}
    for inner in table.tables("options", lambda raw, number: f"option {raw.get('code', number)}"):
        code = inner.code("code", OPTION, "female")
        if code in options:
            inner.blame("stands there twice", "give the second another code")
        options[code] = inner.wording(languages)
        inner.close()
    return MappingProxyType(options)
