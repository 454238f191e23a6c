"""What became of units: their history is added up over whole links, and any other link is a break in every series (decision 12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sipas.reports.indicators import KIND_MEAN, KIND_SHARE, kind_of
from sipas.reports.released import told
from sipas.stats.intervals import Floats, Shares, kg20, logit_t, mean_t
from sipas.store.facts import Fact
from sipas.store.reading import Session
from sipas.store.units import Unit, list_predecessors, list_successors
from sipas.terms import Week

WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Succession:
    """A unit's own number and those whose history is its own, and the months in which its borders moved."""

    units: tuple[int, ...]
    breaks: tuple[tuple[str, str], ...]  # the first month that was counted anew, and the other unit's name


def read_succession(session: Session, unit: Unit) -> Succession:
    """Whole predecessors and theirs; a part that came or went, or one of unknown size, is a break where its day is known."""
    units, breaks, waiting = [unit.id], set(), [unit]
    while waiting:
        new = waiting.pop()
        for link, old in list_predecessors(session, new.id):
            if link.extent == WHOLE and old.id not in units:
                units.append(old.id)
                waiting.append(old)
            elif link.extent != WHOLE and (day := old.valid_to or new.valid_from):
                breaks.add((first_month(day), old.full_name))
    for link, new in list_successors(session, unit.id):
        if link.extent != WHOLE and (day := new.valid_from or unit.valid_to):
            breaks.add((first_month(day), new.full_name))
    return Succession(tuple(units), tuple(sorted(breaks)))


def first_month(day: date) -> str:
    """The statistical month from which a change of that day counts: changes take effect with the next week."""
    week = Week.of(day)
    return (week if week.monday == day else week.next()).month


def joined(facts: Sequence[Fact]) -> Fact | None:
    """The figures of several units as one, by dossiers, or by answers where no frame counts them.

    Units share no stratum, so their errors are independent. None where one of them is hidden, or where they are not weighted alike:
    a sum that leaves somebody out would be another figure under the same name.
    """
    if len(facts) < 2:
        return facts[0] if facts else None
    if not all(told(fact) for fact in facts) or len({fact.weighted for fact in facts}) > 1:
        return None
    size = np.array([fact.population if fact.weighted and fact.population else fact.n for fact in facts], np.float64)
    part = size / size.sum()
    d_pool = max(fact.d_pool or 1.0 for fact in facts)
    shares = Shares(
        value=_one(part @ _column(facts, "value")),
        variance=_one(part**2 @ _column(facts, "se") ** 2),
        n=_one(_column(facts, "n").sum()),
        n_satisfied=_one(_column(facts, "n_satisfied").sum()),
        n_unsatisfied=_one(_column(facts, "n_unsatisfied").sum()),
        n_kish=_one(1 / (part**2 @ (1 / _column(facts, "n_kish")))),
        df=_one(_column(facts, "df").sum()),
        population=_one(np.nan),
    )
    return _as_fact(facts, shares, d_pool)


def _as_fact(facts: Sequence[Fact], shares: Shares, d_pool: float) -> Fact:
    kind, effect = kind_of(facts[0].indicator), _one(d_pool)
    star: float | None = None
    if kind == KIND_SHARE:
        found = kg20(shares, effect)
        low, high, star = float(found.low[0]), float(found.high[0]), float(found.n_star[0])
    else:
        made = (mean_t if kind == KIND_MEAN else logit_t)(shares, effect)
        low, high = float(made.low[0]), float(made.high[0])
    last = facts[-1]
    same = {name: getattr(last, name) for name in ("run_id", "period", "side", "sector", "indicator", "channels", "weighted")}
    known = all(fact.population is not None for fact in facts)
    return Fact(
        **same, unit_id=facts[0].unit_id, n=int(shares.n[0]), n_satisfied=int(shares.n_satisfied[0]),
        n_unsatisfied=int(shares.n_unsatisfied[0]), n_effective=star, n_kish=float(shares.n_kish[0]), value=float(shares.value[0]),
        se=float(np.sqrt(shares.variance[0])), low=low, high=high, df=float(shares.df[0]), d_pool=d_pool, fraction=0.0,
        population=sum(fact.population or 0 for fact in facts) if known else None, covered=None,
        lonely=sum(fact.lonely for fact in facts), target=facts[0].target, operator=facts[0].operator, target_set="", verdict="",
        levels="", flags=" ".join(sorted({flag for fact in facts for flag in fact.flags.split()})),
    )  # fmt: skip


def _column(facts: Sequence[Fact], name: str) -> Floats:
    return np.array([getattr(fact, name) or 0.0 for fact in facts], np.float64)


def _one(number: float | Floats) -> Floats:
    return np.array([number], np.float64)
