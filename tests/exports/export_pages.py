"""Believable scorecards for tests of downloads."""

from __future__ import annotations

from sipas.reports.drivers import FactorShare, FormDrivers
from sipas.reports.driving import DriverLine, Driving, FormPart
from sipas.reports.fixed_mix import FixedMix
from sipas.reports.honesty import silence_of
from sipas.reports.lines import (
    Change,
    ChannelLine,
    Estimate,
    FactorWeight,
    Front,
    Gap,
    Index,
    Line,
    Part,
    Scorecard,
    SectorCard,
    TargetMark,
    UnitMark,
)
from sipas.reports.trends import Break, Point, Series
from sipas.reports.whole_card import WholeCard
from sipas.stats.trend import AnyChange, Trend

UNIT = UnitMark(1, "48", "province", "Thành phố", "Đà Nẵng", "Thành phố Đà Nẵng", "Da Nang City", "/1/")
TARGET = TargetMark(
    0.9, ">=", "overall", "demo-2026", {"vi": "Bộ chỉ tiêu minh họa 2026", "en": "Invented set 2026"}, "Số liệu giả định", False, True
)


def estimate(value: float = 0.827, *, n: int = 312, weighted: bool = True) -> Estimate:
    return Estimate(value, value - 0.03, value + 0.025, n, n / 1.5, 0.014, 40.0, 4811, 0.98, 0.07, weighted, 258, n - 258, ("provisional",))


def line(sector: str = "land", *, verdict: str = "not_met") -> Line:
    shown = verdict != "hidden"
    return Line(
        unit_id=1,
        sector=sector,
        name={"vi": "Đất đai", "en": "Land"},
        indicator="procedures",
        statistic="overall",
        channels="headline",
        estimate=estimate() if shown else None,
        unweighted=estimate(0.811, weighted=False) if shown else None,
        target=TARGET,
        verdict=verdict,
        difference=-7.3 if shown else None,
        more_needed=None,
        change=Change(1.2, -2.5, 4.9, "undecided", equivalent=False, since="2026-Q3") if shown else None,
        indicative=False,
        provisional=True,
        excluded=0,
        flags=("provisional",),
    )


def front(*lines: Line) -> Front:
    return Front("demo-2026", "2026-Q4", "2026-W47", 7, UNIT, "headline", "thành phố", lines, (), demonstration=True)


def scorecard() -> Scorecard:
    factor = Part("TC", {"vi": "Tiếp cận dịch vụ", "en": "Access"}, "sipas-service-2023", "short", None, "receiving", estimate(0.9), ())
    item = Part("TC1", {"vi": "Nơi ngồi chờ", "en": "Waiting room"}, "sipas-service-2023", "", "TC", "receiving", None, ())
    weight = FactorWeight("TC", {"vi": "Tiếp cận dịch vụ", "en": "Access"}, 1.0, ("TC1",))
    card = SectorCard(
        line(),
        {"overall": estimate(), "pooled": estimate(0.85), "all": estimate(0.6), "mean": estimate(4.1)},
        {"pooled": estimate(0.84, weighted=False)},
        (factor,),
        (item,),
        (
            ChannelLine("V", estimate(0.8), hidden=False),
            ChannelLine("S", estimate(0.86), hidden=False, gap=Gap(6.0, 2.5, 9.5, "higher", equivalent=False)),
            ChannelLine("O", None, hidden=True, gap=Gap(11.0, 9.0, 13.0, "higher", equivalent=False)),
        ),
        estimate(0.79),
        silence_of(line()),
        (Index("sipas-service-2023", {"vi": "Phiếu", "en": "Form"}, "short", estimate(0.88), (weight,)),),
    )
    return Scorecard("demo-2026", "2026-Q4", "2026-W47", 7, UNIT, "thành phố", (card,), 3, (), demonstration=True)


def whole_card() -> WholeCard:
    """The same with a series of seven months, one of them hidden, and the drivers of a short form."""
    card = scorecard()
    points = tuple(
        Point(
            f"2026-{month:02d}",
            24312.0 + month,
            None if month == 4 else estimate(),
            "few" if month == 4 else "",
            False,
            0.9,
            int(month > 3),
        )
        for month in range(1, 8)
    )
    tested = Trend(24313.0, 24319.0, 6, 0.4, 0.1, 0.2, 0.6, 4.0, 0.0004, 80.0, "", AnyChange(3.1, 5.0, 76.0, 0.01))
    shown = Trend(24313.0, 24315.0, 3, 0.1, None, -1.0, 1.0, None, None, 80.0, "few_periods")
    series = Series(
        UNIT, "land", {"vi": "Đất đai"}, (("land", {"vi": "Đất đai"}),), "overall", "month", ("month", "quarter"), points,
        (Break("2026-04", ("borders",), ("Xã Cũ",)),), (shown, tested), FixedMix("land", "month", True, (("V", 0.4), ("S", 0.6)), tested),
        (("2026-01", "2026-02"),), indicative=False, run_id=7,
    )  # fmt: skip
    factor = FactorShare("TC", 0.3, 0.2, 0.4, 0.5, 1, 120, None, None)
    told = FormDrivers("2026", "land", "sipas-service-2023", "short", True, 120, 40, 0.42, 0.3, 0.5, (factor,))
    part = FormPart({"vi": "Phiếu"}, told, (DriverLine({"vi": "Tiếp cận"}, factor, estimate(0.9), "above"),), 0.2)
    driving = Driving("demo-2026", "2026", "2026-W47", UNIT, "land", {"vi": "Đất đai"}, (), (part,), indicative=False, run_id=7)
    return WholeCard(card, (series,), (driving,))
