"""The nightly screening of closed weeks: which units stand out, why, and what their results are with and without.

It reads the extract and changes nothing: no answer, no fact, no release. A person decides what comes of a flag.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from sipas.extract import Extract, Known, WeekTable
from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.facts import get_wave
from sipas.reports.form_rows import rows_by_form
from sipas.reports.recount import Beside, ClosedWeeks, count_again
from sipas.reports.released import period_before
from sipas.reports.sample import items_of
from sipas.reports.whole_units import EVERY, UnitRows, rows_of_units
from sipas.stats.forensics import RULES_VERSION, Flag, screen, screen_units
from sipas.stats.intervals import Bools
from sipas.stats.weights import Ints
from sipas.store.engine import Store
from sipas.store.forensics import Screening, ScreeningFlag, ScreeningShare, add_screening, find_screening
from sipas.store.frame import get_frame, list_handled
from sipas.store.reading import Session
from sipas.terms import Week, weeks_between

LEAST_UNITS = 5  # of a form: fewer do not say what is usual
PERMUTATIONS, LEAST_PERMUTATIONS = 999, 99
PERMUTED_ROWS = 500_000_000  # rows times permutations that one form may cost

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a unit stands out in one form; counts by week, and no row."""

    unit: int
    instrument: str
    length: str
    reason: str
    p: float
    unit_p: float
    observed: float
    expected: float
    rows: int  # answers that the flag names; 0 where it is about the whole unit
    weeks: Mapping[str, int]  # answers that the figure without it leaves out


@dataclass(frozen=True, slots=True)
class Night:
    """What a screening of one quarter found."""

    wave: str
    period: str
    week: str  # the last closed one
    root: str
    units: int
    answers: int
    expected_if_clean: float
    expected_false: float
    seconds: float
    flags: tuple[Finding, ...] = ()
    beside: tuple[Beside, ...] = ()
    untested: tuple[str, ...] = ()  # forms with too few units
    rules: str = RULES_VERSION


@dataclass(frozen=True, slots=True)
class Weeks:
    """The closed weeks that a screening reads, in order of time."""

    known: tuple[Known, ...]
    period: str
    root: str

    @property
    def last(self) -> str:
        return self.known[-1].week

    @property
    def numbers(self) -> dict[str, int]:
        """Weeks by time, those without an answer counted too."""
        span = weeks_between(Week.parse(self.known[0].week), Week.parse(self.last))
        return {str(week): number for number, week in enumerate(span)}

    @property
    def since(self) -> int:
        """The number of the first week that is judged."""
        return next(number for week, number in self.numbers.items() if Week.parse(week).quarter == self.period)


@dataclass(slots=True)
class Found:
    """What the forms gave so far."""

    left_out: list[Bools]  # by table: answers that a flag is about
    flags: list[Finding] = field(default_factory=list)
    tested: set[int] = field(default_factory=set)
    untested: list[str] = field(default_factory=list)
    expected_if_clean: float = 0.0
    expected_false: float = 0.0


@dataclass(frozen=True, slots=True)
class Looked:
    """Rows that were screened together, and where each of them stands in the tables."""

    instrument: str
    length: str
    units: tuple[int, ...]  # the unit that each number is
    unit: Ints
    week: Ints
    table: Ints
    place: Ints


def screen_wave(
    store: Store,
    shelf: Shelf,
    code: str,
    *,
    extract: Extract | None = None,
    progress: Progress | None = None,
    permutations: int = PERMUTATIONS,
) -> Night | None:
    """Screen the closed weeks of the newest quarter, with the quarter before for comparison; None before the first closed week.

    The generator is seeded by the roots of the weeks read: the same weeks give the same flags. The database is read at the
    beginning and at the end, and left alone while the permutations run.
    """
    began, tell, wave = perf_counter(), progress or (lambda _: None), get_wave(shelf, code)
    source = extract or Extract(None)
    with store.read() as session:
        weeks = closed_weeks(source.list_known(session, code))
        if weeks is None:
            return None
        tables = list(source.tables(session, code, weeks.known, items_of(shelf)))
        load = get_frame(session, code)
        handled = list_handled(session, load.id) if load else []
    tell(f"{weeks.period}, {len(weeks.known)} closed weeks to {weeks.last}: {sum(table.n for table in tables)} answers")
    found = _look(tables, shelf, wave, weeks, (permutations, tell))
    _look_at_units(rows_of_units(tables, wave, weeks.numbers, weeks.since, handled), tables, found, tell)
    beside: tuple[Beside, ...] = ()
    if found.flags:
        with store.read() as session:
            beside = _beside(session, source, shelf, wave, (weeks, tables, found))
    judged = sum(table.n for table in tables if Week.parse(table.week).quarter == weeks.period)
    return Night(
        wave=code, period=weeks.period, week=weeks.last, root=weeks.root, units=len(found.tested), answers=judged,
        expected_if_clean=found.expected_if_clean, expected_false=found.expected_false, seconds=perf_counter() - began,
        flags=tuple(found.flags), beside=beside, untested=tuple(found.untested),
    )  # fmt: skip


def screen_and_store(
    store: Store,
    shelf: Shelf,
    code: str,
    *,
    extract: Extract | None = None,
    progress: Progress | None = None,
    permutations: int = PERMUTATIONS,
    again: bool = False,
) -> Screening | None:
    """Screen a wave and keep what was found; weeks that were screened by these rules are not screened twice, unless ``again``."""
    source = extract or Extract(None)
    with store.read() as session:
        weeks = closed_weeks(source.list_known(session, get_wave(shelf, code).code))
        known = find_screening(session, code, rules=RULES_VERSION, root=weeks.root) if weeks else None
    if known is not None and not again:
        return known
    night = screen_wave(store, shelf, code, extract=source, progress=progress, permutations=permutations)
    if night is None:
        return None
    with store.write() as session:
        return add_screening(session, *as_rows(night))


def closed_weeks(known: Sequence[Known]) -> Weeks | None:
    """The closed weeks of the newest quarter that has one, and of the quarter before; the open week is never among them."""
    closed = [one for one in known if one.closed]
    if not closed:
        return None
    period = Week.parse(closed[-1].week).quarter
    chosen = tuple(one for one in closed if Week.parse(one.week).quarter in {period, period_before(period)})
    told = "\n".join(f"{one.week} {one.root}" for one in chosen)
    return Weeks(chosen, period, hashlib.sha256(told.encode()).hexdigest())


def deadline_of(shelf: Shelf, wave: Wave, numbers: Mapping[str, int]) -> int | None:
    """The first week after the last deadline of a target set that falls into the weeks read."""
    ends = [Week.of(promise.valid_to).next() for promise in shelf.targets.values() if promise.demonstration == wave.demonstration]
    return max((numbers[str(week)] for week in ends if numbers.get(str(week), 0) > 0), default=None)


def _look(tables: Sequence[WeekTable], shelf: Shelf, wave: Wave, weeks: Weeks, how: tuple[int, Progress]) -> Found:
    """Every form by itself: its columns mean one thing, and its units are compared with one another."""
    permutations, tell = how
    numbers, since = weeks.numbers, weeks.since
    deadline = deadline_of(shelf, wave, numbers)
    found = Found([np.zeros(table.n, np.bool_) for table in tables])
    for form in rows_by_form(tables, shelf, numbers):
        name = f"{form.instrument} {form.length}"
        now = form.rows.week >= since
        if len(np.unique(form.rows.unit[now])) < LEAST_UNITS:
            found.untested.append(name)
            continue
        some = min(permutations, max(LEAST_PERMUTATIONS, PERMUTED_ROWS // len(form.rows.unit)))
        made = screen(form.rows, since=since, deadline=deadline, rng=_chance(weeks.root, name), permutations=some)
        found.tested |= {form.units[unit] for unit in np.unique(form.rows.unit[now]).tolist()}
        found.expected_if_clean += made.expected_if_clean
        found.expected_false += made.expected_false
        looked = Looked(form.instrument, form.length, form.units, form.rows.unit, form.rows.week, form.table, form.place)
        for flag in made.flags:
            found.flags.append(_finding(looked, flag, tables, (since, deadline), found.left_out))
        tell(f"{name}: {len(form.rows.unit)} answers, {len({flag.unit for flag in made.flags})} units flagged")
    return found


def _look_at_units(units: UnitRows | None, tables: Sequence[WeekTable], found: Found, tell: Progress) -> None:
    """Whole units, every questionnaire together: what dossiers, channels, weeks and spent codes say."""
    if units is None or len(units.units) < LEAST_UNITS:
        found.untested.append("units")
        return
    made = screen_units(units.whole)
    found.tested |= set(units.units)
    found.expected_if_clean += made.expected_if_clean
    found.expected_false += made.expected_false
    looked = Looked(EVERY, EVERY, units.units, units.whole.unit, units.whole.week, units.table, units.place)
    for flag in made.flags:
        found.flags.append(_finding(looked, flag, tables, (0, None), found.left_out))
    tell(f"whole units: {len(units.whole.unit)} answers, {len({flag.unit for flag in made.flags})} units flagged")


def _chance(root: str, name: str) -> np.random.Generator:
    """Chance that the same weeks bring again."""
    seed = hashlib.sha256(f"{root} {name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(seed, "big"))


def _finding(form: Looked, flag: Flag, tables: Sequence[WeekTable], when: tuple[int, int | None], left_out: list[Bools]) -> Finding:
    """A flag as counts; the answers that it is about are noted in ``left_out``."""
    since, deadline = when
    rows = flag.rows
    if not len(rows):  # about the whole unit: its weeks, from the deadline on where the sign is a step at it
        first = max(since, deadline) if flag.reason == "step" and deadline is not None else since
        rows = np.flatnonzero((form.unit == flag.unit) & (form.week >= first))
    weeks: dict[str, int] = {}
    for number in np.unique(form.table[rows]).tolist():
        mine = form.place[rows[form.table[rows] == number]]
        left_out[number][mine] = True
        weeks[tables[number].week] = len(mine)
    return Finding(
        form.units[flag.unit], form.instrument, form.length, flag.reason,
        flag.p, flag.unit_p, flag.observed, flag.expected, len(flag.rows), weeks,
    )  # fmt: skip


def _beside(
    session: Session, source: Extract, shelf: Shelf, wave: Wave, what: tuple[Weeks, Sequence[WeekTable], Found]
) -> tuple[Beside, ...]:
    weeks, tables, found = what
    fewer = {
        table.week: table.rows(~left_out)
        for table, left_out in zip(tables, found.left_out, strict=True)
        if Week.parse(table.week).quarter == weeks.period
    }
    everything, rest = ClosedWeeks(source.folder, weeks.last), ClosedWeeks(source.folder, weeks.last, fewer)
    return count_again(session, shelf, wave, (weeks.period, everything, rest), {flag.unit for flag in found.flags})


def as_rows(night: Night) -> tuple[Screening, list[ScreeningFlag], list[ScreeningShare]]:
    """A night as it is stored."""
    names = ("wave", "period", "week", "rules", "root", "units", "answers", "expected_if_clean", "expected_false", "seconds")
    flags = [
        ScreeningFlag(
            unit_id=one.unit, instrument=one.instrument, length=one.length, reason=one.reason, p=one.p, unit_p=one.unit_p,
            observed=one.observed, expected=one.expected, rows=one.rows,
            weeks=" ".join(f"{week}:{n}" for week, n in sorted(one.weeks.items())),
        )
        for one in night.flags
    ]  # fmt: skip
    shares = [
        ScreeningShare(
            unit_id=one.unit, sector=one.sector, statistic=one.whole.statistic, n=one.whole.n, value=one.whole.value,
            low=one.whole.low, high=one.whole.high, verdict=one.whole.verdict, n_without=one.n_without,
            value_without=one.without.value if one.without else None, low_without=one.without.low if one.without else None,
            high_without=one.without.high if one.without else None, verdict_without=one.without.verdict if one.without else "",
        )
        for one in night.beside
    ]  # fmt: skip
    return Screening(**{name: getattr(night, name) for name in names}), flags, shares
