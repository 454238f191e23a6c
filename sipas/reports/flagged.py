"""Flags of a quarter as a page needs them: by unit and name, with and without, and what was decided. Small counts stay hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sipas.instrument.shelf import Shelf
from sipas.reports.areas import ADDED_UP, ancestors, family_of
from sipas.reports.lines import UnitMark, Words
from sipas.reports.lining import in_order, name_of, sector_order
from sipas.reports.recount import told_apart
from sipas.reports.released import mark_of
from sipas.reports.whole_units import EVERY
from sipas.stats.verdict import HIDDEN_BELOW
from sipas.store.forensics import (
    Screening,
    ScreeningFlag,
    ScreeningShare,
    find_last_screening,
    list_dispositions,
    list_flagged_units,
    list_flags,
    list_screened_periods,
    list_shares,
)
from sipas.store.proposals import Proposal
from sipas.store.reading import Session, list_units
from sipas.terms import ZONE

__all__ = ["Decided", "Flagged", "FlaggedUnit", "Reason", "Share", "WithWithout", "list_screened_periods", "read_case", "read_flagged"]

# reasons whose figures are numbers of answers
COUNTS = frozenset({"fast", "burst", "off_hours", "straight", "pattern", "volume", "over_dossiers", "contested"})


@dataclass(frozen=True, slots=True)
class Reason:
    """One sign of one form."""

    reason: str
    instrument: str
    title: Words  # of the questionnaire; empty where it is about all of them
    length: str
    names_answers: bool  # False: it is about the whole unit
    observed: float | None  # None: a count below ten
    expected: float
    p: float
    weeks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A result as results are told."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class WithWithout:
    """A sector's result with every answer, and without the flagged ones."""

    sector: str
    name: Words
    main: bool  # what the list shows: procedures together, each public service by itself
    statistic: str
    whole: Share
    verdict: str
    without: Share | None  # None: fewer than ten answers were left out, or are left
    verdict_without: str
    same: bool  # no answer of this sector is flagged in the channels that count

    @property
    def turns(self) -> bool:
        """Whether the verdict would be another."""
        return self.without is not None and self.verdict != self.verdict_without


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that a person wrote down."""

    decision: str
    reason: str
    official: str
    day: date  # in Viet Nam
    week: str  # the last that was known


@dataclass(frozen=True, slots=True)
class FlaggedUnit:
    """A unit with its signs."""

    unit: UnitMark
    reasons: tuple[Reason, ...]
    chance: float  # of an honest unit looking like this
    results: tuple[WithWithout, ...]
    decisions: tuple[Decided, ...]  # oldest first


@dataclass(frozen=True, slots=True)
class Flagged:
    """The newest screening of a quarter, as far as one branch goes."""

    screening: Screening
    units: tuple[FlaggedUnit, ...]
    before: tuple[UnitMark, ...]  # flagged by an earlier screening of the quarter, and no more
    top: tuple[WithWithout, ...]  # the whole tree, without all flagged answers

    def find(self, unit: int) -> FlaggedUnit | None:
        return next((one for one in self.units if one.unit.id == unit), None)


def read_flagged(session: Session, shelf: Shelf, *, wave: str, period: str, branch: str) -> Flagged | None:
    """What the newest screening says of the units below the top of a branch; None before the first."""
    screening = find_last_screening(session, wave, period)
    if screening is None:
        return None
    flags, shares = list_flags(session, screening.id), list_shares(session, screening.id)
    decided = list_dispositions(session, wave, period)
    ever = list_flagged_units(session, wave, period)
    units = {unit.id: unit for unit in list_units(session, ever) if below(unit.path, branch)}
    order = sector_order(shelf, shelf.waves[wave])
    flagged = []
    for number in {flag.unit_id for flag in flags} & units.keys():
        mine = [flag for flag in flags if flag.unit_id == number]
        decisions = [
            Decided(one.decision, one.reason, one.official, day_of(one.at), week) for one, week in decided if one.unit_id == number
        ]
        results = _results([one for one in shares if one.unit_id == number], shelf, order)
        chance = min(flag.unit_p for flag in mine)
        flagged.append(FlaggedUnit(mark_of(units[number]), tuple(_reason(flag, shelf) for flag in mine), chance, results, tuple(decisions)))
    gone = [mark_of(unit) for number, unit in units.items() if number not in {flag.unit_id for flag in flags}]
    root = ancestors(branch)[0] if branch.strip("/") else 0
    top = _results([one for one in shares if one.unit_id == root], shelf, order) if flagged and branch == f"/{root}/" else ()
    return Flagged(screening, _by_name(flagged), tuple(sorted(gone, key=lambda mark: mark.full_name)), top)


def read_case(session: Session, shelf: Shelf, proposal: Proposal, wave: str) -> tuple[Reason | None, tuple[WithWithout, ...]]:
    """What the screening behind a proposal says: the sign, and the unit's results with and without."""
    flags = list_flags(session, proposal.screening_id, proposal.unit_id)
    key = (proposal.instrument, proposal.length, proposal.sign)
    flag = next((one for one in flags if (one.instrument, one.length, one.reason) == key), None)
    shares = [share for share in list_shares(session, proposal.screening_id) if share.unit_id == proposal.unit_id]
    return _reason(flag, shelf) if flag else None, _results(shares, shelf, sector_order(shelf, shelf.waves[wave]))


def below(path: str, branch: str) -> bool:
    """Whether a unit stands below the top of a branch: nobody decides about the unit that one belongs to."""
    return len(branch) > 1 and path.startswith(branch) and path != branch


def day_of(at: datetime) -> date:
    """The day in Viet Nam; SQLite hands back the hour that was written, without its zone."""
    return (at.astimezone(ZONE) if at.tzinfo else at).date()


def _by_name(flagged: Sequence[FlaggedUnit]) -> tuple[FlaggedUnit, ...]:
    return tuple(sorted(flagged, key=lambda one: (one.unit.full_name, one.unit.id)))


def _reason(flag: ScreeningFlag, shelf: Shelf) -> Reason:
    few = flag.reason in COUNTS and flag.observed < HIDDEN_BELOW
    known = shelf.instruments.get(flag.instrument)
    return Reason(
        reason=flag.reason,
        instrument=flag.instrument,
        title=known.title if known else {} if flag.instrument == EVERY else {"vi": flag.instrument},
        length=flag.length,
        names_answers=flag.rows > 0,
        observed=None if few else flag.observed,
        expected=flag.expected,
        p=flag.p,
        weeks=tuple(part.partition(":")[0] for part in flag.weeks.split()),
    )


def _results(shares: Sequence[ScreeningShare], shelf: Shelf, order: tuple[str, ...]) -> tuple[WithWithout, ...]:
    by_sector = {share.sector: share for share in shares}
    return tuple(_result(by_sector[sector], shelf) for sector in in_order(tuple(by_sector), order))


def _result(share: ScreeningShare, shelf: Shelf) -> WithWithout:
    told = told_apart(share.n, share.n_without)
    without = None
    if told and share.value_without is not None and share.low_without is not None and share.high_without is not None:
        without = Share(share.value_without, share.low_without, share.high_without, share.n_without)
    return WithWithout(
        sector=share.sector,
        name=name_of(shelf, share.sector),
        main=share.sector in shelf.families or family_of(shelf, share.sector) not in ADDED_UP,
        statistic=share.statistic,
        whole=Share(share.value, share.low, share.high, share.n),
        verdict=share.verdict,
        without=without,
        verdict_without=share.verdict_without,
        same=share.n == share.n_without,
    )
