"""A questionnaire on paper: every box has a number, and whoever types a sheet in types these numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sipas.instrument import flow
from sipas.instrument.kinds import NOT_MET
from sipas.instrument.model import OVERALL, Instrument, Item, Wording
from sipas.instrument.speech import in_language


@dataclass(frozen=True, slots=True)
class Box:
    """One box on the paper: the number that is printed in it and typed, what is kept for it, and its words."""

    key: str
    value: str
    text: Wording


@dataclass(frozen=True, slots=True)
class PaperField:
    """One question on paper, with its boxes in the order of the form."""

    code: str
    kind: str  # asked, likert5 or choice
    section: str  # "asked", a factor's code, "overall" or "respondent"
    text: Wording
    boxes: tuple[Box, ...]
    after_result: bool  # answered only by who has a result

    def key_of(self, value: str) -> str:
        """The number that was typed for a kept value; empty for none."""
        return next((box.key for box in self.boxes if box.value == value), "")


def paper_fields(instrument: Instrument, length: str) -> tuple[PaperField, ...]:
    """Everything that the paper asks, in its order."""
    return tuple(_draw(instrument, length))


def _draw(instrument: Instrument, length: str) -> Iterator[PaperField]:
    for what in flow.asked(instrument, length):
        boxes = tuple(Box(str(key), code, text) for key, (code, text) in enumerate(flow.WORDS[what].items(), start=1))
        yield PaperField(what, "asked", "asked", flow.QUESTIONS[what], boxes, after_result=False)
    factors = {factor.code: factor for factor in instrument.factors}
    for item in instrument.form(length):
        factor = factors.get(item.factor or "")
        waits = factor is not None and factor.needs_result and "stage" in instrument.asks
        section = factor.code if factor else "overall" if item.code == OVERALL else "respondent"
        yield PaperField(item.code, item.kind, section, item.text, tuple(_boxes(instrument, item)), after_result=waits)


def _boxes(instrument: Instrument, item: Item) -> Iterator[Box]:
    if not item.is_scale:
        for key, (code, text) in enumerate(item.options.items(), start=1):
            yield Box(str(key), code, text)
        return
    levels = instrument.scales[item.scale].levels
    for level in range(1, 1 + len(in_language(levels, "vi"))):
        yield Box(str(level), str(level), {language: words[level - 1] for language, words in levels.items()})
    yield Box(str(NOT_MET), str(NOT_MET), item.not_met)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a typed sheet says: raw values as ``read_sheet`` takes them, and the fields whose number no box has."""

    raw: Mapping[str, str]
    wrong: tuple[str, ...]


def read_typed(fields: Iterable[PaperField], typed: Mapping[str, str]) -> Typed:
    """Read the numbers that were typed; an empty field was left blank on the paper. Never raises, whatever the strings are."""
    raw, wrong = {}, []
    for field in fields:
        key = unicodedata.normalize("NFKC", typed.get(field.code, "")[:8]).strip()
        value = next((box.value for box in field.boxes if box.key == key), "")
        if value:
            raw[field.code] = value
        elif key:
            wrong.append(field.code)
    return Typed(raw, tuple(wrong))


def count_differing(codes: Iterable[str], first: Mapping[str, str], second: Mapping[str, str]) -> int:
    """In how many fields two people read the same sheet differently."""
    return sum(first.get(code, "") != second.get(code, "") for code in codes)
