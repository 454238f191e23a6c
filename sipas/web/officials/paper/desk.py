"""What a keyer has on the desk: one batch, the sheet that is typed now, and how far the batch is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import abort, render_template, request
from sqlalchemy.orm import Session

from sipas.access import may_type
from sipas.instrument.keying import PaperField, paper_fields
from sipas.instrument.model import Instrument
from sipas.store import paper
from sipas.store.paper import PaperBatch, PaperRound, PaperSheet, Progress, UnknownPaperBatchError
from sipas.store.units import Unit, get_counter
from sipas.web import guard
from sipas.web.house import House, current_house
from sipas.web.officials.counters import province_path
from sipas.web.officials.paper.forms import PREFIX, KeyingForm, draw_form
from sipas.web.officials.paper.words import Say
from sipas.web.officials.signin.checks import me


@dataclass(frozen=True, slots=True)
class Desk:
    """One batch as its keyer sees it."""

    batch: PaperBatch
    unit: Unit
    counter: str
    sector: Mapping[str, str]
    instrument: Instrument | None  # None where the questionnaire is no longer the one that was printed
    progress: Progress
    rounds: tuple[PaperRound, ...]
    mine: bool  # whoever looks typed sheets of this round for the first time

    @property
    def entry(self) -> int:
        """Which keying is asked for: 1 or 2."""
        return 2 if self.batch.phase == paper.SECOND else 1

    @property
    def fields(self) -> tuple[PaperField, ...]:
        return paper_fields(self.instrument, self.batch.length) if self.instrument else ()

    @property
    def can_type(self) -> bool:
        """Whether a sheet may be typed now by whoever looks."""
        if self.instrument is None or self.batch.declared is None or self.batch.phase == paper.RELEASED:
            return False
        return not (self.entry == 2 and self.mine)

    @property
    def next_sheet(self) -> int:
        """The lowest number that is still to be typed."""
        if self.entry == 2:
            left = sorted(set(self.progress.picked) - set(self.progress.checked))
            return left[0] if left else 0
        number = 1
        for typed in self.progress.typed:
            number = number + 1 if typed == number else number
        return number

    @property
    def is_complete(self) -> bool:
        """Whether as many sheets are typed as were declared."""
        return len(self.progress.typed) == self.batch.declared

    def missing(self) -> Iterator[int]:
        """Declared sheets that nobody has typed."""
        return (number for number in range(1, (self.batch.declared or 0) + 1) if number not in self.progress.typed)


def read_desk(session: Session, house: House, unit: Unit, number: int, *, alone: bool = False) -> Desk:
    """The batch of a unit; not found for whoever may not type there, and for a batch of another unit."""
    if not may_type(guard.official(), unit.path, province_path(session, unit)):
        abort(404)
    try:
        batch = paper.get_paper_batch(session, number, alone=alone)
    except UnknownPaperBatchError:
        abort(404)
    if batch.unit_id != unit.id:
        abort(404)
    instrument = house.shelf.instruments.get(batch.instrument)
    sector = house.shelf.sectors.get(batch.sector)
    return Desk(
        batch=batch,
        unit=unit,
        counter=get_counter(session, batch.counter_id).name if batch.counter_id else "",
        sector=sector.name if sector else {"vi": batch.sector},
        instrument=instrument if instrument is not None and instrument.measure == batch.measure else None,
        progress=paper.read_progress(session, batch),
        rounds=tuple(paper.list_rounds(session, number)),
        mine=me().id in paper.list_keyers(session, batch),
    )


def find_typed(session: Session, desk: Desk, sheet: int) -> PaperSheet | None:
    """What was typed of a sheet in the keying that is asked for; of the other one nothing is shown."""
    return paper.find_paper_sheet(session, desk.batch, sheet, desk.entry)


def draw_desk(desk: Desk, *, form: KeyingForm | None = None, problem: str = "") -> str:
    """The page of a batch, with what is to be done there now."""
    return render_template(
        "officials/paper_batch.html",
        desk=desk,
        form=form or _blank(desk),
        prefix=PREFIX,
        problem=problem,
        saved=_number("saved"),
        say=Say,
        phases=paper,
    )


def _blank(desk: Desk) -> KeyingForm:
    """A form for the next sheet, or for the one that the address names, with what was typed of it before."""
    form = draw_form(desk.fields)(formdata=None)
    asked = _number("sheet")
    sheet = asked or desk.next_sheet
    form.sheet.data, form.round.data, form.entry.data = sheet, str(desk.batch.round), str(desk.entry)
    if asked and desk.can_type:
        with current_house().store.read() as session:
            before = find_typed(session, desk, sheet)
        if before is not None:
            _fill(form, desk, before)
    return form


def _number(name: str) -> int:
    """A number of up to four digits in the address; 0 for anything else."""
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= 4 else 0


def _fill(form: KeyingForm, desk: Desk, before: PaperSheet) -> None:
    kept = json.loads(before.fields)
    for field in desk.fields:
        form[f"{PREFIX}{field.code}"].data = field.key_of(kept["raw"].get(field.code, ""))
    form.assisted.data, form.comment.data, form.version.data = kept["assisted"], before.comment, str(before.version)
