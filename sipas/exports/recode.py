"""The k rule of micro-data: marks by which a visit could be recognised are coarsened until every released class has k answers.

Inside its recoded stratum an answer climbs one fixed ladder, and only as far as it must:

0  month, channel, respondent, stage, deciding unit, form length
1  stage and respondent are dropped
2  the month becomes its quarter
3  the channel becomes its channel set
4  the quarter becomes the whole wave, the deciding unit is dropped
5  the form length is dropped

An answer whose class stays below k even there is released without unit, sector and weight (``other``); where fewer than k are, the
smallest class of their instrument keeps them company. Only an instrument with fewer than k answers in all is left out, and counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sipas.exports.strata import K, Layout, Stratum, place_strata
from sipas.store.microdata import Answer

ANY = "*"  # recoded: every value is possible
TOP = 5
STAGE_KEPT, LENGTH_KEPT = 0, 4  # the last step that still shows them


@dataclass(frozen=True, slots=True, order=True)
class Marks:
    """What a row tells beside its answers. Two rows with equal marks cannot be told apart by who, where or when."""

    unit_id: int | None  # None: any unit
    sector: str
    channels: str
    instrument: str
    step: int  # of the ladder; TOP + 1 for ``other``
    period: str
    channel: str
    respondent: str
    stage: str
    deciding_id: int | str | None
    length: str


@dataclass(frozen=True, slots=True)
class Recoding:
    """What became of the answers: their marks in the order given (None: left out), and their strata."""

    marks: tuple[Marks | None, ...]
    homes: tuple[Stratum | None, ...]  # the recoded stratum of each answer; None for ``other`` and for what is left out
    strata: Mapping[Stratum, Stratum]  # first → recoded, where it holds released answers
    steps: Mapping[int, int]  # step → answers
    left_out: int


def recode(answers: Sequence[Answer], layout: Layout, *, k: int = K) -> Recoding:
    """Marks for every answer such that each released class has at least ``k`` answers."""
    firsts = [layout.stratum(answer) for answer in answers]
    strata = place_strata(firsts, [answer.instrument for answer in answers], layout, k=k)
    homes = [strata[first] for first in firsts]
    steps = climb(answers, homes, k=k)
    marks = [_marks(answer, home, step) for answer, home, step in zip(answers, homes, steps, strict=True)]
    _accompany(marks, k=k)
    classes = Counter(marks)
    released = tuple(mark if classes[mark] >= k else None for mark in marks)
    kept = tuple(home if mark and mark.step <= TOP else None for home, mark in zip(homes, released, strict=True))
    return Recoding(
        marks=released,
        homes=kept,
        strata={first: home for first, home in zip(firsts, kept, strict=True) if home},
        steps=dict(sorted(Counter(mark.step for mark in released if mark is not None).items())),
        left_out=released.count(None),
    )


def _accompany(marks: list[Marks], *, k: int) -> None:
    """Where fewer than ``k`` answers to an instrument are without a unit, its smallest class joins them, and none is lost."""
    classes: dict[str, dict[Marks, list[int]]] = defaultdict(lambda: defaultdict(list))
    for place, mark in enumerate(marks):
        classes[mark.instrument][mark].append(place)
    for instrument in classes.values():
        lost = [mark for mark, places in instrument.items() if mark.step > TOP and len(places) < k]
        known = [mark for mark in instrument if mark.step <= TOP]
        for mark in lost if known else ():
            company = min(known, key=lambda one: (len(instrument[one]), str(one)))
            for place in instrument[company]:
                marks[place] = mark


def climb(answers: Sequence[Answer], homes: Sequence[Stratum], *, k: int) -> list[int]:
    """The step of each answer: the lowest at which its class holds ``k``; above `TOP` where none does."""
    steps = [0] * len(answers)
    groups: dict[tuple[Stratum, str], list[int]] = defaultdict(list)
    for place, (answer, home) in enumerate(zip(answers, homes, strict=True)):
        groups[home, answer.instrument].append(place)
    for (home, _), places in groups.items():
        for step in range(TOP):
            for few in _classes(answers, home, [place for place in places if steps[place] == step], steps):
                if len(few) < k:
                    _lift(steps, few, step + 1)
        rest = [place for place in places if steps[place] == TOP]
        if 0 < len(rest) < k:
            company = min(_classes(answers, home, [place for place in places if steps[place] < TOP], steps), key=len, default=[])
            _lift(steps, rest + company, TOP if company else TOP + 1)
    return steps


def _classes(answers: Sequence[Answer], home: Stratum, places: Sequence[int], steps: Sequence[int]) -> list[list[int]]:
    """The places that share their marks, in an order that does not hang on the answers'."""
    classes: dict[Marks, list[int]] = defaultdict(list)
    for place in places:
        classes[_marks(answers[place], home, steps[place])].append(place)
    return [members for _, members in sorted(classes.items(), key=lambda entry: str(entry[0]))]


def _lift(steps: list[int], places: Sequence[int], step: int) -> None:
    for place in places:
        steps[place] = step


def _marks(answer: Answer, home: Stratum, step: int) -> Marks:
    if step > TOP:
        return Marks(None, ANY, ANY, answer.instrument, step, ANY, ANY, ANY, ANY, ANY, ANY)
    moved = home.unit_id != answer.unit_id
    return Marks(
        unit_id=home.unit_id,
        sector=home.sector,
        channels=home.channels,
        instrument=answer.instrument,
        step=step,
        period=answer.month if step < 2 else quarter(answer.month) if step < 4 else ANY,
        channel=answer.channel if step < 3 else home.channels,
        respondent=answer.respondent if step <= STAGE_KEPT else ANY,
        stage=answer.stage if step <= STAGE_KEPT else ANY,
        deciding_id=ANY if moved or step > 3 else answer.deciding_id,
        length=answer.length if step <= LENGTH_KEPT else ANY,
    )


def quarter(month: str) -> str:
    """``2026-11`` lies in ``2026-Q4``."""
    return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"
