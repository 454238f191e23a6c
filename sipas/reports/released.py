"""Released facts, turned into estimates: what is hidden stays so."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sipas.instrument.model import Wave
from sipas.reports.lines import Estimate, UnitMark
from sipas.stats.verdict import HIDDEN
from sipas.store.facts import Fact, list_answered_periods, list_facts
from sipas.store.reading import Session
from sipas.store.units import Unit

Key = tuple[str, str, str, str, str, bool]  # period, side, sector, indicator, channels, weighted


@dataclass(frozen=True, slots=True)
class Shown:
    """The released facts of one unit."""

    facts: dict[Key, Fact]
    by_sector: dict[tuple[str, str, str], list[Fact]] = field(default_factory=dict)  # period, side, sector
    answered: frozenset[tuple[str, str]] = frozenset()  # month and channel set, of the months that a comparison of years needs

    def find(self, key: Key) -> Fact | None:
        return self.facts.get(key)

    def best(self, period: str, side: str, sector: str, indicator: str, channels: str) -> Fact | None:
        """The weighted fact; the unweighted one where there is no frame."""
        return self.facts.get((period, side, sector, indicator, channels, True)) or self.facts.get(
            (period, side, sector, indicator, channels, False)
        )


def read_shown(session: Session, wave: Wave, periods: Collection[str], unit: int, *, only: Collection[str] | None = None) -> Shown:
    """The facts of a unit in some periods, small counts protected; ``only`` names the indicators that are wanted, overall among them."""
    months = {month for period in periods for month in months_compared(period)}
    answered = list_answered_periods(session, wave.code, unit, months) if months else frozenset()
    facts = list_facts(session, wave.code, periods, units=[unit], indicators=only)
    return collect(facts, answered)


def collect(facts: Iterable[Fact], answered: frozenset[tuple[str, str]] = frozenset()) -> Shown:
    """Facts by their key."""
    shown = Shown({}, answered=answered)
    for fact in facts:
        shown.facts[fact.period, fact.side, fact.sector, fact.indicator, fact.channels, fact.weighted] = fact
        shown.by_sector.setdefault((fact.period, fact.side, fact.sector), []).append(fact)
    return shown


def told(fact: Fact | None) -> Fact | None:
    """The fact where it is published with its interval; None where nothing is."""
    return fact if estimate_of(fact) else None


def estimate_of(fact: Fact | None) -> Estimate | None:
    """A fact as an estimate; None where nothing is published."""
    if fact is None or fact.verdict == HIDDEN or fact.value is None or fact.low is None or fact.high is None:
        return None
    return Estimate(
        value=fact.value,
        low=fact.low,
        high=fact.high,
        n=fact.n,
        n_effective=fact.n_effective,
        se=fact.se,
        df=fact.df,
        population=fact.population,
        coverage=fact.covered / fact.population if fact.population and fact.covered is not None else None,
        late_share=fact.late_share,
        weighted=fact.weighted,
        n_satisfied=fact.n_satisfied,
        n_unsatisfied=fact.n_unsatisfied,
        flags=tuple(fact.flags.split()),
    )


def period_before(period: str) -> str:
    """The comparable period before: month before month, quarter before quarter, the same months of the year before."""
    year, rest = int(period[:4]), period[5:]
    if not rest:
        return str(year - 1)
    if rest.startswith("ytd-"):
        return f"{year - 1}-{rest}"
    if rest.startswith("Q"):
        return f"{year}-Q{int(rest[1:]) - 1}" if rest != "Q1" else f"{year - 1}-Q4"
    return f"{year}-{int(rest) - 1:02d}" if rest != "01" else f"{year - 1}-12"


def months_compared(period: str) -> tuple[str, ...]:
    """The months that must all have answers before a year, or a year to date, is compared; of shorter periods none."""
    if "-ytd-" not in period and len(period) != len("2026"):
        return ()
    last = int(period.rpartition("-")[2]) if "-ytd-" in period else 12
    return tuple(f"{period[:4]}-{month:02d}" for month in range(1, last + 1))


def comparable(shown: Shown, period: str, channels: str) -> bool:
    """Whether a period may be set beside the one before: a year that was asked about in part is none."""
    months = (*months_compared(period), *months_compared(period_before(period)))
    return all((month, channels) in shown.answered for month in months)


def mark_of(unit: Unit) -> UnitMark:
    """A unit as a page names it."""
    return UnitMark(unit.id, unit.code, unit.tier, unit.kind, unit.name, unit.full_name, unit.name_en, unit.path)


def whose(root: Unit | None) -> str:
    """Whose survey it is: a province's or a city's (decision 5)."""
    return "thành phố" if root is not None and "thành phố" in root.kind.lower() else "tỉnh"


def is_indicative(wave: Wave, channels: str) -> bool:
    """Open answers and paper show the way, and prove nothing."""
    return channels in {"O", "P"} or (channels == "headline" and set(wave.headline) <= {"O", "P"})
