"""Where units stand: their overall share in a period, for lists; and how many answers each counter brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from sipas.store.facts import SHOWN, Fact, Released
from sipas.store.responses import OpenResponse, Response
from sipas.store.units import Unit


@dataclass(frozen=True, slots=True)
class Standing:
    """One unit's overall share in one sector or family."""

    unit_id: int
    unit_name: str
    unit_kind: str
    sector: str
    n: int
    weighted: bool
    value: float | None
    low: float | None
    high: float | None
    verdict: str
    more_needed: int | None


def list_standings(session: Session, wave: str, period: str, path: str) -> Sequence[Standing]:
    """The released overall shares of every unit of a branch, by name; weighted and unweighted both."""
    rows = session.execute(
        select(
            Fact.unit_id, Unit.name, Unit.kind, Fact.sector, Fact.n, Fact.weighted,
            Fact.value, Fact.low, Fact.high, Fact.verdict, Fact.more_needed,
        )
        .join(Released, SHOWN)
        .join(Unit, Unit.id == Fact.unit_id)
        .where(
            Released.wave == wave, Released.period == period, Released.channels == "headline", Released.side == "receiving",
            Fact.indicator == "overall", Unit.path.startswith(path, autoescape=True),
        )
        .order_by(Unit.name, Unit.id, Fact.sector)
    )  # fmt: skip
    return [Standing(*row) for row in rows]


def list_received(session: Session, wave: str, period: str, path: str) -> Sequence[tuple[Unit, str, str, str]]:
    """Every unit of a branch with what it received in a period: (unit, sector, channel set, what is said of it)."""
    released = session.execute(
        select(Released.unit_id, Released.sector, Released.channels, Released.word).where(
            Released.wave == wave, Released.period == period, Released.side == "receiving"
        )
    ).all()
    units = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.path.startswith(path, autoescape=True)))}
    return [(units[unit], sector, channels, word) for unit, sector, channels, word in released if unit in units]


def list_headline_facts(session: Session, wave: str, period: str, sector: str, indicator: str) -> Sequence[Fact]:
    """The released headline figures of one indicator in one sector, of every unit that received; weighted and unweighted both."""
    return session.scalars(
        select(Fact)
        .join(Released, SHOWN)
        .where(
            Released.wave == wave, Released.period == period, Released.sector == sector, Released.channels == "headline",
            Released.side == "receiving", Fact.indicator == indicator,
        )
        .order_by(Fact.unit_id, Fact.weighted)
    ).all()  # fmt: skip


def count_by_counter(session: Session, unit_id: int, wave: str) -> Mapping[int, int]:
    """Counter → sealed answers in a wave, those set aside not counted; for the head of the unit alone (decision 5)."""
    both = union_all(
        *(
            select(table.counter_id.label("counter_id"), func.count().label("n"))
            .where(table.unit_id == unit_id, table.wave == wave, table.counter_id.is_not(None), table.quarantine == "")
            .group_by(table.counter_id)
            for table in (Response, OpenResponse)
        )
    ).subquery()
    rows = session.execute(select(both.c.counter_id, func.sum(both.c.n)).group_by(both.c.counter_id))
    return {int(counter): int(n) for counter, n in rows}


def find_top(session: Session, wave: str) -> Unit | None:
    """The highest unit with released results: whose survey it is."""
    return session.scalars(
        select(Unit)
        .where(Unit.id.in_(select(Released.unit_id).where(Released.wave == wave)))
        .order_by(func.length(Unit.path), Unit.id)
        .limit(1)
    ).first()
