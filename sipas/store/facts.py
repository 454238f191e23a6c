"""Facts: every stored estimate with the run that made it. Appended, never changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import CheckConstraint, Connection, ForeignKey, LargeBinary, Select, String, Text, and_, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base
from sipas.store.emptying import is_postgres
from sipas.store.proposals import AT_ACCEPTANCE


class Run(Base):
    """One computation of facts, and everything it was made from."""

    __tablename__ = "run"

    id: Mapped[int] = mapped_column(primary_key=True)
    wave: Mapped[str] = mapped_column(String(32), index=True)
    week: Mapped[str] = mapped_column(String(8))  # the last week that it counts; officials read "tuần …"
    roots: Mapped[str] = mapped_column(String(64))  # SHA-256 over the batches' roots in week order
    frame_id: Mapped[int | None] = mapped_column(ForeignKey("frame_load.id"))
    instruments: Mapped[str] = mapped_column(Text)  # JSON: code → measure hash
    targets: Mapped[str] = mapped_column(String(64))
    recipe: Mapped[str] = mapped_column(Text)  # JSON
    disposition: Mapped[str] = mapped_column(String(32))  # the version of what people had set aside when its answers were read
    version: Mapped[str] = mapped_column(String(32))
    n: Mapped[int]
    notes: Mapped[str] = mapped_column(Text, default="{}")  # JSON: merged cells, lonely strata, over-frame strata, provisional


class Fact(Base):
    """One estimate of one indicator in one domain."""

    __tablename__ = "fact"
    __table_args__ = (
        CheckConstraint("n >= 0", name="n_not_negative"),
        CheckConstraint("value IS NULL OR low IS NULL OR (low <= value AND value <= high)", name="interval_holds_value"),
        {"sqlite_with_rowid": False},
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    period: Mapped[str] = mapped_column(String(12), primary_key=True)  # 2026-11, 2026-Q4, 2026-ytd-11, 2026
    unit_id: Mapped[int] = mapped_column(primary_key=True)
    side: Mapped[str] = mapped_column(String(9), primary_key=True)  # receiving or deciding
    sector: Mapped[str] = mapped_column(String(32), primary_key=True)  # a sector, a family, or * for all
    indicator: Mapped[str] = mapped_column(String(64), primary_key=True)  # overall, pooled, all, mean, factor:SIPAS:TC, item:SIPAS:TC1
    channels: Mapped[str] = mapped_column(String(8), primary_key=True)  # headline, V, S, O or P
    weighted: Mapped[bool] = mapped_column(primary_key=True)
    n: Mapped[int]  # respondents
    n_satisfied: Mapped[int]
    n_unsatisfied: Mapped[int]
    n_effective: Mapped[float | None]
    n_kish: Mapped[float | None]
    value: Mapped[float | None]
    se: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    df: Mapped[float | None]
    d_pool: Mapped[float | None]
    fraction: Mapped[float | None]  # f = n/N where the fpc applies, else 0
    population: Mapped[int | None]  # dossiers behind the domain
    covered: Mapped[int | None]  # of them, in strata that have an answer
    lonely: Mapped[int]  # strata with one cluster
    p_value: Mapped[float | None]
    target: Mapped[float | None]
    operator: Mapped[str] = mapped_column(String(2), default="")
    target_set: Mapped[str] = mapped_column(String(48), default="")
    verdict: Mapped[str] = mapped_column(String(16), default="")  # met, not_met, undecided, too_few, no_target
    more_needed: Mapped[int | None]
    late_share: Mapped[float | None]  # late ÷ settled, from the frame
    levels: Mapped[str] = mapped_column(String(60), default="")  # of an item: unweighted answers at 1 to 5, with blanks between
    flags: Mapped[str] = mapped_column(String(120), default="")  # provisional, over_frame, unreliable, respondents_only …


class Released(Base):
    """Which run's fact is shown for a domain, and what is said of it; moves only when n grew by 10, or for a declared correction.

    A domain that is cut too fine shows no fact: its run is the one that said so with this number of answers first.
    """

    __tablename__ = "released"
    __table_args__ = ({"sqlite_with_rowid": False},)

    wave: Mapped[str] = mapped_column(String(32), primary_key=True)
    period: Mapped[str] = mapped_column(String(12), primary_key=True)
    unit_id: Mapped[int] = mapped_column(primary_key=True)
    side: Mapped[str] = mapped_column(String(9), primary_key=True)
    sector: Mapped[str] = mapped_column(String(32), primary_key=True)
    channels: Mapped[str] = mapped_column(String(8), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    n: Mapped[int]
    word: Mapped[str] = mapped_column(String(8))  # told, few, protects or finer: one decision, read by every page and file


class RunPaper(Base):
    """What a run keeps beside its facts: the cells file that repeats them, and the pictures drawn from them."""

    __tablename__ = "run_paper"

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Domain(NamedTuple):
    """What is released as one: all its indicators, weighted and not, come from one run."""

    period: str
    unit_id: int
    side: str
    sector: str
    channels: str


class Said(NamedTuple):
    """What is released of a domain: the answers behind it, and what is said."""

    n: int
    word: str


TOLD, FEW, PROTECTS, FINER = "told", "few", "protects", "finer"  # its figures · fewer than ten · nothing, and not why · cut too fine
FACT_COLUMNS = tuple(column.name for column in Fact.__table__.columns)
ROWS_A_STATEMENT = 40
OVERALL, HIDDEN = "overall", "hidden"


def add_run(session: Session, run: Run) -> Run:
    """Append a run and give it its number."""
    session.add(run)
    session.flush()
    return run


def add_facts(session: Session, run_id: int, rows: Sequence[tuple[object, ...]]) -> None:
    """Append the facts of a run; each tuple follows ``FACT_COLUMNS`` after the run.

    The driver is spoken to directly, forty rows a statement: 100,000 rows of 33 columns take half a second this way, one row a
    statement a second, and four through the expression compiler.
    """
    names = ", ".join(FACT_COLUMNS)
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        values = ", ".join([str(run_id), *"?" * (len(FACT_COLUMNS) - 1)])
        _insert_many(connection, f"INSERT INTO fact ({names})", values, rows)
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(f"COPY fact ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row((run_id, *row))


def _insert_many(connection: Connection, head: str, values: str, rows: Sequence[tuple[object, ...]], tail: str = "") -> None:
    """Rows to SQLite's driver, many a statement; the last few one by one."""
    driver = connection.connection.driver_connection
    assert driver is not None
    whole = len(rows) - len(rows) % ROWS_A_STATEMENT
    for count, some in ((ROWS_A_STATEMENT, rows[:whole]), (1, rows[whole:])):
        joined = (tuple(chain.from_iterable(some[at : at + count])) for at in range(0, len(some), count))
        driver.executemany(f"{head} VALUES {', '.join([f'({values})'] * count)} {tail}", joined)


def list_released(session: Session, wave: str) -> Mapping[Domain, Said]:
    """How many answers stood behind each released domain of a wave when it was released, and what is said of it."""
    columns = (*(getattr(Released, name) for name in Domain._fields), Released.n, Released.word)
    rows = _driver_rows(session, select(*columns).where(Released.wave == wave))
    return {Domain._make(row[:-2]): Said._make(row[-2:]) for row in rows}


def list_weighted(session: Session, wave: str) -> frozenset[Domain]:
    """The released domains that are told with a frame."""
    columns = [getattr(Released, name) for name in Domain._fields]
    query = select(*columns).join(Fact, SHOWN).where(Released.wave == wave, Fact.indicator == OVERALL, Fact.weighted)
    return frozenset(Domain(*row) for row in session.execute(query))


def list_details(session: Session, wave: str) -> Mapping[tuple[str, Domain, bool], int]:
    """The answers behind every detail of the headline that is shown: indicator, domain, weighted."""
    columns = (Fact.indicator, *(getattr(Fact, name) for name in Domain._fields), Fact.weighted, Fact.n)
    query = select(*columns).join(Released, SHOWN).where(Released.wave == wave, Fact.channels == "headline", Fact.indicator != OVERALL)
    return {(name, Domain(*domain), bool(weighted)): n for name, *domain, weighted, n in session.execute(query)}


def move_released(session: Session, wave: str, run_id: int, moved: Mapping[Domain, Said]) -> None:
    """Point these domains to a run.

    Most domains of a wave are cut too fine, and from run to run the same is said of them: such a row shows no run's figures and
    stays as it is.
    """
    stands = _list_finer(session, wave) if any(said.word == FINER for said in moved.values()) else frozenset()
    fresh = sorted((domain, said) for domain, said in moved.items() if said.word != FINER or (*domain, said.n) not in stands)
    if not fresh:
        return
    names = ("wave", *Domain._fields)
    told = ("run_id", *Said._fields)
    rows = [(wave, *domain, run_id, *said) for domain, said in fresh]
    head = f"INSERT INTO released ({', '.join((*names, *told))})"
    tail = f"ON CONFLICT ({', '.join(names)}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in told)}"
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        _insert_many(connection, head, ", ".join("?" * (len(names) + len(told))), rows, tail)
    else:
        connection.exec_driver_sql(f"{head} VALUES ({', '.join(['%s'] * (len(names) + len(told)))}) {tail}", rows)


def _list_finer(session: Session, wave: str) -> frozenset[tuple[object, ...]]:
    """The domains of which it stands that they are cut too fine, each with its number of answers."""
    columns = (*(getattr(Released, name) for name in Domain._fields), Released.n)
    return frozenset(_driver_rows(session, select(*columns).where(Released.wave == wave, Released.word == FINER)))


def _driver_rows(session: Session, query: Select[Any]) -> Sequence[tuple[Any, ...]]:
    """Tens of thousands of rows of texts and whole numbers: the driver's own will do, at half the time."""
    found = session.connection().execute(query)
    return found.cursor.fetchall() if found.cursor is not None else ()


def add_paper(session: Session, run_id: int, name: str, content: bytes) -> None:
    """Keep a file with its run."""
    session.add(RunPaper(run_id=run_id, name=name, content=content))
    session.flush()


def add_paper_once(session: Session, run_id: int, name: str, content: bytes) -> None:
    """Keep a file of a run unless somebody was faster."""
    insert = postgres_insert(RunPaper) if is_postgres(session) else sqlite_insert(RunPaper)
    session.execute(insert.values(run_id=run_id, name=name, content=content).on_conflict_do_nothing())


def find_paper(session: Session, run_id: int, name: str) -> bytes | None:
    """A file of a run."""
    paper = session.get(RunPaper, (run_id, name))
    return paper.content if paper else None


def find_last_run(session: Session, wave: str) -> Run | None:
    """The newest run of a wave."""
    return session.scalars(select(Run).where(Run.wave == wave).order_by(Run.id.desc()).limit(1)).first()


def list_runs(session: Session, wave: str) -> Sequence[Run]:
    """Every run of a wave, oldest first."""
    return session.scalars(select(Run).where(Run.wave == wave).order_by(Run.id)).all()


def list_dispositions_of_runs(session: Session) -> Sequence[tuple[int, str]]:
    """The version of what people had set aside, of every run of every wave that knew of any."""
    wanted = select(Run.id, Run.disposition).where(Run.disposition != AT_ACCEPTANCE).order_by(Run.id)
    return [(number, version) for number, version in session.execute(wanted)]


def list_shown_runs(session: Session, wave: str) -> Sequence[Run]:
    """The runs that a released domain still points to, oldest first."""
    shown = select(Released.run_id).where(Released.wave == wave, Released.word != FINER).distinct()
    return session.scalars(select(Run).where(Run.id.in_(shown)).order_by(Run.id)).all()


def list_released_periods(session: Session, wave: str) -> Sequence[str]:
    """Every period of which something is released."""
    return session.scalars(select(Released.period).where(Released.wave == wave).distinct().order_by(Released.period)).all()


def list_answered_periods(session: Session, wave: str, unit: int, periods: Collection[str]) -> frozenset[tuple[str, str]]:
    """Those of some periods in which a unit received an answer of any sector, with the channel set: (period, channels)."""
    query = select(Released.period, Released.channels).where(
        Released.wave == wave, Released.period.in_(sorted(periods)), Released.unit_id == unit, Released.side == "receiving"
    )
    return frozenset((period, channels) for period, channels in session.execute(query.distinct()))


SHOWN = and_(
    Released.word == TOLD,
    Released.run_id == Fact.run_id,
    Released.period == Fact.period,
    Released.unit_id == Fact.unit_id,
    Released.side == Fact.side,
    Released.sector == Fact.sector,
    Released.channels == Fact.channels,
)


def stream_shown(session: Session, run_id: int, columns: Sequence[str]) -> Iterator[Sequence[object]]:
    """The columns of every fact of a run that is shown, in key order, a thousand at a time.

    Two scans by run and a set between them: no planner without statistics joins five columns well.
    """
    domain = select(Released.period, Released.unit_id, Released.side, Released.sector, Released.channels)
    shown = {tuple(row) for row in session.execute(domain.where(Released.run_id == run_id, Released.word == TOLD))}
    keys = (Fact.period, Fact.unit_id, Fact.side, Fact.sector, Fact.indicator, Fact.channels, Fact.weighted)
    query = select(*(getattr(Fact, name) for name in (*columns, *Domain._fields))).where(Fact.run_id == run_id).order_by(*keys)
    for row in session.execute(query, execution_options={"yield_per": 1000}):
        if row[len(columns) :] in shown:
            yield row[: len(columns)]


def stream_hidden(session: Session, run_id: int) -> Sequence[Domain]:
    """The domains of a run that are released as hidden, and without a fact."""
    columns = [getattr(Released, name) for name in Domain._fields]
    query = select(*columns).where(Released.run_id == run_id, Released.word.in_((FEW, PROTECTS))).order_by(*columns)
    return [Domain(*row) for row in session.execute(query)]


def list_facts(
    session: Session,
    wave: str,
    periods: Collection[str],
    *,
    units: Collection[int] | None = None,
    indicators: Collection[str] | None = None,
) -> Sequence[Fact]:
    """The released facts of some periods, of all units or of some; what is hidden comes as an overall share without a number."""
    query = (
        select(Fact)
        .join(Released, SHOWN)
        .where(Released.wave == wave, Released.period.in_(periods))
        .order_by(Fact.period, Fact.unit_id, Fact.side, Fact.sector, Fact.indicator, Fact.channels, Fact.weighted)
    )
    if units is not None:
        query = query.where(Released.unit_id.in_(units))
    if indicators is not None:
        query = query.where(Fact.indicator.in_(indicators))
    told = list(session.scalars(query).all())
    if indicators is None or OVERALL in indicators:
        told += _hidden(session, wave, periods, units)
    return told


def _hidden(session: Session, wave: str, periods: Collection[str], units: Collection[int] | None) -> Iterator[Fact]:
    query = select(Released).where(Released.wave == wave, Released.period.in_(periods), Released.word.in_((FEW, PROTECTS)))
    if units is not None:
        query = query.where(Released.unit_id.in_(units))
    for one in session.scalars(query.order_by(Released.period, Released.unit_id, Released.side, Released.sector, Released.channels)):
        domain = {name: getattr(one, name) for name in Domain._fields}
        blank = {"n_satisfied": 0, "n_unsatisfied": 0, "lonely": 0, "operator": "", "target_set": "", "levels": ""}
        yield Fact(
            run_id=one.run_id,
            **domain,
            indicator=OVERALL,
            weighted=False,
            n=one.n,
            verdict=HIDDEN,
            flags=one.word.replace(FEW, ""),
            **blank,
        )
