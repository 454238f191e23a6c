"""What a kiosk shows: its unit and counter, and every questionnaire that is open there, in all languages, as plain JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sipas.instrument import flow
from sipas.instrument.kinds import NOT_MET
from sipas.instrument.model import Instrument, Item, Sector, Wave
from sipas.instrument.recordings import EVERY_FORM, Recording
from sipas.store.kiosks import Standing
from sipas.web.house import House
from sipas.web.language import SOURCE, translations
from sipas.web.sound import address_of, integrity_of
from sipas.web.tongues import tongues

Spoken = dict[str, str]


def hash_of(bundle: Mapping[str, Any]) -> str:
    """What tells one bundle from another."""
    return hashlib.sha256(json.dumps(bundle, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def draw_bundle(house: House, standing: Standing, day: date, recordings: Sequence[Recording] = ()) -> dict[str, Any]:
    """Everything that the kiosk needs to ask, for as many days as it stays without network; recordings it fetches apart."""
    counter, kiosk = standing.counter, standing.kiosk
    served = counter.sectors.split()
    offers = []
    for sector in (house.shelf.sectors[code] for code in house.shelf.sectors if code in served):
        wave = house.shelf.wave_for(sector.code, day, demonstration=house.settings.demo)
        if wave is not None:
            instrument = house.shelf.instrument_for(wave, sector.code, counter.instrument)
            offers.append(_offer(sector, wave, instrument, kiosk.length))
    return {
        "unit": {"vi": standing.unit.full_name, **({"en": standing.unit.name_en} if standing.unit.name_en else {})},
        "counter": counter.name,
        "comments": kiosk.comments,
        "length": kiosk.length,
        "asked": len(served) > 1,
        "contact": {"phone": house.settings.contact_phone, "address": house.settings.contact_address},
        "receipts": f"{house.settings.public_url}/r",
        "offers": offers,
        "recorded": _recorded({EVERY_FORM, *(offer["form"].partition("@")[0] for offer in offers)}, recordings),
    }


def _recorded(forms: set[str], recordings: Sequence[Recording]) -> dict[str, dict[str, str]]:
    """``language/questionnaire/item`` → where the file is, and the hash that it must have."""
    wanted = (one for one in recordings if one.form in forms)
    return {f"{one.language}/{one.form}/{one.item}": {"address": address_of(one), "integrity": integrity_of(one)} for one in wanted}


def _offer(sector: Sector, wave: Wave, instrument: Instrument, length: str) -> dict[str, Any]:
    return {
        "sector": sector.code,
        "name": _spoken(sector.name),
        "words": _spoken(sector.counter_words),
        "wave": wave.code,
        "first": wave.first_day.isoformat(),
        "last": wave.last_day.isoformat(),
        "form": f"{instrument.code}@{instrument.measure}",
        "title": _spoken(instrument.title),
        "based": _spoken(instrument.based_on),
        "questions": list(_questions(instrument, length)),
        "results": sorted(flow.WITH_RESULT),
    }


def _questions(instrument: Instrument, length: str) -> Iterator[dict[str, Any]]:
    """Each question in form order. ``waits``: left out while there is no result to judge."""
    for what in flow.asked(instrument, length):
        options = [{"value": code, "text": _spoken(words)} for code, words in flow.WORDS[what].items()]
        yield {"name": what, "kind": "asked", "text": _spoken(flow.QUESTIONS[what]), "stem": {}, "waits": False, "options": options}
    waiting = {factor.code for factor in instrument.factors if factor.needs_result} if "stage" in instrument.asks else set()
    for item in instrument.form(length):
        yield {
            "name": item.code,
            "kind": "scale" if item.is_scale else "asked",
            "text": _spoken(item.text),
            "stem": _spoken(instrument.stem) if item.is_scale and item.factor else {},
            "waits": item.factor in waiting,
            "options": _options(instrument, item),
        }


def _options(instrument: Instrument, item: Item) -> list[dict[str, Any]]:
    if not item.is_scale:
        return [{"value": code, "text": _spoken(words)} for code, words in item.options.items()]
    levels = instrument.scales[item.scale].levels
    worded = [
        {"value": str(level), "text": {language: worded[level - 1] for language, worded in levels.items() if language in tongues()}}
        for level in range(1, len(levels[SOURCE]) + 1)
    ]
    return [*worded, {"value": str(NOT_MET), "text": _spoken(item.not_met)}]


def _spoken(wording: Mapping[str, str]) -> Spoken:
    """A wording in every language that has words for it: its own, or those of that language's catalogue."""
    spoken = {}
    for language in tongues():
        text = wording.get(language) or translations(language).gettext(wording[SOURCE])
        if language == SOURCE or text != wording[SOURCE]:
            spoken[language] = text
    return spoken
