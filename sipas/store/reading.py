"""Bulk reads for the numbers: sealed rows, units and the frame as plain tuples."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from sipas.store.batches import Batch
from sipas.store.frame import FrameCount
from sipas.store.proposals import Standing, read_standing
from sipas.store.responses import OpenResponse, Response
from sipas.store.units import Counter, Unit

__all__ = [
    "FiledPopulation", "Population", "Sealed", "Session", "count_counters", "list_filed", "list_populations", "list_roots", "list_sealed",
    "list_sealed_of", "list_units", "list_weeks",
]  # fmt: skip


class Sealed(NamedTuple):
    """What the extract keeps of one sealed row: all that is counted, and no id, salt or procedure."""

    unit_id: int
    deciding_id: int | None
    counter_id: int | None
    sector: str
    channel: str
    instrument: str
    length: str
    stage: str
    respondent: str
    filing: str
    duration: str
    reasons: str
    quarantine: str
    cluster: bytes
    answers: str  # JSON


class Population(NamedTuple):
    """Dossiers of a receiving and a deciding unit in a sector and month: all kinds and filings together."""

    unit_id: int
    deciding_id: int | None
    sector: str
    month: str
    settled: int
    late: int


class FiledPopulation(NamedTuple):
    """Dossiers of a receiving unit in a sector and month that were filed in one way."""

    unit_id: int
    sector: str
    month: str
    filing: str
    settled: int


def list_sealed(session: Session, wave: str, week: str, *, closed: bool) -> Sequence[Sealed]:
    """The sealed rows of a wave in one week, in no promised order; what two people set aside since is in quarantine."""
    if closed and (standing := read_standing(session, week)).acts:
        return [_standing(row, standing, week, response) for response, row in _list_named(session, Response.wave == wave, week)]
    table = Response if closed else OpenResponse
    columns = [getattr(table, name) for name in Sealed._fields]
    return list(map(Sealed._make, session.execute(select(*columns).where(table.wave == wave, table.week == week))))


def list_sealed_of(session: Session, wave: str, week: str, unit_id: int) -> Sequence[tuple[bytes, Sealed]]:
    """The rows of one unit in a closed week with their ids, in no promised order: to name some of them in a proposal."""
    standing, mine = read_standing(session, week), and_(Response.wave == wave, Response.unit_id == unit_id)
    return [(response, _standing(row, standing, week, response)) for response, row in _list_named(session, mine, week)]


def _list_named(session: Session, condition: ColumnElement[bool], week: str) -> Iterator[tuple[bytes, Sealed]]:
    columns = [getattr(Response, name) for name in Sealed._fields]
    for response, *row in session.execute(select(Response.id, *columns).where(condition, Response.week == week)):
        yield response, Sealed(*row)


def _standing(row: Sealed, standing: Standing, week: str, response: bytes) -> Sealed:
    return row._replace(quarantine=standing.of(week, response, row.quarantine))


def list_weeks(session: Session, wave: str) -> Sequence[tuple[str, bool]]:
    """The weeks in which a wave has sealed answers, oldest first, and whether they lie among the closed ones."""
    found = []
    for week in session.scalars(select(Batch.week).order_by(Batch.week)):
        for table, closed in ((Response, True), (OpenResponse, False)):
            if session.scalar(select(table.week).where(table.week == week, table.wave == wave).limit(1)) is not None:
                found.append((week, closed))
                break
    return found


def list_populations(session: Session, load_id: int) -> Sequence[Population]:
    """The frame of a load, added up to what weights are made of, in a fixed order."""
    keys = (FrameCount.unit_id, FrameCount.deciding_id, FrameCount.sector, FrameCount.month)
    query = select(*keys, func.sum(FrameCount.settled), func.sum(FrameCount.late)).where(FrameCount.load_id == load_id).group_by(*keys)
    return sorted(
        (Population(u, d, s, m, int(settled), int(late)) for u, d, s, m, settled, late in session.execute(query)),
        key=lambda row: (row.unit_id, row.sector, row.month, row.deciding_id or 0),
    )


def list_filed(session: Session, load_id: int) -> Sequence[FiledPopulation]:
    """The rows of a load that name a way of filing, added up over deciding units and kinds, in a fixed order."""
    keys = (FrameCount.unit_id, FrameCount.sector, FrameCount.month, FrameCount.filing)
    query = select(*keys, func.sum(FrameCount.settled)).where(FrameCount.load_id == load_id, FrameCount.filing != "all").group_by(*keys)
    return sorted(
        FiledPopulation(unit, sector, month, filing, int(settled)) for unit, sector, month, filing, settled in session.execute(query)
    )


def list_units(session: Session, unit_ids: Collection[int]) -> Sequence[Unit]:
    """These units, by number."""
    return session.scalars(select(Unit).where(Unit.id.in_(sorted(unit_ids))).order_by(Unit.id)).all()


def list_roots(session: Session) -> Sequence[tuple[str, str, bytes]]:
    """Week, state and root of every batch, oldest first."""
    query = select(Batch.week, Batch.state, Batch.root).order_by(Batch.week)
    return [(week, state, root) for week, state, root in session.execute(query)]


def count_counters(session: Session, unit_id: int) -> int:
    """How many counters a unit has."""
    return session.scalar(select(func.count()).select_from(Counter).where(Counter.unit_id == unit_id)) or 0
