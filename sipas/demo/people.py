"""The sheets that the invented people fill in: raw strings, exactly as a form would send them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from types import MappingProxyType

import numpy as np

from sipas.demo.comments import CHANCE, comments_for, mood_of
from sipas.demo.days import CounterDay
from sipas.demo.latent import Crowd, Integers
from sipas.instrument import flow
from sipas.instrument.model import OVERALL, Instrument, Item
from sipas.terms import ZONE

# How much easier than the overall item a factor is: complaints handling lowest, staff and access highest (domain 2.1).
FACTOR_SHIFTS = MappingProxyType(
    {"TC": 0.07, "TT": 0.0, "CC": 0.09, "KQ": 0.01, "PA": -0.16, "A": 0.05, "B": -0.04, "C": -0.12, "D": 0.10, "CS": -0.10, "MT": 0.07}
)
NO_OPINION = MappingProxyType({"PA": 0.34, OVERALL: 0.004})
USUAL_NO_OPINION = 0.03
BLANK = 0.012
NO_OVERALL = 0.006
FULL_SHARE = 0.15
OTHER_LANGUAGE = 0.01
RESPONDENTS = (("citizen", 0.82), ("organisation", 0.06), ("proxy", 0.12))
BUSINESS = (("citizen", 0.22), ("organisation", 0.66), ("proxy", 0.12))
FILINGS = (("counter", 0.46), ("online", 0.41), ("post", 0.05), ("assisted", 0.06), ("", 0.02))
OFFICE_HOURS = ((time(7, 30), 225), (time(13, 30), 195))  # from, and for how many minutes


@dataclass(frozen=True, slots=True)
class Draft:
    """One sheet before it is handed in: where, when, on what evidence, and the fields as the form sends them."""

    unit: int
    counter: int
    sector: str
    at: datetime
    channel: str
    length: str
    language: str
    seconds: float
    iid: str
    raw: Mapping[str, str]


def draw_drafts(
    clusters: Sequence[CounterDay],
    crowd: Crowd,
    instruments: Mapping[tuple[int, int, str], Instrument],
    rng: np.random.Generator,
) -> Iterator[Draft]:
    """Every sheet of the crowd, in the order of days; ``instruments`` names the questionnaire of unit, counter and sector."""
    columns = _draw_columns(crowd, instruments.values(), rng)
    full = rng.random(len(crowd.eta)) < FULL_SHARE
    for number, position in enumerate(crowd.cluster):
        day = clusters[position]
        sector = crowd.sector[number]
        instrument = instruments[day.unit, day.counter, sector]
        length = "full" if full[number] else "short"
        raw = _raw(instrument, length, crowd.stage[number], number, columns, rng)
        _ask_first(raw, instrument, length, sector, rng)
        _comment(raw, sector, rng)
        yield Draft(
            unit=day.unit,
            counter=day.counter,
            sector=sector,
            at=_moment(day, rng),
            channel=crowd.channel[number],
            length=length,
            language="other" if rng.random() < OTHER_LANGUAGE else "vi",
            seconds=float(np.exp(rng.normal(4.9 if length == "full" else 3.9, 0.55))),
            iid=rng.bytes(16).hex(),
            raw=raw,
        )


def item_shift(item: Item) -> float:
    """How much easier an item is than the overall one: its factor's shift and a little of its own."""
    own = hashlib.sha256(item.code.encode()).digest()[0] / 255 - 0.5
    return FACTOR_SHIFTS.get(item.factor or "", 0.0) + (0.0 if item.code == OVERALL else 0.06 * own)


def _draw_columns(crowd: Crowd, instruments: Iterable[Instrument], rng: np.random.Generator) -> dict[str, Integers]:
    """What everybody would answer to every scale item that occurs; one column an item code."""
    items = {item.code: item for instrument in instruments for item in instrument.items if item.is_scale}
    return {code: _with_gaps(item, crowd.levels(item_shift(item), rng), rng) for code, item in sorted(items.items())}


def _with_gaps(item: Item, levels: Integers, rng: np.random.Generator) -> Integers:
    """The same with some 0 (never met, no opinion) and some left blank (-1)."""
    chance = rng.random(len(levels))
    none = NO_OPINION.get(item.code, NO_OPINION.get(item.factor or "", USUAL_NO_OPINION))
    blank = NO_OVERALL if item.code == OVERALL else BLANK
    return np.where(chance < none, 0, np.where(chance > 1 - blank, -1, levels))


def _raw(
    instrument: Instrument, length: str, stage: str, number: int, columns: Mapping[str, Integers], rng: np.random.Generator
) -> dict[str, str]:
    raw = {"stage": stage}
    for item in flow.shown(instrument, length, stage):
        if item.is_scale:
            level = int(columns[item.code][number])
            if level >= 0:
                raw[item.code] = str(level)
        elif rng.random() > 0.15:
            options = tuple(item.accepted)
            raw[item.code] = options[int(rng.integers(len(options)))]
    return raw


def _ask_first(raw: dict[str, str], instrument: Instrument, length: str, sector: str, rng: np.random.Generator) -> None:
    asked = flow.asked(instrument, length)
    if "respondent" in asked:
        raw["respondent"] = _pick(BUSINESS if sector == "investment" else RESPONDENTS, rng)
    if "filing" in asked and (filing := _pick(FILINGS, rng)):
        raw["filing"] = filing


def _comment(raw: dict[str, str], sector: str, rng: np.random.Generator) -> None:
    level = int(raw.get(OVERALL, "0"))
    mood = mood_of(level) if level else "neutral"
    if rng.random() < CHANCE[mood]:
        choices = comments_for(sector, mood)
        raw["comment"] = choices[int(rng.integers(len(choices)))]
        if mood == "unsatisfied" and rng.random() < 0.3:
            raw["reply"] = "1"


def _moment(day: CounterDay, rng: np.random.Generator) -> datetime:
    start, minutes = OFFICE_HOURS[int(rng.random() < 0.42)]
    return datetime.combine(day.day, start, tzinfo=ZONE) + timedelta(seconds=float(rng.random() * minutes * 60))


def _pick(choices: Sequence[tuple[str, float]], rng: np.random.Generator) -> str:
    point = rng.random() * sum(weight for _, weight in choices)
    for name, weight in choices:
        if (point := point - weight) < 0:
            return name
    return choices[-1][0]
