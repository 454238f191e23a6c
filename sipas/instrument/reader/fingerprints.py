"""The hashes of an instrument (decision 9): one over what is measured, one for every language's words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sipas.instrument import flow
from sipas.instrument.canonical import fingerprint
from sipas.instrument.kinds import LEVELS, NOT_MET
from sipas.instrument.model import Item, Wording
from sipas.instrument.speech import LEADING

CODES = {"stage": flow.STAGES, "respondent": flow.RESPONDENTS, "filing": flow.FILINGS}


def measure(parts: Mapping[str, Any]) -> str:
    """Codes, scales, routing, order and Vietnamese wording. The title and the note on sources are not measured with."""
    return fingerprint(
        {
            "code": parts["code"],
            "kind": parts["kind"],
            "asks": {what: CODES[what] for what in parts["asks"]},
            "stem": parts["stem"][LEADING],
            "levels": [NOT_MET, LEVELS],
            "factors": [
                {"code": factor.code, "name": factor.name[LEADING], "side": factor.side, "needs_result": factor.needs_result}
                for factor in parts["factors"]
            ],
            "items": [_measured(item, parts) for item in parts["items"]],
        }
    )


def _measured(item: Item, parts: Mapping[str, Any]) -> Mapping[str, Any]:
    scale = parts["scales"].get(item.scale)
    return {
        "code": item.code,
        "factor": item.factor,
        "kind": item.kind,
        "lengths": item.lengths,
        "text": item.text.get(LEADING, ""),
        "scale": scale.levels.get(LEADING, ()) if scale else (),
        "not_met": item.not_met.get(LEADING, ""),
        "options": [[code, wording.get(LEADING, "")] for code, wording in item.options.items()],
    }


def wordings(parts: Mapping[str, Any]) -> Wording:
    """Language → hash of every word that a person reads in it."""
    return MappingProxyType({language: fingerprint(_worded(parts, language)) for language in parts["languages"]})


def _worded(parts: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    return {
        "address_word": parts["address_word"],
        "title": parts["title"][language],
        "based_on": parts["based_on"][language],
        "stem": parts["stem"][language],
        "factors": {factor.code: factor.name[language] for factor in parts["factors"]},
        "scales": {code: scale.levels[language] for code, scale in parts["scales"].items()},
        "items": {
            item.code: [
                item.text[language],
                item.not_met.get(language, ""),
                {code: wording[language] for code, wording in item.options.items()},
            ]
            for item in parts["items"]
        },
    }
