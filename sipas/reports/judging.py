"""Figures meet promises: the target in force for each domain and period, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.instrument.targets import Resolved, resolve
from sipas.reports.areas import family_of
from sipas.reports.estimation import Figures
from sipas.reports.indicators import KIND_MEAN, KIND_SHARE, kind_of
from sipas.stats.intervals import Bools, Floats, proved
from sipas.stats.verdict import UNDECIDED, judge, more_for_logit, more_for_mean, more_for_share, p_mean, p_ratio, p_share
from sipas.terms import last_thursday

Words = NDArray[np.str_]
Chain = tuple[tuple[str, str], ...]
Known = dict[tuple[Chain, str, date], Resolved | None]  # by the units of a chain that any promise names, sector and day

MOST_OVER = 0.05  # share of answers in strata with more answers than dossiers, above which no verdict is given


@dataclass(frozen=True, slots=True)
class Promises:
    """The target of every period and domain: period first, then domain."""

    statistic: Words  # overall where there is no target
    value: Floats  # NaN where there is none
    strict: Bools
    operator: Words
    set_code: Words


@dataclass(frozen=True, slots=True)
class Judged:
    """Verdicts, row by row of Figures; empty words where nothing is judged."""

    verdict: Words
    p_value: Floats
    more: Floats


def find_target(shelf: Shelf, wave: Wave, chain: Chain, sector: str, day: date) -> Resolved | None:
    """The target in force on a day, a period's last Thursday; one that joins indicators we do not measure is none."""
    family = family_of(shelf, sector)
    found = resolve(shelf, chain=chain, sector=sector, family=family, day=day, demonstration=wave.demonstration)
    return found if found and set(found.target.combine) <= {family} else None


def promises(
    shelf: Shelf,
    wave: Wave,
    keys: Sequence[tuple[int, str]],
    periods: Sequence[str],
    chains: Mapping[int, Chain],
    known: Known,
) -> Promises:
    """Targets resolved for every period and domain; ``known`` keeps them for periods that end on the same day and the next channel set."""
    named = {target.unit for promise in shelf.targets.values() for target in promise.lines}
    short = {unit: tuple(link for link in chains[unit] if link in named) for unit in {unit for unit, _ in keys}}
    asked: dict[tuple[Chain, str], int] = {}  # many domains ask the same
    of_key = [asked.setdefault((short[unit], sector), len(asked)) for unit, sector in keys]
    days = list(map(last_thursday, periods))
    wanted = [(chain, sector, day) for day in days for chain, sector in asked]
    known |= {key: find_target(shelf, wave, *key) for key in dict.fromkeys(wanted) if key not in known}
    found = [known[key] for key in wanted]
    at = (np.arange(len(days))[:, None] * len(asked) + np.array(of_key, np.int64)).ravel()
    return Promises(
        statistic=np.array([one.target.statistic if one else "overall" for one in found], np.str_)[at],
        value=np.array([one.target.value if one else np.nan for one in found])[at],
        strict=np.array([one is not None and one.target.operator == ">" for one in found], np.bool_)[at],
        operator=np.array([one.target.operator if one else "" for one in found], np.str_)[at],
        set_code=np.array([one.set.code if one else "" for one in found], np.str_)[at],
    )


def judge_figures(made: Figures, promised: Promises, judged: Bools) -> Judged:
    """Verdicts of the figures that are ``judged`` (by row of all periods and domains) and whose target speaks of this indicator."""
    mine = judged[made.at] & (promised.statistic[made.at] == made.indicator)
    value, target, n = made.value, promised.value[made.at], made.n
    verdict = judge(made.low, made.high, n, target, promised.strict[made.at])
    trusted = made.over <= MOST_OVER
    verdict = np.where(np.isin(verdict, ("met", "not_met")) & ~trusted, UNDECIDED, verdict)
    verdict = np.where(mine, verdict, "")
    more, p_value = np.full(len(n), np.nan), np.full(len(n), np.nan)
    if len(open_question := np.flatnonzero((verdict == UNDECIDED) & trusted & (np.abs(value - target) > 1e-12))):
        more[open_question] = _more(made, target, open_question)
    told = np.flatnonzero(mine & ~np.isnan(target))
    p_value[told] = _p(made, target, told)
    return Judged(verdict, p_value, more)


def _p(made: Figures, target: Floats, at: NDArray[np.int64]) -> Floats:
    """The one-sided p-value that belongs to the interval of the indicator."""
    shares, kind = made.shares(at), kind_of(made.indicator)
    if kind == KIND_SHARE:
        least, most = proved(shares)
        return p_share(made.star[at], shares.value, target[at], least=least, most=most)
    effect = np.full(len(at), made.d_pool)
    return p_mean(shares, effect, target[at]) if kind == KIND_MEAN else p_ratio(shares, effect, target[at])


def _more(made: Figures, target: Floats, at: NDArray[np.int64]) -> Floats:
    value, variance, df, n = made.value[at], made.variance[at], made.df[at], made.n[at]
    kind = kind_of(made.indicator)
    if kind == KIND_SHARE:
        return more_for_share(made.star[at], value, target[at], n)
    solve = more_for_mean if kind == KIND_MEAN else more_for_logit
    return solve(value, variance, df, target[at], n)
