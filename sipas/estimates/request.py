"""What a design file asks for, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sipas.estimates.keys import Scalar


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the rows were drawn, by the names of columns."""

    strata: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    nest: bool = False  # cluster labels begin anew in each stratum
    weight: str | None = None
    population: str | Mapping[str, float] | None = None  # a column, or a number for each stratum
    two_stages: bool = False
    second_units: str | None = None
    second_population: str | None = None
    lonely: str = "adjust"


@dataclass(frozen=True, slots=True)
class Margin:
    """Known totals: a number for each category of the columns' combinations, or one for a column of numbers."""

    columns: tuple[str, ...]
    totals: Mapping[str, float] | float

    @property
    def name(self) -> str:
        return "margin " + " × ".join(self.columns)


@dataclass(frozen=True, slots=True)
class Calibrating:
    """Weights are brought to these totals."""

    method: str
    margins: tuple[Margin, ...]
    bounds: tuple[float, float] | None = None
    population: float | None = None  # its size, where no margin of categories tells it
    rescale: bool = False


@dataclass(frozen=True, slots=True)
class Trimming:
    """Bounds of final weights, as multiples of their median."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Recode:
    """A new column made of another."""

    name: str
    source: str
    values: Mapping[str, str]
    others: str | None = None  # "keep", "missing", or a category; None: they are a fault
    cuts: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DomainRule:
    """One domain where columns have certain values, or one for each combination of the columns' values."""

    name: str
    by: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return self.by or tuple(self.where or ())


@dataclass(frozen=True, slots=True)
class Statistic:
    """One thing to estimate, in the whole and in each of its domains."""

    name: str
    kind: str
    columns: tuple[str, ...] = ()
    levels: tuple[Scalar, ...] = ()
    domains: tuple[str, ...] = ()
    interval: str | None = None
    target: float | None = None
    ends: tuple[float, float] | None = None  # least and highest value of a mean
    weights: tuple[Scalar, ...] = ()
    scale: str = ""
    estimand: str = ""
    of: tuple[str, ...] = ()
    coefficients: tuple[float, ...] = ()

    @property
    def derived(self) -> bool:
        return self.kind in {"difference", "contrast"}


@dataclass(frozen=True, slots=True)
class Request:
    """A design file as it was read."""

    name: str
    sampling: Sampling
    statistics: tuple[Statistic, ...]
    level: float = 0.95
    interval: str = "kg20"
    covariance: bool = False
    missing: tuple[str, ...] = ()
    decimal: str | None = None
    pooled_effect: float | None = None
    calibration: Calibrating | None = None
    trimming: Trimming | None = None
    recodes: tuple[Recode, ...] = ()
    domains: tuple[DomainRule, ...] = ()

    @property
    def columns(self) -> dict[str, str]:
        """Every column of the file that is needed, and the place that first asks for it."""
        made = {recode.name for recode in self.recodes}
        asked: dict[str, str] = {}

        def ask(place: str, *names: str | None) -> None:
            asked.update({name: place for name in names if name and name not in made and name not in asked})

        for recode in self.recodes:
            ask(f"recodes.{recode.name}", recode.source)
        ask("design.strata", *self.sampling.strata)
        ask("design.clusters", *self.sampling.clusters)
        ask("design.weight", self.sampling.weight)
        ask("design.population", self.sampling.population if isinstance(self.sampling.population, str) else None)
        ask("design.second", self.sampling.second_units, self.sampling.second_population)
        for margin in self.calibration.margins if self.calibration else ():
            ask("calibration.margins", *margin.columns)
        for rule in self.domains:
            ask(f"domains.{rule.name}", *rule.columns)
        for statistic in self.statistics:
            ask(f"statistics.{statistic.name}", *statistic.columns)
        return asked
