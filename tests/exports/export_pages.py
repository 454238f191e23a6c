"""Believable scorecards for tests of downloads."""

from __future__ import annotations

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
