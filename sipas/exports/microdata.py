"""Micro-data: one row per sealed answer, so coarse that nobody is known by it (decision 28).

A row has no day, week, time, order, receipt, id, counter, comment or demographic answer. Rows come in random order.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from sipas.exports.clusters import merge_clusters
from sipas.exports.csv_dialect import Cell, Dialect, write_table
from sipas.exports.recode import ANY, LENGTH_KEPT, STAGE_KEPT, Marks, Recoding, recode
from sipas.exports.strata import K, Layout, Stratum
from sipas.exports.weighing import Population, Weighed, weigh
from sipas.instrument.model import OVERALL, Instrument
from sipas.instrument.shelf import Shelf
from sipas.reports.sample import months_between
from sipas.store.frame import get_frame
from sipas.store.microdata import Answer, Place, list_answers, list_places
from sipas.store.reading import list_populations, list_roots
from sipas.terms import SipasError, Week

NOT_SHOWN = 99  # this form, or this stage, does not ask the item
MOST_LEFT_OUT = 0.05

MARKS = (
    *("wave", "instrument", "length", "unit_code", "unit_tier", "unit_name", "deciding_code", "sector"),
    *("period", "channels", "channel", "respondent", "stage", "stratum", "cluster", "population", "weight"),
)


class NoMicrodataError(SipasError):
    """There are too few answers to make a file in which nobody is known."""


@dataclass(frozen=True, slots=True)
class Microdata:
    """The file, its strata, and what its reader must know."""

    wave: str
    root: str  # SHA-256 over the roots of all batches: which seal it follows
    items: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]  # in random order; `MARKS`, then `items`
    strata: tuple[Weighed, ...]
    places: Mapping[int, Place]
    instruments: tuple[Instrument, ...]
    measures: tuple[tuple[str, str], ...]  # instrument and measure hash of the answers
    steps: Mapping[int, int]
    quarantined: int  # sealed but set aside: not in the file
    left_out: int
    k: int

    @property
    def header(self) -> tuple[str, ...]:
        return (*MARKS, *self.items)


def read_microdata(session: Session, shelf: Shelf, wave: str, *, rng: random.Random, k: int = K) -> Microdata:
    """The micro-data of a wave as of the last seal; NoMicrodataError where the k rule would leave out more than 5 %."""
    answers, quarantined = _answers(session, shelf, wave)
    rng.shuffle(answers)
    population = _population(session, wave, months_between(_span(shelf, wave)[0], max(answer.month for answer in answers)))
    ids = {unit for one in answers for unit in (one.unit_id, one.deciding_id) if unit} | {unit for unit, _ in population}
    places = list_places(session, ids)
    parents = {place.id: place.parent_id for place in places.values()}
    recoding = recode(answers, Layout(parents, headline=frozenset(shelf.waves[wave].headline)), k=k)
    if recoding.left_out > MOST_LEFT_OUT * len(answers):
        raise NoMicrodataError(
            f"wave {wave!r}: {recoding.left_out} of {len(answers)} answers would have to be left out to protect who gave them, "
            "more than 5 %; wait for more answers, or use the cells"
        )
    strata = tuple(weigh(recoding.homes, recoding.strata, population))
    instruments = tuple(shelf.instruments[code] for code in sorted({one.instrument for one in answers} & set(shelf.instruments)))
    items = list_items(instruments)
    return Microdata(
        wave=wave,
        root=hashlib.sha256(b"".join(root for _, _, root in list_roots(session))).hexdigest(),
        items=items,
        rows=tuple(_rows(wave, answers, recoding, _Looks(items, instruments, places, strata), rng=rng, k=k)),
        strata=strata,
        places=places,
        instruments=instruments,
        measures=tuple(sorted({(one.instrument, one.measure) for one in answers})),
        steps=recoding.steps,
        quarantined=quarantined,
        left_out=recoding.left_out,
        k=k,
    )


def list_items(instruments: Sequence[Instrument]) -> tuple[str, ...]:
    """The item columns: the overall item, then every scale item in the order of its form; a code shared by two is one column."""
    codes = (item.code for instrument in instruments for item in instrument.items if item.is_scale and item.code != OVERALL)
    return (OVERALL, *dict.fromkeys(codes))


def write_microdata(microdata: Microdata, dialect: Dialect) -> Iterator[bytes]:
    """The rows in a dialect."""
    return write_table(microdata.header, microdata.rows, dialect)


def _span(shelf: Shelf, wave: str) -> tuple[str, str]:
    """The first and the last month of a wave."""
    return Week.of(shelf.waves[wave].first_day).month, Week.of(shelf.waves[wave].last_day).month


def _answers(session: Session, shelf: Shelf, wave: str) -> tuple[list[Answer], int]:
    """The answers that count, each in a month of the wave, and how many are set aside; NoMicrodataError where there are none."""
    if wave not in shelf.waves:
        raise NoMicrodataError(f"there is no wave {wave!r}: choose one of {', '.join(shelf.waves)}")
    first, last = _span(shelf, wave)
    every = list(list_answers(session, wave))
    counted = [
        answer if first <= answer.month <= last else replace(answer, month=min(max(answer.month, first), last))
        for answer in every
        if not answer.quarantined
    ]
    if not counted:
        raise NoMicrodataError(f"wave {wave!r} has no sealed answer: choose another wave, or run `sipas seal` first")
    return counted, len(every) - len(counted)


def _population(session: Session, wave: str, span: Sequence[str]) -> Population:
    """What is settled in the months of the wave so far; a month that the frame does not know yet counts as the last one it knows."""
    totals: dict[tuple[int, str], int] = defaultdict(int)
    frame = get_frame(session, wave)
    rows = [row for row in list_populations(session, frame.id) if row.month in span] if frame else []
    known = sorted({row.month for row in rows})
    times = Counter(max((one for one in known if one <= month), default=known[0]) for month in span) if known else Counter()
    for row in rows:
        totals[row.unit_id, row.sector] += row.settled * times[row.month]
    return totals


class _Looks:
    """What a row needs to be written: names of units, numbers of strata, and what stands where an item was not shown."""

    def __init__(
        self, items: Sequence[str], instruments: Sequence[Instrument], places: Mapping[int, Place], strata: Sequence[Weighed]
    ) -> None:
        self.items = items
        self.places = places
        self.strata: Mapping[Stratum, Weighed] = {one.stratum: one for one in strata if one.n}
        self._instruments = {one.code: one for one in instruments}
        self._unshown: dict[tuple[str, int], tuple[int | None, ...]] = {}

    def answers(self, answer: Answer, marks: Marks) -> Iterator[Cell]:
        """1-5, 0 for not met, nothing for left blank, `NOT_SHOWN`; where the stage or the length is recoded, it shows as left blank."""
        key = (answer.instrument, marks.step)
        if key not in self._unshown:
            self._unshown[key] = tuple(self._missing(answer.instrument, marks.step))
        return map(answer.answers.get, self.items, self._unshown[key])

    def _missing(self, instrument: str, step: int) -> Iterator[int | None]:
        asked = self._instruments.get(instrument)
        own = {item.code: item.factor for item in asked.items} if asked else {}
        waiting = {factor.code for factor in asked.factors if factor.needs_result} if asked else set()
        for item in self.items:
            blank = item in own and (step > LENGTH_KEPT or (step > STAGE_KEPT and own[item] in waiting))
            yield None if blank else NOT_SHOWN


def _rows(
    wave: str, answers: Sequence[Answer], recoding: Recoding, looks: _Looks, *, rng: random.Random, k: int
) -> Iterator[tuple[Cell, ...]]:
    kept = [(answer, marks, home) for answer, marks, home in zip(answers, recoding.marks, recoding.homes, strict=True) if marks]
    groups = [home or marks.instrument for _, marks, home in kept]
    clusters = merge_clusters(groups, [answer.cluster for answer, _, _ in kept], k=k, rng=rng)
    for (answer, marks, home), cluster in zip(kept, clusters, strict=True):
        weighed = looks.strata[home] if home else None
        yield (
            *(wave, marks.instrument, marks.length, *_unit(marks.unit_id, looks.places), _deciding(marks, looks.places)),
            *(marks.sector, marks.period, marks.channels, marks.channel, marks.respondent, marks.stage),
            *(weighed.number if weighed else None, cluster),
            *((weighed.population, weighed.weight) if weighed else (None, None)),
            *looks.answers(answer, marks),
        )


def _unit(unit_id: int | None, places: Mapping[int, Place]) -> tuple[str, str, str]:
    return (ANY, ANY, ANY) if unit_id is None else (places[unit_id].code, places[unit_id].tier, places[unit_id].name)


def _deciding(marks: Marks, places: Mapping[int, Place]) -> str | None:
    if isinstance(marks.deciding_id, int):
        return places[marks.deciding_id].code
    return marks.deciding_id  # any unit, or not known
