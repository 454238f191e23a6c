"""Sealed answers as the analyst's file may know them: with their statistical month, without week, id or counter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from sipas.store.proposals import read_standing
from sipas.store.responses import OpenResponse, Response
from sipas.store.units import Unit
from sipas.terms import Week


@dataclass(frozen=True, slots=True)
class Answer:
    """One sealed answer on its way into the micro-data file."""

    unit_id: int
    deciding_id: int | None
    sector: str
    month: str
    channel: str
    respondent: str
    stage: str
    instrument: str
    measure: str
    length: str
    quarantined: bool
    cluster: bytes
    answers: Mapping[str, int | str | None]


def list_answers(session: Session, wave: str) -> Iterator[Answer]:
    """Every sealed answer of a wave, the open week's included, in no order that means anything."""
    months: dict[str, str] = {}
    standing = read_standing(session)
    for table in (Response, OpenResponse):
        wanted = select(
            table.id,
            *(table.unit_id, table.deciding_id, table.sector, table.week, table.channel, table.respondent, table.stage),
            *(table.instrument, table.measure, table.length, table.quarantine, table.cluster, table.answers),
        ).where(table.wave == wave)
        for (
            response,
            unit,
            deciding,
            sector,
            week,
            channel,
            respondent,
            stage,
            instrument,
            measure,
            length,
            quarantine,
            cluster,
            answers,
        ) in session.execute(wanted.execution_options(yield_per=5000)):
            month = months.get(week) or months.setdefault(week, Week.parse(week).month)
            yield Answer(
                *(unit, deciding, sector, month, channel, respondent, stage),
                *(instrument, measure, length, bool(standing.of(week, response, quarantine)), cluster, json.loads(answers)),
            )


@dataclass(frozen=True, slots=True)
class Place:
    """A unit as a file names it."""

    id: int
    code: str
    tier: str
    name: str
    parent_id: int | None


def list_places(session: Session, unit_ids: Iterable[int]) -> Mapping[int, Place]:
    """The units with these ids and every unit above them, by id."""
    wanted = set(unit_ids)
    paths = session.scalars(select(Unit.path).where(Unit.id.in_(wanted)))
    above = {int(step) for path in paths for step in path.strip("/").split("/") if step}
    rows = session.execute(select(Unit.id, Unit.code, Unit.tier, Unit.full_name, Unit.parent_id).where(Unit.id.in_(wanted | above)))
    return {row[0]: Place(*row) for row in rows}
