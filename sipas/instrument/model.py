"""What a questionnaire, a sector and a wave are, once read: frozen, and checked before they exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from sipas.instrument.kinds import KINDS, Answer
from sipas.terms import Channel

OVERALL = "HL"  # the overall item that ends the scale items of every instrument (decision 1)
LENGTHS = ("short", "full")
SIDES = ("receiving", "deciding")
ASKED = ("stage", "respondent", "filing")
EVIDENCE = ("V", "V2", "U", "I", "ours")  # how well a wording is known to come from its source; ours: the source has no such item
FRAME_KINDS = ("dossier", "visit", "discharge", "pupil")  # hồ sơ, lượt khám, ca ra viện, học sinh

Wording = Mapping[str, str]  # language → text


@dataclass(frozen=True, slots=True)
class Family:
    """Sectors that one promise is about: procedures, or public services."""

    code: str
    name: Wording


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "procedures": Family("procedures", {"vi": "Giải quyết thủ tục hành chính", "en": "Administrative procedures"}),
        "services": Family("services", {"vi": "Dịch vụ sự nghiệp công", "en": "Public services"}),
    }
)


@dataclass(frozen=True, slots=True)
class Scale:
    """Five worded levels, lowest first, in every language."""

    code: str
    levels: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Factor:
    """A group of items, and the unit that it is counted for (decision 11)."""

    code: str
    name: Wording
    side: str  # receiving or deciding
    needs_result: bool  # skipped while there is no result to judge


@dataclass(frozen=True, slots=True)
class Item:
    """One thing asked."""

    code: str
    factor: str | None
    kind: str
    lengths: tuple[str, ...]
    text: Wording
    evidence: str
    scale: str = ""  # of a likert5 item
    options: Mapping[str, Wording] = field(default_factory=dict)  # of a choice
    not_met: Wording = field(default_factory=dict)  # the words for 0, of a likert5 item
    accepted: Mapping[str, Answer] = field(init=False, repr=False)  # raw value → what is kept

    def __post_init__(self) -> None:
        object.__setattr__(self, "accepted", KINDS[self.kind](self.options))

    @property
    def is_scale(self) -> bool:
        return self.kind == "likert5"


@dataclass(frozen=True, slots=True)
class Instrument:
    """A complete questionnaire version: its measure is fixed once it is fielded."""

    code: str
    title: Wording
    based_on: Wording
    stem: Wording  # the question that every scale item but the overall one completes
    address_word: str
    family: str
    kind: str  # what one answer stands for in the frame
    asks: tuple[str, ...]
    factors: tuple[Factor, ...]
    items: tuple[Item, ...]  # in form order
    scales: Mapping[str, Scale]
    languages: tuple[str, ...]
    measure: str
    wording_number: int
    wording_day: date
    wording_hashes: Wording
    forms: Mapping[str, tuple[Item, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        forms = {length: tuple(item for item in self.items if length in item.lengths) for length in LENGTHS}
        object.__setattr__(self, "forms", MappingProxyType(forms))

    def form(self, length: str) -> tuple[Item, ...]:
        """The items of the short or the full form, in order; KeyError for any other length."""
        return self.forms[length]

    def get_factor(self, code: str) -> Factor:
        return next(factor for factor in self.factors if factor.code == code)

    def get_item(self, code: str) -> Item:
        return next(item for item in self.items if item.code == code)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the national list of procedures that a sector takes in: a policy choice, not law."""

    name: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Sector:
    """A field of administration or of public service, as targets and counters name it."""

    code: str
    order: int
    name: Wording
    counter_words: Wording
    family: str
    instruments: tuple[str, ...]  # the first is the default
    kinds: tuple[str, ...]  # of population in the frame; the first leads
    fields: tuple[Field, ...]

    @property
    def kind(self) -> str:
        return self.kinds[0]


@dataclass(frozen=True, slots=True)
class Wave:
    """One fielding: from a Monday to a Sunday."""

    code: str
    name: Wording
    first_day: date
    last_day: date
    sectors: tuple[str, ...]
    instruments: Mapping[str, str]  # sector → instrument, where not the sector's first
    headline: tuple[Channel, ...]
    calibrate: tuple[str, ...]
    demonstration: bool

    def is_open(self, day: date) -> bool:
        """True on the first and the last day and every day between."""
        return self.first_day <= day <= self.last_day
