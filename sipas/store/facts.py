"""Facts: every stored estimate with the run that made it. Appended, never changed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sipas.store.base import Base


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
    disposition: Mapped[str] = mapped_column(String(32), default="acceptance")
    version: Mapped[str] = mapped_column(String(32))
    n: Mapped[int]
    notes: Mapped[str] = mapped_column(Text, default="{}")  # JSON: merged cells, lonely strata, over-frame strata, provisional


class Fact(Base):
    """One estimate of one indicator in one domain."""

    __tablename__ = "fact"
    __table_args__ = (
        Index("ix_fact_lookup", "run_id", "period", "unit_id", "sector"),
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
    flags: Mapped[str] = mapped_column(String(120), default="")  # provisional, over_frame, unreliable, respondents_only …


class Released(Base):
    """Which run's fact is shown for a domain; moves only when n grew by 10, or for a declared correction."""

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


class RunPaper(Base):
    """What a run keeps beside its facts: the cells file that repeats them, and the pictures drawn from them."""

    __tablename__ = "run_paper"

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
