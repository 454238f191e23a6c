"""What a page is told: every figure with its interval, its target and what the data allow us to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Words = Mapping[str, str]  # language → wording; `sipas.instrument.speech.in_language` picks one

# Every verdict a line can carry. `hidden`: fewer than ten answers, nothing but that is told. `no_data`: nobody answered.
VERDICTS = ("met", "not_met", "undecided", "too_few", "no_target", "no_data", "hidden")


@dataclass(frozen=True, slots=True)
class Estimate:
    """One published figure: at least ten respondents stand behind it.

    Shares, limits and errors are 0-1; a mean and its limits are 1-5.
    """

    value: float
    low: float
    high: float
    n: int  # respondents
    n_effective: float | None
    se: float | None
    df: float | None
    population: int | None  # dossiers, visits or pupils behind the domain; None without a frame
    coverage: float | None  # 0-1, the part of them in strata that have an answer
    late_share: float | None  # 0-1, late ÷ settled, from the frame
    weighted: bool
    n_satisfied: int  # of a pooled figure or a factor: satisfied answers, else respondents
    n_unsatisfied: int
    flags: tuple[str, ...]  # provisional, over_frame, no_frame, unreliable, lonely, low_df, few_effective


@dataclass(frozen=True, slots=True)
class TargetMark:
    """What was promised for a line, and by whom."""

    value: float  # 0-1, or 1-5 where the statistic is a mean
    operator: str  # ">=" or ">"
    statistic: str  # overall, pooled, all or mean
    set_code: str
    set_name: Words
    legal_basis: str | Words
    expired: bool
    demonstration: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """One figure less another; the interval takes the two as independent, which is the cautious side."""

    points: float  # percentage points; of a mean: points of the scale 1-5
    low: float
    high: float
    direction: str  # "higher", "lower" or "undecided": what the interval of 95 % says
    equivalent: bool  # the interval of 90 % lies within ±3 points (a mean: ±0.12): nothing material


@dataclass(frozen=True, slots=True)
class Change(Gap):
    """Against the comparable period before."""

    since: str  # the period before


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: an indicator in a sector, with its verdict in two lines."""

    unit_id: int
    sector: str  # sector code, family code ("procedures") or "*"
    name: Words
    indicator: str  # "procedures", "services" or "agency_service": what the target speaks of
    statistic: str  # "overall", "pooled", "all" or "mean": what the target counts
    channels: str  # "headline", or "O" where only open answers exist
    estimate: Estimate | None  # weighted; unweighted where no frame exists; None when hidden or without answers
    unweighted: Estimate | None
    target: TargetMark | None
    verdict: str
    difference: float | None  # the point figure minus the target, percentage points (a mean: points of the scale)
    more_needed: int | None  # about how many more answers would settle an undecided line
    change: Change | None
    indicative: bool  # open channel or paper only: "Chỉ để tham khảo"
    provisional: bool  # weighted by the frame of an earlier month
    excluded: int  # answers left out of the weighted figure because their stratum has no frame; 0 where it would tell on few
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A factor or an item under a sector."""

    code: str  # "TC" or "TC1"
    name: Words
    instrument: str
    length: str  # "short" or "full" of a factor, "" of an item (items are the same in both lengths)
    factor: str | None  # the factor of an item
    side: str  # "receiving" or "deciding": for whom it counts
    estimate: Estimate | None  # None: hidden
    levels: tuple[int, ...]  # of an item: unweighted answers at 1, 2, 3, 4, 5; empty where hidden or not kept


@dataclass(frozen=True, slots=True)
class FactorWeight:
    """What a factor weighs in a composite index."""

    code: str
    name: Words
    share: float  # 0-1; the factors of an index add up to 1
    items: tuple[str, ...]  # that weigh the same inside it


@dataclass(frozen=True, slots=True)
class Index:
    """The composite of all factors of one form: a mean of satisfied shares, not a share of people. Never judged (decision 1)."""

    instrument: str
    title: Words
    length: str  # "short" or "full": the two are never put together
    estimate: Estimate
    weights: tuple[FactorWeight, ...]


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One channel's own overall share, weighted by itself."""

    channel: str  # "V", "S", "O" or "P"
    estimate: Estimate | None
    hidden: bool
    gap: Gap | None = None  # this channel less V, where both are told and weighted alike


@dataclass(frozen=True, slots=True)
class Silence:
    """Those who did not answer, beside a line: how many, and what they could change. Shares are 0-1."""

    answers: int
    population: int
    rate: float | None  # answers ÷ dossiers; None where there are more answers than dossiers
    low: float  # of the satisfied share of all dossiers: none of the silent satisfied …
    high: float  # … and all of them
    settled: str  # "holds" or "fails" where these bounds alone decide, else "undecided"; empty without a target
    tipping: float | None  # the share of the silent at which the verdict turns; None where there is no verdict to turn
    said: str  # what the tipping point is: holds, flips_if_fewer, flips_if_more, fails, no_silent; empty where there is none
    respondents_only: bool  # so few answered that the figure speaks of them alone


@dataclass(frozen=True, slots=True)
class SectorCard:
    """A sector, or the family, on a unit's page."""

    line: Line
    measures: Mapping[str, Estimate | None]  # overall, pooled, all, mean; weighted
    measures_unweighted: Mapping[str, Estimate | None]
    factors: tuple[Part, ...]
    items: tuple[Part, ...]
    channels: tuple[ChannelLine, ...]
    deciding: Estimate | None  # the overall share of what this unit decided, received anywhere
    silence: Silence | None = None
    indices: tuple[Index, ...] = ()  # told by whole years and years to date alone


@dataclass(frozen=True, slots=True)
class UnitMark:
    """A unit as a page names it."""

    id: int
    code: str
    tier: str
    kind: str
    name: str
    full_name: str
    name_en: str
    path: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence under the picture, to be worded by the page: its kind and what goes into it."""

    kind: str  # extremes, one_sector, targets, no_targets, coverage, no_frame, nothing
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Front:
    """The first page: every indicator and sector of one unit of the tree in one table."""

    wave: str
    period: str
    week: str  # the last week counted, "2026-W47"; "" before the first run
    run_id: int | None
    unit: UnitMark
    channels: str
    kind: str  # "tỉnh" or "thành phố": whose survey it is (decision 5)
    lines: tuple[Line, ...]
    sentences: tuple[Sentence, ...]
    demonstration: bool


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One unit's page."""

    wave: str
    period: str
    week: str
    run_id: int | None
    unit: UnitMark
    kind: str
    cards: tuple[SectorCard, ...]
    counters: int  # how many counters the unit has
    sentences: tuple[Sentence, ...]
    demonstration: bool
